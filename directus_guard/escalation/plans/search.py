"""A plan for a way that was derived: its writes, simulated in some order until an account is an administrator's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.records import Permission
from directus_guard.directus.access.validation import Validations
from directus_guard.directus.content import content_key
from directus_guard.escalation.account import Account
from directus_guard.escalation.catalogue import KINDS
from directus_guard.escalation.evidence import rank, weakest
from directus_guard.escalation.plans.acceptance import Accepted, attempt
from directus_guard.escalation.plans.back import put_back
from directus_guard.escalation.plans.counted import without_first
from directus_guard.escalation.plans.state import beginning, stored_key
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.request import CREATE, REGISTER, START, UPDATE, WAIT, NewRow, Request
from directus_guard.escalation.tables import ACCESS, ME, POLICIES, ROLES
from directus_guard.escalation.telling import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.escalation.plans.state import Key, SimulatedState
    from directus_guard.escalation.reach.closure import Cause, Causes
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.telling import PlanStep
    from directus_guard.finding import Confidence

MOST_ATTEMPTS: Final = 120
"""So many requests are simulated for one set of writes."""
PARTS: Final = frozenset({"flow-build", "flow-trigger", "operation-rewrite"})
"""Steps that are simulated with the start of the flow that follows them."""
COST_OF_REQUEST: Final = 20
"""What it costs to simulate one, in questions."""


class Simulated(Struct, frozen=True, eq=False):
    """A write that was simulated: in words, as a request (None: a part of the next one), and how sure it is."""

    cause: Cause
    request: Request | None
    confidence: Confidence
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    rows: tuple[Permission, ...] | None = None
    """The stored permissions that allow it; None: those of the derived write."""
    operation: str | None = None
    """The operation of a flow that it rests on."""
    follows: bool = False
    """Whether it belongs to the step before."""
    permission: str = ""
    """What allows it, where no stored permission does."""

    def described(self) -> PlanStep:
        """The write in words, with why it works and how keys are known."""
        step = self.cause.step
        notes = [*(REASONS[reason] for reason in self.reasons), *filter(None, step.note.split("; ")), *self.notes]
        step = replace(
            step,
            confidence=self.confidence,
            note="; ".join(dict.fromkeys(notes)),
            operation=self.operation or step.operation,
            permission=self.permission or step.permission,
        )
        if self.follows:
            step = replace(step, does=_FOLLOWS.get(self.request.action, "") if self.request else "", note="")
        if self.rows is None:
            return step
        located = any(row.location for row in self.rows)
        return replace(step, rows=self.rows, location=None if located else step.location)


class Plan(Struct, frozen=True, eq=False):
    """Writes that make an administrator one after the other."""

    steps: tuple[Simulated, ...]

    @property
    def confidence(self) -> Confidence:
        """How sure the least sure step is."""
        return weakest(step.confidence for step in self.steps)

    def described(self) -> tuple[PlanStep, ...]:
        """The steps in words, as sure as the simulation says."""
        return tuple(step.described() for step in self.steps)


class Simulation:
    """The writes of one derived way, and what comes of them."""

    def __init__(self, access_state: AccessState, goal: Cause, start: Person, *, unordered: bool = False) -> None:
        """`unordered`: where Directus 10 takes one of several permissions, it is the one that the writes rest on."""
        self._access_state = access_state
        self._unordered = unordered
        self._start = start
        derived = _with_one_new_row(goal.all())
        back = (put_back(access_state, cause) for cause in derived)
        self.causes: Causes = (*derived, *(one for one in back if one is not None))
        self._derived = len(derived)
        self.accepted: set[int] = set()
        """Those writes that were accepted at some time, by number."""
        self._left = 0
        self._hopeless: dict[frozenset[int], list[SimulatedState]] = {}
        """The states from which the writes that are left led nowhere: other orders of the same writes lead to them again."""

    def run(self) -> Plan | None:
        """A plan, the surest of those that differ in who the attacker is; None if the writes do not work together."""
        ahead = self._used() if self._unordered else frozenset()
        best: Plan | None = None
        for key, doubt in self._who():
            self._left = MOST_ATTEMPTS
            self._hopeless.clear()
            state = replace(self._beginning(key), ahead=ahead)
            found = self._search(state, tuple(range(len(self.causes))), ())
            if found is not None:
                plan = Plan(self._without_idle(state, found))
                if doubt is not None:
                    plan = _if_named(plan, key, doubt)
                best = plan if best is None or rank(plan.confidence) < rank(best.confidence) else best
            if best is not None and rank(best.confidence) == 0:
                break
        return best

    def _used(self) -> frozenset[Key]:
        """The permissions that the writes rest on or change; of several of one kind not the first, which was tried before."""
        return frozenset(map(stored_key, without_first(self._rows())))

    def _rows(self) -> list[Permission]:
        """The permissions that the writes rest on or change."""
        rows = [row for cause in self.causes for row in cause.step.rows]
        return rows + [one.item for cause in self.causes for one in cause.requests if isinstance(one.item, Permission)]

    def refused(self) -> Cause:
        """The write to do without: the first one that was refused whenever it was tried; else the last one."""
        numbers = (number for number in range(self._derived) if number not in self.accepted)
        return self.causes[next(numbers, self._derived - 1)]

    def _who(self) -> Iterator[tuple[str, Confidence | None]]:
        """The attacker's user: one that nothing names, or one that an item rule or a validation names."""
        yield ME, None
        account = self._start.account
        if account.user is not None or account.public:
            return
        named = {
            str(known["id",]): confidence
            for known, confidence in self._access_state.attacker(account).own_rows(account)
            if known["id",] != ME
        }
        for key in self._named_by_validations():
            confidence = self._access_state.is_user_of(key, account.role)
            if confidence is not None:
                named.setdefault(key, confidence)
        yield from named.items()

    def _named_by_validations(self) -> Iterator[str]:
        """The users that attachments may be given to, as far as the validations of these name them."""
        major = self._access_state.major
        for row in self._rows():
            if row.collection == ACCESS and not is_unrestricted(row.validation):
                yield from (
                    one
                    for one in Validations([row.validation], major).named("user", "_eq", "_in")
                    if isinstance(one, str)
                )

    def _beginning(self, key: str) -> SimulatedState:
        requests = [request for cause in self.causes for request in cause.requests]
        persons = dict.fromkeys([self._start, *(one for request in requests for one in _persons(request))])
        present = [one for one in persons if one.key != NEWCOMER and not one.account.public]
        items = [request.item for request in requests]
        state = beginning(self._access_state, present, self._holders(requests, persons), items, key)
        own = state.keys.get(self._start)
        return replace(state, usable=frozenset() if own is None else frozenset((own,)))

    def _holders(self, requests: Sequence[Request], persons: dict[Person, None]) -> frozenset[str | None]:
        """The policies (10: roles) whose permissions the plan may rest on."""
        access_state = self._access_state
        if access_state.flows:
            return frozenset(access_state.model.stored)
        accounts = [cause.step.account for cause in self.causes if cause.step.account is not None]
        accounts += [one.account for one in persons]
        for text in {one for request in requests for one in request.names}:
            accounts += (
                [Account(role=text)]
                if text in access_state.roles or text in access_state.admin_roles
                else [Account(policies=(text,))]
            )
        found = {holder for account in accounts for holder in access_state.attacker(account).holders}
        found |= {None, *access_state.attacker(Account(public=True)).holders}
        for request in requests:
            policy = getattr(request.item, "policy", None)
            found.update(one for one in (policy, getattr(request.item, "role", None)) if isinstance(one, str))
        return frozenset(found & access_state.model.stored.keys())

    # --- orders ------------------------------------------------------------------------------------------------------

    def _search(
        self, state: SimulatedState, left: tuple[int, ...], before: tuple[Simulated, ...]
    ) -> tuple[Simulated, ...] | None:
        """The writes that are left, in the first order that works."""
        hopeless = self._hopeless.setdefault(frozenset(left), [])
        if state in hopeless:
            return None
        if state.is_won:
            return before
        for number in left:
            cause = self.causes[number]
            others = tuple(one for one in left if one != number)
            if cause.requests == () and cause.step.kind in PARTS:
                self.accepted.add(number)
                if not any(self.causes[one].requests for one in left if one < number):
                    return self._search(state, others, (*before, Simulated(cause, None, cause.step.confidence)))
                continue
            for request in cause.requests:
                outcome = self._attempt(state, request)
                if not isinstance(outcome, Accepted):
                    continue
                self.accepted.add(number)
                found = self._search(outcome.state, others, (*before, *_simulated(cause, outcome)))
                if found is not None:
                    return found
        hopeless.append(state)
        return None

    def _attempt(self, state: SimulatedState, request: Request) -> Accepted | None:
        if self._left <= 0:
            return None
        self._left -= 1
        self._access_state.work.spend(COST_OF_REQUEST)
        outcome = attempt(state, request)
        return outcome if isinstance(outcome, Accepted) else None

    # --- shorter -----------------------------------------------------------------------------------------------------

    def _without_idle(self, state: SimulatedState, steps: tuple[Simulated, ...]) -> tuple[Simulated, ...]:
        """The steps without those that the plan works without."""
        self._left = MOST_ATTEMPTS
        kept = steps
        for step in reversed(steps):
            fewer = tuple(one for one in kept if one is not step)
            if len(kept) > 1 and step.cause.requests and not step.follows:
                again = self._again(state, fewer)
                kept = kept if again is None else again
        return kept

    def _again(self, state: SimulatedState, steps: tuple[Simulated, ...]) -> tuple[Simulated, ...] | None:
        """The steps in this order, each with any of its requests."""
        found: tuple[Simulated, ...] = ()
        for step in steps:
            if step.follows:
                continue
            if not step.cause.requests:
                found = (*found, step)
                continue
            outcomes = (self._attempt(state, request) for request in step.cause.requests)
            outcome = next((one for one in outcomes if one is not None), None)
            if outcome is None:
                return None
            state = outcome.state
            found = (*found, *_simulated(step.cause, outcome))
        return found if state.is_won else None


