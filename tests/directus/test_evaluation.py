"""Item rules on concrete items: functions of dates, paths into JSON, relations, and SQL's null."""

from __future__ import annotations

from random import Random
from typing import Any

from directus_guard.directus.access.evaluation import QueryContext, evaluate
from directus_guard.directus.access.filters import to_json
from directus_guard.directus.access.rules import matches_everything, matches_nothing
from directus_guard.directus.tri import Tri
from tests.support.each import each_case
from tests.support.generate_rules import context, effective

ITEM: dict[str, Any] = {
    "id": 1, "title": "Ab", "date": "2024-05-05T10:20:30", "n": 5, "none": None, "empty": "", "author": {"id": "u1", "name": "Ann"}, "owner": "u2",
    "tags": [{"name": "x"}, {"name": "y"}], "nothing": [], "story": "null and true", "meta": {"color": "red", "on": True, "sizes": [{"cm": 7}, {"cm": 9}], "codes": [3, 4]},
}  # fmt: skip


@each_case(
    "rule",
    [
        {"year(date)": {"_eq": 2024}}, {"month(date)": {"_eq": 5}}, {"week(date)": {"_eq": 18}}, {"weekday(date)": {"_eq": 0}}, {"hour(date)": {"_gte": 10}},
        {"minute(date)": {"_lt": 21}}, {"second(date)": {"_lte": 30}}, {"count(tags)": {"_eq": 2}}, {"count(nothing)": {"_eq": 0}}, {"count(title)": {"_eq": 0}},
        {"author": {"_eq": "u1"}}, {"author": {"name": {"_eq": "Ann"}}}, {"author": {"id": {"_nnull": True}}}, {"owner": {"_eq": "u2"}},
        {"tags": {"name": {"_eq": "y"}}}, {"tags": {"_some": {"name": {"_eq": "x"}}}}, {"tags": {"_none": {"name": {"_eq": "z"}}}}, {"nothing": {"_none": {"name": {"_eq": "z"}}}},
        {"none": {"_null": True}}, {"none": {"_empty": True}}, {"empty": {"_empty": True}}, {"title": {"_nempty": True}}, {"title": {"_nin": []}}, {"none": {"_nin": []}},
        {"n": {"_between": [1, 5]}}, {"n": {"_nbetween": [6, 9]}}, {"n": {"_in": [4, 5]}}, {"title": {"_icontains": "AB"}}, {"title": {"_starts_with": "A"}},
        {"title": {"_nends_with": "x"}}, {"n": {"_gt": 4}}, {"day(date)": {"_eq": 5}}, {"story": {"_contains": None}}, {"story": {"_contains": "true"}},
        {"meta": {"_json": {"color": {"_eq": "red"}}}}, {"meta": {"_json": {"sizes[1].cm": {"_gt": 8}}}}, {"meta": {"_json": {"codes[1]": {"_eq": 4}}}}, {"meta": {"_json": {"color": {"_eq": "red"}, "on": {"_eq": True}}}},
        {"meta": {"_json": {"_or": [{"color": {"_eq": "blue"}}, {"on": {"_eq": True}}]}}}, {"meta": {"_json": {"_and": [{"color": {"_eq": "red"}}, {"_or": []}]}}},
        {"meta": {"_json": {"sizes[2].cm": {"_null": True}}}}, {"meta": {"_json": {"color.name": {"_null": True}}}}, {"title": {"_json": {"color": {"_null": True}}}},
        {"meta": {"_json": {"_or": [{"color": {"_eq": "red"}, "on": {"_eq": False}}]}}},
        {"tags": {"_some": {"name": "x"}}}, {"tags": {"_some": {"name": {}}}}, {"title": {"_in": ["Ab", "b"]}},
    ],
)  # fmt: skip
def test_a_rule_that_the_item_meets(rule: Any) -> None:
    assert evaluate(effective(rule), ITEM, context(Random(0)))


@each_case(
    "rule",
    [
        {"tags": {"name": {"_null": True}}}, {"tags": {"name": {"_empty": True}}}, {"title": {"_contains": 5}}, {"n": {"_contains": 6}},
        {"year(title)": {"_eq": 2024}}, {"year(none)": {"_eq": 2024}}, {"none": {"_neq": "x"}}, {"none": {"_ncontains": "x"}}, {"none": {"_nin": ["x"]}},
        {"none": {"_eq": "x"}}, {"none": {"_nempty": True}}, {"empty": {"_nempty": True}}, {"empty": {"_null": True}}, {"title": {"_in": []}},
        {"tags": {"name": {"_eq": "z"}}}, {"tags": {"_some": {"name": {"_eq": "z"}}}}, {"nothing": {"_some": {"name": {"_eq": "x"}}}}, {"nothing": {"name": {"_eq": "x"}}},
        {"owner": {"name": {"_eq": "Ann"}}}, {"absent": {"_eq": 1}}, {"n": {"_between": [6, 9]}}, {"n": {"_gt": 5}}, {"title": {"_starts_with": "b"}},
        {"meta": {"_json": {"color": {"_eq": "red"}, "on": {"_eq": False}}}}, {"meta": {"_json": {"_and": [{"color": {"_eq": "red"}}, {"on": {"_eq": False}}]}}},
        {"meta": {"_json": {"sizes[0].cm": {"_gt": 8}}}}, {"meta": {"_json": {"sizes": {"_nnull": True}}}}, {"n": {"_nin": [4, "$CURRENT_USER.team"]}}, {"month(title": {"_eq": 5}}, {"sum(n)": {"_eq": 5}},
    ],
)  # fmt: skip
def test_a_rule_that_the_item_does_not_meet(rule: Any) -> None:
    assert not evaluate(effective(rule), ITEM, context(Random(0)))


