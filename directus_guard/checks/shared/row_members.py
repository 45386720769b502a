"""What matters in a stored row: the members that its change touches."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

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
    from collections.abc import Iterable

    from directus_guard.directus.access.records import Permission
    from directus_guard.finding import Member, RowChange


def of_changes(changes: Iterable[RowChange], row: Permission) -> tuple[Member, ...]:
    """The members of a permission that the changes touch, in their order."""
    return tuple(dict.fromkeys(member for change in changes for member in _of(change, row)))


def of_fields(names: Iterable[str], row: Permission) -> tuple[Member, ...]:
    """The places of names in `fields` of a permission; that of `*` where it names none of them."""
    held = row.fields or ()
    return tuple(("fields", name) for name in names if name in held) or (("fields", "*"),)


def _of(change: RowChange, row: Permission) -> tuple[Member, ...]:
    match change:
        case DeleteRow():
            return (("action",),)
        case RemoveFields(names):
            return of_fields(names, row)
        case ReplaceFields() | NameFields():
            return (("fields", "*"),)
        case NarrowRule() | ReplaceRule() | MoveRuleToValidation():
            return (("permissions",),)
        case PinFields(names):
            return (("validation",), *of_fields(names, row))
        case _:  # pragma: no cover - there is no other change
            assert_never(change)
