"""Flows that change operations, their own among them, and permissions that were given for it."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.finding import Location
from tests.support.each import each_case
from tests.support.worlds import Row, World, confidence

PLACE: Final = Location("operations.json", 2)
VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
FIRST, SECOND = "11111111-aaaa-4aaa-8aaa-111111111111", "22222222-aaaa-4aaa-8aaa-222222222222"
FLOWS: Final = ("33333333-aaaa-4aaa-8aaa-111111111111", "44444444-aaaa-4aaa-8aaa-111111111111")
OPERATIONS: Final = "directus_operations"
STORES: Final = {"collection": "posts", "permissions": "$full", "payload": {"title": "x"}}


def changing(payload: object, where: dict[str, Any], second: str = "item-create") -> World:
    """A webhook that changes operations, and one of which an operation may be changed."""
    options = {"collection": OPERATIONS, "permissions": "$full", "payload": payload, **where}
    flows = tuple(
        Flow(id_, name, "active", "webhook", {"method": "POST"}, operation, PLACE)
        for id_, name, operation in zip(FLOWS, ("Changes", "Stores"), (FIRST, SECOND), strict=True)
    )
    does: dict[str, Any] = STORES if second == "item-create" else {}
    operations = (
        Operation(FIRST, "changes", "item-update", FLOWS[0], options, None, None, PLACE),
        Operation(SECOND, "stores", second, FLOWS[1], does, None, None, PLACE),
    )
    return World(flows=flows, operations=operations)


@each_case(
    ("payload", "where", "second", "expected"),
    [
        ({"options": "{{$trigger.body}}"}, {"key": [SECOND]}, "item-create", "medium"),
        ({"options": "{{$trigger.body}}"}, {"key": [FIRST]}, "log", "medium"),
        ({"options": "{{$trigger.body}}"}, {"key": [SECOND]}, "log", "nothing"),
        ({"type": "{{$trigger.body.type}}", "options": "{{$trigger.body}}"}, {"key": [SECOND]}, "log", "not evaluated"),
        ({"options": "{{$trigger.body}}"}, {"query": {"filter": {"key": {"_eq": "stores"}}}}, "item-create", "not evaluated"),
        ({"name": "{{$trigger.body.name}}"}, {"key": [SECOND]}, "item-create", "nothing"),
    ],
)  # fmt: skip
def test_a_flow_that_changes_operations(payload: object, where: Any, second: str, expected: str) -> None:
    world = changing(payload, dict(where), second)
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("second", "fields", "reached"), [("item-create", "options", True), ("log", "options", False), ("log", "*", True)]
)
def test_a_permission_that_was_given_changes_what_an_operation_does(second: str, fields: str, *, reached: bool) -> None:
    """Whoever may create just this permission rewrites the options of an operation that stores items with full access."""
    pinned = {"collection": OPERATIONS, "action": "update"}
    only = {"_and": [{name: {"_eq": value}} for name, value in pinned.items()]}
    made = Row(
        "directus_permissions",
        "create",
        ("collection", "action", "policy", "role", "fields"),
        None,
        only,
        {"fields": [fields]},
    )
    if fields == "options":
        made = Row(
            "directus_permissions",
            "create",
            ("collection", "action", "policy", "role"),
            None,
            only,
            {"fields": [fields]},
        )
    world = changing({"name": "x"}, {"key": [SECOND]}, second)
    given = World((made,), flows=world.flows[1:], operations=world.operations[1:])
    assert {confidence(given, one) != "nothing" for one in VERSIONS[:2]} == {reached}


# --- operations that write nothing -----------------------------------------------------------------------------------


def building(types: list[str], flow: tuple[Row, ...] = (Row("directus_flows", "create"),), **more: Any) -> World:
    """Whoever may create flows, with operations of some types only."""
    return World((*flow, Row(OPERATIONS, "create", validation={"type": {"_in": types}})), **more)


CALLED: Final = Flow(FLOWS[0], "Called", "active", "operation", {}, SECOND, PLACE)
WRITES: Final[dict[str, Any]] = {"collection": "directus_users", "permissions": "$full", "payload": "{{$trigger}}"}
MAKES: Final = Operation(SECOND, "makes", "item-create", FLOWS[0], WRITES, None, None, PLACE)


@each_case(
    ("types", "more", "expected"),
    [
        (["item-read", "log"], {}, "not evaluated"),
        (["log", "mail", "condition"], {}, "nothing"),
        (["trigger"], {}, "nothing"),
        (["trigger"], {"flows": (CALLED,), "operations": (MAKES,)}, "not evaluated"),
        (["item-read"], {"flow": ()}, "nothing"),
        (["item-read"], {"flow": (Row("directus_flows", "create", presets={"status": "inactive"}, fields=("name", "trigger")),)}, "nothing"),
    ],
)  # fmt: skip
def test_new_operations_that_write_nothing(types: list[str], more: Any, expected: str) -> None:
    """They may answer tokens of sessions, or start a flow that writes."""
    assert {confidence(building(types, **dict(more)), one) for one in VERSIONS} == {expected}


@each_case(
    ("held", "fields", "expected"),
    [
        ("item-read", ("options",), "not evaluated"),
        ("log", ("options", "type"), "not evaluated"),
        ("log", ("options",), "nothing"),
        ("item-read", ("name",), "nothing"),
    ],
)
def test_a_changed_operation_that_writes_nothing(held: str, fields: tuple[str, ...], expected: str) -> None:
    changes = Row(OPERATIONS, "update", fields, validation={"type": {"_nin": ["item-create", "item-update"]}})
    world = changing({"name": "x"}, {"key": [SECOND]}, held)
    given = World((changes,), flows=world.flows[1:], operations=world.operations[1:])
    assert {confidence(given, one) for one in VERSIONS} == {expected}
