"""The closure over what an attacker can act as, and the shortest path in it.

The search settles accounts in the order of the steps they cost. Each settled account adds its moves; moves that change
another account's rights join two accounts the attacker has. Nothing is ever taken away, so the closure is monotone: a
further row can only open moves. The surest path counts, among those the shortest, among those the first in the
catalogue's order; nothing depends on the order of files or rows.

What anybody can do without an account is the public's path. It helps others, who can register too; but what the public
can do alone is told of the public only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Final

from directus_guard.escalation.catalogue import KINDS
from directus_guard.escalation.moves import ALONE, ON, applies
from directus_guard.escalation.telling import WHOSE, role_name
from directus_guard.escalation.world import ANONYMOUS, World, rank, weakest
from directus_guard.finding import Confidence, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.directus.access import Permission
    from directus_guard.directus.export import Export
    from directus_guard.directus.principals import Principal
    from directus_guard.escalation.telling import Move, Told
    from directus_guard.escalation.world import Account


@dataclass(frozen=True, slots=True)
class Path:
    """A way to administrator: its steps, the rows that allow it, and how sure it is."""

    name: str
    """The ids of its steps: what it is known by in fingerprints."""
    steps: tuple[Step, ...]
    rows: tuple[Permission, ...]
    confidence: Confidence


class Paths:
    """The ways to administrator in one export. What principals share is worked out once."""

    def __init__(self, export: Export) -> None:
        self._world = World(export)
        self._alone: dict[Account, tuple[Move, ...]] = {}
        self._on: dict[tuple[Account, Account], tuple[Move, ...]] = {}
        self._anonymous: dict[Confidence, _Search] = {}
        self._hopeless: set[Account] = set()
        self._powers: dict[Account, bool] = {}

    def of(self, principal: Principal) -> Path | None:
        """The shortest way that a principal has of its own; None if the model knows none. Administrators need none."""
        start = self._world.account(principal)
        if self._world.actor(start).access.admin:
            return None
        steps = self._shortest(start, Confidence.LOW)
        for level in (Confidence.HIGH, Confidence.MEDIUM):
            if steps is None or rank(weakest(step.told.confidence for step in steps)) <= rank(level):
                break
            steps = self._shortest(start, level) or steps
        return None if steps is None else self._told(start, steps)

    def escalates(self, principal: Principal) -> bool:
        """Whether a principal can become administrator, be it as any anonymous visitor could."""
        if self._world.actor(self._world.account(principal)).access.admin:
            return False
        return self.of(principal) is not None or self._public(Confidence.LOW).goal is not None

    def _shortest(self, start: Account, level: Confidence) -> _Steps | None:
        """The shortest way that uses only moves as sure as `level`."""
        if start == ANONYMOUS:
            return self._public(level).goal
        helpers = self._public(level).settled
        if not self._has_moves(start) and not any(map(self._has_moves, helpers)):
            return None
        # Where the public gets there alone, what it could do for others is no way of theirs.
        serving = self._public(Confidence.LOW).goal is None
        search = _Search(self, start, helpers, level, serving=serving)
        search.run()
        if search.goal is None and level is Confidence.LOW:
            self._hopeless.update(search.settled)
        return search.goal

    def _public(self, level: Confidence) -> _Search:
        """Everything an anonymous visitor can become."""
        if level not in self._anonymous:
            search = _Search(self, ANONYMOUS, {}, level)
            search.run(everything=True)
            self._anonymous[level] = search
        return self._anonymous[level]

    def _has_moves(self, account: Account) -> bool:
        return self._world.actor(account).powerful or bool(self.alone(account))

    def hopeless(self, account: Account) -> bool:
        """Whether a search has shown that nobody gets further with this account."""
        return account in self._hopeless

    def alone(self, account: Account) -> tuple[Move, ...]:
        """The moves of an account that need no other."""
        if account not in self._alone:
            actor = self._world.actor(account)
            self._alone[account] = self._possible(move for step in ALONE for move in step(actor))
        return self._alone[account]

    def on(self, account: Account, other: Account) -> tuple[Move, ...]:
        """The moves by which an account changes what another one (or it itself) may do."""
        if not self._world.actor(account).powerful:
            return ()
        key = (account, other)
        if key not in self._on:
            actor = self._world.actor(account)
            self._on[key] = self._possible(move for step in ON for move in step(actor, other))
        return self._on[key]

    def _possible(self, moves: Iterable[Move]) -> tuple[Move, ...]:
        return tuple(self._arrived(move) for move in moves if applies(self._world, move))

    def _arrived(self, move: Move) -> Move:
        """A move to an account that turns out to be an administrator's leads to administrator."""
        admin = move.target is not None and not move.group and self._world.actor(move.target).access.admin
        return replace(move, target=None) if admin else move

    def _told(self, start: Account, steps: _Steps) -> Path:
        rows = {id(row): row for step in steps for row in step.told.rows}
        return Path(
            name="+".join(dict.fromkeys(step.told.kind for step in steps)),
            steps=tuple(self._step(start, step) for step in steps),
            rows=tuple(rows.values()),
            confidence=weakest(step.told.confidence for step in steps),
        )

    def _step(self, start: Account, step: _Taken) -> Step:
        told = step.told
        chosen = role_name(self._world, step.chosen.role if step.chosen else None)
        actor = told.actor or step.actor
        return Step(
            action=self._as(start, actor) + told.does.replace(WHOSE, chosen),
            permission=told.permission,
            gives=told.gives.replace(WHOSE, chosen),
            location=told.location or next((row.location for row in told.rows if row.location), None),
            id=told.kind,
        )

    def _as(self, start: Account, actor: Account) -> str:
        if actor == start or (actor.user is None and (actor.role, actor.public) == (start.role, start.public)):
            return ""
        if actor.public:
            return "anonymously: "
        return f"as a user with {role_name(self._world, actor.role)}: "


