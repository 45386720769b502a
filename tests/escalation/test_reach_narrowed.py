"""What does not count any more because no server does it, and beside each case the neighbour that still counts."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.escalation.reach.closure import Closure, UsableAccount
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.search import MOST_WORK
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import ACCESS_TABLES, ME, PERMISSIONS, ROLES, USERS
from directus_guard.escalation.work import Work
from directus_guard.finding import Confidence
from tests.support.worlds import (
    ADMIN,
    CUSTOMER,
    PLACE,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    operation,
)

MINE: Final = {"id": {"_eq": "$CURRENT_USER"}}


def guarded(started: Flow, filter_: Any, write: Operation) -> dict[str, Any]:
    """A flow whose operation a condition guards."""
    guard = Operation("guard", "guard", "condition", started.id, {"filter": filter_}, write.id, None, PLACE)
    return {"flows": (replace(started, operation="guard"),), "operations": (guard, write)}


# --- what is sent for a field that holds no key ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validation", "reached"),
    [
        ({"collection": {"_nin": sorted(ACCESS_TABLES)}}, False),
        ({"collection": {"_nin": [ROLES]}}, True),
        ({"action": {"_nin": ["create", "update", "delete"]}}, False),
        ({"action": {"_neq": "update"}}, True),
        ({"role": {"_neq": CUSTOMER}}, True),
    ],
)
def test_a_collection_or_an_action_is_not_sent_as_an_object(validation: Any, *, reached: bool) -> None:
    """A deny list sees what is sent for them; a foreign key may be an object, which it does not see."""
    fields = ("collection", "action", "fields", "role")
    world = World([Row(PERMISSIONS, "create", fields, validation=validation)])
    assert (answer_of(world, version="10.13.4") is not None) is reached


def test_what_was_asked_of_a_bare_value_does_not_answer_for_an_object() -> None:
    world = World([Row(USERS, "update", ("role", "status"), validation={"_and": [{name: {"_neq": value}} for name, value in (("role", ADMIN), ("status", "active"))]})])  # fmt: skip
    state = AccessState(world.export(), Work(MOST_WORK))
    account = state.account(THE_EDITOR)
    closure = Closure(state, account, Confidence.LOW, visitor=False)
    acting = UsableAccount(Person(account, ME), account, state.attacker(account))

    def sends(name: str, value: str, *, relation: bool) -> bool:
        return closure.send(acting, USERS, "update", name, value, relation=relation) is not None

    assert not sends("role", ADMIN, relation=False)
    assert sends("role", ADMIN, relation=True)
    assert not sends("status", "active", relation=True)


# --- what events hand over -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "reached"), [("body", False), ("payload", True)])
def test_an_event_that_the_server_causes_has_no_body(asked: str, *, reached: bool) -> None:
    """Such as the page that was visited last: a condition that asks for a body does not hold."""
    page = flow("event", type="action", scope=["items.update"], collections=[USERS])
    own = operation(
        "item-update", collection=USERS, key="{{$trigger.keys[0]}}", permissions="$full", payload={"role": ADMIN}
    )
    world = World(**guarded(page, {"$trigger": {asked: {"last_page": {"_eq": "/x"}}}}, own))
    assert (answer_of(world) is not None) is reached


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4", "12.4.1"])
@pytest.mark.parametrize(
    ("key", "reached"), [("{{$trigger.payload.data.role}}", False), ("91876d84-e2a7-42aa-8806-869462e61129", True)]
)
def test_a_key_without_a_value_is_that_of_no_user(key: str, version: str, *, reached: bool) -> None:
    """Of deleted items an event has the keys, a list without members that have names."""
    deletes = flow("event", type="filter", scope=["items.delete"], collections=["articles"])
    named = operation("item-update", collection=USERS, key=[key], permissions="$full", payload="{{$trigger.payload}}")
    world = World(public=[Row("articles", "delete")], flows=(deletes,), operations=(named,))
    assert (answer_of(world, THE_PUBLIC, version) is not None) is reached


# --- what presets write beside what is sent --------------------------------------------------------------------------

ASKS: Final = {"first_name": {"_eq": "x"}}
"""A validation that a preset must pass where the field cannot be sent."""


def takes_over(*fields: str, validation: Any = ASKS, **presets: Any) -> Row:
    return Row(USERS, "update", ("token", *fields), validation=validation, presets=presets or None)


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (takes_over(first_name="y"), False),
        (takes_over(first_name=None), False),
        (takes_over(first_name="x"), True),
        (takes_over("first_name", first_name="y"), True),
        (takes_over(), True),
        (takes_over(last_name="y"), True),
        (takes_over(first_name="$CURRENT_ROLE"), True),
        (takes_over(first_name="y", validation={"first_name": {"_eq": "$CURRENT_ROLE"}}), True),
        (takes_over(first_name="y", validation={"_or": [ASKS, {"last_name": {"_null": True}}]}), True),
        (takes_over(first_name="y", validation={"_or": [ASKS, {"token": {"_null": True}}]}), False),
    ],
)
def test_a_preset_that_a_validation_refuses(row: Row, version: str, *, reached: bool) -> None:
    assert (answer_of(World([row]), version=version) is not None) is reached


@pytest.mark.parametrize("action", ["update", "create"])
def test_a_preset_beside_several_keys(action: str) -> None:
    """The role is one of many keys that are asked about together."""
    fields = ("role", "token", "email", "password")
    row = Row(USERS, action, fields, validation=ASKS, presets={"first_name": "y"})
    assert answer_of(World([row])) is None
    assert answer_of(World([replace_row(row, presets={"first_name": "x"})])) is not None


def replace_row(row: Row, **changes: Any) -> Row:
    return dataclasses.replace(row, **changes)


OTHER: Final = {"id": {"_eq": "3"}}


@pytest.mark.parametrize(
    ("change", "reached"),
    [
        (None, False),
        (Row(PERMISSIONS, "delete", rule=OTHER), True),
        (Row(PERMISSIONS, "delete", rule={"id": {"_eq": "1"}}), False),
        (Row(PERMISSIONS, "update", ("presets",), OTHER), True),
        (Row(PERMISSIONS, "update", ("fields",), OTHER), True),
        (Row(PERMISSIONS, "update", ("fields",), {"id": {"_eq": "1"}}), True),
    ],
)
def test_a_preset_that_can_be_taken_away(change: Row | None, *, reached: bool) -> None:
    """Of another permission; or one that can be sent after a change."""
    nothing = Row("articles", "read")
    preset = Row(USERS, "update", ("id",), {"id": {"_null": True}}, presets={"first_name": "y"})
    rows = [takes_over(), nothing, preset, *([change] if change else [])]
    assert (answer_of(World(rows)) is not None) is reached


def test_two_permissions_with_different_presets() -> None:
    """Which of them counts is not asked."""
    first = Row(USERS, "update", ("id",), {"id": {"_null": True}}, presets={"first_name": "x"})
    assert answer_of(World([takes_over(first_name="y"), first])) is not None
    assert answer_of(World([takes_over(first_name="y"), replace_row(first, presets={"first_name": "y"})])) is None


@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_where_permissions_change_presets_may_go_on_10(action: str) -> None:
    held = Row(
        PERMISSIONS, action, ("presets",), {"collection": {"_eq": "articles"}}, {"collection": {"_eq": "articles"}}
    )
    assert answer_of(World([takes_over(first_name="y"), held]), version="10.13.4") is not None
