"""Flows that a sent file starts, or a moved item, and events that have no line of their own."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.escalation.tables import FILES, USERS
from tests.support.each import each_case
from tests.support.worlds import CUSTOMER, Row, World, confidence, flow, operation

VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
OWN: Final = ["{{$accountability.user}}"]
SENDS: Final = Row(FILES, "create")
TITLE, PLACE = "{{$trigger.payload.title}}", "{{$trigger.to}}"


@each_case(
    ("scope", "role", "options", "rows", "expected"),
    [
        ("files.upload", TITLE, {}, [SENDS], "not evaluated"),
        ("files.upload", TITLE, {}, [Row(FILES, "update")], "not evaluated"),
        ("files.upload", TITLE, {}, [], "nothing"),
        ("files.upload", TITLE, {}, [Row(FILES, "read")], "nothing"),
        ("files.upload", TITLE, {"type": "filter"}, [SENDS], "nothing"),
        ("files.upload", TITLE, {"permissions": "$trigger"}, [SENDS], "nothing"),
        ("files.upload", CUSTOMER, {}, [SENDS], "nothing"),
        ("items.sort", PLACE, {}, [], "not evaluated"),
        ("posts.items.sort", PLACE, {}, [], "not evaluated"),
        ("items.sort", TITLE, {}, [], "nothing"),
        ("items.sort", CUSTOMER, {}, [], "nothing"),
        ("items.promote", TITLE, {}, [], "not evaluated"),
        ("posts.items.*", TITLE, {}, [], "not evaluated"),
        ("items.promote", CUSTOMER, {}, [], "nothing"),
    ],
)
def test_what_the_payload_of_such_an_event_gives(
    scope: str, role: str, options: dict[str, Any], rows: list[Row], expected: str
) -> None:
    started = flow("event", type=options.get("type", "action"), scope=[scope])
    rights = options.get("permissions", "$full")
    gives = operation("item-update", collection=USERS, permissions=rights, key=OWN, payload={"role": role})
    world = World(rows, flows=(started,), operations=(gives,))
    assert {confidence(world, one) for one in VERSIONS} == {expected}
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {"nothing"}
