"""Writes what is made from the code: the schema of the config file and the list of checks. `--check` only compares."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from directus_guard.checks import CHAPTERS, catalogue
from directus_guard.config import Config

ROOT = Path(__file__).resolve().parent.parent


def config_schema() -> str:
    """JSON Schema of directus-guard.yaml."""
    schema = Config.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "directus-guard.yaml"} | schema
    schema["title"] = "directus-guard.yaml"
    return json.dumps(schema, indent=2) + "\n"


def checks_page() -> str:
    """The table of all checks."""
    lines = ["# Checks", "", "One check is one rule in SARIF, one id in the config and in ignores.", ""]
    for chapter in CHAPTERS:
        rows = [check for check in catalogue().values() if check.chapter == chapter]
        if not rows:
            continue
        lines += [
            f"## {chapter.capitalize()}",
            "",
            "| id | severity | checklist | what it finds |",
            "|---|---|---|---|",
        ]
        for check in rows:
            page = f"../directus_guard/checks/{chapter}/{check.id}.md"
            bullets = ", ".join(map(str, check.checklist)) or "-"
            summary = check.summary.replace("|", "\\|")
            lines.append(f"| [{check.id}]({page}) | {check.severity.value} | {bullets} | {summary} |")
        lines.append("")
    lines.append(
        "The numbers are the bullets of Directus' "
        "[Security Best Practices](https://directus.io/docs/guides/security/best-practices), counted from its beginning."
    )
    return "\n".join(lines) + "\n"


FILES = {"docs/directus-guard.schema.json": config_schema, "docs/checks.md": checks_page}


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
