"""Writes what is made from the code: the schema of the config file, pages and tables of the docs.

`--check` only compares.
"""

from __future__ import annotations

import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from directus_guard.checks import catalogue
from directus_guard.checks.modules import CHAPTERS
from directus_guard.config import Config
from directus_guard.documentation import GUIDES, with_addresses
from directus_guard.escalation import steps
from directus_guard.sources.formats import yaml_document
from scripts.check_index import check_index
from scripts.checklist import checklist_page, section_of
from scripts.compare import comparison_page
from scripts.contract_tables import TABLES, limit_rows
from scripts.json_documents import DOCUMENTS, schema_of
from scripts.pictures import PICTURES
from tests.lab import channels

if TYPE_CHECKING:
    from directus_guard.escalation import StepKind

ROOT = Path(__file__).resolve().parent.parent
COMMENT: Final = re.compile(r"<!--.*?-->\n\n?", re.DOTALL)


def config_schema() -> str:
    """JSON Schema of directus-guard.yaml."""
    schema = Config.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "directus-guard.yaml"} | schema
    schema["title"] = "directus-guard.yaml"
    return json.dumps(schema, indent=2) + "\n"


def checks_page() -> str:
    """The table of all checks."""
    lines = [
        "# Checks",
        "",
        "For everybody who has a finding. A check looks for one kind of mistake. Its id is the rule in SARIF, and what the",
        "config and ignores name. `directus-guard explain CHECK` prints its page.",
        "",
    ]
    for chapter in CHAPTERS:
        rows = [check for check in catalogue().values() if check.chapter == chapter]
        if not rows:
            continue
        lines += [
            f"## {chapter.capitalize()}",
            "",
            "| id | severity | checklist | CWE | OWASP API | what it finds |",
            "|---|---|---|---|---|---|",
        ]
        for check in rows:
            page = f"../directus_guard/checks/{chapter}/{check.id}.md"
            numbers = (f"[{number}](checklist.md#{section_of(number)})" for number in check.checklist)
            bullets = ", ".join(numbers) or "-"
            summary = check.summary.replace("|", "\\|")
            weaknesses = ", ".join(f"[{one.number}]({one.address})" for one in check.cwe)
            risks = ", ".join(f"API{one.number}" for one in check.risks) or "-"
            marks = f"{check.severity.value} | {bullets} | {weaknesses} | {risks}"
            lines.append(f"| [{check.id}]({page}) | {marks} | {summary} |")
        lines.append("")
    lines.append("The numbers are the statements of Directus' own [checklist](checklist.md).")
    lines += [
        "",
        "CWE is the Common Weakness Enumeration, OWASP API the OWASP API Security Top 10 of 2023. SARIF has both as tags,",
        "`gitlab-sast` as identifiers, and JSON as `cwe` and `owasp`. These checks name no risk of OWASP:",
        "",
    ]
    lines += [f"- `{check.id}`: {check.owasp}" for check in catalogue().values() if isinstance(check.owasp, str)]
    return "\n".join(lines) + "\n"


def proof_page() -> str:
    """What was carried out on real servers, step by step, from the record of `make proof`."""
    recorded = json.loads((ROOT / "tests" / "truth" / "proof.json").read_text(encoding="utf-8"))
    versions = sorted({one["version"] for one in recorded}, key=lambda text: [int(part) for part in text.split(".")])
    lines = [
        "# Proof",
        "",
        "For readers who want to see for themselves.",
        "Every step that directus-guard knows from a permission to administrator, carried out over HTTP on real servers.",
        "A fresh user that is no administrator gets exactly the rows of the precondition and becomes administrator: an",
        "administrator's request, `GET /schema/snapshot`, is answered. Without the precondition the same requests lead",
        "nowhere. Before each attack the model was asked, from what the server says about its permissions, and said the",
        "same. `make proof` makes this page anew. Directus 12 runs without a licence there (Core), which takes no rows with",
        "rules or named fields.",
        "",
        "| step | " + " | ".join(versions) + " |",
        "|---|" + "---|" * len(versions),
    ]
    for kind in steps():
        cells = [_proven(recorded, kind, version) for version in versions]
        lines.append(f"| [{kind.id}](#{kind.id}) | " + " | ".join(cells) + " |")
    lines += ["", "## Writes", "", "How many of these ways rest on each write that decides who may do what:", ""]
    lines += channels.table(recorded, versions)
    for kind in steps():
        lines += ["", f"## {kind.id}", "", f"{kind.title}. Needs: {kind.needs}. Gives: {kind.gives}."]
        names = dict.fromkeys(one["case"] for one in recorded if one["step"] == kind.id)
        for name in names:
            held = {one["version"]: one for one in recorded if one["case"] == name}
            shown = held.get("11.17.4") or next(iter(held.values()))
            lines += ["", f"**{name.partition(': ')[2].capitalize()}** ({', '.join(held)}). On {shown['version']}:", ""]
            lines += ["```text", *(f"granted  {row}" for row in shown["granted"]["rows"] or ["nothing"])]
            lines += [*shown["granted"]["requests"], "```"]
    return "\n".join(lines) + "\n"


