"""One operator of a validation on one value."""

from __future__ import annotations

from typing import Any

import pytest

from directus_guard.directus.access.joi import ABSENT, UNASKED, RefusedError, build, check

OPERATORS = [
    "_eq",
    "_neq",
    "_in",
    "_nin",
    "_null",
    "_nnull",
    "_empty",
    "_nempty",
    "_submitted",
    "_regex",
    "_gt",
    "_gte",
    "_lt",
    "_lte",
    "_between",
    "_nbetween",
    "_contains",
    "_ncontains",
    "_icontains",
    "_starts_with",
    "_nstarts_with",
    "_istarts_with",
    "_nistarts_with",
    "_ends_with",
    "_nends_with",
    "_iends_with",
    "_niends_with",
    "_nicontains",
    "_unknown",
]


@pytest.mark.parametrize("operator", OPERATORS)
def test_what_is_not_sent_or_not_asked(operator: str) -> None:
    assert check(operator, [1, 2], UNASKED, 12)
    assert check(operator, [1, 2], ABSENT, 12) is (operator != "_submitted")


@pytest.mark.parametrize(
    ("operator", "operand", "value", "holds"),
    [
        ("_submitted", True, None, True), (None, 1, 2, True), ("_unknown", 1, 2, True), ("_nicontains", "a", "a", True),
        ("_eq", "a", "a", True), ("_eq", "a", "b", False), ("_eq", 1, 1, True), ("_eq", 1, "1", True), ("_eq", "1", 1, True), ("_eq", "1", "1", True), ("_eq", "", 0, False), ("_eq", "a", 0, False), ("_eq", True, True, True),
        ("_eq", True, 1, False), ("_eq", 1, True, False), ("_eq", None, None, True), ("_eq", None, 0, False), ("_eq", {"a": 1}, {"a": 1}, True), ("_eq", 1, 1.0, True), ("_eq", "1.5", 1.5, True), ("_eq", ".5", 0.5, True), ("_eq", " 7 ", 7, True),
        ("_neq", "a", "a", False), ("_neq", "a", "b", True), ("_neq", 1, "1", False), ("_neq", "a", {"id": "a"}, True), ("_neq", None, None, False),
        ("_in", ["a", "b"], "b", True), ("_in", ["a", "b"], "c", False), ("_in", [], "c", True), ("_in", "a", "a", True), ("_in", "a", "b", False), ("_in", [1], "1", False), ("_in", [1], 1.0, True),
        ("_nin", ["a", "b"], "b", False), ("_nin", ["a", "b"], "c", True), ("_nin", [], "c", True), ("_nin", "a", "a", False),
        ("_null", True, None, True), ("_null", True, 0, False), ("_null", False, None, True), ("_nnull", True, None, False), ("_nnull", True, "", True), ("_nnull", False, None, False),
        ("_empty", True, "", True), ("_empty", True, "a", False), ("_empty", True, None, False), ("_empty", True, [], False), ("_nempty", True, "", False), ("_nempty", True, "a", True), ("_nempty", True, None, True),
        ("_contains", "b", "abc", True), ("_contains", "B", "abc", False), ("_contains", "d", "abc", False), ("_contains", "b", "", False), ("_contains", "b", 5, False), ("_contains", "b", ["b", "c"], True), ("_contains", "b", ["xby"], True),
        ("_contains", "b", ["c", ""], False), ("_contains", "", [""], False), ("_contains", "b", [5, None], False), ("_contains", 5, True, True), ("_contains", 5, "5", False), ("_contains", "", "a", True),
        ("_ncontains", "b", "abc", False), ("_ncontains", "d", "abc", True), ("_ncontains", "d", "", False), ("_ncontains", "b", ["c"], True), ("_ncontains", "b", ["b"], False), ("_ncontains", "b", 5, False),
        ("_icontains", "B", "abc", True), ("_icontains", "b", "ABC", True), ("_icontains", "d", "ABC", False),
        ("_starts_with", "a", "ab", True), ("_starts_with", "b", "ab", False), ("_starts_with", "A", "ab", False), ("_starts_with", "a", ["ab"], False), ("_nstarts_with", "a", "ab", False), ("_nstarts_with", "b", "ab", True),
        ("_istarts_with", "A", "ab", True), ("_istarts_with", "b", "AB", False), ("_nistarts_with", "A", "ab", False), ("_nistarts_with", "B", "ab", True),
        ("_ends_with", "b", "ab", True), ("_ends_with", "a", "ab", False), ("_ends_with", "B", "ab", False), ("_nends_with", "b", "ab", False), ("_nends_with", "a", "ab", True),
        ("_iends_with", "B", "ab", True), ("_iends_with", "a", "AB", False), ("_niends_with", "B", "ab", False), ("_niends_with", "A", "ab", True),
        ("_gt", 5, 6, True), ("_gt", 5, 5, False), ("_gt", 5, 4, False), ("_gte", 5, 5, True), ("_gte", 5, 4, False), ("_lt", 5, 4, True), ("_lt", 5, 5, False), ("_lte", 5, 5, True), ("_lte", 5, 6, False),
        ("_gt", "5", "6", True), ("_gt", 5, "x", False), ("_gt", -1, None, False), ("_gt", -1, True, False), ("_gt", -1, " ", False), ("_gt", -1, "", False), ("_gt", 0.5, ".7", True), ("_gt", 5, "+6", True), ("_gt", -7, "-6", True),
        ("_gt", "2024-01-01", "2024-01-02", True), ("_gt", "2024-01-01", "2024-01-01", False), ("_gte", "2024-01-01", "2024-01-01", True), ("_lt", "2024-01-01", "2023-12-31", True), ("_lt", "2024-01-01", "x", False),
        ("_lt", "2024-01-01", 0, True), ("_gt", "2024-01-01", 1.8e12, True), ("_gt", "2024-01-01", True, False), ("_lt", "2024-01-01", None, False), ("_gt", "1970-01-01", "5", True),
        ("_between", [1, 3], 1, True), ("_between", [1, 3], 3, True), ("_between", [1, 3], 0, False), ("_between", [1, 3], 4, False), ("_nbetween", [1, 3], 1, False), ("_nbetween", [1, 3], 2, False), ("_nbetween", [3, 1], 2, True),
        ("_between", ["5", "2034-05-01"], "2034-05-01", True), ("_between", ["5", "2034-05-01"], "2034-05-02", False), ("_between", [None, "2034-05-01"], 1, True), ("_between", [True, "2034-05-01"], 0, False),
        ("_gte", [], 0, True), ("_gte", [], -1, False), ("_gte", [[7]], 6, False), ("_gt", "0x10", 17, True), ("_gt", 1, "0x10", False), ("_gt", 1, "1e3", True), ("_gt", 1, 2**53, False), ("_gt", 1, "9" * 20, False), ("_gt", 10**400, 1, False), ("_lt", 10**400, 1, True),
        ("_gt", "1_0", 5, False), ("_gt", 1, "1_0", False), ("_gt", "2024-01-01", 10**16, False), ("_gt", 1, [5], False),
        ("_between", "x", 1, True), ("_between", ["2024-01-01", "2024-12-31"], "2024-06-01", True), ("_between", ["2024-01-01", "2024-12-31"], "2025-06-01", False),
        ("_gt", "2024-01-01", 8.64e15, True), ("_gt", "2024-01-01", 8.64e15 + 1, False), ("_lt", "2024-01-01", -8.64e15, True), ("_lt", "2024-01-01", -8.64e15 - 1, False),
        ("_gte", "1970-01-01", 0, True), ("_gt", "1970-01-01", 0, False), ("_lte", "1970-01-01", 0, True), ("_gt", None, 0, False), ("_gte", None, 0, True), ("_gt", None, 1, True), ("_gte", [None], 0, True), ("_gt", [None], 0, False),
        ("_gt", -(10**400), 1, True), ("_lt", -(10**400), 1, False), ("_gt", 1, 10**400, False), ("_lt", 1, -(10**400), False), ("_gte", [5, 6], 7, False), ("_gte", ["5"], 5, True), ("_gt", True, 2, True), ("_gt", True, 1, False),
        ("_gte", 1, 2**53 - 1, True), ("_gte", 1, 2**53, False), ("_lt", 1, -(2**53) + 1, True), ("_lt", 1, -(2**53), False), ("_gt", "2024-01-01T10:00:00Z", "2024-01-01T10:00:01Z", True), ("_gt", "2024-01-01", "1.8e12", False), ("_gt", "2024-01-01", "1800000000000", True),
        ("_regex", "a", "b", True), ("_regex", "a", 5, False), ("_regex", None, True, True), ("_regex", None, "a", False),
    ],
)  # fmt: skip
def test_a_value(operator: str | None, operand: Any, value: Any, holds: bool) -> None:
    assert check(operator, operand, value, 12) is holds


