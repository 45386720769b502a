"""Whether a rule reaches an item of which some values are known, for an asker of whom some variables are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from directus_guard.directus.access.known_items import Reach, reach
from tests.support.each import each_case
from tests.support.generate_rules import effective

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import DynamicVariable, Json

KNOWN: dict[tuple[str, ...], Any] = {("id",): "u1", ("role",): "r1", ("manager",): None, ("status",): "active"}


def asked(variable: DynamicVariable) -> Json | DynamicVariable:
    return {"$CURRENT_USER": "u1", "$CURRENT_ROLE": "r1"}.get(variable.name, variable)


@each_case(
    ("rule", "expected"),
    [
        ({}, Reach.ALWAYS),
        ({"id": {"_eq": "$CURRENT_USER"}}, Reach.ALWAYS),
        ({"id": {"_neq": "$CURRENT_USER"}}, Reach.NEVER),
        ({"role": {"id": {"_eq": "$CURRENT_ROLE"}}}, Reach.ALWAYS),
        ({"role": {"id": {"_neq": "r1"}}}, Reach.NEVER),
        ({"role": {"name": {"_eq": "Editor"}}}, Reach.SOMETIMES),
        ({"role": {"parent": {"name": {"_eq": "Editor"}}}}, Reach.SOMETIMES),
        ({"manager": {"role": {"id": {"_eq": "r1"}}}}, Reach.NEVER),
        ({"manager": {"id": {"_null": True}}}, Reach.ALWAYS),
        ({"manager": {"email": {"_nnull": True}}}, Reach.NEVER),
        ({"team": {"_eq": "$CURRENT_USER.team"}}, Reach.SOMETIMES),
        ({"team": {"_eq": 5}}, Reach.SOMETIMES),
        ({"_or": [{"team": {"_eq": 5}}, {"id": {"_eq": "u1"}}]}, Reach.ALWAYS),
        ({"_and": [{"team": {"_eq": 5}}, {"team": {"_eq": 6}}]}, Reach.NEVER),
        ({"_and": [{"team": {"_eq": 5}}, {"status": {"_eq": "active"}}]}, Reach.SOMETIMES),
        ({"_and": [{"status": {"_eq": "active"}}, {"role": {"_eq": "r1"}}]}, Reach.ALWAYS),
        ({"_or": [{"status": {"_eq": "draft"}}, {"manager": {"_nnull": True}}]}, Reach.NEVER),
        ({"status": {"_contains": "ACT"}}, Reach.SOMETIMES),  # as the database compares case
        ({"team": {"_intersects": "x"}}, Reach.CANNOT_TELL),
    ],
)
def test_what_a_rule_reaches(rule: Any, expected: Reach) -> None:
    assert reach(effective(rule), KNOWN, asked) is expected
