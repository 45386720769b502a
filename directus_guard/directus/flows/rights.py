"""With whose permissions an operation of a flow acts on items, and whether it asks for them."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    CallerInput,
    KnownValue,
    RecordValue,
    Value,
    as_object,
)
from directus_guard.directus.placeholders import is_filled_in

if TYPE_CHECKING:
    from collections.abc import Mapping


class Rights(Enum):
    """With whose permissions an operation acts."""

    CALLER = auto()
    PUBLIC = auto()
    ROLE = auto()
    FULL = auto()
    CANNOT_TELL = auto()

    @property
    def elevated(self) -> bool:
        """Whether they are more than the caller has."""
        return self in (Rights.ROLE, Rights.FULL)

    @property
    def unknown(self) -> bool:
        """Whether that is decided when the operation runs."""
        return self is Rights.CANNOT_TELL


def rights_of(permissions: Value | None) -> Rights:
    """The rights that the option `permissions` of an operation means."""
    if permissions is None or permissions == ABSENT:
        return Rights.CALLER
    if isinstance(permissions, CallerInput):
        return Rights.FULL  # the caller may send `$full`
    if not isinstance(permissions, KnownValue):
        return Rights.CANNOT_TELL
    if not permissions.value or permissions.value == "$trigger":
        return Rights.CALLER
    if permissions.value == "$full":
        return Rights.FULL
    if not isinstance(permissions.value, str) or is_filled_in(permissions.value):
        return Rights.CANNOT_TELL
    return Rights.PUBLIC if permissions.value == "$public" else Rights.ROLE


def surely_asks(action: str, inputs: Mapping[str, Value]) -> bool:
    """Whether the operation comes as far as asking for permission: writing nothing, or nowhere, ends well before."""
    if action == "read":
        return True
    payload = as_object(inputs.get("payload", NULL))
    filled = isinstance(payload, RecordValue) or (isinstance(payload, KnownValue) and bool(payload.value))
    if action == "create":
        return filled
    somewhere = any(
        isinstance(place, RecordValue) or (isinstance(place, KnownValue) and bool(place.value))
        for place in (as_object(inputs.get(name, NULL)) for name in ("key", "query"))
    )
    return somewhere and (filled or action == "delete")
