"""Items that a flow makes for its caller, and then gives more."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.finding import Location
from tests.support.each import each_case
from tests.support.worlds import ADMIN, ADMIN_POLICY, CUSTOMER, CUSTOMER_POLICY, EDITOR, ME, Row, World, confidence

PLACE: Final = Location("operations.json", 2)
VERSIONS: Final = ("11.17.4", "12.4.1")
USERS: Final = "directus_users"
SENT: Final = {"email": "{{$trigger.body.email}}", "password": "{{$trigger.body.password}}"}
POWERS: Final = (Row(USERS, "update", ("role",), ME),)


def full(collection: str, payload: object, **more: Any) -> dict[str, Any]:
    return {"collection": collection, "permissions": "$full", "payload": payload, **more}


def first_made(made: dict[str, Any], type_: str, options: dict[str, Any], customer: tuple[Row, ...] = ()) -> World:
    """A webhook that makes an item, and goes on with it."""
    operations = (
        Operation("o1", "made", "item-create", "flow-1", made, "o2", None, PLACE),
        Operation("o2", "next", type_, "flow-1", options, None, None, PLACE),
    )
    flow = Flow("flow-1", "Makes", "active", "webhook", {"method": "POST"}, "o1", PLACE)
    return World(customer=customer, flows=(flow,), operations=operations)


@each_case(
    ("type_", "options", "expected"),
    [
        ("item-update", full(USERS, {"role": ADMIN}, key="{{made}}"), "not evaluated"),
        ("item-update", full(USERS, {"role": ADMIN}, key=["{{$last[0]}}"]), "not evaluated"),
        ("item-update", full(USERS, {"role": EDITOR}, key="{{made}}"), "nothing"),
        ("item-update", full(USERS, {"status": "active"}, key="{{made}}"), "nothing"),
        ("item-create", full("directus_access", {"policy": ADMIN_POLICY, "user": "{{made}}"}), "not evaluated"),
        ("item-create", full("directus_access", {"policy": CUSTOMER_POLICY, "user": "{{made}}"}), "nothing"),
        ("item-create", full("profiles", {"user": "{{made}}"}), "nothing"),
    ],
)
def test_an_account_that_a_flow_makes(type_: str, options: Any, expected: str) -> None:
    world = first_made(full(USERS, {**SENT, "role": EDITOR}), type_, dict(options))
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("options", "expected"),
    [
        (full("directus_access", {"policy": CUSTOMER_POLICY, "user": "{{made}}"}), "not evaluated"),
        (full(USERS, {"role": CUSTOMER}, key="{{made}}"), "not evaluated"),
    ],
)
def test_what_it_is_given_may_lead_further(options: Any, expected: str) -> None:
    type_ = "item-update" if "key" in options else "item-create"
    world = first_made(full(USERS, {**SENT, "role": EDITOR}), type_, dict(options), customer=POWERS)
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("made", "options", "expected"),
    [
        (
            full("directus_policies", {"name": "x", "admin_access": True}),
            full("directus_access", {"policy": "{{made}}", "user": "{{$accountability.user}}"}),
            "not evaluated",
        ),
        (
            full("directus_policies", {"name": "x"}),
            full("directus_permissions", {"policy": "{{made}}", "collection": USERS, "action": "update", "fields": ["*"]}),
            "not evaluated",
        ),
        (
            full("directus_policies", {"name": "x"}),
            full("directus_permissions", {"policy": "{{made}}", "collection": "posts", "action": "read"}),
            "nothing",
        ),
    ],
)  # fmt: skip
def test_a_policy_that_a_flow_makes(made: Any, options: Any, expected: str) -> None:
    world = first_made(dict(made), "item-create", dict(options))
    by_hand = Flow("flow-1", "Makes", "active", "manual", {"collections": ["posts"]}, "o1", PLACE)
    world = World((Row("posts", "read"),), flows=(by_hand,), operations=world.operations)
    assert {confidence(world, one) for one in VERSIONS} == {expected}
