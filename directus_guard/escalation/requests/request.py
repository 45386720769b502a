"""A write as the HTTP request that carries it out.

What only the server or the attacker makes up has a place of its own in it (`NewRow`, `Chosen`, a `Person`), so that whoever
carries a plan out knows what to fill in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.access.records import Access, Permission
    from directus_guard.escalation.reach.facts import Person


class NewRow(Struct, frozen=True):
    """The key of the row that the plan creates in a collection."""

    collection: str


class ChosenKey(Struct, frozen=True):
    """The key that the attacker chooses for the new row of a collection."""

    collection: str


class SomeAdministrator(Struct, frozen=True):
    """The key of a user who is an administrator."""


class Chosen(Struct, frozen=True):
    """A value of the attacker's choice for a field. `what`: what it is in words, such as `a static token`."""

    what: str


Item: TypeAlias = "str | int | NewRow | ChosenKey | SomeAdministrator | Chosen | Person | Permission | Access | None"
"""The item that a request is about; of rows whose key the export does not have, the row. None: it has none."""
Value: TypeAlias = "None | bool | int | float | str | Item | Sequence[Value] | Mapping[str, Value]"
"""JSON with places to fill in."""

CREATE: Final = "create"
UPDATE: Final = "update"
DELETE: Final = "delete"
REGISTER: Final = "register"
"""POST /users/register, for which no permission is asked."""
INVITE: Final = "invite"
"""POST /users/invite."""
START: Final = "start"
"""The start of a flow. Its `collection` is directus_flows, `item` the flow. In a derived way: whatever starts it."""
READ: Final = "read"
TRACK: Final = "track"
"""PATCH /users/me/track/page: the page of the Data Studio that was visited last."""
WAIT: Final = "wait"
"""No request: the flow starts by itself."""
LOGIN: Final = "login"
"""POST /auth/login."""
RESET: Final = "reset"
"""POST /auth/password/reset: a new password, with the token of a mailed link."""

_METHODS: Final = {UPDATE: "PATCH", DELETE: "DELETE", READ: "GET", TRACK: "PATCH"}
_ENDPOINTS: Final = {REGISTER: "register", INVITE: "invite", START: "trigger"}
_PATHS: Final = {
    TRACK: ("users", "me", "track", "page"), LOGIN: ("auth", "login"), RESET: ("auth", "password", "reset"),
}  # fmt: skip


class Request(Struct, frozen=True, eq=False):
    """One request. `by`: who sends it (None: not known yet); `signs_in`: whose account can be used afterwards."""

    collection: str
    action: str
    body: Mapping[str, Value] = {}
    item: Item = None
    by: Person | None = None
    signs_in: Person | None = None
    gives_away: bool = False
    """Whether the account that is made an administrator's is another person's."""
    query: Mapping[str, Value] = {}
    headers: Mapping[str, Value] = {}
    gets: bool = False
    """Whether a webhook is started with GET."""
    loose: bool = False
    """Whether writes before the start of a flow are not spelled out as requests."""

    @property
    def names(self) -> tuple[str, ...]:
        """The keys, and whatever else is text, of its item and body."""
        return tuple(one for one in (self.item, *self.body.values()) if isinstance(one, str))

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "GET" if self.gets else _METHODS.get(self.action, "POST")

    @property
    def endpoint(self) -> tuple[str, ...]:
        """The path, part by part, without the item."""
        if self.action in _PATHS:
            return _PATHS[self.action]
        table = self.collection.removeprefix("directus_")
        first: tuple[str, ...] = (table,) if table != self.collection else ("items", table)
        return (*first, _ENDPOINTS[self.action]) if self.action in _ENDPOINTS else first

    @property
    def names_item(self) -> bool:
        """Whether the path ends with the item: what is created has no key yet, only the steps after it know it."""
        return self.action == START or (self.item is not None and self.action in (UPDATE, DELETE, READ))


Requests: TypeAlias = tuple[Request, ...]
"""Requests of which any one does it, the plainest first."""
