"""Stored permissions after the changes that a fix names."""

from __future__ import annotations

import json
from functools import reduce
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.finding import (
    DeleteRow,
    MoveRuleToValidation,
    NameFields,
    NarrowRule,
    PinFields,
    RemoveFields,
    ReplaceFields,
    ReplaceRule,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.finding import Location, RowChange

_NEEDED: Final = ("$thumbnail",)
"""What is named in the place of `*`, where the fix leaves that to the project: no data model needs to have it."""
_ANY: Final = '{"id": {"_eq": "1"}}'
"""The rule that is written where the fix leaves it to the project."""


def with_changes(export: Export, places: Collection[Location | None], changes: Sequence[RowChange]) -> Export:
    """The export whose permissions at these places were changed."""
    rows = tuple(_rows(export.model.permissions, places, changes))
    return replace(export, model=replace(export.model, permissions=rows))


def _rows(
    rows: Sequence[Permission], places: Collection[Location | None], changes: Sequence[RowChange]
) -> Iterator[Permission]:
    for row in rows:
        if row.location not in places:
            yield row
        elif DeleteRow() not in changes:
            yield reduce(_changed, changes, row)


def _changed(row: Permission, change: RowChange) -> Permission:
    match change:
        case RemoveFields(names):
            assert set(names) <= set(row.fields or ()), "it has no such field"
            return replace(row, fields=tuple(name for name in row.fields or () if name not in names))
        case ReplaceFields(names):
            assert "*" in (row.fields or ())
            return replace(row, fields=names)
        case NameFields(without):
            assert "*" in (row.fields or ())
            assert not set(without) & set(_NEEDED)
            return replace(row, fields=_NEEDED)
        case NarrowRule(rule):
            return replace(row, permissions=_both(row.permissions, json.loads(rule)))
        case ReplaceRule(rule):
            return replace(row, permissions=json.loads(rule or _ANY))
        case PinFields(names, value):
            pinned = {name: {"_eq": value} if value else {"_in": ["1"]} for name in names}
            return replace(row, validation=_both(row.validation, pinned))
        case MoveRuleToValidation():
            return replace(row, permissions=None, validation=_both(row.validation, row.permissions))
        case DeleteRow():
            raise AssertionError


def _both(one: Json, other: Json) -> Json:
    return other if is_unrestricted(one) else {"_and": [one, other]}
