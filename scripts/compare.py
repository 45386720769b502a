"""Runs directus-guard, checkov and zizmor on one project with known mistakes, and writes docs/comparison.md.

Run: `make compare`. checkov and zizmor are installed from PyPI into .cache.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from scripts.contract_tables import table
from tests.support.git import git
from tests.support.programs import ROOT, python_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHECKOV: Final = "checkov==3.3.30"
ZIZMOR: Final = "zizmor==1.32.0"
OTHERS: Final = "others"
PAGE: Final = ROOT / "docs" / "comparison.md"
RECORD: Final = ROOT / "tests" / "truth" / "comparison.json"
WORKFLOW: Final = """on: pull_request_target
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@main
      - run: echo "${{ github.event.pull_request.title }}"
"""
DOCKERFILE: Final = """FROM directus/directus:latest
USER root
RUN apt-get update && apt-get install -y curl
"""
FILES: Final = {".github/workflows/greet.yml": WORKFLOW, "tools/Dockerfile": DOCKERFILE}
EXPORT: Final = "directus/default/data"
PERMISSIONS: Final = f"{EXPORT}/directus-permissions_0b260eeb2c129ffe.json"


HEAD_OF_PAGE: Final = """# Comparison

For people who already use a scanner, and ask whether they need another. The same project, with {} known mistakes, was scanned by
three programs. `make compare` does it again and writes this page.

The project is `examples/flawed`, with the export of `examples/access` in which `role` is added to the fields that editors may change
in their profile. A Dockerfile and a workflow with common mistakes are added, because the other programs look at these. Each cell
names the rule that reports the mistake; `-` means that no rule does.
"""
FOOT_OF_PAGE: Final = """
## What it says

- The programs look for different things. checkov knows Dockerfiles, Kubernetes, Terraform and clouds, zizmor knows workflows of
  GitHub. directus-guard knows Directus, and says little about the rest. Use them together.
- A scanner that does not know Directus cannot see that `True` is off, or that `role` is a way to administrator.
- The mistakes were chosen by this project. So the table shows what each program looks for, not which program is better.
- semgrep is not in the table. Its rule packs come from its own registry, and this comparison downloads programs from PyPI only. So
  nothing is known here about what it reports.
