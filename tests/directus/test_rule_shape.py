"""Rules of one shape are read once: each is then the filter that it is when it is read by itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from directus_guard.directus.access.filters import EVERYTHING, And, Condition, Or
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Permission, as_written
from directus_guard.directus.access.rule_shape import RuleShape, parts_of
from directus_guard.directus.access.rules import surely_matches, surely_refuses
from tests.support.each import each_case

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Filter

TEXTS = (
    "a",
    "b",
    "a,b",
    "1",
    "'",
    "null ",
    "\x7f",
    "é",
    "true",
    "null",
    "NULL",
    "$NOW",
    "${A}",
    '"',
    "\\",
    "\0",
    "",
    "_eq",
    "{{ a }}",
)
VALUES: tuple[Any, ...] = (*TEXTS, None, True, 1, 1.5, [], ["a", "b"], {}, {"_eq": "a"})
NAMES = ("a", "b", "_and", "_eq", 'x"_eq', "seq", "$FOLLOW(a,b)", "year(a)", "_json")
OPERATORS = ("_eq", "_eq", "_eq", "_neq", "_in", "_null", "_contains", "_some", "_ieq")


def written(rule: Any) -> bytes:
    return json.dumps(rule, separators=(",", ":"), ensure_ascii=False).encode()


def parse(rule: Any) -> Filter | None:
    return rule_of_row(rule, major=11)


def rules() -> st.SearchStrategy[Any]:
    conditions = st.builds(
        lambda name, operator, value: {name: {operator: value}},
        st.sampled_from(NAMES),
        st.sampled_from(OPERATORS),
        st.sampled_from(VALUES),
    )
    return st.recursive(
        conditions,
        lambda inner: st.one_of(
            st.builds(
                lambda kind, branches: {kind: branches}, st.sampled_from(("_and", "_or")), st.lists(inner, max_size=3)
            ),
            st.builds(lambda kind, one: {"c": {kind: one}}, st.sampled_from(("_some", "_none")), inner),
            st.builds(lambda one, other: {**one, **other}, inner, inner),
        ),
        max_leaves=6,
    )


@settings(max_examples=600, deadline=None, derandomize=True, database=None)
@given(rule=rules(), texts=st.lists(st.sampled_from(TEXTS), min_size=8, max_size=8))
def test_a_rule_is_what_it_is_when_it_is_read_by_itself(rule: Any, texts: list[str]) -> None:
    parts = parts_of(written(rule))
    if len(parts) == 1:
        return
    shape = RuleShape(parts)
    others = iter(texts)
    other = b"".join(
        b'"_eq":' + msgspec.json.encode(next(others, "c")) if number % 2 else part for number, part in enumerate(parts)
    )
    for one in (written(rule), other):
        if parts_of(one)[::2] != parts[::2]:
            continue  # other texts make another shape
        expected = parse(msgspec.json.decode(one))
        assert shape.filter_of(one, 11, parse) == expected
        if shape.alike is not None and expected is not None:
            assert surely_refuses(shape.alike) == surely_refuses(expected)
            for anonymous in (False, True):
                for sure in (frozenset({"id"}), frozenset({"a"})):
                    assert surely_matches(shape.alike, sure, anonymous=anonymous) == surely_matches(
                        expected, sure, anonymous=anonymous
                    )


@pytest.mark.parametrize("major", [10, 11])
def test_a_shape_is_read_once_for_each_major_version(major: int) -> None:
    read: list[Any] = []

    def count(rule: Any) -> Filter | None:
        read.append(rule)
        return rule_of_row(rule, major=major)

    shape = RuleShape(parts_of(b'{"a":{"_eq":"x"}}'))
    for text in ("x", "y", "z"):
        assert shape.filter_of(written({"a": {"_eq": text}}), major, count) == Condition(("a",), "_eq", text)
    assert len(read) == 1


def test_branches_come_in_the_order_of_what_they_are_about() -> None:
    rule = {"_or": [{"b": {"_eq": "x"}}, {"_and": [{"c": {"_eq": "y"}}, {"a": {"_null": True}}]}]}
    shape = RuleShape(parts_of(written(rule)))
    both = And((Condition(("a",), "_null"), Condition(("c",), "_eq", "y")))
    assert shape.filter_of(written(rule), 11, parse) == Or((both, Condition(("b",), "_eq", "x")))
    assert shape.alike is not None


@each_case(
    "rule",
    [
        {"_or": [{"a": {"_eq": "y"}}, {"a": {"_eq": "x"}}]},  # sorted by their texts
        {"_and": [{"_or": [{"a": {"_eq": "x"}}, {"b": {"_eq": "x"}}]}, {"_or": [{"a": {"_eq": "y"}}, {"c": {"_eq": "x"}}]}]},
        {"_and": [{"_or": [{"a": {"_eq": "y"}}, {"a": {"_eq": "x"}}]}, {"b": {"_eq": "x"}}]},
        {"_or": [{"_and": [{"_or": [{"a": {"_eq": "y"}}, {"a": {"_eq": "x"}}]}, {"b": {"_eq": "x"}}]}, {"c": {"_eq": "x"}}]},
        {"a": {"_some": {"b": {"_eq": "x"}}}},
        {"_or": [{}, {"a": {"_eq": "x"}}]},  # compiles to nothing
        {"_eq": "x"},
    ],
)  # fmt: skip
def test_a_rule_whose_texts_decide_more_is_read_by_itself(rule: dict[str, Any]) -> None:
    shape = RuleShape(parts_of(written(rule)))
    assert shape.filter_of(written(rule), 11, parse) == parse(rule)
    assert shape.alike is None


@each_case(
    "text", ["true", "false", "null", "NULL", "$CURRENT_USER", "${A}", "{{ a }}", "#{a}", "<%= a %>", "", 'a"', "a\\", "\n"]
)  # fmt: skip
def test_a_text_that_may_mean_something_else_is_no_part_of_a_shape(text: str) -> None:
    rule = written({"_and": [{"a": {"_eq": text}}]})
    assert parts_of(rule) == [rule]


def test_an_escaped_quote_makes_no_operator() -> None:
    rule = written({'x"_eq': "a"})
    assert parts_of(rule) == [rule]


def test_rows_of_one_shape_have_a_rule_in_common() -> None:
    shape = RuleShape(parts_of(b'{"a":{"_eq":"x"}}'))
    model = AccessModel()
    rows = [Permission("posts", "read", as_written(written({"a": {"_eq": text}}), shape)) for text in ("x", "y")]
    assert model.alike(rows[0]) is model.alike(rows[1])
    assert model.rule(rows[0]) != model.rule(rows[1])
    alone = Permission("posts", "read", {"a": {"_eq": "x"}})
    assert model.alike(alone) == model.rule(alone)
    assert model.alike(Permission("posts", "read", {"_and": []})) == EVERYTHING
