"""What of an access model is on the server, under which keys, and what is not."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Access, Permission
    from directus_guard.secret import Secret

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"
Row: TypeAlias = "dict[str, Json]"


class Member(Struct, frozen=True):
    """A user who was made for a principal. Its address is at example.com, which nothing is delivered to."""

    user: str
    token: Secret
    """Its static token; it has no password."""
    email: str
    role: str | None = None
    """The model's key of its role."""


class LeftOut(Struct, frozen=True):
    """Something that is not on the server as the model has it. `reason` may repeat the server's words, without controls."""

    kind: str
    """The table, such as `permissions`."""
    name: str
    reason: str


class Applied(Struct, frozen=True):
    """An access model on a server. Keys are the model's, where nothing else is said."""

    keys: Mapping[str, str]
    """The keys that are others on the server."""
    members: Mapping[Principal, Member]
    """One user for each principal but the public. On 12 Core, which has few seats: `seat` makes one at a time."""
    victim: Member | None
    """An administrator who may be taken over: never the one whose token is used, who cleans up."""
    named: Mapping[str, Member]
    """By their keys: the users of the model whom its rules, its flows or its ways name. Nobody else of it is there."""
    items: Mapping[str, str | int]
    """The key of an item in each collection of the project's own, on the server."""
    rows: Mapping[tuple[object, ...], int]
    """The server's key of each permission row, by the row's identity."""
    attachments: Mapping[tuple[object, ...], str]
    """The server's key of each row of directus_access, by `attachment_identity`."""
    stand_ins: Mapping[str, tuple[str, ...]]
    """By flow: the operations in whose place something harmless is, because they reach out or run code."""
    flows: frozenset[str]
    """The flows that are there."""
    left_out: tuple[LeftOut, ...]
    core: bool
    """Whether the server is 12 Core."""

    def key(self, key: str) -> str:
        """The server's key for one of the model."""
        return self.keys.get(key, key)

    def row(self, row: Permission) -> int | None:
        """The server's key of a permission row; None where it is not there."""
        return self.rows.get(row.identity)

    def attachment(self, row: Access) -> str | None:
        """The server's key of an attachment; None where it is not there."""
        return self.attachments.get(attachment_identity(row))


def attachment_identity(row: Access) -> tuple[object, ...]:
    """What tells an attachment from every other one of its export."""
    return row.id, row.policy, row.role, row.user, row.location


def is_uuid(key: str) -> bool:
    """Whether a text is a key as Directus makes them."""
    try:
        return str(uuid.UUID(key)) == key.lower()
    except ValueError:
        return False


def translated(value: object, keys: Mapping[str, str]) -> Json:
    """JSON with the server's keys in the place of the model's, wherever one is a whole text."""
    match value:
        case dict():
            return {str(name): translated(one, keys) for name, one in value.items()}
        case list() | tuple():
            return [translated(one, keys) for one in value]
        case str():
            return keys.get(value, value)
        case None | bool() | int() | float():
            return value
    raise TypeError(type(value).__name__)
