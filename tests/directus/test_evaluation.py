"""Item rules on concrete items: functions of dates, paths into JSON, relations, and SQL's null."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from directus_guard.directus.access.evaluation import evaluate
from tests.support.generate_rules import context, effective

ITEM: dict[str, Any] = {
    "id": 1, "title": "Ab", "date": "2024-05-05T10:20:30", "n": 5, "none": None, "empty": "", "author": {"id": "u1", "name": "Ann"}, "owner": "u2",
    "tags": [{"name": "x"}, {"name": "y"}], "nothing": [],
}  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [
        {"year(date)": {"_eq": 2024}}, {"month(date)": {"_eq": 5}}, {"week(date)": {"_eq": 18}}, {"weekday(date)": {"_eq": 0}}, {"hour(date)": {"_gte": 10}},
        {"minute(date)": {"_lt": 21}}, {"second(date)": {"_lte": 30}}, {"count(tags)": {"_eq": 2}}, {"count(nothing)": {"_eq": 0}}, {"count(title)": {"_eq": 0}},
        {"author": {"_eq": "u1"}}, {"author": {"name": {"_eq": "Ann"}}}, {"author": {"id": {"_nnull": True}}}, {"owner": {"_eq": "u2"}},
        {"tags": {"name": {"_eq": "y"}}}, {"tags": {"_some": {"name": {"_eq": "x"}}}}, {"tags": {"_none": {"name": {"_eq": "z"}}}}, {"nothing": {"_none": {"name": {"_eq": "z"}}}},
        {"none": {"_null": True}}, {"none": {"_empty": True}}, {"empty": {"_empty": True}}, {"title": {"_nempty": True}}, {"title": {"_nin": []}}, {"none": {"_nin": []}},
        {"n": {"_between": [1, 5]}}, {"n": {"_nbetween": [6, 9]}}, {"n": {"_in": [4, 5]}}, {"title": {"_icontains": "AB"}}, {"title": {"_starts_with": "A"}},
        {"title": {"_nends_with": "x"}}, {"n": {"_gt": 4}},
    ],
)  # fmt: skip
def test_a_rule_that_the_item_meets(rule: Any) -> None:
    assert evaluate(effective(rule), ITEM, context(Random(0)))


@pytest.mark.parametrize(
    "rule",
    [
        {"year(title)": {"_eq": 2024}}, {"year(none)": {"_eq": 2024}}, {"none": {"_neq": "x"}}, {"none": {"_ncontains": "x"}}, {"none": {"_nin": ["x"]}},
        {"none": {"_eq": "x"}}, {"none": {"_nempty": True}}, {"empty": {"_nempty": True}}, {"empty": {"_null": True}}, {"title": {"_in": []}},
        {"tags": {"name": {"_eq": "z"}}}, {"tags": {"_some": {"name": {"_eq": "z"}}}}, {"nothing": {"_some": {"name": {"_eq": "x"}}}}, {"nothing": {"name": {"_eq": "x"}}},
        {"owner": {"name": {"_eq": "Ann"}}}, {"absent": {"_eq": 1}}, {"n": {"_between": [6, 9]}}, {"n": {"_gt": 5}}, {"title": {"_starts_with": "b"}},
    ],
)  # fmt: skip
def test_a_rule_that_the_item_does_not_meet(rule: Any) -> None:
    assert not evaluate(effective(rule), ITEM, context(Random(0)))
