"""`make new-check`: what it writes fails until it is filled in, and what is filled in is a check."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from scripts.new_check import EXAMPLES, KINDS, TO_FILL_IN, create
from tests.support.cli import write
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

JUDGE: Final = """    level = env["LOG_LEVEL"]
    if not level.known:
        yield from unjudged(level)
    elif level.js == "trace":
        fix = Fix("Set `LOG_LEVEL` to `info`.")
        yield fail(env, level, message="Each query is written to the log.", expected="`info`", fix=fix)
"""
COMPOSE: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      LOG_LEVEL: {level}\n"
)
LEVELS: Final = {"fail-1": "trace", "pass-1": "info", "unknown-1": "${LEVEL}"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package with its schemas, and the tests of examples without any example."""
    for folder in ("directus_guard", "docs/schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("__init__.py", "conftest.py", "support", "live", "checks/__init__.py", "checks/test_examples.py"):
        source, target = ROOT / "tests" / name, tmp_path / "tests" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    return tmp_path


def results(root: Path, *checks: str, update: bool = False) -> dict[str, str]:
    """What became of the tests of these checks, by the name in brackets; or their answers are kept as they are now."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-vv",
        "-p",
        "no:xdist",
        "tests/checks/test_examples.py",
        "-k",
        " or ".join(checks),
    ]
    run = subprocess.run(
        command,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ".", "UPDATE_SNAPSHOTS": "1" if update else ""},
    )
    return dict(re.findall(r"\[([^\]]+)\] (PASSED|FAILED)", run.stdout))


@pytest.mark.thorough
def test_a_new_check_fails_until_it_is_filled_in(copy: Path) -> None:
    checks = {f"new-{kind}": kind for kind in KINDS}
    for check, kind in checks.items():
        create(copy, check, kind)
    tests = {name for check in checks for name in (check, *(f"{check}/{example}" for example in EXAMPLES))}
    assert results(copy, *checks) == dict.fromkeys(tests, "FAILED")

    folder = copy / "directus_guard" / "checks" / "server"
    module = (folder / "new_environment.py").read_text(encoding="utf-8")
    module = re.sub(r"(?:    #.*\n)+    yield from \(\)\n", lambda _: JUDGE, module)
    module = module.replace(
        "from directus_guard.checks.decl",
        "from directus_guard.checks.result import fail, unjudged\nfrom directus_guard.checks.decl",
        1,
    )
    module = module.replace("import Severity", "import Fix, Severity")
    page = (folder / "new-environment.md").read_text(encoding="utf-8") + "A sentence that explains it.\n" * 10
    write(folder, {"new_environment.py": module, "new-environment.md": page})
    for example, level in LEVELS.items():
        place = copy / "tests" / "checks" / "new-environment" / example
        (place / TO_FILL_IN).unlink()
        write(place, {"compose.yaml": COMPOSE.format(level=level)})
    write(copy, {"tests/checks/new-environment/fail-1/expect.txt": "compose.yaml:5\n"})
    filled = {"new-environment", *(f"new-environment/{example}" for example in EXAMPLES)}
    results(copy, "new-environment", update=True)
    assert results(copy, "new-environment") == dict.fromkeys(filled, "PASSED")


@pytest.mark.parametrize(
    ("name", "kind", "chapter", "said"),
    [
        ("Log_Level", "environment", "", "is no id"),
        ("../x", "environment", "", "is no id"),
        ("log-level", "file", "", "is no kind of check: environment, export, project, instance"),
        ("log-level", "export", "attic", "is no chapter: server"),
        ("rate-limiter", "environment", "", "there is a check `rate-limiter` already"),
    ],
)
def test_what_cannot_be_made_is_refused(name: str, kind: str, chapter: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        create(ROOT, name, kind, chapter)
