"""Public registration, and flows that block when the server creates the account."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from directus_guard.escalation.tables import ACCESS, USERS
from tests.support.each import each_case
from tests.support.worlds import CUSTOMER, Row, World, confidence, flow, operation

VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
REGISTERS: Final = {
    "public_registration": True, "public_registration_role": CUSTOMER, "public_registration_verify_email": False,
}  # fmt: skip
TOKENS: Final = (Row(USERS, "update"), Row(USERS, "read"))
STORES: Final[dict[str, Any]] = {"collection": "visits", "payload": {"who": "x"}}


def blocked(type_: str, kind: str = "filter", **options: Any) -> World:
    """Whoever registers may change any user; a flow comes with the new account."""
    started = flow("event", type=kind, scope=["items.create"], collections=[USERS])
    made = replace(operation(type_, **options), key="guard")
    return World(customer=TOKENS, settings=REGISTERS, flows=(started,), operations=(made,))


@each_case(
    ("world", "expected"),
    [
        (World(customer=TOKENS, settings=REGISTERS), "high"),
        # Visitors may not do what the operation does. So the flow fails, and the registration is refused.
        (blocked("item-create", permissions="$public", collection=ACCESS, payload={"policy": "x"}), "not evaluated"),
        (blocked("item-create", permissions="$public", **STORES), "not evaluated"),
        (blocked("item-create", "action", permissions="$public", **STORES), "high"),
        (blocked("item-create", permissions="$full", **STORES), "medium"),
        (blocked("log", message="x"), "high"),
    ],
)
def test_a_flow_that_blocks_registration(world: World, expected: str) -> None:
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}