@dataclass(frozen=True, slots=True, eq=False)
class _Taken:
    """A step that was taken: by whom, and which account of a group it got."""

    told: Told
    actor: Account
    chosen: Account | None = None


_Steps = tuple[_Taken, ...]


class _Search:
    """One search from one account. `settled`: the accounts the attacker gets, with the steps to each."""

    def __init__(
        self,
        paths: Paths,
        start: Account,
        helpers: Mapping[Account, _Steps],
        level: Confidence,
        *,
        serving: bool = False,
    ) -> None:
        """`helpers`: what the anonymous visitor can become; `serving`: whether they act for the attacker, too."""
        self._paths = paths
        self._serving = serving
        self._helpers = helpers
        self._level = rank(level)
        self._queue: list[tuple[int, tuple[int, ...], tuple[str, ...], int, Account | None, _Steps]] = []
        self._number = count()
        self._groups: set[int] = set()
        self.settled: dict[Account, _Steps] = {}
        self.goal: _Steps | None = None
        self._push(start, ())

    def run(self, *, everything: bool = False) -> None:
        """Settle accounts until an administrator's is reached, or (`everything`) until there are no more."""
        while self._queue:
            _, _, _, _, account, steps = heappop(self._queue)
            if account is None:
                self.goal = self.goal or steps
                if not everything:
                    return
            elif account not in self.settled:
                self.settled[account] = steps
                self._expand(account, steps)

    def _expand(self, account: Account, steps: _Steps) -> None:
        for move in self._paths.alone(account):
            self._take(account, move, steps)
        for move in self._paths.on(account, account):
            self._take(account, move, steps)
        for other, others in self.settled.items():
            if other != account:
                self._act(account, other, _joined(others, steps))
                self._act(other, account, _joined(others, steps))
        for helper, others in self._helpers.items():
            if helper not in self.settled:
                self._act(account, helper, _joined(others, steps))
                if self._serving:
                    self._act(helper, account, _joined(others, steps))

    def _act(self, account: Account, other: Account, steps: _Steps) -> None:
        for move in self._paths.on(account, other):
            self._take(account, move, steps)

    def _take(self, actor: Account, move: Move, before: _Steps) -> None:
        if any(rank(step.confidence) > self._level for step in move.steps):
            return
        if not move.group:
            self._push(move.target, _joined(before, (_Taken(step, actor) for step in move.steps)))
        elif id(move.group) not in self._groups:
            self._groups.add(id(move.group))
            for target in move.group:
                if target not in self.settled and not self._paths.hopeless(target):
                    self._push(target, _joined(before, (_Taken(step, actor, target) for step in move.steps)))

    def _push(self, account: Account | None, steps: _Steps) -> None:
        if account is not None and account in self.settled:
            return
        kinds = tuple(_ORDER[step.told.kind] for step in steps)
        tie = account.order if account is not None else ()
        heappush(self._queue, (len(steps), kinds, tie, next(self._number), account, steps))


def _joined(before: _Steps, after: Iterable[_Taken]) -> _Steps:
    return tuple(dict.fromkeys((*before, *after)))


_ORDER: Final = {kind: index for index, kind in enumerate(KINDS)}