"""


class Mistake(Struct, frozen=True):
    """A known mistake: what is wrong, where it is, and the rules of any program that are about it."""

    says: str
    path: str
    line: str
    rules: frozenset[str]


class Hit(Struct, frozen=True, order=True):
    """A rule of a program that reports some lines of a file."""

    path: str
    first: int
    last: int
    rule: str


def _mistake(says: str, path: str, line: str, *rules: str) -> Mistake:
    return Mistake(says, path, line, frozenset(rules))


GREET: Final = ".github/workflows/greet.yml"
MISTAKES: Final = (
    _mistake("An editor can change their own role, so become administrator", PERMISSIONS, '"role"', "escalation-path"),
    _mistake("`SECRET` is an example value", ".env.production", "SECRET=", "secret-weak"),
    _mistake("The first administrator has an example password", ".env.production", "ADMIN_PASSWORD=", "bootstrap-credentials"),
    _mistake("The database has an example password", "compose.yaml", "POSTGRES_PASSWORD:", "datastore-credentials"),
    _mistake("The database is reachable from outside", "compose.yaml", "5432:5432", "database-exposed"),
    _mistake("This version of Directus has a critical vulnerability", "compose.yaml", "directus:11.5.0", "vulnerable-version-critical"),
    _mistake("Extensions of the marketplace run without a sandbox", "compose.yaml", "MARKETPLACE_TRUST:", "marketplace-trust"),
    _mistake("Any website can use the session of a user", "compose.yaml", "CORS_ORIGIN:", "cors-any-origin"),
    _mistake("The rate limiter looks on, but is off", "compose.yaml", "RATE_LIMITER_ENABLED:", "rate-limiter"),
    _mistake("File imports reach the server itself", "compose.yaml", "IMPORT_IP_DENY_LIST:", "import-ip-deny-list-weakened"),
    _mistake("Injected scripts run in the Data Studio", "compose.yaml", "DIRECTIVES__SCRIPT_SRC:", "csp-unsafe-script"),
    _mistake("Flows can read secrets of the server", ".env.production", "FLOWS_ENV_ALLOW_LIST=", "flows-env-allow-list"),
    _mistake("A Dockerfile uses the tag `latest`", "tools/Dockerfile", "FROM ", "unpinned-image", "CKV_DOCKER_7"),
    _mistake("A container runs as root", "tools/Dockerfile", "USER root", "CKV_DOCKER_8"),
    _mistake("Pull requests from forks start a workflow with secrets", GREET, "pull_request_target", "dangerous-triggers"),
    _mistake("A workflow runs the title of a pull request as code", GREET, "echo", "template-injection", "CKV_GHA_2"),
    _mistake("A workflow uses an action that may change", GREET, "@main", "unpinned-uses"),
    _mistake("A workflow does not limit its permissions", GREET, "greet:", "excessive-permissions", "CKV2_GHA_1"),
)  # fmt: skip
"""Rules of checkov and zizmor were assigned by hand, after reading what they report on this project."""


def project(folder: Path) -> None:
    """`examples/flawed` with the export of `examples/access` in which editors may set their role, a workflow and a Dockerfile."""
    shutil.copytree(ROOT / "examples" / "flawed", folder)
    shutil.copytree(ROOT / "examples" / "access", folder, dirs_exist_ok=True)
    for path in (folder / EXPORT).glob("directus-permissions_*.json"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"last_name"', '"last_name", "role"'), encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")


def _guard(folder: Path) -> Iterable[Hit]:
    command = [str(Path(sys.executable).with_name("directus-guard")), "scan", str(folder), "--output", "json"]
    for finding in _json(command)["findings"]:
        places = [
            finding["location"],
            *(related["location"] for related in finding["related"] if "location" in related),
        ]
        for place in places:
            yield Hit(place["path"], place["line"], place.get("end_line") or place["line"], finding["check"])


def _checkov(folder: Path) -> Iterable[Hit]:
    command = [python_tool(CHECKOV) / "checkov", "--directory", folder, "--output", "json", "--compact", "--quiet"]
    printed = _json([*map(str, command), "--skip-download"])
    for part in printed if isinstance(printed, list) else [printed]:
        for failed in part.get("results", {}).get("failed_checks", []):
            first, last = failed["file_line_range"]
            yield Hit(
                failed["repo_file_path"].rpartition(f"{folder.name}/")[2].lstrip("/"), first, last, failed["check_id"]
            )


def _zizmor(folder: Path) -> Iterable[Hit]:
    command = [python_tool(ZIZMOR) / "zizmor", "--offline", "--no-progress", "--format", "json", folder]
    for finding in _json([str(part) for part in command]):
        for location in finding["locations"]:
            if location["symbolic"]["kind"] == "Primary":
                rows = location["concrete"]["location"]
                path = location["symbolic"]["key"]["Local"]["verbatim_path"].rpartition(f"{folder.name}/")[2]
                yield Hit(path, rows["start_point"]["row"] + 1, rows["end_point"]["row"] + 1, finding["ident"])


PROGRAMS: Final[dict[str, Callable[[Path], Iterable[Hit]]]] = {
    "directus-guard": _guard,
    CHECKOV.replace("==", " "): _checkov,
    ZIZMOR.replace("==", " "): _zizmor,
}


def _json(command: list[str]) -> Any:  # noqa: ANN401 # reports of three programs
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ran.stdout.strip():
        raise SystemExit(f"{command[0]} ended with {ran.returncode}: {ran.stderr[-1000:]}")
    return json.loads(ran.stdout)


def guard_rules(folder: Path) -> dict[str, list[str]]:
    """What directus-guard reports of each mistake."""
    return _reported(folder, set(_guard(folder)))


def _reported(folder: Path, hits: set[Hit]) -> dict[str, list[str]]:
    """The rules that report each mistake, at its line where the rule names lines of the file's contents."""
    return {mistake.says: sorted({hit.rule for hit in hits if _is_about(hit, mistake, folder)}) for mistake in MISTAKES}


def _is_about(hit: Hit, mistake: Mistake, folder: Path) -> bool:
    if hit.path != mistake.path or hit.rule not in mistake.rules:
        return False
    lines = (folder / mistake.path).read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines, 1) if mistake.line in line)
    return hit.first <= at <= hit.last or hit.rule in WHOLE_FILE


WHOLE_FILE: Final = {"CKV2_GHA_1"}
"""Rules that report the beginning of a file for what is missing in it."""


def comparison_page() -> str:
    """docs/comparison.md, from the record of the last `make compare`."""
    recorded: dict[str, dict[str, list[str]]] = json.loads(RECORD.read_text(encoding="utf-8"))
    rows = [
        (mistake.says, *(", ".join(found[mistake.says]) or "-" for found in recorded.values())) for mistake in MISTAKES
    ]
    others = [f"- {name}: {', '.join(found[OTHERS]) or 'nothing'}" for name, found in recorded.items()]
    parts = [
        HEAD_OF_PAGE.format(len(MISTAKES)),
        table(("mistake", *recorded), rows),
        "Each program also reports other things in this project:\n",
        *others,
        FOOT_OF_PAGE,
    ]
    return "\n".join(parts)


def main() -> int:
    """Run the programs, write what they report, and the page."""
    recorded: dict[str, dict[str, list[str]]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        project(folder)
        for name, run in PROGRAMS.items():
            hits = set(run(folder))
            reported = _reported(folder, hits)
            named = {rule for rules in reported.values() for rule in rules}
            recorded[name] = reported | {OTHERS: sorted({hit.rule for hit in hits} - named)}
    RECORD.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(comparison_page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
