"""Requests for a report: with words in place of what has to be filled in, and of literals that may be anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.records import ACTIONS, USER_STATES, Access, Permission
from directus_guard.directus.flows.records import TRIGGERS
from directus_guard.directus.flows.start import manual_collections
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.flows import EVERY_SECOND, KEY, OWN_USER, WHOLE_BODY, WHOLE_PAYLOAD
from directus_guard.escalation.requests.request import UPDATE, Chosen, ChosenKey, NewRow, SomeAdministrator
from directus_guard.escalation.tables import ACCESS_TABLES, USERS
from directus_guard.escalation.telling import role_name
from directus_guard.finding import HttpRequest
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from directus_guard.escalation.requests.request import Request, Value
    from directus_guard.escalation.state import AccessState

_WORDS: Final = frozenset(
    {
        *ACCESS_TABLES, *ACTIONS, *USER_STATES, *TRIGGERS, "*", "$full", "item-create", "item-update", "GET", "POST",
        "filter", "items.update", KEY, OWN_USER, EVERY_SECOND, WHOLE_BODY, WHOLE_PAYLOAD,
    }
)  # fmt: skip
"""Texts that Directus itself defines, and those that plans are made of."""


def shown(state: AccessState, request: Request, start: Person) -> HttpRequest:
    """A request as reports show it. `start`: the account that the way begins with."""
    parts = [escape_controls(part) for part in request.endpoint]
    if request.names_item:
        parts.append(_text(state, request.item, start) if request.item is not None else "<id of the flow>")
    if (
        request.action == UPDATE
        and request.collection == USERS
        and request.item is not None
        and request.item == request.by
    ):
        parts = ["users", "me"]
    body, query, headers = (
        {escape_controls(name): _value(state, value, start) for name, value in members.items()}
        for members in (request.body, request.query, request.headers)
    )
    sent = json.dumps(body, ensure_ascii=False) if body else ""
    asked = "&".join(f"{name}={_plain(value)}" for name, value in query.items())
    return HttpRequest(
        request.method,
        "/" + "/".join(parts) + (f"?{asked}" if asked else ""),
        sent,
        _sender(state, request.by, start),
        tuple((name, _plain(value)) for name, value in headers.items()),
    )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _sender(state: AccessState, person: Person | None, start: Person) -> str:
    if person is None or person == start:
        return "anonymous" if start.account.public else "their own account"
    if person.account.public:
        return "anonymous"
    if person.key == NEWCOMER:
        return "the new user"
    return f"the user with {role_name(state, person.account.role)}"


def _value(state: AccessState, value: Value, start: Person) -> object:
    """A value of a body."""
    if isinstance(value, dict):
        return {escape_controls(name): _value(state, one, start) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(state, one, start) for one in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _text(state, value, start)


def _text(state: AccessState, value: Value, start: Person) -> str:
    """A text, or the words in its place."""
    match value:
        case str():
            flows = state.export.flow_model.by_id
            known = value in _WORDS or any(value in keys for keys in (state.roles, state.export.holders, flows))
            known = known or any(value in manual_collections(flow) for flow in state.flows)
            known = known or any(value == one.id for _, one in state.operations)
            return value if known or value in ("register", "invite", "trigger") else "<a value that is accepted>"
        case Chosen(what):
            return f"<{what}>"
        case NewRow(collection):
            return f"<id of the new row of {collection}>"
        case ChosenKey(collection):
            return f"<a UUID of their choice for the new row of {collection}>"
        case SomeAdministrator():
            return "<id of an administrator>"
        case Person():
            return f"<id of {'the new user' if value.key == NEWCOMER else 'their own user' if value == start else 'the user'}>"
        case Permission():
            return "<id of the permission>" if value.id is None else str(value.id)
        case Access():
            return "<id of the attachment>" if value.id is None else value.id
        case _:
            return str(value)