REFUSED = [
    {"title": {"_nicontains": "a"}}, {"title": {"_icontains": None}}, {"title": {"_niends_with": 5}}, {"title": {"_in": ["Ab", {"a": 1}]}}, {"title": {"_in": [{"a": 1}, "Ab"]}},
    {"meta": {"_json": {"color": {}}}}, {"meta": {"_json": {"color": "red"}}}, {"meta": {"_json": {"_or": {"color": {"_eq": "red"}}}}}, {"meta": {"_json": {"_or": ["red"]}}},
    {"_json": {"color": {"_eq": "red"}}},
]  # fmt: skip


@each_case("rule", REFUSED)
def test_a_rule_that_directus_refuses_matches_nothing_and_is_not_called_a_limit(rule: Any) -> None:
    """It answers an error to the whole request, so that nobody can tell which items the rule was meant for."""
    assert not evaluate(effective(rule), ITEM, context(Random(0)))
    assert matches_everything(effective(rule)) is Tri.UNKNOWN
    assert matches_nothing(effective(rule)) is Tri.UNKNOWN


def _nested(levels: int, inner: Any, key: str) -> Any:
    for _ in range(levels):
        inner = {key: [inner]} if key.startswith("_") else {key: inner}
    return inner


@each_case(
    "rule",
    [
        _nested(70, {"_eq": 1}, "author"),
        {"tags": {"_some": _nested(70, {"_eq": 1}, "author")}},
        {"meta": {"_json": _nested(70, {"color": {"_eq": "red"}}, "_or")}},
    ],
)
def test_what_is_nested_too_deeply_is_not_known(rule: Any) -> None:
    assert matches_nothing(effective(rule)) is Tri.UNKNOWN


def test_what_json_cannot_write_is_shown_as_unknown() -> None:
    deep = _nested(100_000, 1, "_or")
    for rule in ({"title": {"_eq": deep}}, {"title": {"_eq": {1: "a", "b": 2}}}):
        assert to_json(effective(rule)) == {"_unknown": "…"}
    assert to_json(effective({"title": {"_eq": ["a"]}})) == {"_unknown": '["title", {"_eq": ["a"]}]'}


ROLES = QueryContext(roles=("r1", "r2"))
NO_ROLE = QueryContext()


def test_between_the_entries_of_a_list_needs_two_of_them() -> None:
    """Directus leaves out BETWEEN with another number of values: alone it limits nothing, beside other conditions it is gone."""
    roles = {"role": {"_between": ["$CURRENT_ROLES", "r1"]}}
    assert evaluate(effective(roles), {"role": "z"}, ROLES)
    other = effective({"_or": [roles, {"status": {"_eq": "a"}}]})
    assert not evaluate(other, {"role": "z", "status": "b"}, ROLES)
    assert evaluate(other, {"role": "z", "status": "a"}, ROLES)
    assert evaluate(effective({"_or": [roles]}), {"role": "z"}, ROLES)
    assert evaluate(effective(roles), {"role": "r1"}, QueryContext(roles=("r0",)))
    assert not evaluate(effective(roles), {"role": "r2"}, QueryContext(roles=("r0",)))


def test_a_list_is_not_compared_with_one_value() -> None:
    several, one = ({"role": {"_eq": "$CURRENT_ROLES"}}, QueryContext(roles=("r1",)))
    assert not evaluate(effective(several), {"role": "r1"}, ROLES)
    assert evaluate(effective(several), {"role": "r1"}, one)


def test_without_roles_no_role_is_left_out() -> None:
    assert evaluate(effective({"role": {"_nin": "$CURRENT_ROLES"}}), {"role": None}, NO_ROLE)
    assert not evaluate(effective({"role": {"_nin": "$CURRENT_ROLES"}}), {"role": "r1"}, ROLES)


def test_null_from_a_variable_becomes_part_of_the_pattern() -> None:
    assert evaluate(effective({"story": {"_starts_with": "$CURRENT_USER.boss"}}), ITEM, NO_ROLE)
    assert not evaluate(effective({"story": {"_istarts_with": "$CURRENT_USER.boss"}}), ITEM, NO_ROLE)
