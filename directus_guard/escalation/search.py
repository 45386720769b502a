"""The closure over what an attacker can act as, and the shortest path in it.

Accounts are the nodes of a graph, moves its edges; administrator is the goal. One pass from the goal backwards gives
every account its shortest path, so that the cost is linear in accounts and moves, however many principals ask. What a
graph cannot say are moves by which one account changes another one that the attacker has too (an editor promotes the
customer that he registered as): a small forward search from each principal joins such pairs.

Nothing is ever taken away, so the closure is monotone: a further row can only open moves. The surest path counts, among
those the shortest, among those the first in the catalogue's order; nothing depends on the order of files or rows.

What anybody can do without an account is the public's path. It helps others, who can register too; but what the public
can do alone is reported for the public only.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.principals import PUBLIC
from directus_guard.escalation.catalogue import KINDS
from directus_guard.escalation.moves import ALONE, ON, applies
from directus_guard.escalation.reach import Closures
from directus_guard.escalation.telling import WHOSE, policy_name, role_name
from directus_guard.escalation.world import ANONYMOUS, FREE, TooMuchWorkError, Work, World, rank, weakest
from directus_guard.finding import Confidence, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.escalation.telling import Move, PlanStep
    from directus_guard.escalation.world import Account

MOST_ACCOUNTS: Final = 8
"""How many accounts the search for pairs goes through from one principal; the graph has all."""
MOST_WORK: Final = 300_000
"""How many questions are answered for the principals of one export: a few seconds. 500 roles with 50,000 rows take 30,000."""
MOST_PAIRED: Final = 4
"""Up to so many accounts every pair is looked at; beyond, those with the principal's own and with the public's."""


class Path(Struct, frozen=True):
    """A way to administrator: its steps, the rows that allow it, and how sure it is."""

    name: str
    """The ids of its steps: what it is known by in fingerprints."""
    steps: tuple[Step, ...]
    rows: tuple[Permission, ...]
    confidence: Confidence
    plan: tuple[PlanStep, ...] = ()
    """The steps with what each rests on."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is done in each step, without how keys are known."""
        pairs = zip(self.steps, self.plan, strict=True)
        return tuple(step.action.removesuffix(f" ({planned.note})") for step, planned in pairs)


class _Taken(Struct, frozen=True, eq=False):
    """A step that was taken: by whom, and which account of a group it got."""

    plan: PlanStep
    actor: Account
    chosen: Account | None = None


_Steps = tuple[_Taken, ...]


