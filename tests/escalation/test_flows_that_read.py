"""Flows that read an item first: one that the caller chooses, or one that they wrote before.

Each was carried out on 10.13.4 and 11.17.4, where the caller became an administrator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.flows.records import Operation
from directus_guard.escalation import Unplanned
from tests.support.worlds import PLACE, THE_CUSTOMER, THE_EDITOR, THE_PUBLIC, Row, World, answer_of, flow, operation

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal

VERSIONS: Final = ["10.13.4", "11.17.4"]
USERS: Final = "directus_users"
FULL: Final = {"permissions": "$full"}
SENT: Final = "{{$trigger.headers.x-role}}"
"""Text: an object as a role would make an administrator, whoever's it is."""


def world(read: dict[str, Any], update: dict[str, Any], **rows: list[Row]) -> World:
    """A webhook that reads an item, and updates a user."""
    first = replace(operation("item-read", **FULL, **read), key="read", resolve="operation-2")
    further = Operation(
        "operation-2", "write", "item-update", "flow-1", {"collection": USERS, **FULL, **update}, None, None, PLACE
    )
    return World(flows=(flow(method="POST"),), operations=(first, further), **rows)  # type: ignore[arg-type]  # rows only


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("key", "payload", "reached"),
    [
        ("{{$trigger.body.user}}", {"role": SENT}, True),
        ("{{$trigger.body.user}}", {"status": SENT}, False),
        ("{{$trigger.body.token}}", {"role": SENT}, True),
        ("1", {"role": SENT}, False),
    ],
)
def test_a_user_whom_the_caller_chooses(key: str, payload: dict[str, str], reached: bool, version: str) -> None:
    """A key does not count as a secret, whatever the parameter is called."""
    made = world({"collection": USERS, "key": [key]}, {"key": ["{{read.id}}"], "payload": payload})
    answer = answer_of(made, THE_PUBLIC, version)
    assert isinstance(answer, Unplanned) is reached
    assert (answer is None) is not reached


WRITES: Final = {"editor": [Row("articles", "update", ("data",))]}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("rows", "principal", "reached"),
    [
        (WRITES, THE_EDITOR, True),
        (WRITES, THE_CUSTOMER, True),
        (WRITES, THE_PUBLIC, False),
        ({"public": [Row("articles", "create")]}, THE_PUBLIC, True),
        ({"editor": [Row("articles", "read")]}, THE_EDITOR, False),
        ({}, THE_EDITOR, False),
    ],
)
def test_an_item_that_the_caller_wrote(
    rows: dict[str, list[Row]], principal: Principal, reached: bool, version: str
) -> None:
    """Who signs in may do it together with an account that they gain; visitors have nothing but their own permissions."""
    read = {"collection": "articles", "key": ["1"]}
    made = world(read, {"key": ["{{$trigger.body.user}}"], "payload": {"role": "{{read.data.role}}"}}, **rows)
    answer = answer_of(made, principal, version)
    assert isinstance(answer, Unplanned) is reached
    assert (answer is None) is not reached


@pytest.mark.parametrize("collection", ["articles", "tags"])
def test_a_script_in_between(collection: str) -> None:
    read = {"collection": collection, "key": ["1"]}
    made = world(read, {"key": ["{{$trigger.body.user}}"], "payload": {"role": "{{made.role}}"}}, **WRITES)
    first, write = made.operations
    script = Operation(
        "script",
        "made",
        "exec",
        "flow-1",
        {"code": "module.exports = ({ read }) => read.data"},
        "operation-2",
        None,
        PLACE,
    )
    given = World(made.editor, flows=made.flows, operations=(replace(first, resolve="script"), script, write))
    assert (answer_of(given) is not None) is (collection == "articles")


def operation_of(number: int, type_: str, **options: Any) -> Operation:
    return Operation(f"operation-{number}", "step", type_, f"flow-{number}", {**FULL, **options}, None, None, PLACE)


STORE: Final = {"collection": "articles", "payload": {"title": SENT, "note": "{{$trigger.headers.x-user}}"}}
GIVE: Final = {
    "collection": USERS, "key": ["{{$trigger.payload.note}}"], "payload": {"role": "{{$trigger.payload.title}}"},
}  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("more", "reached"),
    [({}, True), ({"emitEvents": False}, False), ({"collection": "tags"}, False), ({"payload": {"title": "x"}}, False)],
)
def test_an_event_that_another_flow_causes(more: dict[str, Any], reached: bool, version: str) -> None:
    """Nobody but the flow may create articles; what its caller sends is the payload of the event."""
    first = replace(flow(method="POST"), operation="operation-1")
    event = flow("event", type="action", scope=["items.create"], collections=["articles"])
    second = replace(event, id="flow-2", operation="operation-2")
    operations = (operation_of(1, "item-create", **{**STORE, **more}), operation_of(2, "item-update", **GIVE))
    answer = answer_of(World(flows=(first, second), operations=operations), THE_PUBLIC, version)
    assert isinstance(answer, Unplanned) is reached
    assert (answer is None) is not reached


@pytest.mark.parametrize("collection", ["articles", "tags"])
def test_an_item_that_another_flow_stored(collection: str) -> None:
    made = world(
        {"collection": "articles", "key": ["1"]},
        {"key": ["{{$trigger.body.user}}"], "payload": {"role": "{{read.title}}"}},
    )
    store = replace(flow(method="POST"), id="flow-3", operation="operation-3")
    further = operation_of(3, "item-create", **{**STORE, "collection": collection, "emitEvents": False})
    both = World(flows=(*made.flows, store), operations=(*made.operations, further))
    assert (answer_of(both, THE_PUBLIC) is not None) is (collection == "articles")
