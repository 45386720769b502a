"""What a run imports. Most of the time of a small scan is the import of modules, so they are counted in place of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.cli import write
from tests.support.programs import ROOT
from tests.support.repositories import SMALL_COMPOSE
from tests.support.rows import permission, write as write_rows

if TYPE_CHECKING:
    from pathlib import Path

LOADED: Final = """
import sys
before = set(sys.modules)
from directus_guard.cli import main
main(sys.argv[1:])
print(*sorted(set(sys.modules) - before), sep="\\n", file=sys.stderr)
"""
DOTENV: Final = "PUBLIC_URL=https://cms.example.com\nKEY=\"a b\"  # don't\nLOG_LEVEL='info'\n"
NEVER: Final = (
    "ast", "asyncio", "concurrent", "dotenv", "email", "hashlib", "html", "http", "httpx", "inspect", "jinja2", "logging",
    "multiprocessing", "pydantic", "random", "sarif_om", "shutil", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "tomllib", "tree_sitter", "typing_extensions", "xml", "zipfile",
    "directus_guard.action", "directus_guard.config", "directus_guard.edits", "directus_guard.github", "directus_guard.live",
    "directus_guard.prove", "directus_guard.report.html", "directus_guard.report.sarif", "directus_guard.sources.files.git",
    "directus_guard.audit.diff", "directus_guard.audit.sides", "directus_guard.proof", "directus_guard.checks.live",
    "directus_guard.checks.code", "directus_guard.sources.code", "directus_guard.escalation.plans.search",
)  # fmt: skip
"""What neither a scan of a deployment nor one of an export has a use for."""
OF_EXPORTS: Final = (
    "directus_guard.checks.access", "directus_guard.checks.flows", "directus_guard.escalation", "directus_guard.sources.exports",
    "directus_guard.directus.flows", "directus_guard.directus.access.rules", "directus_guard.directus.masks",
)  # fmt: skip
OF_OTHER_EXPORTS: Final = (
    "directus_guard.escalation", "directus_guard.checks.access._settings", "directus_guard.checks.access._users",
)  # fmt: skip
"""What an export has no use for that has no permission on a collection of Directus, no settings and no users."""
OF_COMMANDS: Final = ("directus_guard.sources.script_texts", "directus_guard.sources.formats.shell_lexer")
OF_DEPLOYMENTS: Final = ("yaml", "directus_guard.sources.deployments.compose", "directus_guard.checks.deployment")


def imported(*arguments: str) -> set[str]:
    """The modules that a run imports, and the packages that they are in."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "PYTHON"))}
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{LOADED}", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    return set(run.stderr.split())


@pytest.mark.parametrize(
    ("files", "never", "most"),
    [
        ({"compose.yaml": SMALL_COMPOSE}, (*OF_EXPORTS, *OF_COMMANDS, "directus_guard.checks.server._csp"), 185),
        ({"compose.yaml": SMALL_COMPOSE, ".env.production": DOTENV}, OF_EXPORTS, 240),
        ({}, (*OF_DEPLOYMENTS, *OF_OTHER_EXPORTS), 240),
    ],
    ids=["compose", "environment-file", "export"],
)
def test_a_small_scan_imports_what_it_needs(
    tmp_path: Path, files: dict[str, str], never: tuple[str, ...], most: int
) -> None:
    """A new check may need more: then raise the number, and say in docs/performance.md what it costs."""
    if files:
        write(tmp_path, files)
    else:
        write_rows(tmp_path, [permission("p", "posts", "read")])
    found = imported("scan", str(tmp_path), "--quiet", "--fail-on=none")
    assert not {name for name in found if name.startswith(tuple(f"{one}." for one in (*NEVER, *never)))}
    assert not found & {*NEVER, *never}
    own = {name for name in found if name.startswith("directus_guard")}
    assert most - 60 < len(own) <= most


def test_the_version_imports_next_to_nothing() -> None:
    own = {name for name in imported("--version") if name.startswith("directus_guard.")}
    assert own <= {
        "directus_guard.cli",
        "directus_guard.cli.errors",
        "directus_guard.exit_code",
        "directus_guard.lazy_pattern",
    }
