"""Every command that the start, the recipes and the page about questions print does what it should, on a project that has it all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from scripts.compare import project
from tests.support.cli import guard
from tests.support.commands import calls
from tests.support.git import commit, git
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES: Final = (
    "start.md",
    "recipes.md",
    "ask.md",
    "old-project.md",
    "diff.md",
    "fixes.md",
    "other-ci.md",
    "report.md",
    "../README.md",
)
SERVERS: Final = {"--url", "live"}
"""Commands for a running server are tried in tests/lab."""

NOT_HERE: Final = {"BASE", "FETCH_HEAD", "old-export"}
"""Revisions and folders of the reader."""

UNFINISHED: Final = {"merge": 4}
"""Codes of commands that say here that a project has no result yet."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as the pages assume it: with an export, a remote, and a change on top of it."""
    root = tmp_path / "project"
    project(root)
    shutil.copytree(ROOT / "examples" / "access", root / "examples" / "access")
    commit(root)
    git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    commit(root, {"notes.txt": "nothing of Directus"})
    (root / "path" / "to").mkdir(parents=True)
    (root / "apps").mkdir()
    for name in ("path/to/project", "apps/shop"):
        (root / name).symlink_to(root / "examples" / "access")
    monkeypatch.chdir(root)
    (root / "projects.json").write_text(guard("projects").out, encoding="utf-8")
    return root


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_work(page: str, repository: Path) -> None:
    listed = [call for call in calls((ROOT / "docs" / page).read_text(encoding="utf-8")) if len(call) > 1]
    tried = [call for call in listed if not {*call} & (SERVERS | NOT_HERE)]
    codes = {" ".join(call): guard(*call) for call in tried}
    assert {
        call: run.err for call, run in codes.items() if run.code not in (0, 1, UNFINISHED.get(call.split()[0]))
    } == {}
    assert len(tried) > 1
