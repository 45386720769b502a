"""Who starts a flow, and what of their data the flow begins with (`flows.js` of `@directus/api`)."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

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
    join,
    look_up,
)
from directus_guard.directus.flows.other_events import (
    FIRST_SIGN_IN,
    LATER_SIGN_IN,
    OTHER_EVENTS,
    OtherEvent,
    other_event,
    query_members,
)
from directus_guard.directus.flows.steps import Arrival
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.versions import Version


def cannot_tell(collection: str, action: str) -> Tri:  # noqa: ARG001 - the shape of every `may`
    """The `may` of those whose permissions are not known."""
    return Tri.UNKNOWN


class ByItself(Enum):
    """Events that the server causes for a visitor without asking for a permission: what such a flow does with the rights of
    its trigger is not checked either (measured on 10.13.4, 11.17.4 and 12.4.1)."""

    REGISTRATION = auto()
    """Creates the user."""
    LAST_PAGE = auto()
    """Updates the own user."""
    PASSWORD = auto()
    """Updates the own user, or one that was invited."""
    FLOWS = auto()
    """Stores what the caller sent to that flow: such a write has no caller whose rights could be asked for."""
    NO_CALLER = auto()
    """A request before its sender is known, a sign-in at an identity provider, a mail, a message of a socket: what
    `emitter.js` is given no `accountability` for."""
    OTHERS = auto()
    """What such a flow reads may have been written by the caller; what it was given is not theirs."""


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
    trigger = _BY_ITSELF.get(caller.by_itself) or _trigger(flow, caller, version)
    # Of others it is theirs, not the attacker's.
    unknown = caller.by_itself in (ByItself.NO_CALLER, ByItself.OTHERS)
    data: dict[str, Value] = {
        "$trigger": trigger,
        "$last": trigger,
        "$accountability": STORED if unknown else _accountability(_known_caller(flow, caller), version),
        "$env": environment,
    }
    doubt = "" if starts is Tri.YES else "it is not known whether the caller may start the flow"
    return Arrival(starts, data, frozenset(), doubt)


def _known_caller(flow: Flow, caller: Caller) -> Caller:
    """Who the flow takes its caller for: some events come before that is known."""
    others = _other_events_by(flow, caller) if flow.trigger == "event" and caller.by_itself is None else ()
    about_items = any(event is not None for event in events_of(flow))
    unknown = bool(others) and not about_items and not any(one.is_signed_in for one in others)
    return replace(caller, signed_in=False, role=None) if unknown else caller


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


def _trigger(flow: Flow, caller: Caller, version: Version) -> Value:
    """The value of `$trigger` of a flow that callers start: by a request, by hand or by an event."""
    top = ("$trigger",)
    if flow.trigger == "event":
        return _event(flow, caller)
    by_hand = flow.trigger == "manual"
    members: dict[str, Value] = {
        "path": CallerIdentity(),
        "query": CallerInput((*top, "query"), text=True, nests=True),
        "headers": CallerInput((*top, "headers"), text=True),
        "method": KnownValue("POST" if by_hand else method(flow)),
        "body": _body_by_hand(flow, version) if by_hand else CallerInput((*top, "body")),
    }
    return RecordValue(members, ABSENT)


def _event(flow: Flow, caller: Caller) -> Value:
    """What an event hands over: of items, and of other things."""
    handed: list[Value] = [one.account if caller.signed_in else one.visitor for one in _other_events_by(flow, caller)]
    about_items = any(event is not None for event in events_of(flow)) and caller.by_itself is None
    if about_items or not handed:
        handed.append(_event_of_items(flow))
    first, *more = handed
    for one in more:
        first = _either(first, one)
    return first


def _either(left: Value, right: Value) -> Value:
    """What may be one or the other, member by member."""
    if not isinstance(left, RecordValue) or not isinstance(right, RecordValue):
        return join(left, right)
    names = sorted(left.members.keys() | right.members.keys())
    members = {name: join(look_up(left, (name,)), look_up(right, (name,))) for name in names}
    return RecordValue(members, join(left.others, right.others))


def _event_of_items(flow: Flow) -> Value:
    """What was written, read or deleted, and which items that is about. Who writes an item chooses which of those that they
    may write; of the users that can be themselves."""
    users = any(event is not None and event[0] == "directus_users" for event in events_of(flow))
    key: Value = CallerIdentity() if users else Written()
    members: dict[str, Value] = {
        "payload": _payload_of_event(flow), "key": key, "keys": RecordValue({"0": key}, ABSENT),
        "collection": STORED, "event": STORED,
    }  # fmt: skip
    if any(event is not None and event[1] == "read" for event in events_of(flow)):
        members["query"] = CallerInput(("$trigger", "query"))
    # An event of items has no body and no headers: a condition that asks for them does not hold (measured on 11.17.4).
    return RecordValue(members, ABSENT)


def _payload_of_event(flow: Flow) -> Value:
    """What was sent: an item, where items are written; the keys, where they are deleted; a query, where they are read."""
    top = ("$trigger", "payload")
    events = [event for event in events_of(flow) if event is not None]
    actions = {action for _, action in events}
    if actions == {"read"}:
        # The items that were read, which the caller may have written.
        return Computed(stored_in=frozenset(collection for collection, _ in events))
    if actions - {"delete", "query"} or not actions:
        return CallerInput(top)
    members: dict[str, Value] = {}
    if "delete" in actions:
        members["0"] = CallerInput((*top, "0"))
    if "query" in actions:
        members |= query_members(top)
    return RecordValue(members, ABSENT)


def _sent(*names: str) -> dict[str, Value]:
    return {name: CallerInput(("$trigger", "payload", name), text=True) for name in names}


_WRITTEN: Final[Mapping[ByItself, RecordValue]] = {
    # The role and the status are those of the settings.
    ByItself.REGISTRATION: RecordValue(_sent("email", "password", "first_name", "last_name"), STORED),
    # These write nothing else (controllers/users.js and services/users.js of 10.13.4, 11.17.4 and 12.4.1).
    ByItself.LAST_PAGE: RecordValue(_sent("last_page"), ABSENT),
    ByItself.PASSWORD: RecordValue({**_sent("password"), "status": KnownValue("active")}, ABSENT),
}
_BY_ITSELF: Final[Mapping[ByItself | None, Value]] = {
    **{
        by: RecordValue(
            {
                "payload": payload,
                "key": CallerIdentity(),
                "keys": RecordValue({"0": CallerIdentity()}, ABSENT),
                **dict.fromkeys(("query", "collection", "event"), STORED),
            },
            ABSENT,
        )
        for by, payload in _WRITTEN.items()
    },
    ByItself.FLOWS: RecordValue(
        {
            "payload": CallerInput(("$trigger", "payload")),
            "key": Computed(Tri.UNKNOWN),
            "keys": RecordValue({"0": Computed(Tri.UNKNOWN)}, ABSENT),
        },
        STORED,
    ),
    ByItself.OTHERS: STORED,
}
"""What such an event hands over: what the caller sent, and the key of their account."""
_BY_ACCOUNTS: Final = (ByItself.LAST_PAGE, ByItself.PASSWORD)


def caused_events(*, public: bool, registers: bool) -> tuple[ByItself, ...]:
    """The events that requests of visitors, or of accounts, have the server cause; `registers`: public registration is on."""
    caused = (ByItself.REGISTRATION,) * registers if public else _BY_ACCOUNTS
    return (*caused, ByItself.NO_CALLER)


_CAUSED: Final = {ByItself.REGISTRATION: "create", ByItself.LAST_PAGE: "update", ByItself.PASSWORD: "update"}


def _scopes(flow: Flow) -> list[object]:
    """The names of the events that a flow listens to. A name with wildcards brings the events that it covers and that matter."""
    scope = flow.options.get("scope")
    named: list[object] = [scope] if isinstance(scope, str) else list(scope) if isinstance(scope, (list, tuple)) else []
    wild = (one for one in named if isinstance(one, str) and "*" in one)
    return [*named, *(name for one in wild for name in (*OTHER_EVENTS, *_OF_USERS) if _covers(one, name))]


_OF_USERS: Final = ("users.create", "users.update")
"""The events that the server causes without asking for a permission."""


def _covers(scope: str, name: str) -> bool:
    """Whether a name with wildcards covers an event: `*` is one part of it, `**` any number (eventemitter2)."""
    parts = (".*" if part == "**" else r"[^.]*" if part == "*" else re.escape(part) for part in scope.split("."))
    return re.fullmatch(r"\.".join(parts), name) is not None


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


_EVENTS: Final = lazy_pattern(r"(?:(?P<name>\w+)\.)?(?P<kind>items|\w+)\.(?P<action>create|read|update|delete|query)\Z")
_UNASKED: Final = frozenset({"update", "query"})
"""Events of blocking flows that run before anybody is asked for a permission, and whose work stays although the request is
refused: measured on 10.13.4, 11.17.4 and 12.4.1 (`create` is rolled back, `read` does not come)."""


def events_of(flow: Flow) -> Iterator[tuple[str, str] | None]:
    """The collections and actions that start a flow, as `flows.js` names them: `items.create` of the chosen collections,
    `users.create` of a system collection, `orders.items.create` of another one. None for any other event."""
    for scope in _scopes(flow):
        matched = _event_named(flow, scope)
        if matched is None:
            yield None
        elif matched["kind"] != "items":
            yield f"directus_{matched['kind']}", matched["action"]
        elif matched["name"]:
            yield matched["name"], matched["action"]
        else:
            yield from ((name, matched["action"]) for name in _collections(flow) if isinstance(name, str))


def other_events(flow: Flow) -> tuple[OtherEvent, ...]:
    """The events that are not about items and start the flow."""
    return tuple(other_event(scope) for scope in other_scopes(flow))


def _other_events_by(flow: Flow, caller: Caller) -> tuple[OtherEvent, ...]:
    """Those of them for which Directus knows that caller, or knows none; of some it is not known."""
    known = Tri.YES if caller.by_itself is None else Tri.NO
    return tuple(one for one in other_events(flow) if one.has_caller in (known, Tri.UNKNOWN))


def other_scopes(flow: Flow) -> tuple[object, ...]:
    """The names of these events."""
    return tuple(scope for scope in _scopes(flow) if _event_named(flow, scope) is None)


_OF_SIGN_IN: Final = (FIRST_SIGN_IN, LATER_SIGN_IN)


def _event_named(flow: Flow, scope: object) -> re.Match[str] | None:
    """The event of items that has this name. Reads without the name of a collection are those of every one."""
    matched = _EVENTS.match(scope) if isinstance(scope, str) and scope not in _OF_SIGN_IN else None
    if matched is None or (matched["kind"] != "items" and matched["name"]):
        return None
    of_all = matched["kind"] == "items" and not matched["name"] and matched["action"] in ("read", "query")
    return None if of_all and (matched["action"] == "read" or not _collections(flow)) else matched


def starting_permissions(flow: Flow, version: Version) -> Iterator[tuple[str, str]]:
    """The collections and actions one of which a caller must be permitted to start an event flow, or one by hand."""
    if flow.trigger == "event":
        yield from (event for event in events_of(flow) if event is not None and event[1] != "query")
    elif flow.trigger == "manual" and MANUAL_NEEDS_READ.of(version):
        yield from ((name, "read") for name in manual_collections(flow))


def _causes(event: OtherEvent, caller: Caller) -> Tri:
    """Whether a caller can cause an event that is not about items."""
    causes = event.by_account if caller.signed_in else event.by_visitor
    may = any_of(caller.may(*one) for one in event.permissions) if event.permissions else Tri.YES
    return all_of((causes, may))


def causes_event(flow: Flow, caller: Caller, version: Version) -> Tri:
    """Whether a caller can cause an event that starts a flow."""
    if caller.by_itself in (ByItself.FLOWS, ByItself.OTHERS):
        return Tri.UNKNOWN
    if caller.by_itself in _CAUSED:
        return Tri.YES if ("directus_users", _CAUSED[caller.by_itself]) in events_of(flow) else Tri.NO
    blocking = flow.options.get("type") == "filter"
    others = (one for one in _other_events_by(flow, caller) if not (one.never_blocks if blocking else one.is_blocking))
    answers = [Tri.NO, *(_causes(one, caller) for one in others)]
    for event in events_of(flow) if caller.by_itself is None else ():
        if event is None:
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
