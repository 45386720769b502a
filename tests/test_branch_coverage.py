"""The gate on branch coverage: what is missing may only become less."""

from __future__ import annotations

from scripts.branch_coverage import compare, missing

REPORT = {
    "files": {
        "whole.py": {"missing_lines": [], "missing_branches": []},
        "lines.py": {"missing_lines": [3, 4], "missing_branches": [[2, 3], [4, 9]]},
        "branch.py": {"missing_lines": [], "missing_branches": [[2, 9], [5, -1]]},
    }
}


def test_what_is_missing_is_counted_once() -> None:
    assert missing(REPORT) == {"lines.py": 2, "branch.py": 2}


def test_a_file_that_is_not_named_misses_nothing() -> None:
    assert compare({"a.py": 2, "b.py": 1}, {"a.py": 2}) == [
        "b.py: 1 lines and branches are not covered by the fast tests, 0 are allowed"
    ]
    assert compare({"a.py": 1}, {"a.py": 2}) == []
