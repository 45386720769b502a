"""The matrix of each export with what a change adds to it and removes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.access_matrix import MATRIX_ACTIONS, MarkedCell, MarkedMatrix
from directus_guard.audit.access_known import directus_of, may_have_more, own_collections
from directus_guard.directus.tri import Tri
from directus_guard.escalation import Paths, may_escalate
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.audit.audited import Audited
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.export import Export
    from directus_guard.new_access import AccessDiff

_MARKS: Final = {Tri.YES: "!", Tri.UNKNOWN: "!?", Tri.NO: ""}
_Place = tuple[str, str, str]
"""A cell: principal, collection and action."""
_ORDER: Final = {"full": 2, "conditional": 1, "none": 0}


class _Side(Struct, frozen=True):
    """A principal in one export."""

    export: Export
    access: PrincipalAccess


class _Column(Struct, frozen=True):
    """A principal on both sides."""

    name: str
    base_name: str
    heading: str
    head: _Side | None
    base: _Side | None


def marked_matrices(audited: Audited) -> tuple[MarkedMatrix, ...]:
    """A matrix for each export that the run judged. Without a base nothing in it is marked."""
    base, change = audited.base, audited.access
    if base is None or change is None:
        return tuple(_matrix(None, export, frozenset(), frozenset()) for export in audited.project.models)
    from directus_guard.audit.diff.compare import compare, pairs_of  # noqa: PLC0415 - only where sides are compared

    # What BASE grants and HEAD does not is what a comparison the other way round calls new.
    removed = compare(audited.project.exports, base.exports)
    return tuple(
        _matrix(old, export, _cells_of(change, export), _cells_of(removed, old) if old else frozenset())
        for old, export in pairs_of(base.exports, audited.project.exports)
    )


def _cells_of(change: AccessDiff, export: Export) -> frozenset[_Place]:
    """The cells of an export in which a comparison finds something new."""
    return frozenset(
        (name, entry.collection, entry.action)
        for entry in change.new
        if entry.model == export.name
        for name in entry.principals
    )


def _matrix(base: Export | None, head: Export, added: frozenset[_Place], removed: frozenset[_Place]) -> MarkedMatrix:
    names = own_collections(head) | (own_collections(base) if base else frozenset())
    columns = tuple(_columns(base, head))
    collections = sorted(names)
    return MarkedMatrix(
        export=escape_controls(head.name),
        directus=directus_of(head),
        principals=tuple(column.heading for column in columns),
        collections=tuple(map(escape_controls, collections)),
        cells=tuple(tuple(_cell(column, name, added, removed) for column in columns) for name in collections),
    )


def _columns(base: Export | None, head: Export) -> Iterator[_Column]:
    """The principals of HEAD, then those that only BASE has."""
    from directus_guard.audit.diff.names import short_name  # noqa: PLC0415 - as above
    from directus_guard.audit.diff.principals import principal_pairs  # noqa: PLC0415 - as above

    paths = Paths(head)
    listed = set(head.model.principals())
    kept = set()
    for pair in principal_pairs(base, head):
        kept.add(pair.other)
        if pair.principal in listed:
            mark = "*" if pair.access.admin else _MARKS[may_escalate(paths, pair.principal)]
            before = _Side(base, pair.old) if base and pair.old else None
            before_ = base.names.get(pair.other, pair.other.name) if base and pair.other else pair.name
            yield _Column(pair.name, short_name(before_), f"{pair.name}{mark}", _Side(head, pair.access), before)
    for principal in base.model.principals() if base else ():
        if base and principal not in kept:
            name = short_name(base.names.get(principal, principal.name))
            yield _Column(name, name, f"{name} (removed)", None, _Side(base, base.model.of(principal)))


def _cell(column: _Column, collection: str, granted: frozenset[_Place], taken: frozenset[_Place]) -> MarkedCell:
    now, added, removed = "", "", ""
    for action in MATRIX_ACTIONS:
        after, before = (_letter(side, collection, action) for side in (column.head, column.base))
        now += after
        if (column.name, collection, action) in granted:
            added += after
        if (column.base_name, collection, action) in taken:
            removed += before
    return MarkedCell(now, added, removed)


def _letter(side: _Side | None, collection: str, action: str) -> str:
    if side is None:
        return "-"
    if side.access.admin:
        return action[0].upper()
    principal = side.access.principal
    entries = side.access.grant(collection, action).entries()
    levels = [side.export.level(entry, anonymous=principal.anonymous) for entry in entries]
    level = max(levels, key=_ORDER.__getitem__, default="none")
    if level == "none":
        return "?" if may_have_more(side.export, principal) else "-"
    return action[0].upper() if level == "full" else action[0]
