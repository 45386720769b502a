"""The ways to administrator of the principals of one export, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard import progress
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.escalation.evidence import weakest
from directus_guard.escalation.plans.run import Plans
from directus_guard.escalation.reach.closure import VISITOR
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import FREE, ME, NO_GOALS
from directus_guard.escalation.telling import policy_name, role_name
from directus_guard.escalation.work import TooMuchWorkError, Work
from directus_guard.finding import Confidence, Step

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.escalation.account import Account
    from directus_guard.escalation.plans.search import Plan, Simulated
    from directus_guard.escalation.requests.request import Request
    from directus_guard.escalation.tables import Goals
    from directus_guard.escalation.telling import PlanStep

MOST_WORK: Final = 2_000_000
"""How many questions are answered for the principals of one export: ten seconds at most."""


class Path(Struct, frozen=True):
    """A way to administrator: its steps, the rows that allow it, and how sure it is."""

    name: str
    """The ids of its steps: what it is known by in fingerprints."""
    steps: tuple[Step, ...]
    rows: tuple[Permission, ...]
    confidence: Confidence
    plan: tuple[PlanStep, ...] = ()
    """The steps with what each rests on."""
    requests: tuple[Request | None, ...] = ()
    """What each step sends, with places to fill in; None: a step that only waits."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is done in each step, without how keys are known."""
        pairs = zip(self.steps, self.plan, strict=True)
        return tuple(step.action.removesuffix(f" ({planned.note})") for step, planned in pairs)


class Unplanned(Struct, frozen=True):
    """Something that may make an administrator can be brought about, but no requests were found that do."""

    last: str
    """The last write of what was derived, in words."""
    drives_flow: bool
    """Whether that is the start of a flow."""


class Paths:
    """The ways to administrator in one export. What principals share is worked out once."""

    def __init__(self, export: Export, work: Work | None = None, goals: Goals = NO_GOALS) -> None:
        """`work`: how much may be spent on all principals together; `TooMuchWorkError` beyond. `goals`: actions on collections
        that a way may lead to, beside administrator."""
        self._state = AccessState(export, work or Work(MOST_WORK), goals)
        self._plans = Plans(self._state)

    def answer(self, principal: Principal) -> Path | Unplanned | None:
        """The surest way that a principal has of its own; None: there is none. Administrators need none."""
        progress.step(progress.Stage.FOLLOWING)
        start = self._state.account(principal)
        if self._state.attacker(start).access.admin:
            return None
        found = self._plans.of(start)
        if found.plan is not None:
            return self._told(start, found.plan)
        return (
            None
            if found.way is None
            else Unplanned(found.way.step.does, drives_flow=found.way.step.kind == "flow-drive")
        )

    def of(self, principal: Principal) -> Path | None:
        """The way of `answer`, if there is a plan."""
        answer = self.answer(principal)
        return answer if isinstance(answer, Path) else None

    def way(self, principal: Principal) -> tuple[PlanStep, ...] | None:
        """Some writes that may make an administrator of a principal, whether they work together or not."""
        start = self._state.account(principal)
        return None if self._state.attacker(start).access.admin else self._plans.derived(start)

    def escalates(self, principal: Principal) -> bool:
        """Whether a principal may become administrator, be it as any anonymous visitor could; or where that cannot be followed."""
        try:
            if self._state.attacker(self._state.account(principal)).access.admin:
                return False
            return self.way(principal) is not None or self.way(PUBLIC) is not None
        except TooMuchWorkError:
            # What cannot be followed is not called safe.
            return True

    def _told(self, start: Account, plan: Plan) -> Path:
        steps = plan.described()
        rows = {row.identity: row for step in steps for row in step.rows}
        return Path(
            name="+".join(dict.fromkeys(step.kind for step in steps)),
            steps=tuple(self._step(start, *pair) for pair in zip(steps, plan.steps, strict=True)),
            rows=tuple(rows.values()),
            confidence=weakest(step.confidence for step in steps),
            plan=steps,
            requests=tuple(step.request for step in plan.steps),
        )

    def _step(self, start: Account, step: PlanStep, simulated: Simulated) -> Step:
        from directus_guard.escalation.requests.shown import shown  # noqa: PLC0415 - most principals have no way

        own = VISITOR if start.public else Person(start, start.user or ME)
        request = None if simulated.request is None else shown(self._state, simulated.request, own)
        return Step(
            action=self._as(start, step.account or start) + step.does + (f" ({step.note})" if step.note else ""),
            permission=step.permission,
            gives=step.gives,
            location=step.location or next((row.location for row in step.rows if row.location), None),
            id=step.kind,
            request=request,
        )

    def _as(self, start: Account, attacker: Account) -> str:
        if (attacker.user, attacker.role, attacker.public) == (start.user, start.role, start.public):
            return ""
        if attacker.public:
            return "anonymously: "
        if attacker.role == FREE and attacker.policies:
            return f"as a user with {policy_name(self._state, attacker.policies[0])}: "
        return f"as a user with {role_name(self._state, attacker.role)}: "
