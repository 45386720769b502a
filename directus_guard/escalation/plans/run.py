"""The plans of the principals of one export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.content import content_key
from directus_guard.escalation.account import ANONYMOUS
from directus_guard.escalation.evidence import rank
from directus_guard.escalation.plans.counted import may_have_several
from directus_guard.escalation.reach import Closures
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.account import Account
    from directus_guard.escalation.plans.search import Plan, Simulation
    from directus_guard.escalation.reach.closure import Cause, Closure
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.telling import PlanStep

MOST_TRIED: Final = 60
"""So many derived ways are simulated for one principal and one confidence."""


MOST_BETTER: Final = 2
"""So many of them may give a plan that is less sure than what is asked for."""
MOST_SEARCHED: Final = 500_000
"""How many questions are answered to find a plan for one principal: a quarter of what there are for all of an export."""


class Reached(Struct, frozen=True, eq=False):
    """What one principal can bring about: a plan, or (None) something that may make an administrator and for which none
    was found. `way`: what was derived last."""

    plan: Plan | None
    way: Cause | None

    @property
    def reached(self) -> bool:
        return self.way is not None


class Plans:
    """The plans of one export. What is the same for several principals is worked out once."""

    def __init__(self, access_state: AccessState) -> None:
        self._access_state = access_state
        self._closures = Closures(access_state)
        self._reached: dict[Account, Reached] = {}

    def of(self, start: Account) -> Reached:
        """The surest plan by which an account, which is no administrator's, becomes one."""
        if start not in self._reached:
            self._reached[start] = self._of(start)
        return self._reached[start]

    def _of(self, start: Account) -> Reached:
        way = self._closures.closed(start, Confidence.LOW).goal
        best, last = None, way
        # Without a way, nor does it by surer writes only, which are most of the work.
        if way is not None:
            best, last = self._searched(start)
        if best is None and not start.public and self._closures.public_is_reached() and self.of(ANONYMOUS).plan is None:
            found, derived = self._searched(start, with_visitors=True)
            best, last = (found, derived) if found is not None else (None, last)
        return Reached(best, last or way)

    def _searched(self, start: Account, *, with_visitors: bool = False) -> tuple[Plan | None, Cause | None]:
        """The surest plan of an account, and what was derived last. `with_visitors` as in `Closures.closed`."""
        search = _Search(self._access_state, self._closures, start, with_visitors=with_visitors)
        for level in (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW):
            if search.run(level):
                break
        return search.best or self._with_another(start), search.last

    def _with_another(self, start: Account) -> Plan | None:
        """A plan for the case that Directus 10 takes another one of several permissions than the first by key."""
        if not may_have_several(self._access_state.model):
            return None
        search = _Search(self._access_state, self._closures, start, unordered=True)
        search.run(Confidence.LOW)
        return search.best

    def derived(self, start: Account) -> tuple[PlanStep, ...] | None:
        """Some writes by which an account may become an administrator's, as they were derived; None: there are none."""
        return self._closures.of_any(start)


class _Search:
    """The search for one principal. `waiting`: writes to do without, for each derived way that is still to be looked at."""

    def __init__(
        self,
        access_state: AccessState,
        closures: Closures,
        start: Account,
        *,
        unordered: bool = False,
        with_visitors: bool = False,
    ) -> None:
        """`unordered` as in `Simulation`, `with_visitors` as in `Closures.closed`."""
        self._unordered = unordered
        self._with_visitors = with_visitors
        self._access_state = access_state
        self._closures = closures
        self._start = start
        self._waiting: list[frozenset[object]] = [frozenset()]
        self._failed: dict[tuple[object, ...], list[frozenset[object]]] = {}
        """The derived ways that do not work, with what to do without for others: different sets lead to the same way."""
        self._enough = access_state.work.left - MOST_SEARCHED
        self.best: Plan | None = None
        self.last: Cause | None = None

    def run(self, level: Confidence) -> bool:
        """Look for plans that are as sure as a level. Whether no further level can have a surer one than what is found."""
        waiting = self._waiting
        ended: list[frozenset[object]] = []
        looked, better = 0, MOST_BETTER
        for looked, excluded in enumerate(_distinct(waiting), 1):
            # With fewer writes still nothing is reached.
            hopeless = any(fewer <= excluded for fewer in ended)
            closure = None if hopeless else self._closed(level, excluded)
            if closure is None or closure.goal is None:
                ended.append(excluded)
            else:
                self.last = closure.goal
                plan, further = self._simulated(closure)
                waiting += [excluded | keys for keys in further]
                if plan is not None and rank(plan.confidence) <= rank(level):
                    return True
                better -= plan is not None
            if looked >= MOST_TRIED or not better or self._access_state.work.left < self._enough:
                break
        self._waiting = [*ended, *waiting[looked:]]
        return self.best is not None and rank(self.best.confidence) <= rank(level) + 1

    def _closed(self, level: Confidence, excluded: frozenset[object]) -> Closure:
        return self._closures.closed(self._start, level, excluded, with_visitors=self._with_visitors)

    def _simulated(self, closure: Closure) -> tuple[Plan | None, list[frozenset[object]]]:
        """The plan of a derived way; what to do without for others."""
        if closure.goal is None:  # pragma: no cover - asked for by the caller
            return None, []
        from directus_guard.escalation.plans.search import Simulation  # noqa: PLC0415 - most principals have no way

        way = tuple((cause.key, content_key(cause.requests)) for cause in closure.goal.all())
        if way in self._failed:
            return None, self._failed[way]
        simulation = Simulation(self._access_state, closure.goal, closure.start, unordered=self._unordered)
        plan = simulation.run()
        if plan is None:
            self._failed[way] = [frozenset((key,)) for key in _refused(simulation)]
            return None, self._failed[way]
        if self.best is None or rank(plan.confidence) < rank(self.best.confidence):
            self.best = plan
        return plan, [_weak(plan)]


def _distinct(waiting: list[frozenset[object]]) -> Iterator[frozenset[object]]:
    """What is waiting, also what comes while it is gone through, each once."""
    seen: set[frozenset[object]] = set()
    for one in waiting:
        if one not in seen:
            seen.add(one)
            yield one


def _refused(simulation: Simulation) -> Iterator[object]:
    """What to do without where the writes do not work together: the one that was refused, or one that it rests on."""
    refused = simulation.refused()
    yield refused.key
    yield from (one.key for one in reversed(refused.before))


def _weak(plan: Plan) -> frozenset[object]:
    """What to do without for a surer plan: keys that have to be learnt, or the least sure step."""
    weak = max(plan.steps, key=lambda one: rank(one.confidence))
    return weak.unknown or frozenset((weak.cause.key,))
