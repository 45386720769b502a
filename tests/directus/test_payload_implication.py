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
    ],
)
def test_where_the_values_that_are_tried_do_not_decide_it(new: Grant, old: Grant) -> None:
    assert accepts_no_more(new, old).answer is not Tri.YES
