"""The smallest set of changes that closes every way of a principal, found by deriving ways on the changed configuration.

First whatever ways rest on is taken away, one thing for each way that is left, until there is none. Then each change is
made smaller, or left out, as long as there is still none: what remains is needed, all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.escalation.cuts import alternatives
from directus_guard.escalation.cuts.changes import (
    Change,
    FlowChange,
    OperationChange,
    PermissionChange,
    SettingsChange,
    applied,
    relevant,
)
from directus_guard.escalation.search import Paths
from directus_guard.escalation.tables import ACCESS_TABLES, NO_GOALS, SETTINGS
from directus_guard.escalation.work import TooMuchWorkError, Work
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export
    from directus_guard.escalation.search import Path
    from directus_guard.escalation.tables import Goals
    from directus_guard.escalation.telling import PlanStep

MOST_CHANGES: Final = 40
"""A configuration that takes more changes has no cut of its own: it has to be thought over as a whole."""
MOST_TRIED: Final = 4
"""So many things of a way are tried alone, before the last one is taken."""
MOST_WORK: Final = 750_000
"""How many questions are answered for all changed configurations of one export: a few seconds."""
MOST_KEPT: Final = 64
"""So many changed configurations are kept for the next principal."""


class Cut(Struct, frozen=True):
    """Changes that together close every way of a principal, and of which none can be left out."""

    changes: tuple[Change, ...]
    names: tuple[str, ...]
    """What is changed, sorted: policies, actions and collections, flows. Without what is only changed to be sure."""
    unsure: frozenset[object] = frozenset()
    """The keys of the changes without which only something is left that may be a way."""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from every other cut."""
        return tuple(change.key for change in self.changes)

    def touches(self, path: Path) -> bool:
        """Whether something changes that a way rests on: else the way is left."""
        rows = {row.identity for row in path.rows}
        return any(not isinstance(one, PermissionChange) or one.row.identity in rows for one in self.changes)


class Cuts:
    """The cuts of one export. A configuration that was changed in the same way is derived once."""

    def __init__(self, export: Export, goals: Goals = NO_GOALS) -> None:
        """`goals`: what ways lead to, beside administrator."""
        self._export = relevant(export, goals)
        self._goals = goals
        self._names = export
        self._changed: dict[tuple[object, ...], Paths] = {}
        self._work = Work(MOST_WORK)

    def of(self, principal: Principal, way: Sequence[PlanStep]) -> Cut | None:
        """The cut of a principal who has a way; None if no set of such changes closes every one, or it takes too long."""
        try:
            return _Search(self, principal).run(way)
        except TooMuchWorkError:
            return None

    def fits(self, cut: Cut, principal: Principal) -> bool:
        """Whether the changes close every way of a principal too, and none of them can be left out."""
        try:
            if self.way(principal, cut.changes) is not None:
                return False
            parts = cut.changes if len(cut.changes) > 1 else ()
            return all(self.way(principal, tuple(one for one in parts if one is not part)) for part in parts)
        except TooMuchWorkError:
            return False

    def way(self, principal: Principal, changes: tuple[Change, ...]) -> tuple[PlanStep, ...] | None:
        """Some way that a principal has once the changes are made."""
        key = tuple(change.key for change in changes)
        paths = self._changed.pop(key, None) or Paths(applied(self._export, changes), self._work, self._goals)
        self._changed[key] = paths
        if len(self._changed) > MOST_KEPT:
            del self._changed[next(iter(self._changed))]
        return paths.way(principal)

    def may_work(self, principal: Principal, changes: tuple[Change, ...]) -> bool:
        """Whether a principal has, once the changes are made, a way of which the requests are known; also if that takes too long."""
        try:
            self.way(principal, changes)
            return self._changed[tuple(change.key for change in changes)].of(principal) is not None
        except TooMuchWorkError:
            return True

    @property
    def export(self) -> Export:
        """The configuration, whole."""
        return self._names


