"""What many accounts, roles and policies share is worked out once: the work is counted, not timed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.records import Access, Permission, Policy, Role
from directus_guard.directus.export import Export
from directus_guard.directus.versions import Version
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.escalation.account import ANONYMOUS, Account
from directus_guard.escalation.plans.search import Simulation
from directus_guard.escalation.reach.closure import VISITOR, Cause, Closure
from directus_guard.escalation.requests.request import Request
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.telling import plan_step
from directus_guard.escalation.work import MANY_KEYS, MANY_RECORDS, TooMuchWorkError, Work
from directus_guard.finding import Confidence, Location
from tests.support.random_escalations import pinned_instance

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json
    from directus_guard.escalation.plans.search import Plan

VERSION = Version.parse("11.17.4")


def export(number: int, rule: Json) -> Export:
    """So many roles with a policy each. The first policy lets its users change policies by a rule."""
    assert VERSION is not None
    keys = range(number)
    row = Permission("directus_policies", "update", rule, None, None, ("admin_access",), "policy-0", id=1)
    model = AccessModel(
        version=VERSION,
        roles=(Role("admin", "Administrator"), *(Role(f"role-{key}", f"Role {key}") for key in keys)),
        policies=(Policy("p-admin", admin_access=True), *(Policy(f"policy-{key}", f"Policy {key}") for key in keys)),
        access=AttachedRows(
            [Access("p-admin", "admin"), *(Access(f"policy-{key}", f"role-{key}", id=f"a{key}") for key in keys)]
        ),
        permissions=(row, Permission("directus_access", "create", None, None, None, ("sort",), "policy-0", id=2)),
    )
    return Export("x", Location("x"), model)


def test_policies_that_no_rule_names_are_asked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(number: int, rule: Json) -> int:
        questions = 0
        allowed = Closure.allowed

        def count(closure: Closure, *arguments: Any) -> Any:
            nonlocal questions
            questions += arguments[1] == "directus_policies"
            return allowed(closure, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(Closure, "allowed", count)
            whole = export(number, rule)
            (first,) = (one for one, _ in whole.actors if one.name == "Role 0")
            assert Paths(whole).of(first) is None
        return questions

    named: Json = {"id": {"_eq": "policy-of-another-project"}}
    few, many = asked(5, named), asked(50, named)
    assert few == many > 0


@pytest.mark.parametrize(
    ("rule", "escalates"),
    [
        ({"id": {"_eq": "policy-0"}}, True),
        ({"id": {"_in": ["policy-1", "policy-0"]}}, True),
        ({"id": {"_neq": "policy-0"}}, False),
        ({"id": {"_eq": "policy-3"}}, False),
        ({"name": {"_eq": "Policy 0"}}, True),
        ({"name": {"_eq": "Policy 1"}}, False),
        ({"_and": [{"id": {"_neq": "policy-1"}}, {"name": {"_eq": "Policy 0"}}]}, True),
        ({"id": {"_in": "$CURRENT_POLICIES"}}, True),
        (None, True),
    ],
)
def test_policies_that_a_rule_tells_apart_are_asked_for_one_by_one(rule: Json, *, escalates: bool) -> None:
    whole = export(5, rule)
    (first,) = (one for one, _ in whole.actors if one.name == "Role 0")
    assert (Paths(whole).way(first) is not None) is escalates


def test_without_any_way_no_surer_one_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[Confidence] = []
    made = Closure.__init__

    def count(closure: Closure, state: AccessState, start: Account, level: Confidence, *, visitor: bool) -> None:
        levels.append(level)
        made(closure, state, start, level, visitor=visitor)

    monkeypatch.setattr(Closure, "__init__", count)
    whole = export(3, {"id": {"_eq": "policy-of-another-project"}})
    paths = Paths(whole)
    principals = [one for one, _ in whole.actors]
    assert [paths.of(one) for one in principals] == [None] * len(principals)
    assert set(levels) == {Confidence.LOW}


def test_what_few_exports_have_costs_nothing_more() -> None:
    work = Work(10)
    work.spend_on_keys(MANY_KEYS)
    work.spend_on_records(MANY_RECORDS)
    assert work.left == 10
    with pytest.raises(TooMuchWorkError):
        work.spend_on_keys(MANY_KEYS + 2)
    with pytest.raises(TooMuchWorkError):
        Work(10).spend_on_records(MANY_RECORDS + 50)


def test_attachments_are_put_in_order_for_those_who_read_them() -> None:
    def ordered(collection: str) -> int:
        whole = export(20, None)
        row = Permission(collection, "read", None, None, None, ("*",), "policy-0", id=3)
        model = replace(whole.model, permissions=(*whole.model.permissions, row))
        state = AccessState(replace(whole, model=model), Work(1000))
        attacker = state.attacker(Account(role="role-0"))
        attacker.knows_policy("policy-1")
        return len(vars(state).keys() & {"attachments", "attachments_in_order"})

    assert ordered("articles") == 0
    assert ordered("directus_access") == 2


def test_the_same_principal_is_answered_once() -> None:
    whole, work = pinned_instance(38), Work(10**9)
    paths = Paths(whole, work)
    first = paths.answer(PUBLIC)
    assert isinstance(first, Path)
    left = work.left
    assert left < 10**9
    again = paths.answer(PUBLIC)
    assert isinstance(again, Path)
    assert again.steps == first.steps
    assert work.left == left


def test_the_search_for_one_plan_leaves_work_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something is reached: without a plan it is not evaluated, and never passes."""
    monkeypatch.setattr("directus_guard.escalation.plans.run.MOST_SEARCHED", 10_000)
    work = Work(10**9)
    assert isinstance(Paths(pinned_instance(3307), work).answer(PUBLIC), Unplanned)
    assert work.left > 10**9 - 60_000


