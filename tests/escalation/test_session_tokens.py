"""Tokens of sessions: flows that hand them out, and flows that write them."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.finding import Location
from tests.support.each import each_case
from tests.support.worlds import Row, World, confidence

PLACE: Final = Location("operations.json", 2)
VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")


def handing_out(trigger: str, query: object, **more: Any) -> World:
    """A flow that reads sessions, and an editor who may read posts."""
    rights = more.pop("permissions", "$full")
    collection = more.pop("collection", "directus_sessions")
    options = {"collection": collection, "permissions": rights, "query": query}
    return World(
        (Row("posts", "read"),),
        flows=(Flow("flow-1", "Reads", "active", trigger, {"collections": ["posts"], **more}, "o1", PLACE),),
        operations=(Operation("o1", "o1", "item-read", "flow-1", options, None, None, PLACE),),
    )  # fmt: skip


@each_case(
    ("trigger", "query", "more", "expected"),
    [
        ("manual", {}, {}, "not evaluated"),
        ("manual", {"fields": ["token"]}, {}, "not evaluated"),
        ("manual", {"fields": "user,token"}, {"return": "$trigger"}, "not evaluated"),
        ("manual", {"fields": ["*.*"]}, {}, "not evaluated"),
        ("manual", {"fields": ["t"], "alias": {"t": "token"}}, {}, "not evaluated"),
        ("manual", {}, {"collection": "{{$trigger.body.from}}"}, "not evaluated"),
        ("manual", {"fields": ["user", "ip"]}, {}, "nothing"),
        ("manual", {}, {"permissions": "$trigger"}, "nothing"),
        ("manual", {}, {"collection": "directus_folders"}, "nothing"),
        ("manual", {}, {"async": True}, "nothing"),
        ("schedule", {}, {"cron": "0 * * * *"}, "nothing"),
        ("event", {}, {"type": "filter", "scope": ["posts.items.read"], "return": "$last"}, "not evaluated"),
        ("event", {}, {"type": "filter", "scope": ["items.read"]}, "nothing"),
        ("event", {}, {"type": "action", "scope": ["items.read"]}, "nothing"),
    ],
)
def test_a_flow_that_hands_out_tokens_of_sessions(trigger: str, query: object, more: Any, expected: str) -> None:
    world = handing_out(trigger, query, **dict(more))
    # On 10 a visitor may start a flow by hand, and is the one reported.
    assert {confidence(world, one, visitor=(trigger, one) == ("manual", "10.13.4")) for one in VERSIONS} == {expected}


@each_case(
    ("more", "expected"),
    [({}, "not evaluated"), ({"return": "$all"}, "not evaluated"), ({"return": "$trigger"}, "nothing")],
)
def test_a_webhook_that_hands_out_tokens_of_sessions(more: Any, expected: str) -> None:
    world = handing_out("webhook", {"fields": ["*"]}, **dict(more))
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


# --- what flows write ------------------------------------------------------------------------------------------------

SOMEBODY: Final = "99999999-9999-4999-8999-999999999999"
SENT: Final = {"token": "{{$trigger.body.token}}", "expires": "2030-01-01"}
BY_USER: Final = {"query": {"filter": {"user": {"_eq": "{{$trigger.body.user}}"}}}}


def writing(type_: str, collection: str, payload: object, more: Any) -> World:
    """A flow that a visitor may start."""
    options = {"collection": collection, "permissions": "$full", "payload": payload, **dict(more)}
    return World(
        flows=(Flow("flow-1", "Writes", "active", "webhook", {"method": "POST"}, "o1", PLACE),),
        operations=(Operation("o1", "o1", type_, "flow-1", options, None, None, PLACE),),
    )  # fmt: skip


@each_case(
    ("type_", "payload", "more", "expected"),
    [
        ("item-create", {**SENT, "user": SOMEBODY}, {}, "not evaluated"),
        ("item-create", {**SENT, "user": "{{$accountability.user}}"}, {}, "nothing"),
        ("item-create", {"token": "of-the-project", "user": SOMEBODY}, {}, "nothing"),
        ("item-update", {"token": "{{$trigger.body.token}}"}, BY_USER, "not evaluated"),
        ("item-update", {"expires": "{{$trigger.body.expires}}"}, BY_USER, "nothing"),
        ("item-update", {"user": SOMEBODY}, BY_USER, "not evaluated"),
    ],
)
def test_a_flow_that_writes_sessions(type_: str, payload: object, more: Any, expected: str) -> None:
    world = writing(type_, "directus_sessions", payload, more)
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("collection", "payload"),
    [
        ("directus_oauth_codes", {"code_hash": "{{$trigger.body.hash}}", "user": SOMEBODY}),
        ("directus_oauth_tokens", {"session": "{{$trigger.body.hash}}", "user": SOMEBODY}),
    ],
)
def test_a_flow_that_writes_what_gives_tokens_to_clients(collection: str, payload: object) -> None:
    """The tables exist from 12 on."""
    world = writing("item-create", collection, payload, {})
    assert [confidence(world, one, visitor=True) for one in VERSIONS] == ["nothing", "nothing", "not evaluated"]