def _proven(recorded: list[dict[str, Any]], kind: StepKind, version: str) -> str:
    """One cell of the table: how many ways were carried out."""
    if not kind.applies(tuple(int(part) for part in version.split("."))):
        return "does not exist"
    ways = sum(one["step"] == kind.id and one["version"] == version for one in recorded)
    return f"proven ({ways} ways)" if ways > 1 else "proven" if ways else "not set up"


def github_page() -> str:
    """docs/github.md with the tables of the Action's inputs and outputs."""
    (root,) = yaml_document.parse("action.yml", (ROOT / "action.yml").read_text(encoding="utf-8"))
    assert isinstance(root, yaml_document.Mapping)
    text = (ROOT / "docs" / "github.md").read_text(encoding="utf-8")
    for kind in ("inputs", "outputs"):
        text = _replaced(text, f"{kind}: made from action.yml by `make generate`", _declared(root, kind))
    return text


def guide_page(path: str) -> str:
    """The copy of a page of docs/ that the package has, for readers who have no docs/."""
    text = COMMENT.sub("", (ROOT / path).read_text(encoding="utf-8"))
    return with_addresses(text, path, "")


def picture(name: str) -> str:
    """A picture of the pages, as SVG."""
    return PICTURES[name]().svg()


def contract_page() -> str:
    """docs/contract.md with the tables of commands, options and keys of the config."""
    text = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    for name, table in TABLES.items():
        text = _replaced(text, f"{name}: made from the code by `make generate`", table())
    return text


def limits_page() -> str:
    """docs/limits.md with the table of limits."""
    text = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    return _replaced(text, "limits: made from the code by `make generate`", limit_rows())


def _replaced(text: str, comment: str, table: str) -> str:
    """The page with another text between the comment and `<!-- end -->`."""
    begin = f"<!-- {comment} -->\n"
    head, rest = text.split(begin)
    return head + begin + table + "<!-- end -->" + rest.split("<!-- end -->", 1)[1]


def _declared(root: yaml_document.Mapping, kind: str) -> str:
    declared = root.mapping(kind)
    assert declared is not None
    lines = ["| input | default | does |", "|---|---|---|"] if kind == "inputs" else ["| output | is |", "|---|---|"]
    for entry in declared.entries:
        assert isinstance(entry.value, yaml_document.Mapping)
        told = {part.key.text: part.value for part in entry.value.entries}
        default = told.get("default")
        shown = f"`{default.text}`" if isinstance(default, yaml_document.Scalar) and default.text else ""
        middle = f" {shown} |" if kind == "inputs" else ""
        description = told["description"]
        assert isinstance(description, yaml_document.Scalar)
        lines.append(f"| `{entry.key.text}` |{middle} {description.text} |")
    return "\n".join(lines) + "\n"


FILES = {
    "directus_guard/checks/index.py": check_index,
    "docs/contract.md": contract_page,
    "docs/limits.md": limits_page,
    "docs/github.md": github_page,
    "docs/directus-guard.schema.json": config_schema,
    "docs/checks.md": checks_page,
    "docs/comparison.md": comparison_page,
    "docs/checklist.md": checklist_page,
    "docs/proof.md": proof_page,
    **{f"docs/pictures/{name}.svg": partial(picture, name) for name in PICTURES},
    **{f"docs/schemas/{name}.schema.json": partial(schema_of, name) for name in DOCUMENTS},
    **{f"directus_guard/guides/{name}.md": partial(guide_page, path) for name, path in GUIDES.items()},
}


def main() -> int:
    """Write the files, or with `--check` name those that are stale. Returns 1 if any is."""
    stale = []
    for name, make in FILES.items():
        path, text = ROOT / name, make()
        if (path.read_text(encoding="utf-8") if path.exists() else None) != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{'stale, run `make generate`' if '--check' in sys.argv else 'written'}: {name}")
    return int("--check" in sys.argv and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
