"""Who starts a flow, and what of their data the flow begins with (`flows.js` of `@directus/api`)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.features import DELETES_AFTER_FLOWS, MANUAL_NEEDS_READ, VISITOR_HAS_ROLES
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    STORED,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    Value,
    Written,
)
from directus_guard.directus.flows.steps import Arrival
from directus_guard.directus.tri import Tri, any_of
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.versions import Version


def cannot_tell(collection: str, action: str) -> Tri:  # noqa: ARG001 - the shape of every `may`
    """The `may` of those whose permissions are not known."""
    return Tri.UNKNOWN


class ByItself(Enum):
    """Events that the server causes for a visitor without asking for a permission: what such a flow does with the rights of
    its trigger is not checked either (measured on 10.13.4, 11.17.4 and 12.4.1)."""

    REGISTRATION = "public registration"
    """Creates the user."""
    LAST_PAGE = "the page that was visited last"
    """Updates the own user."""
    PASSWORD = "a password that is chosen with a letter's link"
    """Updates the own user, or one that was invited."""


class Caller(Struct, frozen=True):
    """Who starts a flow. `may` tells whether they have any permission for an action on a collection.

    `role` is their role where that is known. Two callers are the same if they ask one and the same `may`.
    """

    signed_in: bool
    role: str | None = None
    may: Callable[[str, str], Tri] = cannot_tell
    by_itself: ByItself | None = None
    """How they start a flow, if not by a request of their own."""


def method(flow: Flow) -> str:
    """The HTTP method of a webhook flow. Directus compares it exactly."""
    given = flow.options.get("method")
    return "GET" if given is None else str(given)


def start_state(flow: Flow, caller: Caller, version: Version, environment: Value, starts: Tri) -> Arrival:
    """The data of a flow when `caller` starts it."""
    trigger = _trigger(flow, version) if caller.by_itself is None else _BY_ITSELF[caller.by_itself]
    data: dict[str, Value] = {
        "$trigger": trigger,
        "$last": trigger,
        "$accountability": _accountability(caller, version),
        "$env": environment,
    }
    doubt = "" if starts is Tri.YES else "it is not known whether the caller may start the flow"
    return Arrival(starts, data, frozenset(), doubt)


def _accountability(caller: Caller, version: Version) -> Value:
    """`createDefaultAccountability`, with what the `authenticate` middleware adds."""
    mine: dict[str, Value] = {
        "admin": KnownValue(value=False),
        "ip": CallerIdentity(),
        "userAgent": CallerInput(("$accountability", "userAgent"), text=True),
        "origin": CallerInput(("$accountability", "origin"), text=True),
    }
    if caller.signed_in:
        role: Value = CallerIdentity() if caller.role is None else KnownValue(caller.role)
        other = Computed(Tri.UNKNOWN)
        return RecordValue({**mine, "user": CallerIdentity(), "role": role, "roles": other, "app": other}, other)
    anonymous: dict[str, Value] = {"user": NULL, "role": NULL, "app": KnownValue(value=False)}
    anonymous |= {"roles": KnownValue([])} if VISITOR_HAS_ROLES.of(version) else {"permissions": STORED}
    return RecordValue({**mine, **anonymous}, ABSENT)


def _trigger(flow: Flow, version: Version) -> Value:
    """The value of `$trigger` of a flow that callers start: by a request, by hand or by an event."""
    top = ("$trigger",)
    if flow.trigger == "event":
        return _event(flow)
    by_hand = flow.trigger == "manual"
    members: dict[str, Value] = {
        "path": CallerIdentity(),
        "query": CallerInput((*top, "query"), text=True),
        "headers": CallerInput((*top, "headers"), text=True),
        "method": KnownValue("POST" if by_hand else method(flow)),
        "body": _body_by_hand(flow, version) if by_hand else CallerInput((*top, "body")),
    }
    return RecordValue(members, ABSENT)


def _event(flow: Flow) -> Value:
    """What an event hands over: what was sent, and which items it is about. Who writes an item chooses which of those that
    they may write; of the users that can be themselves. Signing in hands over what was typed, for an account there is."""
    top = ("$trigger", "payload")
    if _scopes(flow) == ["auth.login"]:
        return RecordValue({"payload": RecordValue({"email": STORED}, CallerInput(top))}, STORED)
    payload = _payload_of_event(flow)
    users = any(event is not None and event[0] == "directus_users" for event in events_of(flow))
    key: Value = CallerIdentity() if users else Written()
    members: dict[str, Value] = {"payload": payload, "key": key, "keys": RecordValue({"0": key}, ABSENT)}
    if None in events_of(flow):
        return RecordValue(members, STORED)
    # An event of items has no body and no headers: a condition that asks for them does not hold (measured on 11.17.4).
    return RecordValue(
        {**members, "query": CallerInput((*top, "query")), "collection": STORED, "event": STORED}, ABSENT
    )


_OF_QUERY: Final = ("filter", "search", "fields", "sort", "limit", "page", "deep", "aggregate", "group", "alias")
"""What Directus takes of a query."""


def _payload_of_event(flow: Flow) -> Value:
    """What was sent: an item, where items are written; the keys, where they are deleted; a query, where they are read."""
    top = ("$trigger", "payload")
    actions = {None if event is None else event[1] for event in events_of(flow)}
    if actions - {"delete", "query"} or not actions:
        return CallerInput(top)
    members: dict[str, Value] = {}
    if "delete" in actions:
        members["0"] = CallerInput((*top, "0"))
    if "query" in actions:
        members |= {name: CallerInput((*top, name), text=name == "search") for name in _OF_QUERY}
    return RecordValue(members, ABSENT)


_WRITTEN: Final = {
    ByItself.REGISTRATION: {
        name: CallerInput(("$trigger", "payload", name), text=True)
        for name in ("email", "password", "first_name", "last_name")
    },
    ByItself.LAST_PAGE: {"last_page": CallerInput(("$trigger", "payload", "last_page"), text=True)},
    ByItself.PASSWORD: {"password": CallerInput(("$trigger", "payload", "password"), text=True)},
}
_BY_ITSELF: Final = {
    by: RecordValue(
        {
            "payload": RecordValue(sent, STORED),
            "key": CallerIdentity(),
            "keys": RecordValue({"0": CallerIdentity()}, ABSENT),
            **dict.fromkeys(("query", "collection", "event"), STORED),
        },
        ABSENT,
    )
    for by, sent in _WRITTEN.items()
}
"""What such an event hands over: what the caller sent, and the key of their account."""
_CAUSED: Final = {ByItself.REGISTRATION: "create", ByItself.LAST_PAGE: "update", ByItself.PASSWORD: "update"}


def _scopes(flow: Flow) -> list[object]:
    scope = flow.options.get("scope")
    return [scope] if isinstance(scope, str) else list(scope) if isinstance(scope, (list, tuple)) else []


def _collections(flow: Flow) -> list[object]:
    names = flow.options.get("collections")
    return [names] if isinstance(names, str) else list(names) if isinstance(names, (list, tuple)) else []


def manual_collections(flow: Flow) -> list[str]:
    """The collections whose items a manual flow is started with."""
    return [name for name in _collections(flow) if isinstance(name, str)]


def _body_by_hand(flow: Flow, version: Version) -> Value:
    """The caller of a manual flow names a collection of the flow and, since 11.9, items that they may read. Of a system
    collection that is a choice: the keys of its items are what flows write to.

    Keys are looked at only where they are a list: without `requireSelection` they may be anything.
    """
    top = ("$trigger", "body")
    members: dict[str, Value] = {"collection": STORED}
    selected = MANUAL_NEEDS_READ.of(version) and flow.options.get("requireSelection") in (None, True)
    if selected and not any(name.startswith("directus_") for name in manual_collections(flow)):
        members["keys"] = STORED
    else:
        members["keys"] = CallerInput((*top, "keys"))
    return RecordValue(members, CallerInput(top))


_EVENTS: Final = lazy_pattern(r"(?:(?P<name>\w+)\.)?(?P<kind>items|\w+)\.(?P<action>create|update|delete|query)\Z")
_UNASKED: Final = frozenset({"update", "query"})
"""Events of blocking flows that run before anybody is asked for a permission, and whose work stays although the request is
refused: measured on 10.13.4, 11.17.4 and 12.4.1 (`create` is rolled back, `read` does not come)."""


def events_of(flow: Flow) -> Iterator[tuple[str, str] | None]:
    """The collections and actions that start a flow, as `flows.js` names them: `items.create` of the chosen collections,
    `users.create` of a system collection, `orders.items.create` of another one. None for any other event."""
    for scope in _scopes(flow):
        matched = _EVENTS.match(scope) if isinstance(scope, str) else None
        if matched is None:
            yield None
        elif matched["kind"] != "items":
            yield None if matched["name"] else (f"directus_{matched['kind']}", matched["action"])
        elif matched["name"]:
            yield matched["name"], matched["action"]
        else:
            yield from ((name, matched["action"]) for name in _collections(flow) if isinstance(name, str))


def starting_permissions(flow: Flow, version: Version) -> Iterator[tuple[str, str]]:
    """The collections and actions one of which a caller must be permitted to start an event flow, or one by hand."""
    if flow.trigger == "event":
        yield from (event for event in events_of(flow) if event is not None and event[1] != "query")
    elif flow.trigger == "manual" and MANUAL_NEEDS_READ.of(version):
        yield from ((name, "read") for name in manual_collections(flow))


def causes_event(flow: Flow, caller: Caller, version: Version) -> Tri:
    """Whether a caller can cause an event that starts a flow."""
    if caller.by_itself is not None:
        return Tri.YES if ("directus_users", _CAUSED[caller.by_itself]) in events_of(flow) else Tri.NO
    answers = [Tri.NO]
    blocking = flow.options.get("type") == "filter"
    for event in events_of(flow):
        if event is None:
            answers.append(Tri.UNKNOWN)
            continue
        collection, action = event
        early = action in _UNASKED or (action == "delete" and DELETES_AFTER_FLOWS.of(version))
        if blocking and early:
            answers.append(Tri.YES)
        elif action != "query":
            answers.append(caller.may(collection, action))
        else:
            answers.append(Tri.UNKNOWN)
    return any_of(answers)
