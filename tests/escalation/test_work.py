"""Configurations that are too large to follow every way end soon, and are not called safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.access_table import SelectedAccess, Selection
from directus_guard.audit.answers import answers
from directus_guard.checks.access.escalation_path import escalation_path
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.question import Question
from directus_guard.directus.access.records import Access, Permission, Policy, Role
from directus_guard.directus.export import Export
from directus_guard.directus.flows.records import Operation
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import Version
from directus_guard.escalation import Paths, may_escalate
from directus_guard.escalation.work import TooMuchWorkError
from directus_guard.finding import Confidence, Location
from tests.support.worlds import (
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    PLACE,
    THE_CUSTOMER,
    THE_EDITOR,
    Row,
    World,
    flow,
    operation,
)

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json

USERS: Final = "directus_users"
ESCALATES: Final = World([Row(USERS, "update", ("role", "title"))], customer=[Row(USERS, "read")])


def in_a_circle(number: int, validation: Any) -> Export:
    """So many roles, each the parent of another one, each of which may change roles."""
    rows: list[tuple[Role, Policy, Access, Permission]] = []
    for index in range(number):
        role, policy = f"role-{index}", f"policy-{index}"
        locked: Json = validation(role)
        rows.append(
            (
                Role(role, role, f"role-{(index + 1) % number}"),
                Policy(policy, policy),
                Access(policy, role, id=f"access-{index}"),
                Permission(USERS, "update", None, locked, None, ("role", "title"), policy, id=index + 1),
            )
        )
    version = Version.parse("11.17.4")
    assert version is not None
    admin = (
        Role("admin", "Administrator"),
        Policy("p-admin", "Administrator", admin_access=True),
        Access("p-admin", "admin", id="a"),
    )
    model = AccessModel(
        version=version,
        roles=(admin[0], *(row[0] for row in rows)),
        policies=(admin[1], *(row[1] for row in rows)),
        access=(admin[2], *(row[2] for row in rows)),
        permissions=tuple(row[3] for row in rows),
    )
    return Export("x", Location("x"), model)


def test_what_cannot_be_followed_is_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directus_guard.escalation.search.MOST_WORK", 5000)
    (answer,) = escalation_path.judge(in_a_circle(150, lambda role: {"role": {"_eq": role}}))
    assert isinstance(answer, NotEvaluated)
    assert answer.reason == "the roles, permissions and rules are too many to follow every way of 150 roles and users"


def test_without_work_left_nothing_is_called_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    export = ESCALATES.export()
    assert Paths(export).escalates(THE_CUSTOMER) is False
    monkeypatch.setattr("directus_guard.escalation.search.MOST_WORK", 1)
    assert Paths(export).escalates(THE_CUSTOMER) is True
    with pytest.raises(TooMuchWorkError):
        Paths(export).of(THE_EDITOR)
    (answer,) = escalation_path.judge(World([Row(USERS, "update")]).export("10.13.4"))
    assert isinstance(answer, NotEvaluated)


def test_without_work_left_access_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    export = ESCALATES.export()
    everybody = export.model.principals()
    told = {True: Tri.YES, False: Tri.NO}
    assert {one: may_escalate(Paths(export), one) for one in everybody} == {
        one: told[one == THE_EDITOR] for one in everybody
    }
    assert _shown(export) == [("Administrator*", False, True), ("Customer", False, True), ("Editor!", True, True)]
    monkeypatch.setattr("directus_guard.escalation.search.MOST_WORK", 1)
    assert _shown(export) == [("Administrator*", False, True), ("Customer!?", True, False), ("Editor!?", True, False)]
    (answer,) = answers([export], Question("update", USERS), "Customer").listed
    assert (answer.escalates, answer.escalates_known) == (True, False)


def _shown(export: Export) -> list[tuple[str, bool, bool]]:
    """The roles in the table, and what the JSON says of them."""
    shown: Any = SelectedAccess((export,), Selection(principals=("role",)))
    ((model,),) = (shown.as_json()["models"],)
    columns = [column.heading for listing in shown.listings() for column in listing.columns]
    known = [(one["escalates"], one["escalates_known"]) for one in model["principals"]]
    return sorted((name, *flags) for name, flags in zip(columns, known, strict=True))


def test_without_work_left_no_fix_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directus_guard.escalation.cuts.search.MOST_WORK", 30)
    (failure,) = escalation_path.judge(ESCALATES.export())
    assert isinstance(failure, Failure)
    assert failure.fix is not None
    assert "not worked out" in failure.fix.description
    # It is known by what the way rests on, in the words of a fix.
    assert failure.subject.key == "test Editor update directus_users"
    token = Row(USERS, "update", ("token", "title"), {"role": {"_eq": CUSTOMER}})
    found = escalation_path.judge(World([token], customer=[Row("directus_policies", "update")]).export())
    assert [one for one in found if isinstance(one, Failure)]


def test_the_surest_of_those_who_share_a_fix_is_shown() -> None:
    """The editor may look the administrator role's id up; the customer, who is listed first, must learn it elsewhere."""
    shared = Access(CUSTOMER_POLICY, EDITOR, id="access-5")
    world = World([Row("directus_roles", "read")], customer=[Row(USERS, "update", ("role",))], access=(shared,))
    (failure,) = escalation_path.judge(world.export())
    assert isinstance(failure, Failure)
    assert failure.confidence is Confidence.HIGH
    assert len(failure.details) == 1


def test_what_is_reached_without_a_plan_is_not_evaluated() -> None:
    """The code of an operation is changed that decides what another one writes: what it hands on is not followed."""
    code = Operation("code", "code", "exec", "flow-1", {"code": ""}, "operation-1", None, PLACE)
    write = operation(
        "item-update",
        collection="directus_users",
        permissions="$full",
        key="{{$accountability.user}}",
        payload={"role": "x"},
    )
    update = Row("directus_operations", "update", ("options",), {"type": {"_eq": "exec"}})
    started = replace(flow(method="POST"), operation="code")
    (answer,) = escalation_path.judge(World([update], flows=(started,), operations=(code, write)).export())
    assert isinstance(answer, NotEvaluated)
    assert "`Editor`" in answer.reason
    assert "no sequence of requests was found that works" in answer.reason
