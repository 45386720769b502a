"""The schemas that Directus makes of one operator against ours: every kind of operand with every kind of value."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, cast as as_type

import pytest

from directus_guard.directus.access.joi import RefusedError, build, check
from tests.support.flow_cases import UTILS
from tests.support.programs import node, npm

pytestmark = pytest.mark.real

VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 5, 1.5, 10**13, 2**53, 2**60, "", " ", "0", "5", "+5", "-5", "1e3", "1E+3", "0x10", "Infinity", "NaN", "1_000", "٣",
    "abc", "a", "2024-01-01", "2034-05-01", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00", "2024-13-01", "true", "null",
    [], [5], ["5"], ["a"], [1, 2], [None], [True], [[]], [""], {}, {"a": 1}, {"id": 5},
)  # fmt: skip
"""JSON. Texts that V8 takes for dates, but ISO 8601 does not, are left out: `5.5.5`."""
LIMITS: Final = tuple(value for value in VALUES if not isinstance(value, list) or len(value) != 1)
"""Nor lists of one as limits beside a date: V8 reads `[5]` as May 2001."""
LISTS: Final = ("_in", "_nin")
RANGES: Final = ("_between", "_nbetween")
OTHERS: Final = (
    "_eq", "_neq", "_gt", "_gte", "_lt", "_lte", "_null", "_nnull", "_empty", "_nempty", "_contains", "_icontains", "_ncontains", "_starts_with",
    "_nstarts_with", "_istarts_with", "_nistarts_with", "_ends_with", "_nends_with", "_iends_with", "_niends_with",
)  # fmt: skip
"""Not `_regex`: whether a pattern matches is not decided here."""
RULES: Final = (
    *((operator, value) for operator in OTHERS for value in VALUES),
    *((operator, [value, *more]) for operator in LISTS for value in VALUES for more in ([], ["a"])),
    *((operator, [low, high]) for operator in RANGES for low in LIMITS for high in LIMITS),
    *((operator, short) for operator in (*LISTS, *RANGES) for short in ([], [5])),
)


def ours(operator: str, operand: object, major: int) -> list[bool] | None:
    """Which values are taken, None where the schema cannot be made."""
    try:
        build(operator, operand)
        return [check(operator, operand, value, major) for value in VALUES]
    except RefusedError:
        return None


def test_the_same_values_are_taken() -> None:
    given = {"utils": [f"utils-{major}" for major in UTILS], "rules": RULES, "values": VALUES}
    answers = node(Path(__file__).with_name("joi.mjs"), given, npm(*UTILS.values()))
    theirs = as_type("dict[str, list[list[bool] | None]]", answers)
    different = [
        (major, operator, operand, expected)
        for major in UTILS
        for (operator, operand), expected in zip(RULES, theirs[f"utils-{major}"], strict=True)
        if ours(operator, operand, major) != expected
    ]
    assert not different[:5]
    assert sum(expected is not None for expected in theirs["utils-12"]) > len(RULES) / 3
