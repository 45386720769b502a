"""Who starts a flow, and what of their data the flow begins with (`flows.js` of `@directus/api`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.features import MANUAL_NEEDS_READ, VISITOR_HAS_ROLES
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    STORED,
    Computed,
    Given,
    KnownValue,
    RecordValue,
    Sent,
    Value,
    worse,
)
from directus_guard.directus.flows.steps import Arrival
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.versions import Version


def cannot_tell(collection: str, action: str) -> Tri:  # noqa: ARG001 - the shape of every `may`
    """The `may` of those whose permissions are not known."""
    return Tri.UNKNOWN


class Caller(Struct, frozen=True):
    """Who starts a flow. `may` tells whether they have any permission for an action on a collection.

    `role` is their role where that is known. Two callers are the same if they ask one and the same `may`.
    """

    signed_in: bool
    role: str | None = None
    may: Callable[[str, str], Tri] = cannot_tell


def method(flow: Flow) -> str:
    """The HTTP method of a webhook flow. Directus compares it exactly."""
    given = flow.options.get("method")
    return "GET" if given is None else str(given)


def start_state(flow: Flow, caller: Caller, version: Version, environment: Value, starts: Tri) -> Arrival:
    """What stands in the data of a flow when `caller` starts it."""
    trigger = _trigger(flow, version)
    data: dict[str, Value] = {
        "$trigger": trigger,
        "$last": trigger,
        "$accountability": _accountability(caller, version),
        "$env": environment,
    }
    doubt = "" if starts is Tri.YES else "whether the caller may start the flow is not known"
    return Arrival(starts, data, frozenset(), doubt)


def _accountability(caller: Caller, version: Version) -> Value:
    """`createDefaultAccountability`, with what the `authenticate` middleware adds."""
    mine: dict[str, Value] = {
        "admin": KnownValue(value=False),
        "ip": Given(),
        "userAgent": Sent(("$accountability", "userAgent"), text=True),
        "origin": Sent(("$accountability", "origin"), text=True),
    }
    if caller.signed_in:
        role: Value = Given() if caller.role is None else KnownValue(caller.role)
        other = Computed(Tri.UNKNOWN)
        return RecordValue({**mine, "user": Given(), "role": role, "roles": other, "app": other}, other)
    nobody: dict[str, Value] = {"user": NULL, "role": NULL, "app": KnownValue(value=False)}
    nobody |= {"roles": KnownValue([])} if VISITOR_HAS_ROLES.of(version) else {"permissions": STORED}
    return RecordValue({**mine, **nobody}, ABSENT)


def _trigger(flow: Flow, version: Version) -> Value:
    """What stands in `$trigger` of a flow that callers start: by a request, by hand or by an event."""
    top = ("$trigger",)
    if flow.trigger == "event":
        return RecordValue({"payload": Sent((*top, "payload"))}, STORED)
    by_hand = flow.trigger == "manual"
    members: dict[str, Value] = {
        "path": Given(),
        "query": Sent((*top, "query"), text=True),
        "headers": Sent((*top, "headers"), text=True),
        "method": KnownValue("POST" if by_hand else method(flow)),
        "body": _body_by_hand(flow, version) if by_hand else Sent((*top, "body")),
    }
    return RecordValue(members, ABSENT)


def _body_by_hand(flow: Flow, version: Version) -> Value:
    """The caller of a manual flow names a collection of the flow and, since 11.9, items that they may read.

    Keys are looked at only where they are a list: without `requireSelection` they may be anything.
    """
    top = ("$trigger", "body")
    members: dict[str, Value] = {"collection": STORED}
    if MANUAL_NEEDS_READ.of(version) and flow.options.get("requireSelection") in (None, True):
        members["keys"] = STORED
    else:
        members["keys"] = Sent((*top, "keys"))
    return RecordValue(members, Sent(top))


_EVENTS: Final = re.compile(r"items\.(create|update|delete)\Z")


def causes_event(flow: Flow, caller: Caller) -> Tri:
    """Whether a caller can cause an event that starts a flow."""
    scope, collections = flow.options.get("scope"), flow.options.get("collections")
    scopes = [scope] if isinstance(scope, str) else scope if isinstance(scope, (list, tuple)) else []
    names = [collections] if isinstance(collections, str) else collections
    answers = [Tri.NO]
    for one in scopes:
        matched = _EVENTS.match(one) if isinstance(one, str) else None
        if matched is None:
            answers.append(Tri.UNKNOWN)
        elif isinstance(names, (list, tuple)):
            answers.extend(caller.may(name, matched[1]) for name in names if isinstance(name, str))
    return worse(answers)
