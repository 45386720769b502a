"""Whether one grant accepts payloads that another refuses."""

from __future__ import annotations

from typing import Any

from directus_guard.directus.access.filters import EVERYTHING, DynamicVariable
from directus_guard.directus.access.grants import Grant, GrantRow
from directus_guard.directus.access.payload_implication import accepts_no_more
from directus_guard.directus.access.records import Permission
from directus_guard.directus.tri import Tri
from tests.support.each import each_case

ONE: Any = {"a": {"_eq": 1}}
TWO: Any = {"b": {"_eq": 2}}


def grant(*validations: Any, fields: tuple[str, ...] = ("*",), presets: Any = None) -> Grant:
    rows = (Permission("posts", "create", None, rule, presets, fields) for rule in validations or (None,))
    return Grant("posts", "create", tuple(GrantRow(one, "Editing", (one,), EVERYTHING) for one in rows), 12)


MATCHES: Any = {"title": {"_regex": "^a"}}


def nested(levels: int, rule: Any) -> Any:
    for _ in range(levels):
        rule = {"_and": [rule]}
    return rule


def deep(levels: int) -> Any:
    rule: Any = {"_eq": 1}
    for _ in range(levels):
        rule = {"a": rule}
    return rule


@each_case(
    ("new", "old"),
    [
        (grant({**ONE, **TWO}), grant(ONE)),
        (grant(ONE, TWO), grant({"_and": [TWO, ONE]})),
        (grant({"_and": [ONE, {"_and": [TWO]}]}), grant({**ONE, **TWO})),
        (grant({"a": 1}), grant(ONE)),
        # A rule that is judged by its text, whatever it asks: also deep in groups.
        (grant(nested(15, {"_and": [MATCHES, ONE]})), grant(MATCHES)),
        (grant(MATCHES), grant(nested(15, {"_and": [MATCHES]}))),
        (grant({"_and": [ONE, MATCHES]}, {"_and": [{"_and": [TWO]}]}), grant({**TWO, **MATCHES})),
        (grant({"a": {"_in": [2.5, 3]}}), grant({"a": {"_nin": [1.5]}})),
        (grant({"a": {"_in": [1]}}), grant({"a": {"_in": [1, 2]}})),
        # What cannot be sent need not be refused.
        (grant(fields=("title",)), grant(ONE, fields=("title",))),
    ],
)
def test_nothing_more_is_accepted(new: Grant, old: Grant) -> None:
    assert accepts_no_more(new, old).answer is Tri.YES


@each_case(
    ("new", "old", "anonymous"),
    [
        (grant(), grant({"a": 5}), False),
        (grant(ONE), grant({**ONE, **TWO}), False),
        (grant(), grant({"author": {"id": {"_eq": "u1"}}}), False),
        (grant(), grant({"owner": {"_eq": "$CURRENT_USER"}}), False),
        (grant(), grant({"owner": {"_eq": "$CURRENT_USER"}}), True),
        (grant({"owner": {"_in": ["$CURRENT_USER", "u1"]}}), grant({"owner": {"_eq": "$CURRENT_USER"}}), False),
        (grant(ONE, presets={"a": 1}), grant(ONE, {"a": {"_submitted": True}}), False),
        (grant(), grant("not a rule"), False),
        # What lies beside a number, and a number that is written as a text.
        (grant({"a": {"_gt": 4}}), grant({"a": {"_lt": 5}}), False),
        (grant({"a": {"_gt": 4}}), grant({"a": {"_gt": 5}}), False),
        (grant({"a": {"_lt": 5}}), grant({"a": {"_lt": 4}}), False),
        (grant({"a": {"_nin": [4, 5]}}), grant({"a": {"_lt": 5}}), False),
        (grant({"a": {"_starts_with": "5"}}), grant({"a": {"_in": [None, 6]}}), False),
        (grant({"a": {"_in": [None, "x"]}}), grant({"a": {"_in": [None, "y"]}}), False),
        (grant({"_or": [{"a": {"_eq": "x"}}, {"_and": [{"b": {"_eq": "y"}}]}]}), grant({"a": {"_eq": "x"}}), False),
        (grant({"b": {"_eq": "y"}}), grant({"_or": [{"a": {"_eq": "x"}}, {"b": {"_eq": "z"}}]}), False),
        # `b` lets the payload past the first rule, and needs `c` to pass the second.
        (grant({"_or": [ONE, TWO]}, {"_or": [{"b": {"_neq": 2}}, {"c": {"_eq": 3}}]}), grant(ONE), False),
    ],
)
def test_a_payload_shows_what_more_is_accepted(new: Grant, old: Grant, anonymous: bool) -> None:
    found = accepts_no_more(new, old, anonymous=anonymous)
    assert found.answer is Tri.NO
    assert found.item is not None
    assert found.context is not None
    assert new.accepts(found.item, found.context)
    assert not old.accepts(found.item, found.context)
    assert anonymous is (found.context.value(DynamicVariable("$CURRENT_USER")) is None)


@each_case(
    ("new", "old"),
    [
        (grant(), grant({"_eq": 1})),
        (grant(), grant({"title": {"_regex": "^a"}})),
        (grant(), grant(deep(20))),
        (grant(), grant({"date": {"_gt": "$NOW"}, "year(date)": {"_eq": 2024}})),
        (grant({"date": {"_eq": "2030-01-01"}}), grant({"date": {"_neq": "$NOW"}})),
    ],
)
def test_where_the_values_that_are_tried_do_not_decide_it(new: Grant, old: Grant) -> None:
    assert accepts_no_more(new, old).answer is not Tri.YES
