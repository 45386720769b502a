"""What does not count any more because no server does it, and beside each case the neighbour that still counts."""

from __future__ import annotations

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
