"""What many deployments, flows and keys share is worked out once: the work of whole scans is counted, not timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.checks.deployment import _versions
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.flows.model import FlowModel
from directus_guard.escalation.reach.closure import Closure
from directus_guard.sources.exports.stored_rows import StoredRow
from directus_guard.sources.files.folder import Folder
from directus_guard.sources.formats import dotenv
from tests.bench import projects
from tests.support import costly_files

if TYPE_CHECKING:
    from pathlib import Path


def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, root: Path) -> int:
    """How often a function is called while a folder is scanned."""
    calls = 0
    whole = getattr(owner, name)

    def count(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        return whole(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, count)
        run(Options(root))
    return calls


@pytest.mark.parametrize(
    ("owner", "name", "most"),
    [(Environment, "_world", 0), (dotenv, "_compose", 1), (_versions, "_fix", 0), (Folder, "open", 6)],
    ids=["worlds", "environment files", "upgrades", "files that are opened"],
)
def test_a_further_project_asks_no_more(
    owner: Any, name: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    projects(tmp_path / "few", 2)
    projects(tmp_path / "many", 5)
    few = counted(monkeypatch, owner, name, tmp_path / "few")
    many = counted(monkeypatch, owner, name, tmp_path / "many")
    assert many - few <= 3 * most


def test_flows_are_not_followed_again_for_each_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (10, 20):
        costly_files._flows(tmp_path / str(number), number)
    few, many = (counted(monkeypatch, FlowModel, "_run", tmp_path / str(number)) for number in (10, 20))
    assert 0 < many - few <= 100, "at most ten times for each flow more"


def test_of_a_long_line_only_what_is_shown_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    costly_files._flows(tmp_path, 20)
    parsed = counted(monkeypatch, StoredRow, "_parse", tmp_path)
    rows = counted(monkeypatch, StoredRow, "__init__", tmp_path)
    assert 0 < parsed < 5 * rows


def test_locks_are_read_once_for_all_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (20, 40):
        costly_files._policies_that_attach_each_other(tmp_path / str(number), number)
    few, many = (counted(monkeypatch, Closure, "locks", tmp_path / str(number)) for number in (20, 40))
    assert 0 < few < many < 3 * few, "as many times more as there are policies, and not its square"