def _if_named(plan: Plan, key: str, doubt: Confidence) -> Plan:
    """The plan, which works only if the attacker's user is the one that some permission names."""
    steps = [replace(one, confidence=weakest((one.confidence, doubt))) for one in plan.steps]
    naming = (at for at, one in enumerate(steps) if any(_names(row, key) for row in one.rows or one.cause.step.rows))
    at = next(naming, 0)
    steps[at] = replace(steps[at], notes=(IF_NAMED, *steps[at].notes))
    return Plan(tuple(steps))


def _names(row: Permission, key: str) -> bool:
    return key in content_key((row.permissions, row.validation))


IF_NAMED: Final = "only if their own user is the one that the permission names"


def _simulated(cause: Cause, outcome: Accepted) -> tuple[Simulated, ...]:
    """The step that a request is, and those that have to follow it."""
    sure = weakest((outcome.confidence, KINDS[cause.step.kind].confidence))
    unasked = any(one.action in (REGISTER, START) for one in cause.requests)
    if (unasked and outcome.operation is None) or outcome.request.gives_away:
        sure = weakest((sure, cause.step.confidence))
    rows = None if unasked and not outcome.rows else outcome.rows
    request = None if outcome.request.action == WAIT else outcome.request
    step = Simulated(
        cause, request, sure, outcome.notes, outcome.reasons, outcome.unknown, rows, outcome.operation,
        permission=outcome.permission,
    )  # fmt: skip
    return (step, *(Simulated(cause, request, sure, rows=rows, follows=True) for request in outcome.then))


_FOLLOWS: Final = {
    REGISTER: "register, and have the role of administrators",
    UPDATE: "give their own user the administrator role",
}


def _persons(request: Request) -> Iterator[Person]:
    for one in (request.by, request.item, request.signs_in, *request.body.values()):
        if isinstance(one, Person):
            yield one


def _with_one_new_row(causes: Causes) -> Causes:
    """The writes with one in place of several that make the new role, or the new policy: it has what each of them gives."""
    for collection in (ROLES, POLICIES):
        making = [cause for cause in causes if _makes(cause, collection)]
        if len(making) > 1:
            *_, last = sorted(making, key=lambda cause: len(cause.requests[0].body))
            body = {name: value for cause in making for name, value in cause.requests[0].body.items()}
            joined = replace(last, requests=(replace(last.requests[0], body=body),))
            causes = tuple(
                joined if cause is last else cause for cause in causes if cause is last or cause not in making
            )
    return causes


def _makes(cause: Cause, collection: str) -> bool:
    return bool(cause.requests) and (cause.requests[0].item, cause.requests[0].action) == (NewRow(collection), CREATE)
