"""How an intended finding gets through a pull request, as docs/configuration.md describes it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.cli import guard, write
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.thorough

PAGE: Final = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8").partition("## Accept a new finding")[2]
COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
"""
CORS: Final = '      CORS_ENABLED: "true"\n      CORS_ORIGIN: "true"\n'
IGNORE: Final = """ignore:
  - check: cors-any-origin
    object: compose.yaml#directus CORS_ORIGIN
    reason: internal
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project on `main` without findings that fail a run, and a change on a branch that has one."""
    folder = new_repository(tmp_path / "r")
    git(folder, "branch", "-M", "main")
    commit(folder, {"compose.yaml": COMPOSE})
    git(folder, "switch", "-qc", "change")
    commit(folder, {"compose.yaml": COMPOSE + CORS})
    return folder


def merged(root: Path) -> None:
    """The branch that is checked out is merged into main, and main into the change."""
    git(root, "branch", "-f", "main")
    git(root, "switch", "-q", "change")
    git(root, "merge", "-q", "-m", "update", "main")


def test_an_ignore_in_the_same_change_does_not_count(root: Path) -> None:
    commit(root, {"directus-guard.yaml": IGNORE})
    assert guard("scan", root, "--new-since=main").code == 1
    git(root, "branch", "-f", "main")
    assert guard("scan", root, "--new-since=main").code == 0
    assert guard("scan", root).code == 0


def pasted(root: Path, tmp_path: Path, number: int) -> list[str]:
    """Run a shell block of the page on the branch with the change. The files that its commit has."""
    block = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)[number]
    for name, value in (("user.name", "Test"), ("user.email", "test@example.com")):
        git(root, "config", name, value)
    folder = write(tmp_path / "bin", {"directus-guard": f'#!/bin/sh\nexec "{sys.executable}" -m directus_guard "$@"\n'})
    (folder / "directus-guard").chmod(0o755)
    script = "set -eu\n" + block.replace("/tmp/", f"{tmp_path}/")
    done = subprocess.run(
        ["sh", "-c", script], cwd=root, capture_output=True, text=True, check=False,
        env=os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return git(root, "show", "--name-only", "--format=", "HEAD").split()


def test_an_ignore_that_is_merged_before_the_finding(root: Path, tmp_path: Path) -> None:
    assert pasted(root, tmp_path, 0) == ["directus-guard.yaml"]
    assert guard("scan", root, "--new-since=main").code == 0
    assert "matches no finding" in guard("scan", root).out
    merged(root)
    assert guard("scan", root, "--new-since=main").code == 0


def test_a_baseline_that_is_merged_before_the_findings(root: Path, tmp_path: Path) -> None:
    assert pasted(root, tmp_path, 1) == ["directus-guard.baseline"]
    assert guard("scan", root).code == 0
    merged(root)
    assert guard("scan", root).code == 0
    run = guard("scan", root, "--new-since=main", "--output=json")
    states = {finding["check"]: finding["state"] for finding in json.loads(run.out)["findings"]}
    assert run.code == 0
    assert states["cors-any-origin"] == "existing"
    write(root, {"compose.yaml": COMPOSE + CORS + "      MARKETPLACE_TRUST: all\n"})
    assert guard("scan", root, "--new-since=main", "--fail-on=low").code == 1
