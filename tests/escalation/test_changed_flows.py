"""Flows that write a part of what makes an administrator, and that an account starts with a gained permission or after a change."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.escalation import Path
from directus_guard.escalation.tables import ACCESS, FLOWS, PERMISSIONS, SETTINGS, USERS
from tests.support.worlds import (
    ADMIN,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    ME,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    names,
    operation,
    path_of,
)

VERSIONS: Final = ["10.13.4", "11.17.4"]
GIVES: Final = operation(
    "item-update", collection=USERS, permissions="$full", key=["{{$accountability.user}}"], payload={"role": CUSTOMER}
)
"""It gives its caller the role of customers."""
POWERS: Final = [Row(USERS, "update")]
"""What makes that role worth having."""
EVENT: Final[dict[str, Any]] = {"type": "action", "scope": ["items.create"], "collections": ["requests"]}


def only(**pins: str) -> Any:
    return {"_and": [{name: {"_eq": value}} for name, value in pins.items()]}


# --- with a permission that is gained --------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("collection", "reached"), [("requests", True), ("articles", False)])
def test_a_new_permission_starts_a_flow_that_gives_a_role(collection: str, version: str, *, reached: bool) -> None:
    new = Row(PERMISSIONS, "create", validation=only(collection=collection, action="create"))
    made = World([new], customer=POWERS, flows=(flow("event", **EVENT),), operations=(GIVES,))
    assert (answer_of(made, version=version) is not None) is reached


def deletes_lock(*rows: Row, customer: tuple[Row, ...] = ()) -> World:
    """The editor may set their own role, but for a validation in another permission, which a flow deletes."""
    lock = Row(USERS, "update", ("first_name",), {"id": {"_null": True}}, only(role=EDITOR))
    held = [Row(USERS, "update", ("role",), ME), lock, *rows]
    takes = operation("item-delete", collection=PERMISSIONS, permissions="$full", key=["2"])
    return World(held, customer=customer, flows=(flow("event", **EVENT),), operations=(takes,))


def test_a_flow_that_deletes_is_started_with_what_is_gained() -> None:
    starts = Row("requests", "create")
    assert answer_of(deletes_lock()) is None
    assert answer_of(deletes_lock(starts)) is not None
    new = Row(PERMISSIONS, "create", validation=only(collection="requests", action="create"))
    assert answer_of(deletes_lock(new)) is not None
    attaches = Row(ACCESS, "create", ("policy", "user"), None, only(policy=CUSTOMER_POLICY))
    assert answer_of(deletes_lock(attaches, customer=(starts,))) is not None
    assert answer_of(deletes_lock(attaches)) is None


# --- after a change --------------------------------------------------------------------------------------------------


def changes(*fields: str, validation: Any = None, **started: Any) -> World:
    """The editor may change fields of a flow, which cannot be started as it is."""
    held = flow(started.pop("trigger"), started.pop("status", "active"), **started)
    rows = [Row(FLOWS, "update", fields, validation=validation)] if fields else []
    return World(rows, customer=POWERS, flows=(held,), operations=(GIVES,))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("made", "planned"),
    [
        (changes("trigger", trigger="event", **EVENT), True),
        (changes("trigger", trigger="operation"), True),
        (changes("trigger", trigger="schedule", validation=only(trigger="webhook")), True),
        (changes("status", trigger="webhook", status="inactive", method="POST"), True),
        (changes("trigger", "status", trigger="event", status="inactive", **EVENT), True),
        (changes("*", trigger="event", **EVENT), True),
        (changes("options", trigger="event", **EVENT), True),
    ],
)
def test_a_flow_that_gives_a_role_is_changed(made: World, version: str, *, planned: bool) -> None:
    path = path_of(made, version=version)
    assert (path is not None) is planned
    assert "flow-trigger" in (names(path) or ())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "made",
    [
        changes(trigger="event", **EVENT),
        changes("name", trigger="event", **EVENT),
        changes("status", trigger="event", **EVENT),
        changes("status", trigger="event", status="inactive", **EVENT),
        changes("status", trigger="webhook", status="inactive", method="POST", validation=only(status="inactive")),
        changes("trigger", trigger="event", status="inactive", **EVENT),
        changes("trigger", trigger="event", validation=only(trigger="schedule"), **EVENT),
    ],
)
def test_a_change_that_starts_nothing(made: World, version: str) -> None:
    assert answer_of(made, version=version) is None


def test_what_a_changed_flow_gives_must_lead_on() -> None:
    made = changes("trigger", trigger="event", **EVENT)
    assert answer_of(World(made.editor, flows=made.flows, operations=made.operations)) is None


def test_two_accounts_change_a_flow_together() -> None:
    """One its trigger, the other its status; and whoever is given the role is a third one."""
    made = changes("trigger", trigger="event", status="inactive", **EVENT)
    other = Row(FLOWS, "update", ("status",))
    takes = Row(USERS, "update", ("token",), only(role=CUSTOMER))
    both = World([*made.editor, takes], customer=[other], flows=made.flows, operations=made.operations)
    assert answer_of(both) is None
    promotes = replace(GIVES, options={**GIVES.options, "key": ["{{$trigger.body.user}}"], "payload": {"token": "x"}})
    sent = replace(promotes, options={**promotes.options, "payload": {"token": "{{$trigger.body.token}}"}})
    both = World([*made.editor, takes], customer=[other], flows=made.flows, operations=(sent,))
    assert answer_of(both) is not None


def test_a_visitor_starts_a_flow_that_was_changed() -> None:
    sets = operation(
        "item-update", collection=USERS, permissions="$full", key=["{{$trigger.body.user}}"],
        payload={"token": "{{$trigger.body.token}}"},
    )  # fmt: skip
    rows = [Row(FLOWS, "update", ("trigger",))]
    made = World(public=rows, flows=(flow("schedule", cron="0"),), operations=(sets,))
    assert isinstance(answer_of(made, THE_PUBLIC), Path)
    assert answer_of(made, THE_EDITOR) is None


def test_a_condition_that_stops_a_flow_which_deletes_is_changed() -> None:
    base = deletes_lock(Row("requests", "create"), Row("directus_operations", "update", ("options",)))
    never = {"filter": {"$trigger": {"payload": {"never": {"_eq": "4c1ff2a1"}}}}}
    guard = replace(GIVES, id="guard", key="guard", type="condition", options=never, resolve="operation-1")
    flows = (replace(base.flows[0], operation="guard"),)
    made = World(base.editor, flows=flows, operations=(guard, *base.operations))
    assert answer_of(made) is not None


# --- events that the server causes -----------------------------------------------------------------------------------


def unasked(payload: Any, *fields: str, trigger: str = "webhook", **options: Any) -> World:
    """A flow that writes with the rights of whoever starts it, and whose fields the editor may change."""
    writes = operation("item-update", collection=USERS, key="{{$trigger.keys[0]}}", payload=payload)
    rows = [Row(FLOWS, "update", fields)]
    return World(rows, customer=POWERS, flows=(flow(trigger, **options),), operations=(writes,))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("payload", [{"role": ADMIN}, {"role": "{{$trigger.payload.last_page}}"}, {"role": CUSTOMER}])
def test_an_event_of_the_server_has_rights_without_limits(payload: Any, version: str) -> None:
    """Such as the page that was visited last: what a flow writes with the rights of its trigger is not asked for then."""
    assert answer_of(unasked(payload, "trigger", "options"), version=version) is not None
    assert answer_of(unasked(payload, "options", trigger="event", **EVENT), version=version) is not None
    assert answer_of(unasked(payload, "trigger"), version=version) is None
    assert answer_of(unasked(payload, "options", method="POST"), version=version) is None
    assert answer_of(unasked(payload, "trigger", trigger="event", **EVENT), version=version) is None


def test_what_an_event_of_the_server_writes_must_matter() -> None:
    assert answer_of(unasked({"title": "{{$trigger.payload.last_page}}"}, "trigger", "options")) is None
    assert answer_of(unasked({"status": "draft"}, "trigger", "options")) is None


@pytest.mark.parametrize(("registers", "reached"), [(True, True), (False, False)])
def test_a_visitor_who_registers(*, registers: bool, reached: bool) -> None:
    made = unasked({"role": "{{$trigger.payload.first_name}}"}, "trigger", "options")
    key = replace(made.operations[0], options={**made.operations[0].options, "key": "{{$trigger.key}}"})
    settings = {"public_registration": registers, "public_registration_role": None}
    world = World(public=made.editor, flows=made.flows, operations=(key,), settings=settings)
    assert (answer_of(world, THE_PUBLIC) is not None) is reached


def test_an_object_below_a_relation() -> None:
    """It makes a user, whatever else the flow writes."""
    sent = operation(
        "item-create", collection="directus_notifications", permissions="$full", payload="{{$trigger.body}}"
    )
    made = World([Row(FLOWS, "update", ("trigger",))], flows=(flow("schedule", cron="0"),), operations=(sent,))
    assert answer_of(made) is not None
    nothing = replace(sent, options={**sent.options, "payload": {"subject": "x"}})
    assert answer_of(World(made.editor, flows=made.flows, operations=(nothing,))) is None


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row(SETTINGS, "update", ("public_registration",)), True),
        (Row(SETTINGS, "update", ("public_registration_role",)), False),
        (Row(SETTINGS, "update", ("public_registration",), validation={"public_registration": {"_eq": False}}), False),
    ],
)
def test_registration_is_switched_on_and_starts_a_flow(row: Row, version: str, *, reached: bool) -> None:
    """Whoever registers has no role, and is given one by the flow: with one that decides at once, or in part."""
    registers = flow("event", type="action", scope=["items.create"], collections=[USERS])
    settings = {"public_registration": False, "public_registration_role": None}
    for role in ("{{$trigger.payload.first_name}}", CUSTOMER):
        gives = operation("item-update", collection=USERS, key="{{$trigger.key}}", payload={"role": role})
        made = World([row], customer=POWERS, flows=(registers,), operations=(gives,), settings=settings)
        assert (answer_of(made, version=version) is not None) is reached
        assert answer_of(made, THE_PUBLIC, version) is None


def test_registration_that_is_switched_on_starts_a_flow_that_was_changed() -> None:
    made = unasked({"role": "{{$trigger.payload.first_name}}"}, "trigger", "options")
    key = replace(made.operations[0], options={**made.operations[0].options, "key": "{{$trigger.key}}"})
    settings = {"public_registration": False, "public_registration_role": None}
    switch = Row(SETTINGS, "update", ("public_registration",))
    world = World(public=[*made.editor, switch], flows=made.flows, operations=(key,), settings=settings)
    assert answer_of(world, THE_PUBLIC) is not None


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("payload", "reached"),
    [({"role": ADMIN}, True), ({"role": "{{$trigger.body.role}}"}, True), ({"status": "draft"}, False)],
)
def test_a_permission_that_is_gained_changes_a_flow(payload: Any, version: str, *, reached: bool) -> None:
    """Only what the flow writes then makes a difference."""
    new = Row(PERMISSIONS, "create", validation=only(collection=FLOWS, action="update"))
    writes = operation(
        "item-update", collection=USERS, permissions="$full", key=["{{$accountability.user}}"], payload=payload
    )
    made = World([new], flows=(flow("schedule", cron="0"),), operations=(writes,))
    assert (answer_of(made, version=version) is not None) is reached
