"""What to change in a stored permission: chosen by version, edition and the row at hand, and said in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, assert_never

from msgspec.structs import replace

from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.finding import (
    DeleteRow,
    Fix,
    MoveRuleToValidation,
    NameFields,
    NarrowRule,
    PinFields,
    RemoveFields,
    ReplaceFields,
    ReplaceRule,
    RowPatch,
)
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Access, Permission, Policy, Role
    from directus_guard.directus.export import Export
    from directus_guard.finding import RowChange, SetMember

DELETE: Final[tuple[RowChange, ...]] = (DeleteRow(),)
_MOST_NAMES: Final = 12
WITHOUT_LICENCE: Final = "Without a licence (Directus 12 Core) delete this permission instead."


def fix(export: Export, row: Permission, changes: Sequence[RowChange], hint: str = "", note: str = "") -> Fix:
    """The fix of a finding about a row. On 12 Core only deletion helps; where the edition is not known, that is added.

    `hint`: a sentence that follows a deletion, about what to use in place of the permission. `note`: a sentence that
    follows every other change, about what else it needs.
    """
    found = fix_of(DELETE if export.is_core else changes, row)
    without = "" if export.edition_known else WITHOUT_LICENCE
    more = (hint,) if DeleteRow() in found.changes else (note, without)
    return replace(found, description=" ".join(filter(None, (found.description, *more))))


def fix_of(changes: Sequence[RowChange], row: Permission) -> Fix:
    """Changes of a row that help on any edition, with a sentence for each."""
    return Fix(
        " ".join(_sentence(change, row) for change in changes), changes=tuple(changes), rows=patches([row], changes)
    )


def patches(
    rows: Iterable[Permission | Policy | Role | Access], changes: Sequence[RowChange | SetMember]
) -> tuple[RowPatch, ...]:
    """The changes as data, the same for each row: nothing where a change depends on the project, or a row is in no file."""
    places = [row.location for row in rows]
    if any(map(_is_open, changes)):
        return ()
    return tuple(RowPatch(place, tuple(changes)) for place in places if place is not None)


def _is_open(change: RowChange | SetMember) -> bool:
    """Whether what exactly to write is a decision of the project."""
    match change:
        case NarrowRule(_, example):
            return example
        case PinFields(_, value):
            return not value
        case ReplaceRule() | NameFields():
            return True
        case _:
            return False


def without_fields(row: Permission, names: Iterable[str], instead: Sequence[str] = ()) -> tuple[RowChange, ...]:
    """The change after which a row names none of these fields: deletion where no other is left.

    `instead`: what to put in the place of `*`, where that is known.
    """
    removed = set(names)
    fields = row.fields or ()
    if "*" in fields:
        return (ReplaceFields(tuple(instead)),) if instead else (NameFields(tuple(names)),)
    held = tuple(name for name in fields if name in removed)
    return (RemoveFields(held),) if len(held) < len(fields) else DELETE


def only_where(rule: Json, *, example: bool = False) -> tuple[RowChange, ...]:
    """The change after which a row lets through only items that meet a condition, too."""
    return (NarrowRule(json.dumps(rule, ensure_ascii=False), example),)


def _sentence(change: RowChange, row: Permission) -> str:
    match change:
        case DeleteRow():
            text = "Delete this permission."
        case RemoveFields(names):
            text = f"Remove {listed(names)} from `fields` of this permission."
        case ReplaceFields(names):
            text = f"Set `fields` of this permission to {listed(names, _MOST_NAMES)}."
        case NameFields(without):
            text = (
                f"Replace `*` in `fields` of this permission by the fields that are needed, without {listed(without)}."
            )
        case NarrowRule(rule, example):
            shown = _condition(rule, example=example)
            if is_unrestricted(row.permissions):
                text = f"Set the item rule of this permission to {shown}."
            else:
                text = (
                    f"Change the item rule of this permission: put it and {shown} into a list of `_and`,"
                    ' as in `{"_and": [RULE, CONDITION]}`.'
                )
        case ReplaceRule(rule):
            shown = _condition(rule, example=True) if rule else "a condition that only the permitted items meet"
            text = f"Replace the item rule of this permission by {shown}."
        case PinFields(names, value):
            text = _pin(names, value, row)
        case MoveRuleToValidation():
            text = "Move the item rule of this permission into its `validation`."
        case _:  # pragma: no cover - there is no other change
            assert_never(change)
    return text


def _pin(names: Sequence[str], value: str, row: Permission) -> str:
    condition = {"_eq": value} if value else {"_in": ["VALUE"]}
    rule = json.dumps({escape_controls(name): condition for name in names}, ensure_ascii=False)
    allowed = "" if value else ", with the allowed values in place of `VALUE`"
    weak = isinstance(row.validation, Mapping) and not row.validation.keys().isdisjoint(names)
    if weak:
        return f"Replace the condition on {listed(names)} in `validation` of this permission by `{rule}`{allowed}."
    return f"Add `{rule}` to `validation` of this permission{allowed}."


def _condition(rule: str, *, example: bool) -> str:
    return f"{'a condition such as ' if example else ''}`{escape_controls(rule)}`"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names as code, for a sentence; more than `most` are cut."""
    shown = [f"`{escape_controls(name)}`" for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
