"""The search for an item that one rule matches and another does not.

One cell per field path (`cells`) decides both rules, so a search over cells is complete. A counterexample counts only
after `evaluation.evaluate` has confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

from directus_guard.directus.access.cells import Cell, ExhaustedError, value_cells
from directus_guard.directus.access.decisions import Decisions
from directus_guard.directus.access.evaluation import QueryContext, evaluate, resolve
from directus_guard.directus.access.filters import (
    EVERYTHING,
    NOTHING,
    And,
    Condition,
    Filter,
    Json,
    Opaque,
    Or,
    Path,
    Quantified,
    conditions,
    normalise,
)
from directus_guard.directus.tri import Tri

MAX_STEPS: Final = 20_000
MAX_QUANTIFIED: Final = 4
SMALL: Final = 50
"""Conditions that an item is tested against in the time of one step."""
KEYS: Final = frozenset({"id"})
"""Fields that are never null unless a schema says otherwise: the usual name of the primary key."""


class SearchResult(NamedTuple):
    """Whether an item exists, and one."""

    answer: Tri
    item: Mapping[str, Json] | None = None


Leaf: TypeAlias = "Condition | Quantified | Opaque"


class _Group(Struct):
    """The leaves that depend on the same thing (a path, a relation, something opaque), and the cells of that thing."""

    leaves: list[Leaf]
    cells: list[Cell]
    place: Path
    complete: bool = True


def find_counterexample(a: Filter, b: Filter, context: QueryContext, not_null: frozenset[str]) -> SearchResult:
    """An item that `a` matches and `b` does not. YES with one, NO if there is none, or UNKNOWN."""
    a, b = normalise(resolve(a, context)), normalise(resolve(b, context))
    if a == NOTHING or b == EVERYTHING:
        return SearchResult(Tri.NO)
    try:
        search = _Search(a, b, context, not_null)
        item = search.run()
    except ExhaustedError:
        return SearchResult(Tri.UNKNOWN)
    if item is not None:
        return SearchResult(Tri.YES, item)
    return SearchResult(Tri.UNKNOWN if search.doubtful else Tri.NO)


class _Search:
    """Backtracking over one cell per group, deciding both rules as early as three-valued logic allows."""

    def __init__(self, a: Filter, b: Filter, context: QueryContext, not_null: frozenset[str]) -> None:
        self.a, self.b, self.context = a, b, context
        self.steps = 0
        self.groups = _groups((*conditions(a), *conditions(b)), context, not_null)
        self.doubtful = not all(group.complete for group in self.groups)
        self.chosen: dict[int, Cell] = {}
        self.decisions = Decisions(a, b)
        self.numbers = [tuple(map(self.decisions.number, group.leaves)) for group in self.groups]
        self.group_of = {leaf: index for index, group in enumerate(self.groups) for leaf in group.leaves}
        self.doubts = 0

    def run(self) -> Mapping[str, Json] | None:
        """The item, None if there is none. A loop with a stack: a rule may name more paths than Python nests calls."""
        stack: list[tuple[int, Iterator[Cell]]] = []
        while True:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise ExhaustedError
            holds_a, holds_b = self.decisions[0], self.decisions[1]
            if holds_a is True and holds_b is False:
                item = self._witness()
                if item is not None:
                    return item
            elif holds_a is not False and holds_b is not True:
                index = self.group_of[self.decisions.first_open(0 if holds_a is None else 1)]
                stack.append((index, iter(self.groups[index].cells)))
            while stack and not self._advance(*stack[-1]):
                stack.pop()
            if not stack:
                return None

    def _advance(self, index: int, cells: Iterator[Cell]) -> bool:
        """Put the next cell of a group in the place of the one that was tried; without a next one leave it open."""
        tried = self.chosen.pop(index, None)
        self.doubts -= tried is not None and not tried.certain
        cell = next(cells, None)
        if cell is None:
            self.decisions.reopen(self.numbers[index])
            return False
        self.chosen[index] = cell
        self.decisions.decide(self.numbers[index], cell.truth)
        self.doubts += not cell.certain
        return True

    def _witness(self) -> Mapping[str, Json] | None:
        if self.doubts:
            self.doubtful = True
            return None
        # It is evaluated as a whole: as much work as many steps.
        self.steps += len(self.group_of) // SMALL
        item: dict[str, Json] = {}
        for index in sorted(self.chosen, key=lambda one: len(self.groups[one].place)):
            place, cell = self.groups[index].place, self.chosen[index]
            if _below_null(item, place):
                # A relation that leads nowhere has null at its end: another value there cannot be.
                if cell.value is not None and not cell.or_null:
                    return None
            elif not _place(item, place, cell.value):
                self.doubtful = True
                return None
        if not evaluate(self.a, item, self.context) or evaluate(self.b, item, self.context):
            self.doubtful = True
            return None
        return item


def _below_null(item: Mapping[str, Json], path: Path) -> bool:
    holder: Json = item
    for component in path[:-1]:
        if not isinstance(holder, Mapping) or component not in holder:
            return False
        holder = holder[component]
        if holder is None:
            return True
    return False


def _place(item: dict[str, Json], path: Path, value: Json) -> bool:
    """Put a value into the item; False if another value is in the way."""
    if "_json" in path:
        path = (*path[: path.index("_json")], *path[-1].split("."))
    holder = item
    for component in path[:-1]:
        below = holder.get(component)
        if below is None:
            below = {}
        elif not isinstance(below, dict):
            if isinstance(below, (list, tuple)):
                return False
            below = {"id": below}
        holder[component] = below
        holder = below
    known = holder.get(path[-1], value)
    if known != value:
        return False
    holder[path[-1]] = value
    return True


def _groups(leaves: Sequence[Leaf], context: QueryContext, not_null: frozenset[str]) -> list[_Group]:
    by_key: dict[tuple[str, Path | str], list[Leaf]] = {}
    for leaf in dict.fromkeys(leaves):
        key: tuple[str, Path | str]
        if isinstance(leaf, Opaque):
            key = ("opaque", leaf.source)
        else:
            key = ("rows" if isinstance(leaf, Quantified) else "value", leaf.path)
        by_key.setdefault(key, []).append(leaf)
    groups: list[_Group] = []
    for group in by_key.values():
        conditions_ = [leaf for leaf in group if isinstance(leaf, Condition)]
        quantified = [leaf for leaf in group if isinstance(leaf, Quantified)]
        if conditions_:
            cells, complete = value_cells(conditions_, context, not_null)
            groups.append(_Group(group, cells, conditions_[0].path, complete))
        elif quantified:
            groups.append(_Group(group, _row_cells(quantified, context), quantified[0].path))
        else:
            truths = [(True,) * len(group), (False,) * len(group)]
            groups.append(_Group(group, [Cell(truth, None, certain=False) for truth in truths], ()))
    return groups


def _row_cells(leaves: Sequence[Quantified], context: QueryContext) -> list[Cell]:
    """Which of the inner filters some related row matches: every union of what single rows can match."""
    inner = list(dict.fromkeys(leaf.filter for leaf in leaves))
    if len(inner) > MAX_QUANTIFIED:
        raise ExhaustedError
    rows: list[Cell] = []
    for truth in product((True, False), repeat=len(inner)):
        if not any(truth):
            continue
        matched = And(tuple(node for node, true in zip(inner, truth, strict=True) if true))
        others = Or(tuple(node for node, true in zip(inner, truth, strict=True) if not true))
        found = find_counterexample(matched, others, context, KEYS)
        if found.answer is not Tri.NO:
            rows.append(Cell(truth, found.item, found.answer is Tri.YES))
    unions: dict[tuple[bool, ...], tuple[list[Json], bool]] = {(False,) * len(inner): ([], True)}
    for row in sorted(rows, key=lambda cell: not cell.certain):
        for truth, (items, certain) in list(unions.items()):
            joined = tuple(left or right for left, right in zip(truth, row.truth, strict=True))
            sure = certain and row.certain
            if joined not in unions or (sure and not unions[joined][1]):
                unions[joined] = ([*items, row.value], sure)
    return [
        Cell(
            tuple(leaf.some == truth[inner.index(leaf.filter)] for leaf in leaves),
            items,
            certain,
        )
        for truth, (items, certain) in unions.items()
    ]
