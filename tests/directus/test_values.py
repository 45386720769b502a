"""Values as databases compare them, where numbers, dates and texts come to their ends."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any, Final

from directus_guard.directus.access.filters import DynamicVariable
from directus_guard.directus.access.values import adjusted, among, equal, instant, like, ordered, pattern, text
from tests.support.each import each_case

HUGE = 10**400


def test_a_number_that_no_column_holds_equals_nothing() -> None:
    assert not equal(HUGE, HUGE)
    assert not among([HUGE])(5)
    assert ordered("<", 5, "a")
    assert ordered(">", HUGE, "0")


@each_case("value", [None, 5, "a", "2024-01-01"])
def test_nothing_is_before_or_after_null(value: int | str | None) -> None:
    for comparison in (">", ">=", "<", "<="):
        assert not ordered(comparison, value, None)
        assert not ordered(comparison, None, value)


@each_case("written", ["2024-13-01", "2024-02-30", "2024-01-01T25:00", "2024-01-01T10:00:00+99:99"])
def test_a_date_that_the_calendar_does_not_have_is_text(written: str) -> None:
    assert instant(written) is None
    assert equal(written, written)
    assert not equal(written, "2024-01-01")


NOW = datetime(2035, 1, 1, tzinfo=UTC)


@each_case(
    ("variable", "expected"),
    [
        ("$NOW", NOW), ("$NOW(-1 day)", datetime(2034, 12, 31, tzinfo=UTC)), ("$NOW(+2 weeks)", datetime(2035, 1, 15, tzinfo=UTC)), ("$NOW(- 1 hr)", datetime(2034, 12, 31, 23, tzinfo=UTC)),
        ("$NOW(-1 fortnight)", NOW), ("$NOW(yesterday)", NOW), ("$NOW(-999999 years)", NOW), ("$NOW(+999999999 years)", NOW),
    ],
)  # fmt: skip
def test_a_moment_beside_now(variable: str, expected: datetime) -> None:
    """`adjustDate` answers nothing for what it cannot read, and `parseFilter` then takes the moment itself."""
    assert adjusted(NOW, variable) == expected


@each_case(
    ("operator", "operand", "value", "matches"),
    [
        ("_contains", "b_d", "abcde", True), ("_starts_with", "a%e", "abcdefg", True), ("_ends_with", "a%e", "xabcde", True), ("_iends_with", "DE", "abcde", True),
        ("_icontains", "BC", "abcde", True), ("_icontains", "ac", "abcde", False), ("_istarts_with", "AB", "abcde", True), ("_istarts_with", "bc", "abcde", False), ("_iends_with", "cd", "abcde", False), ("_starts_with", "ab", "abcde", True), ("_ends_with", "de", "abcde", True), ("_ends_with", "ab", "abcde", False),
        ("_ends_with", "DE", "abcde", False), ("_starts_with", "b", "abcde", False), ("_contains", "", "", True),
    ],
)  # fmt: skip
def test_patterns_keep_the_wildcards_of_the_rule(operator: str, operand: str, value: str, matches: bool) -> None:
    assert like(pattern(operator, operand), value, ignore_case=operator.startswith("_i")) is matches


SCALARS: Final[list[Any]] = [
    None, True, False, 0, 1, 1.5, "", "1", "1.0", "true", "a", "A", "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00",
    DynamicVariable("$CURRENT_USER"),
]  # fmt: skip


def test_one_of_many_is_one_that_is_equal() -> None:
    for operands in itertools.product(SCALARS, repeat=2):
        holds_one = among(operands)
        for value in SCALARS[:-1]:
            assert holds_one(value) is any(equal(value, operand) for operand in operands), (value, operands)


@each_case(("value", "column"), [(True, "1"), (False, "0"), (7, "7"), (1.5, "1.5"), ("x", "x"), ("", "")])
def test_a_value_as_a_column_of_texts_holds_it(value: Any, column: str) -> None:
    assert text(value) == column