def test_a_way_that_does_not_work_is_simulated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many sets of writes to do without lead to the same derived way."""
    simulated: Counter[object] = Counter()
    run = Simulation.run

    def count(simulation: Simulation) -> Plan | None:
        plan = run(simulation)
        if plan is None:
            simulated[tuple((cause.key, repr(cause.requests)) for cause in simulation.causes)] += 1
        return plan

    monkeypatch.setattr(Simulation, "run", count)
    monkeypatch.setattr("directus_guard.escalation.plans.run.MOST_SEARCHED", 50_000)
    assert isinstance(Paths(pinned_instance(3307), Work(10**9)).answer(PUBLIC), Unplanned)
    assert len(simulated) > 5
    assert set(simulated.values()) == {1}


def test_other_orders_of_the_same_writes_are_not_simulated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of n writes that do not depend on each other there are n! orders, and 2^n sets."""
    searched: Counter[object] = Counter()
    search = Simulation._search

    def count(simulation: Simulation, state: Any, left: Any, before: Any) -> Any:
        searched[frozenset(left)] += 1
        return search(simulation, state, left, before)

    requests = [
        Request("directus_roles", "update", {"name": str(number)}, f"role-{number}", VISITOR) for number in range(4)
    ]
    step = plan_step("role-parent", "rename", "a name", "directus_roles", "update", "name", account=ANONYMOUS)
    goal: Cause | None = None
    for request in requests:
        goal = Cause(replace(step, does=request.names[0]), () if goal is None else (goal,), (request,))
    row = Permission("directus_roles", "update", None, None, None, ("name",), "policy-0", id=1)
    whole = export(4, None)
    visitors = Access("policy-0", id="visitors")
    model = replace(whole.model, access=AttachedRows([*whole.model.access, visitors]), permissions=(row,))
    state = AccessState(replace(whole, model=model), Work(10**9))
    monkeypatch.setattr(Simulation, "_search", count)
    assert goal is not None
    assert Simulation(state, goal, VISITOR).run() is None
    # From each of 16 sets each write that is left is tried once.
    assert sum(searched.values()) == 1 + 4 * 2**3
