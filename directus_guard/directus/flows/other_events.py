"""Events of no named collection: who causes them, what they hand over, and what an answer of a blocking flow decides.

Measured on 10.13.4, 11.17.4 and 12.4.1 (tests/lab/test_other_events.py). Flows listen to them by their names, which
`emitter.js` of `@directus/api` takes as they are; a name may hold wildcards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

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
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.flows.templates import Path

AUTHENTICATE: Final = "authenticate"
"""Each request: what a blocking flow answers is who sends it."""
TOKEN: Final = "auth.jwt"
"""Each sign-in: what a blocking flow answers is what the token says."""
FIRST_SIGN_IN: Final = "auth.create"
"""The first sign-in of a person at an identity provider: the answer of a blocking flow is the new user."""
LATER_SIGN_IN: Final = "auth.update"
"""Each later one: the answer is written into the own user."""
LOGIN: Final = "auth.login"
"""Each sign-in, before the password is compared, and after it."""
NOT_FOUND: Final = "request.not_found"
"""Each request for an address that is not there, whoever sends it."""

_TOP: Final = ("$trigger",)


class OtherEvent(Struct, frozen=True):
    """What an event hands over to a visitor's flow and to that of an account, and whether each can cause it."""

    visitor: Value
    account: Value
    by_visitor: Tri
    by_account: Tri
    is_signed_in: bool = False
    """Whether the flow knows who caused it: else `$accountability` names no account."""
    is_blocking: bool = True
    """Whether only blocking flows hear of it."""
    never_blocks: bool = False
    """Whether no blocking flow hears of it."""
    has_caller: Tri = Tri.YES
    """Whether Directus knows whose rights count. If not, the rights of the trigger are unlimited."""
    permissions: tuple[tuple[str, str], ...] = ()
    """Collections and actions, one of which whoever causes it must be permitted."""


def _request(member: str) -> Value:
    """The request as Express holds it."""
    path = (*_TOP, member)
    sent: dict[str, Value] = {name: CallerInput((*path, name), text=True) for name in _TEXTS}
    sent |= {"body": CallerInput((*path, "body")), "query": CallerInput((*path, "query"), text=True, nests=True)}
    return RecordValue(sent, STORED)


_TEXTS: Final = ("headers", "url", "originalUrl", "path", "params", "cookies")


def _login(user: Value) -> Value:
    """What was typed, for an account there is; Directus takes members that it does not know along."""
    payload = RecordValue({"email": STORED}, CallerInput((*_TOP, "payload")))
    return RecordValue({"payload": payload, "user": user}, STORED)


_TOKEN: Final = RecordValue(
    {
        "payload": RecordValue(
            {
                "id": CallerIdentity(), "role": CallerIdentity(), "app_access": STORED,
                "admin_access": KnownValue(value=False),
            }, STORED,
        ),
        "user": CallerIdentity(),
    }, STORED,
)  # fmt: skip
_OF_QUERY: Final = ("filter", "search", "fields", "sort", "limit", "page", "deep", "aggregate", "group", "alias")
"""What Directus takes of a query."""


def query_members(path: Path) -> dict[str, Value]:
    """The members of a query that a caller sent, which a flow finds at this path."""
    return {name: CallerInput((*path, name), text=name == "search") for name in _OF_QUERY}


