"""What a costly file costs, counted: twice as much of it costs at most a little more than twice the work."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from directus_guard.finding import Location
from directus_guard.sources.deployments import ansible, kubernetes
from directus_guard.sources.exports import stored_rows
from directus_guard.sources.files.repository import Repository
from tests.support import costly_files
from tests.support.cost import grows_linearly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType


@pytest.mark.parametrize(
    ("make", "source"),
    [
        (costly_files._tasks, ansible),
        (costly_files._workloads, kubernetes),
        (costly_files._folder_of_workloads, kubernetes),
    ],
)
def test_servers_beside_each_other(tmp_path: Path, make: Callable[[Path, int], None], source: ModuleType) -> None:
    def work(number: int) -> Callable[[], object]:
        make(tmp_path / str(number), number)
        repository = Repository(tmp_path / str(number))
        return lambda: source.read(repository)

    work(10)()  # what is imported and compiled once
    assert grows_linearly(work, 60)


def test_the_lines_of_a_row_are_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members = ",\n".join(f'"a{number}": {number}' for number in range(50))
    (tmp_path / "directus_roles.json").write_text(f"[\n {{{members}}}]")
    rows = stored_rows.StoredRows(Repository(tmp_path))
    row = rows.row(Location("directus_roles.json", 2, 2, 51, 10))
    assert row is not None
    line_ends = stored_rows._LINE_END
    searched = Mock(wraps=line_ends)
    searched.finditer.side_effect = line_ends.finditer
    monkeypatch.setattr(stored_rows, "_LINE_END", searched)
    regions = [row.region(member.begin, member.end) for member in row.members]
    assert [(one.line, one.column, one.end_line, one.end_column) for one in regions[:2]] == [
        (2, 9, 2, 10),
        (3, 7, 3, 8),
    ]
    assert [one.line for one in regions] == list(range(2, 52))
    assert searched.finditer.call_count == 1
