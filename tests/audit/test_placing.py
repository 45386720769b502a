"""Findings about stored rows are shown at the members that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.sources.exports import stored_rows
from tests.support import costly_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest


def test_a_row_is_read_once_for_all_its_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    costly_files._flows(tmp_path, 3)
    read: list[object] = []
    real: Callable[..., object] = stored_rows.StoredRow

    def count(place: object, lines: object) -> object:
        read.append(place)
        return real(place, lines)

    monkeypatch.setattr(stored_rows, "StoredRow", count)
    report = audit(Options(root=tmp_path))
    anchored = [one for one in report.findings if one.anchor is not None]
    assert len(anchored) > len(read)
    assert len(read) == len(set(read))
