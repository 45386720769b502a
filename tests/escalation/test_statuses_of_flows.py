"""Flows that create users with a fixed status: with some of them nobody signs in."""

from __future__ import annotations

from typing import Final

from directus_guard.escalation.tables import USERS
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, Row, World, confidence, flow, operation

VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
ROLE: Final = "{{$trigger.body.role}}"
CHANGES_STATUS: Final = (Row(USERS, "update", ("status",)),)


def creates(status: str | None, role: str = ADMIN, rows: tuple[Row, ...] = ()) -> World:
    """A webhook creates an account with the address that it is sent."""
    payload = {"email": "{{$trigger.body.email}}", "password": "{{$trigger.body.password}}", "role": role}
    payload |= {} if status is None else {"status": status}
    made = operation("item-create", collection=USERS, permissions="$full", payload=payload)
    return World(rows, flows=(flow(method="POST"),), operations=(made,))


@each_case(
    ("world", "visitor", "editor"),
    [
        (creates(None), "medium", "nothing"),
        (creates("active"), "medium", "nothing"),
        (creates("{{$trigger.body.status}}"), "medium", "nothing"),
        # A link in a mail makes these active.
        (creates("invited"), "not evaluated", "nothing"),
        (creates("unverified"), "not evaluated", "nothing"),
        *((creates(status), "nothing", "nothing") for status in ("draft", "suspended", "archived")),
        (creates("draft", rows=CHANGES_STATUS), "nothing", "not evaluated"),
        (creates("draft", CUSTOMER, CHANGES_STATUS), "nothing", "nothing"),
        # The role may be an object with a user of its own.
        (creates("draft", ROLE), "medium", "nothing"),
    ],
)
def test_a_status_that_a_flow_gives(world: World, visitor: str, editor: str) -> None:
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {visitor}
    assert {confidence(world, one) for one in VERSIONS} == {editor}
