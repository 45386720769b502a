"""What a flow does for one account: by its role, and by what operations with its rights may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.escalation.reach import personal_runs
from directus_guard.escalation.search import MOST_WORK
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import PERMISSIONS, USERS
from directus_guard.escalation.work import Work
from tests.support.worlds import (
    CUSTOMER,
    EDITOR,
    EDITOR_POLICY,
    ME,
    PLACE,
    THE_CUSTOMER,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    operation,
)

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal

VERSIONS: Final = ["10.13.4", "11.17.4", "12.4.1"]
PROMOTES: Final = operation(
    "item-update", collection=USERS, permissions="$full", key=["{{$trigger.body.user}}"],
    payload={"role": "{{$trigger.body.role}}"},
)  # fmt: skip
"""It makes an administrator of whom its caller names."""
GIVES: Final = operation(
    "item-update", collection=USERS, permissions="$full", key=["{{$accountability.user}}"], payload={"role": CUSTOMER}
)
"""It gives its caller a role that may do more."""


def behind(type_: str, options: dict[str, Any], write: Operation, *, met: bool = True, **rows: Any) -> World:
    """A webhook whose operation runs after another one, or (`met`: False) where that fails."""
    ways = (write.id, None) if met else (None, write.id)
    first = Operation("first", "first", type_, "flow-1", options, ways[0], ways[1], PLACE)
    return World(flows=(replace(flow(method="POST"), operation="first"),), operations=(first, write), **rows)


def reaches(world: World, who: Principal, version: str = "11.17.4") -> bool:
    """Whether something is reached; what visitors can do is reported for them only."""
    return any(answer_of(world, one, version) is not None for one in (who, THE_PUBLIC))


def of_role(role: str) -> dict[str, Any]:
    return {"filter": {"$accountability": {"role": {"_eq": role}}}}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("who", "reached"), [(THE_EDITOR, True), (THE_CUSTOMER, False), (THE_PUBLIC, False)], ids=lambda one: str(one)[:40]
)
@pytest.mark.parametrize("write", [PROMOTES, GIVES], ids=["promotes", "gives"])
def test_a_condition_asks_for_the_role(write: Operation, who: Principal, version: str, *, reached: bool) -> None:
    powers: dict[str, Any] = {"customer": [Row(USERS, "update")]} if write is GIVES and who is not THE_CUSTOMER else {}
    made = behind("condition", of_role(EDITOR), write, **powers)
    assert (answer_of(made, who, version) is not None) is reached


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row(USERS, "update", ("token",), {"role": {"_eq": EDITOR}}), True),
        (Row(USERS, "update", ("role",), ME, {"role": {"_eq": EDITOR}}), True),
        (Row(USERS, "update", ("token",), {"role": {"_eq": CUSTOMER}}), False),
    ],
)
def test_an_account_that_is_gained_has_its_own_role(row: Row, *, reached: bool) -> None:
    made = behind("condition", of_role(EDITOR), PROMOTES, customer=[row])
    assert (answer_of(made, THE_CUSTOMER) is not None) is reached


def test_beyond_so_many_runs_every_account_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    made = behind("condition", of_role(EDITOR), PROMOTES)
    assert answer_of(made, THE_CUSTOMER) is None
    monkeypatch.setattr(personal_runs, "MOST_RUNS", 0)
    assert answer_of(made, THE_CUSTOMER) is not None


READS: Final = {"collection": "articles", "key": ["1"], "permissions": "$trigger"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("who", [THE_EDITOR, THE_PUBLIC], ids=["editor", "public"])
@pytest.mark.parametrize("write", [PROMOTES, GIVES], ids=["promotes", "gives"])
def test_an_operation_with_the_rights_of_the_caller(write: Operation, who: Principal, version: str) -> None:
    """Without the permission it fails: what follows runs only where its failure leads there."""
    if write is GIVES and who is THE_PUBLIC:
        return
    powers: dict[str, Any] = {"customer": [Row(USERS, "update")]} if write is GIVES else {}
    mine = "public" if who is THE_PUBLIC else "editor"
    assert not reaches(behind("item-read", READS, write, **powers), who, version)
    assert reaches(behind("item-read", READS, write, met=False, **powers), who, version)
    allowed = {mine: [Row("articles", "read")], **powers}
    assert reaches(behind("item-read", READS, write, **allowed), who, version)
    everything = {**READS, "permissions": "$full"}
    assert reaches(behind("item-read", everything, write, **powers), who, version)


def only(name: str, value: object) -> Any:
    return {name: {"_eq": value}}


@pytest.mark.parametrize("collection", ["articles", "tags"])
def test_where_permissions_can_be_made_none_is_missing(collection: str) -> None:
    """Which ones is not asked: the flow counts as one that runs."""
    pins = {"_and": [only("collection", collection), only("action", "read"), only("policy", EDITOR_POLICY)]}
    assert reaches(
        behind("item-read", READS, PROMOTES, editor=[Row(PERMISSIONS, "create", validation=pins)]), THE_EDITOR
    )


def test_a_flow_that_another_one_starts_runs_with_other_rights() -> None:
    """The write of another flow causes the event: with full access, whatever the caller may read."""
    store = Operation(
        "store", "store", "item-create", "flow-2",
        {"collection": "articles", "permissions": "$full", "payload": "{{$trigger.body}}"}, None, None, PLACE,
    )  # fmt: skip
    starts = replace(flow(method="POST"), id="flow-2", operation="store")
    event = flow("event", type="action", scope=["items.create"], collections=["articles"])
    first = Operation("first", "first", "item-read", "flow-1", READS, "operation-1", None, PLACE)
    write = operation(
        "item-update", collection=USERS, permissions="$full", key=["{{$trigger.payload.user}}"],
        payload={"role": "{{$trigger.payload.role}}"},
    )  # fmt: skip
    flows = (starts, replace(event, operation="first"))
    assert answer_of(World(flows=flows, operations=(store, first, write)), THE_PUBLIC) is not None
    assert answer_of(World(flows=flows[1:], operations=(first, write)), THE_PUBLIC) is None


def test_one_of_several_operations_is_enough() -> None:
    """The first operation that makes an administrator is behind a condition on the role, the second is not."""
    guard = Operation("first", "first", "condition", "flow-1", of_role(EDITOR), "operation-1", "second", PLACE)
    second = replace(PROMOTES, id="second", key="second")
    started: Flow = replace(flow(method="POST"), operation="first")
    both = World(flows=(started,), operations=(guard, PROMOTES, second))
    assert reaches(both, THE_CUSTOMER)
    one = World(flows=(started,), operations=(replace(guard, reject=None), PROMOTES))
    assert not reaches(one, THE_CUSTOMER)
    assert reaches(one, THE_EDITOR)


@pytest.mark.parametrize(
    ("scope", "reached"),
    [(["auth.login"], True), (["items.read"], True), (["items.update", "items.read"], True), (["items.update"], False)],
)
def test_events_of_which_it_is_not_known_who_causes_them(scope: list[str], *, reached: bool) -> None:
    """Whoever signs in has the rights of a visitor while they do, and no role."""
    made = behind("condition", {"filter": {"$accountability": {"role": {"_neq": CUSTOMER}}}}, PROMOTES)
    event = replace(flow("event", type="filter", scope=scope, collections=["articles"]), operation="first")
    state = AccessState(World(flows=(event,), operations=made.operations).export(), Work(MOST_WORK))
    account = state.account(THE_CUSTOMER)
    assert state.personal_runs.reaches(account, event, PROMOTES.id, lambda _collection, _action: True) is reached