class Paths:
    """The ways to administrator in one export. What principals share is worked out once."""

    def __init__(self, export: Export, work: Work | None = None) -> None:
        """`work`: how much may be spent on all principals together; `TooMuchWorkError` beyond."""
        self._export = export
        self._world = World(export, work or Work(MOST_WORK))
        self._moves: dict[tuple[Account, Account | None], tuple[Move, ...]] = {}
        self._reach = Closures(self._world)
        self._graphs: dict[bool, _Graph] = {}
        self._anonymous: dict[Confidence, _Search] = {}

    def of(self, principal: Principal) -> Path | None:
        """The shortest way that a principal has of its own; None if the model knows none. Administrators need none."""
        start = self._world.account(principal)
        if self._world.actor(start).access.admin:
            return None
        steps = self._shortest(start, Confidence.LOW)
        for level in (Confidence.HIGH, Confidence.MEDIUM):
            if steps is None or rank(weakest(step.plan.confidence for step in steps)) <= rank(level):
                break
            steps = self._shortest(start, level) or steps
        if steps is None:
            derived = self._reach.of(start)
            steps = None if derived is None else tuple(_Taken(step, step.actor or start) for step in derived)
        return None if steps is None else self._told(start, steps)

    def way(self, principal: Principal) -> tuple[PlanStep, ...] | None:
        """Some way that a principal has of its own, as its steps; not the shortest."""
        start = self._world.account(principal)
        if self._world.actor(start).access.admin:
            return None
        derived = self._reach.of_any(start)
        if derived is not None:
            return derived
        steps = self._shortest(start, Confidence.LOW)
        return None if steps is None else tuple(step.plan for step in steps)

    def escalates(self, principal: Principal) -> bool:
        """Whether a principal can become administrator, be it as any anonymous visitor could; or where that cannot be followed."""
        try:
            if self._world.actor(self._world.account(principal)).access.admin:
                return False
            return self.of(principal) is not None or self.of(PUBLIC) is not None
        except TooMuchWorkError:
            # What cannot be followed is not called safe.
            return True

    def _shortest(self, start: Account, level: Confidence) -> _Steps | None:
        """The shortest way that uses only moves as sure as `level`."""
        if start == ANONYMOUS:
            return self._public(level).goal
        # Where the public gets there alone, what it could do for others is no way of theirs.
        serving = self._public(Confidence.LOW).goal is None
        search = _Search(self, self._graph(public=False), start, self._public(level).settled, level, serving=serving)
        search.run()
        return search.goal

    def _public(self, level: Confidence) -> _Search:
        """What an anonymous visitor can become."""
        if level not in self._anonymous:
            search = _Search(self, self._graph(public=True), ANONYMOUS, {}, level, serving=False)
            search.run(everything=True)
            self._anonymous[level] = search
        return self._anonymous[level]

    def _graph(self, *, public: bool) -> _Graph:
        """What can be reached by the public, or by all other principals."""
        if public not in self._graphs:
            others = [] if public else [self._world.account(one) for one in self._export.model.principals()]
            self._graphs[public] = _Graph(self, [ANONYMOUS] if public else [one for one in others if not one.public])
        return self._graphs[public]

    def moves(self, account: Account) -> tuple[Move, ...]:
        """The moves of an account that need no other one."""
        key = (account, None)
        if key not in self._moves:
            actor = self._world.actor(account)
            steps = [move for step in ALONE for move in step(actor)]
            steps += [move for step in ON for move in step(actor, account)] if actor.powerful else []
            self._moves[key] = self._possible(steps)
        return self._moves[key]

    def on(self, account: Account, other: Account) -> tuple[Move, ...]:
        """The moves by which an account changes what another one may do."""
        actor = self._world.actor(account)
        if not actor.powerful:
            return ()
        key = (account, other)
        if key not in self._moves:
            self._moves[key] = self._possible(move for step in ON for move in step(actor, other))
        return self._moves[key]

    def _possible(self, moves: Iterable[Move]) -> tuple[Move, ...]:
        return tuple(self._arrived(move) for move in moves if applies(self._world, move))

    def _arrived(self, move: Move) -> Move:
        """A move to an account that turns out to be an administrator's leads to administrator."""
        admin = move.target is not None and not move.group and self._world.actor(move.target).access.admin
        return replace(move, target=None) if admin else move

    def _told(self, start: Account, steps: _Steps) -> Path:
        rows = {row.identity: row for step in steps for row in step.plan.rows}
        return Path(
            name="+".join(dict.fromkeys(step.plan.kind for step in steps)),
            steps=tuple(self._step(start, step) for step in steps),
            rows=tuple(rows.values()),
            confidence=weakest(step.plan.confidence for step in steps),
            plan=tuple(step.plan for step in steps),
        )

    def _step(self, start: Account, step: _Taken) -> Step:
        plan = step.plan
        chosen = "" if step.chosen is None else self._chosen(step.chosen)
        actor = plan.actor or step.actor
        return Step(
            action=self._as(start, actor) + plan.does.replace(WHOSE, chosen) + (f" ({plan.note})" if plan.note else ""),
            permission=plan.permission,
            gives=plan.gives.replace(WHOSE, chosen),
            location=plan.location or next((row.location for row in plan.rows if row.location), None),
            id=plan.kind,
        )

    def _chosen(self, account: Account) -> str:
        """The role or policy that was chosen from a group, by its name."""
        if account.role == FREE:
            return policy_name(self._world, account.policies[0])
        return role_name(self._world, account.role)

    def _as(self, start: Account, actor: Account) -> str:
        if actor == start or (actor.user is None and (actor.role, actor.public) == (start.role, start.public)):
            return ""
        if actor.public:
            return "anonymously: "
        if actor.role == FREE:
            return f"as a user with {policy_name(self._world, actor.policies[0])}: "
        return f"as a user with {role_name(self._world, actor.role)}: "


class _Next(Struct, frozen=True):
    """How it goes on from a node: by a move (from a group: by choosing), to a node; how far the goal is."""

    distance: int
    kinds: tuple[int, ...]
    move: Move | None
    node: Account | int | None


