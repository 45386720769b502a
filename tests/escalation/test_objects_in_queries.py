"""Webhooks whose query or header is written: a query may hold objects, and a header that is a whole payload is read as JSON."""

from __future__ import annotations

from typing import Final

from directus_guard.escalation.tables import USERS
from tests.support.each import each_case
from tests.support.worlds import World, confidence, flow, operation

VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")


@each_case(
    ("collection", "payload", "reached"),
    [
        ("leads", {"name": "{{$trigger.query.name}}", "author": "{{$trigger.query.author}}"}, True),
        ("leads", "{{$trigger.query}}", True),
        ("leads", "{{$trigger.headers.x-lead}}", True),
        ("directus_notifications", {"recipient": "{{$trigger.query.to}}", "subject": "x"}, True),
        ("directus_notifications", "{{$trigger.headers.x-note}}", True),
        (USERS, {"email": "x@example.com", "avatar": "{{$trigger.query.avatar}}"}, True),
        ("leads", {"author": "{{$trigger.headers.x-lead}}"}, False),
        ("leads", {"author": "by {{$trigger.query.author}}"}, False),
        ("leads", "by {{$trigger.headers.x-lead}}", False),
        ("leads", {"author": "{{$trigger.method}}"}, False),
        ("directus_notifications", {"recipient": "{{$trigger.headers.x-note}}", "subject": "x"}, False),
    ],
)  # fmt: skip
def test_an_object_in_a_query_or_a_header(collection: str, payload: object, *, reached: bool) -> None:
    stores = operation("item-create", collection=collection, permissions="$full", payload=payload)
    for method in ("GET", "POST"):
        world = World(flows=(flow(method=method),), operations=(stores,))
        assert {confidence(world, one, visitor=True) != "nothing" for one in VERSIONS} == {reached}
