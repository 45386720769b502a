"""Requests about flows and operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.requests.accounts import TOKEN
from directus_guard.escalation.requests.request import (
    CREATE,
    START,
    UPDATE,
    ChosenKey,
    NewRow,
    Request,
    Requests,
    SomeAdministrator,
)
from directus_guard.escalation.requests.rights import NAME, new_administrator_role
from directus_guard.escalation.tables import FLOWS, FREE, OPERATIONS, USERS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.reach.facts import Person
    from directus_guard.escalation.requests.request import Item, Value

KEY: Final = "step"
OWN_USER: Final = "{{$accountability.user}}"
EVERY_SECOND: Final = "* * * * * *"
WHOLE_BODY: Final = "{{$trigger.body}}"
WHOLE_PAYLOAD: Final = "{{$trigger.payload}}"
ALWAYS: Final[Mapping[str, Value]] = {"_and": []}
"""A condition that everything meets: the empty object meets none (measured)."""
_EVENT: Final = {"type": "filter", "scope": ["items.update"], "collections": [USERS]}
"""An event that every account causes: updating their own user, allowed or not."""
OPTIONS: Final[Mapping[str, Mapping[str, Value]]] = {
    "webhook": {"method": "POST"}, "schedule": {"cron": EVERY_SECOND}, "event": _EVENT,
    "manual": {"collections": [USERS], "requireSelection": False},
}  # fmt: skip


def start(person: Person, *, loose: bool) -> Requests:
    """The start of a flow, whatever starts it. `loose` as in a request."""
    return (Request(FLOWS, START, by=person, loose=loose),)


def options(attacker: Attacker, kind: str) -> dict[str, Value]:
    """Options by which an operation makes an administrator: a new user, or whoever starts it."""
    state = attacker.state
    known = next((key for key in state.admin_roles if attacker.knows_role(key).confidence is Confidence.HIGH), None)
    role: Value = known or new_administrator_role(has_policies=state.model.has_policies)
    made: dict[str, Value] = {"collection": USERS, "permissions": "$full"}
    if kind == "item-create":
        return {**made, "payload": {"token": TOKEN, "role": role}}
    if attacker.account.public:
        return {**made, "key": [SomeAdministrator()], "payload": {"token": TOKEN}}
    return {**made, "key": [OWN_USER], "payload": {"token": TOKEN, "role": role}}


def is_own(given: Mapping[str, object]) -> bool:
    """Whether options of a simulated operation are those that the plan wrote."""
    payload = given.get("payload")
    return isinstance(payload, dict) and payload.get("token") == f"({TOKEN.what})"


def new_operation(attacker: Attacker, kind: str, flow: Value) -> Request:
    """POST /operations: one that makes an administrator, for a flow."""
    body: dict[str, Value] = {"flow": flow, "key": KEY, "type": kind, "options": options(attacker, kind)}
    for name in ("position_x", "position_y"):
        preset = attacker.access.grant(OPERATIONS, CREATE).presets.get(name)
        sendable = attacker.send(OPERATIONS, CREATE, name, 1) is not None
        body[name] = preset if isinstance(preset, int) and not sendable else 1
    if attacker.send(OPERATIONS, CREATE, "id", FREE) is not None:
        body = {"id": ChosenKey(OPERATIONS), **body}
    return Request(OPERATIONS, CREATE, body, NewRow(OPERATIONS))


def operation_key(attacker: Attacker) -> Value:
    """The key of the operation that the plan makes."""
    return NewRow(OPERATIONS) if attacker.send(OPERATIONS, CREATE, "id", FREE) is None else ChosenKey(OPERATIONS)


def new_flow(attacker: Attacker, trigger: str, **more: Value) -> Request:
    """POST /flows: one with that trigger."""
    body: dict[str, Value] = {"name": NAME, "trigger": trigger}
    if attacker.send(FLOWS, CREATE, "options", FREE) is not None:
        body["options"] = dict(OPTIONS[trigger])
    if attacker.send(FLOWS, CREATE, "id", FREE) is not None:
        body = {"id": ChosenKey(FLOWS), **body}
    return Request(FLOWS, CREATE, {**body, **more}, NewRow(FLOWS))


def chosen_flow(attacker: Attacker) -> tuple[Request, Request]:
    """POST /flows and POST /operations, both with keys of the attacker's choice."""
    flow: dict[str, Value] = {
        "id": ChosenKey(FLOWS), "name": NAME, "trigger": "webhook", "operation": ChosenKey(OPERATIONS),
    }  # fmt: skip
    operation: dict[str, Value] = {
        "id": ChosenKey(OPERATIONS), "flow": ChosenKey(FLOWS), "key": KEY, "type": "item-create", "position_x": 1,
        "position_y": 1, "options": options(attacker, "item-create"),
    }  # fmt: skip
    return Request(FLOWS, CREATE, flow, NewRow(FLOWS)), Request(OPERATIONS, CREATE, operation, NewRow(OPERATIONS))


def change_flow(flow: Item, members: Mapping[str, Value]) -> Request:
    """PATCH /flows/ID."""
    return Request(FLOWS, UPDATE, members, flow)


def change_operation(operation: Item, members: Mapping[str, Value]) -> Request:
    """PATCH /operations/ID."""
    return Request(OPERATIONS, UPDATE, members, operation)
