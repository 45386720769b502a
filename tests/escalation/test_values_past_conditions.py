"""What a condition leaves of the caller's choice in the operations behind it."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.finding import Location
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, EDITOR, ME, Row, World, confidence

PLACE: Final = Location("operations.json", 2)
VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
USERS: Final = "directus_users"
SENT: Final = {"email": "{{$trigger.body.email}}", "password": "{{$trigger.body.password}}"}
ROLE: Final = {**SENT, "role": "{{$trigger.body.role}}"}
POWERS: Final = (Row(USERS, "update", ("role",), ME),)


def guarded(filter_: Any, payload: object = ROLE) -> tuple[Flow, tuple[Operation, ...]]:
    """A webhook that creates a user behind a condition."""
    made: dict[str, Any] = {"collection": USERS, "permissions": "$full", "payload": payload}
    operations = (
        Operation("o1", "asks", "condition", "flow-1", {"filter": filter_}, "o2", None, PLACE),
        Operation("o2", "makes", "item-create", "flow-1", made, None, None, PLACE),
    )
    return Flow("flow-1", "Sign up", "active", "webhook", {"method": "POST"}, "o1", PLACE), operations


def said(filter_: Any, payload: object = ROLE, customer: tuple[Row, ...] = ()) -> set[str]:
    flow, operations = guarded(filter_, payload)
    world = World(customer=customer, flows=(flow,), operations=operations)
    return {confidence(world, one, visitor=True) for one in VERSIONS}


def body(**rules: Any) -> dict[str, Any]:
    return {"$trigger": {"body": rules}}


@each_case(
    ("filter_", "expected"),
    [
        (body(role={"_eq": EDITOR}), "nothing"),
        (body(role={"_in": [EDITOR, CUSTOMER]}), "nothing"),
        (body(role={"_null": True}), "nothing"),
        ({"_and": [body(role={"_eq": EDITOR}), body(age={"_gt": 17})]}, "nothing"),
        ({"$last": {"body": {"role": {"_eq": EDITOR}}}}, "nothing"),
        (body(role={"_eq": ADMIN}), "medium"),
        (body(role={"_in": [EDITOR, ADMIN]}), "medium"),
        (body(role={"_nin": [ADMIN]}), "medium"),
        (body(other={"_eq": EDITOR}), "medium"),
        ({"_or": [body(role={"_eq": EDITOR}), body(plan={"_eq": "free"})]}, "medium"),
    ],
)
def test_a_role_of_the_list_that_a_condition_names(filter_: Any, expected: str) -> None:
    assert said(filter_) == {expected}


def test_the_rest_of_the_body_is_still_the_callers() -> None:
    assert "nothing" not in said(body(role={"_eq": EDITOR}), "{{$trigger.body}}")


@each_case("filter_", [body(role={"_eq": CUSTOMER}), body(role={"_in": [EDITOR, CUSTOMER]})])
def test_a_role_that_leads_further(filter_: Any) -> None:
    assert said(filter_, customer=POWERS) == {"medium"}


def test_of_very_many_values_any_counts() -> None:
    many = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(30)]
    assert "nothing" not in said(body(role={"_in": many}))


def test_where_ways_meet_only_what_all_of_them_ask_for_holds() -> None:
    flow, (asks, makes) = guarded(body(role={"_eq": EDITOR}))
    both = Operation("o1", "asks", "condition", "flow-1", asks.options, "o3", "o2", PLACE)
    waits = Operation("o3", "waits", "sleep", "flow-1", {"milliseconds": "1"}, "o2", None, PLACE)
    world = World(flows=(flow,), operations=(both, waits, makes))
    assert confidence(world, "11.17.4", visitor=True) != "nothing"