@pytest.mark.parametrize(("major", "holds"), [(10, False), (11, True), (12, True)])
def test_the_text_of_a_number(major: int, holds: bool) -> None:
    assert check("_eq", 1, "1", major) is holds
    assert check("_eq", "1", 1, major)


@pytest.mark.parametrize(
    ("operator", "operand", "refused"),
    [
        ("_eq", ["a"], True), ("_eq", ("a",), True), ("_neq", [], True), ("_eq", {"a": 1}, False), ("_in", ["a"], False),
        ("_between", [1], True), ("_between", [1, 2], False), ("_between", [1, "x"], True), ("_between", ["2024-01-01", "2025-01-01"], False), ("_between", ["2024-01-01", "2025-01-01", "x"], False), ("_between", [1, 2, "x"], False),
        ("_between", "x", True), ("_between", ["2024-01-01", "x"], True), ("_nbetween", [1], True), ("_nbetween", [1, 2], False), ("_nbetween", None, True),
        *((operator, "x", True) for operator in ("_gt", "_gte", "_lt", "_lte")), *((operator, 5, False) for operator in ("_gt", "_gte", "_lt", "_lte")),
        ("_gt", "2024-01-01", False), ("_gt", None, False), ("_gt", "", False), ("_gt", "1x", True), ("_gt", [5], False), ("_gt", [5, 6], True), ("_gt", [True], True), ("_gt", [], False), ("_gt", {}, True), ("_in", [["a"]], True), ("_nin", [[]], True), ("_between", ["5", "2024-01-01"], False), ("_between", [2**53, 1], True), ("_between", [10**15, 1], False), ("_between", [2**60, 1], True), ("_contains", 5, False), (None, [1], False),
    ],
)  # fmt: skip
def test_what_is_refused_whatever_is_sent(operator: str | None, operand: Any, refused: bool) -> None:
    if refused:
        with pytest.raises(RefusedError):
            build(operator, operand)
    else:
        build(operator, operand)