_QUERIED: Final = RecordValue(
    {"payload": RecordValue(query_members((*_TOP, "payload")), ABSENT), "collection": STORED}, ABSENT
)
_READ: Final = RecordValue(
    {
        "payload": CallerInput((*_TOP, "payload")), "query": RecordValue(query_members((*_TOP, "query")), ABSENT),
        "collection": STORED,
    }, ABSENT,
)  # fmt: skip
_ERROR: Final = RecordValue(
    {name: CallerInput((*_TOP, "payload", "0", name), text=True) for name in ("message", "extensions")}, ABSENT
)
_ERRORS: Final = RecordValue({"payload": RecordValue({"0": _ERROR}, STORED)}, ABSENT)
_ANYTHING: Final = CallerInput(_TOP)
"""What extensions hand over, and events that have no line here."""
_AUTHENTICATE: Final = RecordValue(
    {
        "payload": RecordValue(
            {
                "user": NULL, "role": NULL, "admin": KnownValue(value=False), "app": KnownValue(value=False),
                "ip": CallerIdentity(), "userAgent": CallerInput((*_TOP, "payload", "userAgent"), text=True),
                "origin": CallerInput((*_TOP, "payload", "origin"), text=True),
            }, STORED,
        ),
        "req": _request("req"),
    }, STORED,
)  # fmt: skip
_FROM_PROVIDER: Final = {
    name: CallerInput((*_TOP, "payload", name)) for name in ("first_name", "last_name", "email", "external_identifier")
}
"""What an identity provider says of a person, who may have chosen it there."""
_SIGN_IN: Final = RecordValue(
    {
        "payload": RecordValue(_FROM_PROVIDER, STORED), "identifier": CallerInput((*_TOP, "identifier"), text=True),
        "provider": STORED, "providerPayload": CallerInput((*_TOP, "providerPayload")),
    }, STORED,
)  # fmt: skip
_NOT_FOUND: Final = RecordValue({"payload": KnownValue(value=False), "request": _request("request")}, STORED)
_OF_THE_SERVER: Final = OtherEvent(STORED, STORED, Tri.UNKNOWN, Tri.UNKNOWN, is_blocking=False, has_caller=Tri.NO)
_PROVIDER: Final = OtherEvent(_SIGN_IN, _SIGN_IN, Tri.UNKNOWN, Tri.UNKNOWN, has_caller=Tri.NO)
_UNKNOWN: Final = OtherEvent(
    _ANYTHING, _ANYTHING, Tri.UNKNOWN, Tri.UNKNOWN, is_signed_in=True, is_blocking=False, has_caller=Tri.UNKNOWN
)
_WITHOUT_CALLER: Final = replace(_UNKNOWN, has_caller=Tri.NO)
_UPLOADED: Final = RecordValue(
    {"payload": CallerInput((*_TOP, "payload")), "key": Written(), "collection": STORED}, ABSENT
)
_UPLOAD: Final = replace(
    _UNKNOWN,
    visitor=_UPLOADED,
    account=_UPLOADED,
    never_blocks=True,
    has_caller=Tri.YES,
    permissions=(("directus_files", "create"), ("directus_files", "update")),
)
"""A file that is sent, also in the place of another one."""
_MOVED: Final = RecordValue(
    {name: CallerInput((*_TOP, name)) for name in ("item", "to")} | {"collection": STORED}, ABSENT
)
_SORT: Final = replace(_UNKNOWN, visitor=_MOVED, account=_MOVED, never_blocks=True, has_caller=Tri.YES)
_SORTS: Final = "items.sort"
"""Of every collection; with the name of one in front only of that."""
_EVENTS: Final[Mapping[str, OtherEvent]] = {
    AUTHENTICATE: OtherEvent(_AUTHENTICATE, _AUTHENTICATE, Tri.YES, Tri.YES, has_caller=Tri.NO),
    FIRST_SIGN_IN: _PROVIDER,
    LATER_SIGN_IN: _PROVIDER,
    NOT_FOUND: OtherEvent(_NOT_FOUND, _NOT_FOUND, Tri.YES, Tri.YES, is_signed_in=True),
    # Messages of errors, which name what was asked for. They may come before Directus knows who asks.
    "request.error": OtherEvent(_ERRORS, _ERRORS, Tri.YES, Tri.YES, is_signed_in=True, has_caller=Tri.NO),
    # A visitor may name the account of another person: a blocking flow runs before the password is compared.
    LOGIN: OtherEvent(_login(Computed(Tri.UNKNOWN)), _login(CallerIdentity()), Tri.YES, Tri.YES, is_blocking=False),
    TOKEN: OtherEvent(STORED, _TOKEN, Tri.NO, Tri.YES),
    # Of every collection; a query comes before Directus asks for permissions.
    "items.query": OtherEvent(_QUERIED, _QUERIED, Tri.YES, Tri.YES, is_signed_in=True),
    "items.read": OtherEvent(_READ, _READ, Tri.UNKNOWN, Tri.UNKNOWN, is_signed_in=True, is_blocking=False),
    "files.upload": _UPLOAD,
    _SORTS: _SORT,
    "email.send": _WITHOUT_CALLER,
    "database.error": _WITHOUT_CALLER,
    "websocket.authenticate": _WITHOUT_CALLER,
    "server.start": _OF_THE_SERVER,
    "server.stop": _OF_THE_SERVER,
}  # fmt: skip


OTHER_EVENTS: Final = tuple(_EVENTS)


def other_event(name: object) -> OtherEvent:
    """The event of that name; one that is not known may hand over anything, with or without a caller."""
    if not isinstance(name, str):
        return _UNKNOWN
    # `emitter.js` is given no context with these.
    other = _WITHOUT_CALLER if name.startswith("websocket.") else _UNKNOWN
    return _EVENTS.get(_SORTS if name.endswith(f".{_SORTS}") else name, other)
