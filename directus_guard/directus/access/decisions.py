"""Rules of which some conditions are decided: their truth, kept up to date as conditions are decided and opened again.

A search changes a few conditions at each step. Only the groups above them are counted anew, so that a step costs the same
in a rule of three conditions and in one of three thousand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.access.filters import And, Or

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.access.filters import Condition, Filter, Opaque, Quantified

    Leaf = Condition | Quantified | Opaque


class Decisions:
    """The truth of rules by that of their conditions: True, False, or None while it depends on open conditions."""

    def __init__(self, *rules: Filter) -> None:
        self._truth: list[bool | None] = []
        self._groups: list[_Group | None] = []
        """The counts of each node that is an And or an Or; None for a condition."""
        self._above: list[list[tuple[int, _Group, int]]] = []
        """The groups that hold a node, by number, and its place in each."""
        self._leaves: dict[Leaf, int] = {}
        self._by_number: dict[int, Leaf] = {}
        self._roots = tuple(map(self._add, rules))

    def __getitem__(self, rule: int) -> bool | None:
        """The truth of a rule, by its number among those given."""
        return self._truth[self._roots[rule]]

    def number(self, leaf: Leaf) -> int:
        """The number by which a condition is decided."""
        return self._leaves[leaf]

    def decide(self, numbers: Iterable[int], truths: Iterable[bool]) -> None:
        """Set the truth of conditions."""
        for number, truth in zip(numbers, truths, strict=True):
            self._set(number, truth)

    def reopen(self, numbers: Iterable[int]) -> None:
        """Make conditions open again."""
        for number in numbers:
            self._set(number, None)

    def first_open(self, rule: int) -> Leaf:
        """The first condition on which the truth of a rule depends that is still open."""
        node = self._roots[rule]
        while (group := self._groups[node]) is not None:
            while self._truth[group.branches[group.cursor]] is not None:
                group.cursor += 1
            node = group.branches[group.cursor]
        return self._by_number[node]

    def _add(self, rule: Filter) -> int:
        if not isinstance(rule, (And, Or)):
            known = self._leaves.get(rule)
            if known is not None:
                return known
            number = self._new(None, None)
            self._leaves[rule] = number
            self._by_number[number] = rule
            return number
        branches = tuple(map(self._add, rule.branches))
        group = _Group(branches, absorbing=isinstance(rule, Or))
        for place, branch in enumerate(branches):
            group.count(None, self._truth[branch], place)
        number = self._new(group, group.truth())
        for place, branch in enumerate(branches):
            self._above[branch].append((number, group, place))
        return number

    def _new(self, group: _Group | None, truth: bool | None) -> int:
        self._groups.append(group)
        self._truth.append(truth)
        self._above.append([])
        return len(self._truth) - 1

    def _set(self, number: int, truth: bool | None) -> None:
        changed = [number]
        while changed:
            node = changed.pop()
            group = self._groups[node]
            before, now = self._truth[node], truth if group is None else group.truth()
            if before is now:
                continue
            self._truth[node] = now
            for above, holding, place in self._above[node]:
                holding.count(before, now, place)
                changed.append(above)


class _Group:
    """An And or an Or: how many of its branches hold its absorbing truth, and how many are open."""

    __slots__ = ("absorbed", "absorbing", "branches", "cursor", "open")

    def __init__(self, branches: tuple[int, ...], *, absorbing: bool) -> None:
        self.branches = branches
        self.absorbing = absorbing
        self.absorbed = 0
        self.open = len(branches)
        self.cursor = 0
        """No branch before it is open."""

    def truth(self) -> bool | None:
        if self.absorbed:
            return self.absorbing
        return None if self.open else not self.absorbing

    def count(self, before: bool | None, now: bool | None, place: int) -> None:
        """Take note that the truth of the branch at a place has changed."""
        if now is None:
            self.cursor = min(self.cursor, place)
        self.open += (now is None) - (before is None)
        self.absorbed += (now is self.absorbing) - (before is self.absorbing)
