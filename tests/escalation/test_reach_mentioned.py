"""Fields that a rule mentions, changed so that the rule lets more through."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.directus.flows.records import Flow, Operation
from tests.support.worlds import ADMIN, ADMIN_POLICY, CUSTOMER, CUSTOMER_POLICY, ME, PLACE, Row, World, answer_of

USERS: Final = "directus_users"
ACCESS: Final = "directus_access"
PERMISSIONS: Final = "directus_permissions"
FLOWS: Final = "directus_flows"
OPERATIONS: Final = "directus_operations"


@pytest.mark.parametrize(
    ("name", "rule", "validation", "escalates"),
    [
        ("collection", {"collection": {"_eq": "articles"}}, None, True),
        ("collection", {"collection": {"_eq": "articles"}}, {"collection": {"_eq": "orders"}}, False),
        ("action", {"action": {"_eq": "read"}}, {"action": {"_in": ["read", "update"]}}, True),
        ("policy", {"policy": {"_eq": CUSTOMER_POLICY}}, None, True),
        ("sort", {"collection": {"_eq": "articles"}}, None, False),
    ],
)
def test_a_permission_is_made_one_that_may_be_widened(
    name: str, rule: Any, validation: Any, *, escalates: bool
) -> None:
    rows = [Row(PERMISSIONS, "update", (name,), {"collection": {"_neq": PERMISSIONS}}, validation)]
    rows += [Row(PERMISSIONS, "update", ("fields",), rule), Row(USERS, "update", ("first_name",), ME)]
    assert (answer_of(World(rows)) is not None) is escalates


def test_an_attachment_loses_what_kept_it_away() -> None:
    free = Row(ACCESS, "update", ("role",), {"policy": {"_eq": ADMIN_POLICY}}, {"role": {"_null": True}})
    assert answer_of(World([Row(ACCESS, "update", ("user",), {"role": {"_null": True}}), free])) is not None


@pytest.mark.parametrize(
    ("rows", "escalates"),
    [
        ([Row(OPERATIONS, "update", ("type",)), Row(OPERATIONS, "update", ("options",), {"type": {"_eq": "mail"}})], True),
        ([Row(OPERATIONS, "update", ("options",), {"type": {"_eq": "mail"}})], False),
        ([Row(OPERATIONS, "create"), Row(FLOWS, "update", ("operation",), {"status": {"_eq": "inactive"}})], False),
        ([Row(OPERATIONS, "create"), Row(FLOWS, "update", ("operation",), {"status": {"_eq": "inactive"}}), Row(FLOWS, "update", ("status",))], True),
    ],
)  # fmt: skip
def test_a_flow_and_its_operation_are_made_ones_that_may_be_rewritten(rows: list[Row], *, escalates: bool) -> None:
    started = Flow("flow-1", "Sign up", "active", "webhook", {"method": "POST"}, "operation-1", PLACE)
    operation = Operation("operation-1", "make", "log", "flow-1", {}, None, None, PLACE)
    assert (answer_of(World(rows, flows=(started,), operations=(operation,))) is not None) is escalates


@pytest.mark.parametrize(
    ("validation", "escalates"),
    [
        ({"role": {"_eq": CUSTOMER}}, True),
        ({"role": {"_in": [ADMIN, CUSTOMER]}}, True),
        ({"role": {"_eq": ADMIN}}, False),
        ({"role": {"_null": True}}, False),
    ],
)
def test_only_the_values_that_can_be_sent_count(validation: Any, *, escalates: bool) -> None:
    """The attachment of administrators may be given to their own user once it is that of the role Customer."""
    held = {"policy": {"_eq": ADMIN_POLICY}}
    moves = Row(ACCESS, "update", ("role",), held, validation)
    takes = Row(ACCESS, "update", ("user",), {"_and": [held, {"role": {"_eq": CUSTOMER}}]})
    assert (answer_of(World([moves, takes])) is not None) is escalates
