"""Operators that ask for a state: with `false` they ask for the other one."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from directus_guard.directus.access.filters import EVERYTHING, NOTHING, And, Condition, DynamicVariable, Opaque, Or
from directus_guard.directus.access.item_rules import is_unrestricted, parse, rule_of_row
from tests.support.each import each_case

STATES: Final = [("_null", "_nnull"), ("_nnull", "_null"), ("_empty", "_nempty"), ("_nempty", "_empty")]


@pytest.mark.parametrize(("operator", "other"), STATES)
def test_false_asks_for_the_other_state(operator: str, other: str) -> None:
    assert rule_of_row({"a": {operator: True}}, major=11) == Condition(("a",), operator)
    assert rule_of_row({"a": {operator: False}}, major=11) == Condition(("a",), other)


def nested(levels: int, within: Any) -> Any:
    for _ in range(levels):
        within = {"_and": [within]}
    return within


@each_case(
    ("rule", "source", "reason"),
    [
        ({"_and": 1}, {"_and": 1}, "_and is not a list"),
        ({"_or": {"a": 1}}, {"_or": {"a": 1}}, "_or is not a list"),
        ({"_eq": 1}, {"_eq": 1}, "_eq without a field: Directus answers an error"),
        ({"a": None}, ["a"], "null in place of a filter: Directus answers an error"),
        (5, 5, "not a filter"),
        ({"a": {"_in": [{"b": 1}]}}, ["a", {"_in": [{"b": 1}]}], "a list that holds more than plain values"),
        ({"a": {"b": {"_nin": [[1], 2]}}}, ["a", "b", {"_nin": [[1], 2]}], "a list that holds more than plain values"),
        ({"a": {"_regex": "x"}}, ["a", {"_regex": "x"}], "_regex is not known as an operator of item rules"),
        ({"a": {"_eq": {"b": 1}}}, ["a", {"_eq": {"b": 1}}], "_eq with something else than a plain value"),
        ({"a": {"b": {"_some": {"c": 1}}}}, {"c": 1}, "_some and _none stand directly below a to-many field of the collection"),
        ({"a": {"_none": 5}}, 5, "_some and _none stand directly below a to-many field of the collection"),
        ({"_json": {"x": {"_eq": 1}}}, {"x": {"_eq": 1}}, "_json without a field"),
        ({"a": {"_json": {"x": 5}}}, 5, "no operator: Directus answers an error"),
        ({"a": {"_json": {"x": {}}}}, {}, "no operator: Directus answers an error"),
        ({"a": {"_json": {"_or": 5}}}, 5, "not a list of filters, or nested too deeply"),
        ({"a": {"_json": {"_and": [5]}}}, 5, "not a filter"),
        (nested(80, {"a": {"_eq": 1}}), [], "nested too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_kept_as_it_is_written(rule: Any, source: Any, reason: str) -> None:
    """Two rules that are refused for one reason are still two rules."""
    assert parse(rule, major=12) == Opaque(json.dumps(source, sort_keys=True), reason)


@each_case(
    ("rule", "free"),
    [(None, True), ({}, True), ([], True), ((), True), ({"a": {}}, False), ([{}], False), ("", False), (0, False), (False, False), ("x", False)],
)  # fmt: skip
def test_only_an_empty_rule_is_none(rule: Any, free: bool) -> None:
    assert is_unrestricted(rule) is free
    assert (rule_of_row(rule, major=12) == EVERYTHING) is free


@each_case(
    ("rule", "read"),
    [
        # A path of JSON is its own field, and an `or` around it joins the paths of one branch as well.
        ({"a": {"_json": {}}}, None),
        ({"_json": {}}, None),
        ({"a": {"_json": {"x": {"_eq": 1}}}}, Condition(("a", "_json", "x"), "_eq", 1)),
        ({"a": {"_json": {"_or": [{"x": {"_eq": 1}, "y": {"_eq": 2}}]}}},
         Or((Condition(("a", "_json", "x"), "_eq", 1), Condition(("a", "_json", "y"), "_eq", 2)))),
        ({"a": {"_json": {"_and": [{"x": {"_eq": 1}, "y": {"_eq": 2}}]}}},
         And((Condition(("a", "_json", "x"), "_eq", 1), Condition(("a", "_json", "y"), "_eq", 2)))),
        # A list may be a text or an object; a range has two ends.
        ({"a": {"_in": "x,y"}}, Condition(("a",), "_in", ("x", "y"))),
        ({"a": {"_in": {"0": "x", "1": "y"}}}, Condition(("a",), "_in", ("x", "y"))),
        ({"a": {"_between": "1,2"}}, Condition(("a",), "_between", ("1", "2"))),
        ({"a": {"_between": [1]}}, None),
        ({"a": {"_nbetween": [1, 2, 3]}}, None),
        # Words that are values, and the variables that are the user's own key.
        ({"a": {"_eq": "true"}}, Condition(("a",), "_eq", True)),
        ({"a": {"_eq": "false"}}, Condition(("a",), "_eq", False)),
        ({"a": {"_eq": "$CURRENT_USER.id"}}, Condition(("a",), "_eq", DynamicVariable("$CURRENT_USER"))),
        ({"a": {"_eq": "$CURRENT_ROLE.id"}}, Condition(("a",), "_eq", DynamicVariable("$CURRENT_ROLE"))),
        ({"a": {"_eq": "$CURRENT_USER.team"}}, Condition(("a",), "_eq", DynamicVariable("$CURRENT_USER.team"))),
        ({"a": {"_gt": "$NOW(-1 day)"}}, Condition(("a",), "_gt", DynamicVariable("$NOW(-1 day)"))),
        ({"a": {"_in": "$CURRENT_POLICIES"}}, Condition(("a",), "_in", (DynamicVariable("$CURRENT_POLICIES"),))),
        ({"a": {"_null": "false"}}, Condition(("a",), "_nnull")),
        ({"a": {"_null": "true"}}, Condition(("a",), "_null")),
        ({"a": 5}, Condition(("a",), "_eq", 5)),
        # What is put into a pattern is written as JavaScript does.
        ({"a": {"_contains": 5}}, Condition(("a",), "_contains", "5")),
        ({"a": {"_ncontains": "true"}}, Condition(("a",), "_ncontains", "true")),
        ({"a": {"_starts_with": None}}, Condition(("a",), "_starts_with", "null")),
        ({"a": {"_istarts_with": 5}}, Opaque("5", "_istarts_with with something else than text: Directus answers an error")),
        ({"a": {"_icontains": "x"}}, Condition(("a",), "_icontains", "x")),
        # A list without doubles and in one order; of one value it is a comparison. Nothing is in a list with null, or in none.
        ({"a": {"_in": [2, 1, 2]}}, Condition(("a",), "_in", (1, 2))),
        ({"a": {"_in": [None, 1, 2]}}, Condition(("a",), "_in", (1, 2))),
        ({"a": {"_in": [None, 1]}}, Condition(("a",), "_eq", 1)),
        ({"a": {"_in": [None]}}, NOTHING),
        ({"a": {"_in": []}}, NOTHING),
        ({"a": {"_nin": [1, None]}}, NOTHING),
        ({"a": {"_nin": []}}, EVERYTHING),
        ({"a": {"_nin": [1, 1]}}, Condition(("a",), "_neq", 1)),
        ({"a": {"_nin": ["$CURRENT_ROLES"]}}, Condition(("a",), "_nin", (DynamicVariable("$CURRENT_ROLES"),))),
        # Groups are flat, sorted and without doubles.
        ({"_and": [{"b": 1}, {"_and": [{"a": 1}, {"b": 1}]}]}, And((Condition(("a",), "_eq", 1), Condition(("b",), "_eq", 1)))),
        ({"_or": [{"a": 1}, {"_and": [{"a": 1}]}]}, Condition(("a",), "_eq", 1)),
        ({"_or": [{"a": 1}, {"b": {"_nin": []}}]}, EVERYTHING),
        ({"_and": [{"a": 1}, {"b": {"_in": []}}]}, NOTHING),
        ({"_and": [{"a": 1}, {"b": {"_nin": []}}]}, Condition(("a",), "_eq", 1)),
        ({"a": {"b": "x"}}, Condition(("a", "b"), "_eq", "x")),
    ],
)  # fmt: skip
def test_how_a_rule_is_read(rule: Any, read: Any) -> None:
    assert parse(rule, major=12) == read


@each_case("word", ["null", "NULL", None])
def test_words_for_null_compare_with_null(word: Any) -> None:
    """`_eq` with null is a question for null, `_neq` one for all else, as `parse` reads them."""
    assert parse({"a": {"_eq": word}}, major=12) == parse({"a": {"_eq": None}}, major=12)
    assert parse({"a": {"_in": [word, 1]}}, major=12) == parse({"a": {"_in": [None, 1]}}, major=12)
    assert parse({"a": {"_eq": word}}, major=12) != parse({"a": {"_eq": "nUll"}}, major=12)
