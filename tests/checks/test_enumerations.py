"""Some of many things, for a sentence."""

from __future__ import annotations

from directus_guard.checks.shared.enumerations import first_names, first_of
from tests.support.each import each_case


@each_case(
    ("count", "expected"),
    [(0, ""), (1, "1"), (2, "1, 2"), (3, "1, 2, 3"), (4, "1, 2, 3 and 1 more"), (13, "1, 2, 3 and 10 more")],
)
def test_the_first_and_how_many_more(count: int, expected: str) -> None:
    shown = [str(number) for number in range(1, count + 1)]
    assert first_of(shown, 3) == expected
    assert first_of(shown, 3, "; ") == expected.replace(", ", "; ")


@each_case(
    ("count", "expected"), [(0, ""), (1, "`1`"), (5, "`1`, `2`, `3`, `4`, `5`"), (6, "`1`, `2`, `3`, `4`, `5` …")]
)
def test_the_first_names(count: int, expected: str) -> None:
    assert first_names([str(number) for number in range(1, count + 1)]) == expected


def test_names_are_shown_without_control_characters() -> None:
    assert "\x1b" not in first_names(["a\x1b[31m"])
