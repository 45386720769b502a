"""Permission rows as every exporter writes them, read without a second look at values that were read before.

An export of many rows repeats few rules, lists of fields and names: each of them is decoded and judged once, by its text.
A row that is not plain (a member is missing, has another type, holds a placeholder, or is none of the table's) is left to
`RecordReader`, which says what is wrong with it. Both give the same row where both can read it.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, field
from msgspec.structs import replace

from directus_guard.directus.access.nesting import is_too_deep
from directus_guard.directus.access.records import Permission
from directus_guard.sources.exports.records import (
    UNREADABLE,
    ExportRecord,
    is_of_framework,
    is_placeholder,
    key_of,
    odd_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Location


class PlainRecord(ExportRecord, frozen=True):
    """A record of directus_permissions that holds nothing odd, with the row that it means."""

    row: Permission = Permission("", "")

    def read(self, *, old: bool) -> Permission | None:
        """The row of an export of the time before policies, or (not `old`) after it; None where it lacks its holder."""
        row = self.row
        if not old:
            return row if row.policy is not None or row.system else None
        if "role" not in self.values:
            return None
        return row if row.policy is None else replace(row, policy=None)


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table; its larger members as they are written."""

    collection: str
    action: Literal["create", "read", "update", "delete", "share"]
    permissions: Raw
    validation: Raw
    presets: Raw
    fields: Raw
    policy: str | UnsetType | None = UNSET
    role: str | UnsetType | None = UNSET
    id: int | str | UnsetType | None = UNSET
    sync_id: str | UnsetType | None = field(default=UNSET, name="_syncId")
    system: bool | UnsetType | None = UNSET


_DECODER: Final = msgspec.json.Decoder(_Row)


class _OddError(Exception):
    """A value is not plain."""


class PlainRows:
    """Reads permission rows; what was read of one serves the others."""

    def __init__(self) -> None:
        self._rules: dict[bytes, Json] = {}
        self._presets: dict[bytes, Json] = {}
        self._fields: dict[bytes, tuple[Json, tuple[str, ...] | None]] = {}
        self._names: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def read(self, raw: Raw, place: Location) -> PlainRecord | None:
        """The record that a text is; None if it is not plain."""
        try:
            return self._record(_DECODER.decode(raw), place)
        except (DecodeError, RecursionError, _OddError):
            return None

    def _record(self, row: _Row, place: Location) -> PlainRecord:
        permissions, validation = self._rule(bytes(row.permissions)), self._rule(bytes(row.validation))
        presets = self._preset(bytes(row.presets))
        listed, fields = self._list(bytes(row.fields))
        identity = row.id
        values: dict[str, Json] = {
            "collection": row.collection, "action": row.action, "permissions": permissions, "validation": validation,
            "presets": presets, "fields": listed,
        }  # fmt: skip
        if row.policy is not UNSET:
            values["policy"] = row.policy
        if row.role is not UNSET:
            values["role"] = row.role
        if row.id is not UNSET:
            values["id"] = row.id
        if row.sync_id is not UNSET:
            values["_syncId"] = row.sync_id
        if row.system is not UNSET:
            values["system"] = row.system
        if identity is UNSET or identity is None:
            identity = key_of(row.sync_id)
        meant = Permission(
            self._name(row.collection),
            row.action,
            permissions,
            validation,
            presets,
            fields,
            self._key(row.policy),
            None if row.role is UNSET else self._key(row.role),
            identity,
            row.system is True and is_of_framework(values),
            place,
        )
        return PlainRecord("permissions", values, place, row=meant)

    def _rule(self, text: bytes) -> Json:
        if text not in self._rules:
            rule = _object(text)
            if rule is not None and odd_in(rule):
                raise _OddError
            self._rules[text] = rule
        return self._rules[text]

    def _preset(self, text: bytes) -> Json:
        if text not in self._presets:
            presets = _object(text)
            if presets == UNREADABLE:
                raise _OddError
            self._presets[text] = presets
        return self._presets[text]

    def _list(self, text: bytes) -> tuple[Json, tuple[str, ...] | None]:
        if text not in self._fields:
            listed = json.loads(text)
            if listed is None:
                self._fields[text] = (None, None)
            elif isinstance(listed, list) and all(type(item) is str and not is_placeholder(item) for item in listed):
                self._fields[text] = (listed, tuple(listed))
            else:
                raise _OddError
        return self._fields[text]

    def _name(self, text: str) -> str:
        if text not in self._names:
            if not text or is_placeholder(text):
                raise _OddError
            self._names[text] = sys.intern(text)
        return self._names[text]

    def _key(self, text: str | UnsetType | None) -> str | None:
        if text is None or text is UNSET:
            return None
        if text not in self._keys:
            key = key_of(text)
            if key is None or is_placeholder(key):
                raise _OddError
            self._keys[text] = sys.intern(key)
        return self._keys[text]


def _object(text: bytes) -> Mapping[str, Json] | None:
    value = json.loads(text)
    if value is None:
        return None
    if not isinstance(value, dict) or "$ref" in value or is_too_deep([value]):
        raise _OddError
    return value
