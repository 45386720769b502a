"""Permission rows as every exporter writes them, read without a second look at values that were read before.

An export of many rows repeats few rules, lists of fields and names: each of them is decoded and judged once, by its text.
A row that is not plain (a member is missing, has another type, holds a placeholder, or is none of the table's) is left to
`RecordReader`, which says what is wrong with it. Both give the same row where both can read it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, DecodeError, Raw, Struct, UnsetType, field
from msgspec.structs import replace

from directus_guard.directus.access.nesting import MAX_DEPTH, is_too_deep
from directus_guard.directus.access.records import Permission, as_written
from directus_guard.directus.access.rule_shape import RuleShape, parts_of
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.exports.records import (
    UNREADABLE,
    ExportRecord,
    is_placeholder,
    key_of,
    odd_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Location

_Text = TypeVar("_Text")
_Value = TypeVar("_Value")


class PlainRecord(ExportRecord, frozen=True):
    """A record of directus_permissions that holds nothing odd, with the row that it means. Its members are decoded when they
    are asked for, which is seldom."""

    row: Permission
    location: Location
    names: frozenset[str]
    """The members that it has."""
    written: Raw

    @property
    def kind(self) -> str:
        return "permissions"

    @property
    def values(self) -> Mapping[str, Json]:
        values: Mapping[str, Json] = msgspec.json.decode(self.written)
        return values

    def has(self, name: str) -> bool:
        return name in self.names

    @property
    def id(self) -> str | None:
        return key_of(self.row.id) or (self.text("_syncId") if "_syncId" in self.names else None)

    @property
    def of_framework(self) -> bool:
        return self.row.system

    def read(self, *, old: bool) -> Permission | None:
        """The row of an export of the time before policies, or (not `old`) after it; None where it lacks its holder."""
        row = self.row
        if not old:
            return row if row.policy is not None or row.system else None
        if "role" not in self.names:
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
_ALWAYS: Final = frozenset({"collection", "action", "permissions", "validation", "presets", "fields"})
_PLACEHOLDERS: Final = lazy_pattern(rb"[$#{]\{|<%|\\")
"""What a text has in it that holds a placeholder, or may spell one with escaped characters."""


class _OddError(Exception):
    """A value is not plain."""


class _Known(dict[_Text, _Value]):
    """What texts mean. Each is read once, when a row has it for the first time."""

    def __init__(self, read: Callable[[_Text], _Value]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: _Text) -> _Value:
        """Raises `_OddError`, or `DecodeError`."""
        value = self[text] = self._read(text)
        return value


class PlainRows:
    """Reads permission rows; what was read of one serves the others."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[bytes, ...], RuleShape] = {}
        self._rules = _Known(self._rule)
        self._presets = _Known(_preset)
        self._fields = _Known(_list)
        self._names = _Known(_name)
        self._keys = _Known(_key)
        self._members = _Known(_members)

    def read(self, raw: Raw, place: Location) -> PlainRecord | None:
        """The record that a text is; None if it is not plain."""
        try:
            return self._record(_DECODER.decode(raw), raw, place)
        except (DecodeError, RecursionError, _OddError):
            return None

    def _record(self, row: _Row, raw: Raw, place: Location) -> PlainRecord:
        rules, policy, role, identity, sync_id = self._rules, row.policy, row.role, row.id, row.sync_id
        meant = Permission(
            self._names[row.collection],
            row.action,
            rules[bytes(row.permissions)],
            rules[bytes(row.validation)],
            self._presets[bytes(row.presets)],
            self._fields[bytes(row.fields)],
            None if policy is None or policy is UNSET else self._keys[policy],
            None if role is None or role is UNSET else self._keys[role],
            key_of(sync_id) if identity is None or identity is UNSET else identity,
            row.system is True and _is_of_framework(row),
            place,
        )
        missing = policy is UNSET, role is UNSET, identity is UNSET, sync_id is UNSET, row.system is UNSET
        return PlainRecord(meant, place, self._members[missing], raw)

    def _rule(self, text: bytes) -> Json:
        written = msgspec.json.format(text, indent=-1)
        parts = parts_of(written)
        like = tuple(parts[::2])
        shape = self._shapes.get(like)
        if shape is None:
            rule = _object(written)
            if not rule:
                return rule
            if odd_in(rule, filled_in=_PLACEHOLDERS.search(written) is not None):
                raise _OddError
            if len(parts) > 1:
                shape = self._shapes[like] = RuleShape(parts)
        return as_written(written, shape)


def _members(missing: tuple[bool, ...]) -> frozenset[str]:
    """The members of a row, from which of the optional ones it lacks."""
    optional = zip(("policy", "role", "id", "_syncId", "system"), missing, strict=True)
    return _ALWAYS.union(name for name, is_missing in optional if not is_missing)


def _preset(text: bytes) -> Json:
    presets = _object(text)
    if presets == UNREADABLE:
        raise _OddError
    return presets


def _list(text: bytes) -> tuple[str, ...] | None:
    listed = msgspec.json.decode(text)
    if listed is None:
        return None
    if isinstance(listed, list) and all(type(item) is str and not is_placeholder(item) for item in listed):
        return tuple(listed)
    raise _OddError


def _name(text: str) -> str:
    if not text or is_placeholder(text):
        raise _OddError
    return sys.intern(text)


def _key(text: str) -> str:
    key = key_of(text)
    if key is None or is_placeholder(key):
        raise _OddError
    return sys.intern(key)


def _is_of_framework(row: _Row) -> bool:
    """`is_of_framework`, of a row that is marked."""
    return all(key is None or key is UNSET for key in (row.id, row.sync_id, row.policy, row.role))


def _object(text: bytes) -> Mapping[str, Json] | None:
    value = msgspec.json.decode(text)
    if value is None:
        return None
    deep = text.count(b"{") + text.count(b"[") >= MAX_DEPTH
    if not isinstance(value, dict) or "$ref" in value or (deep and is_too_deep([value])):
        raise _OddError
    return value
