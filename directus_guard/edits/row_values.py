"""Stored rows after what a fix says as data: values before and after, whatever the file writes them as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

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
    SetMember,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Member, RowChange

Values: TypeAlias = "dict[str, Json]"
_RULES: Final = ("permissions", "validation", "options")
"""Columns that hold JSON, and that some databases give as a text."""


class NotEditableError(Exception):
    """What is to be changed depends on the project, or has a form that is not understood."""


def changed(values: Mapping[str, Json], changes: Iterable[RowChange | SetMember]) -> Values | None:
    """The row after the changes, None where it is deleted. Raises `NotEditableError`."""
    found: Values | None = dict(values)
    for change in changes:
        if found is None:
            raise NotEditableError
        found = _after(found, change)
    return found


def _after(values: Values, change: RowChange | SetMember) -> Values | None:
    match change:
        case DeleteRow():
            return None
        case RemoveFields(names):
            return _with(values, "fields", [name for name in _fields(values) if name not in names])
        case ReplaceFields(names):
            return _with(values, "fields", list(names))
        case NarrowRule(rule, example=False):
            return _with(values, "permissions", _both(_json(values, "permissions"), json.loads(rule)))
        case PinFields(names, value) if value:
            pinned: Json = {name: {"_eq": value} for name in names}
            return _with(values, "validation", _both(_json(values, "validation"), pinned))
        case MoveRuleToValidation():
            moved = _both(_json(values, "validation"), _json(values, "permissions"))
            return _with(_with(values, "validation", moved), "permissions", {})
        case SetMember(member, value):
            return _set(values, member, json.loads(value))
        case NarrowRule() | PinFields() | ReplaceRule() | NameFields():
            raise NotEditableError


def _both(rule: Json, other: Json) -> Json:
    """A rule that asks for both."""
    if is_unrestricted(rule):
        return other
    if isinstance(rule, Mapping) and list(rule) == ["_and"] and isinstance(rule["_and"], list):
        return {"_and": [*rule["_and"], other]}
    return {"_and": [rule, other]}


def _fields(values: Values) -> list[Json]:
    written = values.get("fields")
    if isinstance(written, str):
        written = loaded(written) if written.lstrip().startswith("[") else [part.strip() for part in written.split(",")]
    if not isinstance(written, list):
        raise NotEditableError
    return written


def loaded(text: str) -> Json:
    """The value of a JSON text from a file. Raises `NotEditableError` where it is none, or nested too deeply."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        raise NotEditableError from None
    return value


def _json(values: Values, name: str) -> Json:
    """The value of a column; one that is written as a text is read."""
    written = values.get(name)
    if isinstance(written, str):
        written = loaded(written)
    if written is not None and not isinstance(written, dict):
        raise NotEditableError
    return written


def _with(values: Values, name: str, value: Json) -> Values:
    """The row with another value for a column, in the form that the column has."""
    written = values.get(name)
    if isinstance(written, str) and name == "fields" and not written.lstrip().startswith("["):
        value = ",".join(map(str, value)) if isinstance(value, list) else value
    elif isinstance(written, str) and name in ("fields", *_RULES):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return {**values, name: value}


def _set(values: Values, member: Member, value: Json) -> Values:
    first, *rest = member
    if not rest:
        return {**values, first: value}
    return _with(values, first, _nested(_json(values, first), tuple(rest), value))


def _nested(value: Json, member: Member, new: Json) -> Json:
    """An object, or a list of objects of which one has a name as a value, with another value at a path below it."""
    if not member:
        return new
    first, *rest = member
    if isinstance(value, Mapping):
        return {**value, first: _nested(value.get(first), tuple(rest), new)}
    if isinstance(value, list):
        found = [index for index, item in enumerate(value) if isinstance(item, Mapping) and first in item.values()]
        if len(found) == 1:
            return [_nested(item, tuple(rest), new) if index == found[0] else item for index, item in enumerate(value)]
    raise NotEditableError