class _Graph:
    """Accounts and the moves between them, as far as some accounts reach. A number is a node for any account of a group."""

    def __init__(self, paths: Paths, starts: Sequence[Account]) -> None:
        self._into: dict[Account | int | None, list[tuple[Account | int, Move | None]]] = {}
        self._solved: dict[Confidence, dict[Account | int, _Next]] = {}
        seen = set(starts)
        groups: dict[tuple[Account, ...], int] = {}
        queue = list(starts)
        for account in queue:
            for move in paths.moves(account):
                targets = move.group or (() if move.target is None else (move.target,))
                node: Account | int | None = move.target
                if move.group:
                    new = move.group not in groups
                    node = groups.setdefault(move.group, len(groups))
                    for target in targets if new else ():
                        self._into.setdefault(target, []).append((node, None))
                self._into.setdefault(node, []).append((account, move))
                queue += [target for target in targets if target not in seen]
                seen.update(targets)

    def distance(self, account: Account, level: Confidence) -> int | None:
        """How many steps it is from an account to administrator; None if there is no way."""
        onward = self._solve(level).get(account)
        return None if onward is None else onward.distance

    def steps(self, account: Account, level: Confidence) -> _Steps:
        """The shortest way from an account that needs no second one. There must be one."""
        solved = self._solve(level)
        taken: list[_Taken] = []
        node: Account | int | None = account
        while node is not None and not isinstance(node, int):
            onward = solved[node]
            chosen = solved[onward.node].node if isinstance(onward.node, int) else onward.node
            if onward.move is None or isinstance(chosen, int):
                break
            taken += [_Taken(step, node, chosen) for step in onward.move.steps]
            node = chosen
        return tuple(taken)

    def _solve(self, level: Confidence) -> dict[Account | int, _Next]:
        """From the goal backwards: how it goes on from each node."""
        if level in self._solved:
            return self._solved[level]
        solved: dict[Account | int, _Next] = {}
        number = count()
        queue: list[tuple[int, tuple[int, ...], tuple[str, ...], int, Account | int | None, _Next]] = []
        heappush(queue, (0, (), (), next(number), None, _Next(0, (), None, None)))
        while queue:
            distance, kinds, _, _, node, onward = heappop(queue)
            if node is not None:
                if node in solved:
                    continue
                solved[node] = onward
            tie = () if node is None or isinstance(node, int) else node.order
            for source, move in self._into.get(node, ()):
                if source in solved or (move is not None and not _as_sure(move, level)):
                    continue
                further = distance + (len(move.steps) if move else 0)
                order = (*(_ORDER[step.kind] for step in move.steps), *kinds) if move else kinds
                entry = _Next(further, order, move, node)
                heappush(queue, (further, order, tie, next(number), source, entry))
        self._solved[level] = solved
        return solved


def _as_sure(move: Move, level: Confidence) -> bool:
    return all(rank(step.confidence) <= rank(level) for step in move.steps)


class _Search:
    """One search from one account. `settled`: the first accounts the attacker gets, with the steps to each."""

    def __init__(
        self,
        paths: Paths,
        graph: _Graph,
        start: Account,
        helpers: Mapping[Account, _Steps],
        level: Confidence,
        *,
        serving: bool,
    ) -> None:
        """`helpers`: what the anonymous visitor can become; `serving`: whether they act for the attacker, too."""
        self._paths = paths
        self._graph = graph
        self._start = start
        self._helpers = helpers
        self._serving = serving
        self._level = level
        self._queue: list[tuple[int, tuple[int, ...], tuple[str, ...], int, Account | None, _Steps]] = []
        self._number = count()
        self.settled: dict[Account, _Steps] = {}
        self.goal: _Steps | None = None
        self._best: int | None = None
        self._push(start, ())

    def run(self, *, everything: bool = False) -> None:
        """Settle accounts until an administrator's is reached, or (`everything`) as many as are looked at."""
        while self._queue and len(self.settled) <= MOST_ACCOUNTS:
            _, _, _, _, account, steps = heappop(self._queue)
            if account is None:
                self.goal = self.goal or steps
                if not everything:
                    return
            elif account not in self.settled:
                self.settled[account] = steps
                self._expand(account, steps)
        ends = [entry for entry in self._queue if entry[4] is None]
        if self.goal is None and ends:
            self.goal = min(ends)[5]

    def _expand(self, account: Account, steps: _Steps) -> None:
        distance = self._graph.distance(account, self._level)
        if distance is not None and (self._best is None or len(steps) + distance < self._best):
            self._best = len(steps) + distance
            self._push(None, _joined(steps, self._graph.steps(account, self._level)))
        for move in self._paths.moves(account):
            if move.target is not None:
                self._take(account, move, steps)
        for other, others in self.settled.items():
            near = len(self.settled) <= MOST_PAIRED or self._start in (account, other)
            if other != account and near:
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
        if not _as_sure(move, self._level):
            return
        for target in move.group[:MOST_ACCOUNTS] or (move.target,):
            if target is None or target not in self.settled:
                self._push(target, _joined(before, (_Taken(step, actor, target) for step in move.steps)))

    def _push(self, account: Account | None, steps: _Steps) -> None:
        kinds = tuple(_ORDER[step.plan.kind] for step in steps)
        tie = account.order if account is not None else ()
        heappush(self._queue, (len(steps), kinds, tie, next(self._number), account, steps))


def _joined(before: _Steps, after: Iterable[_Taken]) -> _Steps:
    return tuple(dict.fromkeys((*before, *after)))


_ORDER: Final = {kind: index for index, kind in enumerate(KINDS)}