class _Search:
    """The search for one principal. What is decided so far: a change for each thing that was taken away."""

    def __init__(self, cuts: Cuts, principal: Principal) -> None:
        self._cuts = cuts
        self._export = cuts.export
        self._principal = principal
        self._operations = {one.id: one for one in self._export.operations}
        self._flows = {one.id: one for one in self._export.flows}

    def run(self, way: Sequence[PlanStep]) -> Cut | None:
        taken = self._taken(way)
        if taken is None:
            return None
        changes = self._needed(taken)
        for index, change in enumerate(changes):
            changes = self._smaller(changes, index, change)
        changes = tuple(sorted(self._needed(changes), key=lambda change: (self._name(change), change.sentence)))
        unsure = self._unsure(changes)
        names = {self._name(change) for change in changes if change.key not in unsure}
        return Cut(changes, tuple(sorted(names or map(self._name, changes))), unsure)

    def _unsure(self, changes: tuple[Change, ...]) -> frozenset[object]:
        """The keys of those changes without which no way is left that is known to work."""
        left = (
            [(one, tuple(other for other in changes if other is not one)) for one in changes]
            if len(changes) > 1
            else []
        )
        doubtful = (pair for pair in left if self._is_doubtful(*pair))
        return frozenset(one.key for one, others in doubtful if not self._cuts.may_work(self._principal, others))

    def _is_doubtful(self, change: Change, others: tuple[Change, ...]) -> bool:
        """Whether it is worth looking for the requests of what is left without a change: it is a flow's, or not sure."""
        if isinstance(change, (FlowChange, OperationChange)):
            return True
        way = self._cuts.way(self._principal, others) or ()
        return any(step.confidence is Confidence.LOW for step in way)

    def _closed(self, changes: Sequence[Change]) -> bool:
        return self._cuts.way(self._principal, tuple(changes)) is None

    # --- everything that is taken away -------------------------------------------------------------------------------

    def _taken(self, way: Sequence[PlanStep]) -> tuple[Change, ...] | None:
        """Changes that close every way, each as large as it can be."""
        changes: tuple[Change, ...] = ()
        left: Sequence[PlanStep] | None = way
        while left is not None:
            held = {change.key for change in changes}
            things = [change for change in self._things(left) if change.key not in held]
            if not things or len(changes) >= MOST_CHANGES:
                return None
            alone = (one for one in things[:MOST_TRIED] if self._closed((*changes, one)))
            changes = (*changes, next(alone, things[0]))
            left = self._cuts.way(self._principal, changes)
        return changes

    def _things(self, way: Sequence[PlanStep]) -> list[Change]:
        """What can be taken away of a way: permissions first, those of its last step before others. A permission on another
        collection comes after them: it is harmless until it is moved, or until its event starts a flow."""
        rows = {row.identity: row for step in reversed(way) for row in step.rows if not row.system}
        ordered = sorted(rows.values(), key=lambda row: row.collection not in ACCESS_TABLES)
        found: list[Change] = [alternatives.without_row(self._export, row) for row in ordered]
        for step in reversed(way):
            operation = self._operations.get(step.operation or "")
            flow = self._flows.get(operation.flow or "") if operation else None
            if operation is not None and flow is not None:
                *_, gone = alternatives.of_operation(operation, flow)
                found.append(gone)
            elif step.kind == "public-registration" and not step.rows:
                found += [off for off in alternatives.of_registration(self._export) if off.values[0][1] is False]
        return list({change.key: change for change in found}.values())

    # --- made smaller ------------------------------------------------------------------------------------------------

    def _needed(self, changes: tuple[Change, ...]) -> tuple[Change, ...]:
        """The changes without those that can be left out, one by one, until each is needed."""
        kept = changes
        again = len(kept) > 1
        while again:
            again = False
            for change in reversed(kept):
                others = tuple(one for one in kept if one is not change)
                if len(kept) > 1 and self._closed(others):
                    kept, again = others, True
        return kept

    def _smaller(self, changes: tuple[Change, ...], index: int, change: Change) -> tuple[Change, ...]:
        """The changes with one of them as small as it can be."""
        for other in self._alternatives(change):
            tried = (*changes[:index], other, *changes[index + 1 :])
            if self._closed(tried):
                return self._fewer_fields(tried, index, other)
        return changes

    def _alternatives(self, change: Change) -> Iterator[Change]:
        match change:
            case PermissionChange(row) if not alternatives.only_deleting_helps(self._export, row):
                pin = alternatives.pinned(self._export, row)
                drops = alternatives.fewer_fields(self._export, row)
                # Where a row names all fields, the profile is what the check of that permission asks for, too.
                order = (
                    alternatives.profiled(self._export, row),
                    *drops,
                    pin,
                    alternatives.narrowed(self._export, row),
                )
                yield from (one for one in order if one is not None)
            case OperationChange(operation):
                yield from alternatives.of_operation(operation, self._flows[operation.flow or ""])
            case SettingsChange():
                yield from alternatives.of_registration(self._export)
            case _:
                return

    def _fewer_fields(self, changes: tuple[Change, ...], index: int, change: Change) -> tuple[Change, ...]:
        """The same with as few fields dropped as will do."""
        if not isinstance(change, PermissionChange):
            return changes
        dropped = change.dropped
        for name in change.dropped:
            fewer = tuple(one for one in dropped if one != name)
            other = alternatives.without_fields(self._export, change.row, fewer)
            if other is not None:
                tried = (*changes[:index], other, *changes[index + 1 :])
                if self._closed(tried):
                    changes, dropped = tried, fewer
        return changes

    def _name(self, change: Change) -> str:
        """What is changed, as fingerprints name it."""
        match change:
            case PermissionChange(row):
                return f"{escape_controls(self._export.holder(row))} {row.action} {row.collection}"
            case OperationChange(operation):
                flow = self._flows.get(operation.flow or "")
                return f"flow {escape_controls(flow.name if flow else operation.key)}"
            case FlowChange(flow):
                return f"flow {escape_controls(flow.name)}"
            case SettingsChange():
                return SETTINGS
