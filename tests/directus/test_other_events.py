"""Events of no named collection, what they hand over, and what a blocking flow answers in place of what was sent."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from directus_guard.directus.flows.answer import replacement
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    STORED,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    Value,
    carries,
    look_up,
)
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.other_events import other_event
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.flows.start import ByItself, Caller, causes_event, events_of, other_scopes, start_state
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Location
from tests.support.each import each_case

PLACE: Final = Location("flows.json")


def anything(_collection: str, _action: str) -> Tri:
    return Tri.YES


MEMBER: Final = Caller(signed_in=True, may=anything)
VISITOR: Final = Caller(signed_in=False, may=anything)
OTHERS: Final = Caller(signed_in=False, may=anything, by_itself=ByItself.OTHERS)
UNKNOWN: Final = Caller(signed_in=False, may=anything, by_itself=ByItself.NO_CALLER)


def listening(*scopes: Any, **options: Any) -> Flow:
    held = {"type": "filter", "scope": list(scopes), **options}
    return Flow("f", "f", "active", "event", held, "a", PLACE)


def data(flow: Flow, caller: Caller = VISITOR) -> dict[str, Value]:
    return start_state(flow, caller, NEWEST, STORED, Tri.YES).data


def handed(flow: Flow, *path: str, caller: Caller = VISITOR) -> Value:
    return look_up(data(flow, caller)["$trigger"], path)


def test_a_request_for_an_address_that_is_not_there_hands_over_the_request() -> None:
    flow = listening("request.not_found")
    assert handed(flow, "request", "body", "role") == CallerInput(("$trigger", "request", "body", "role"))
    assert handed(flow, "request", "headers", "x") == CallerInput(("$trigger", "request", "headers", "x"), text=True)
    assert handed(flow, "response", "body") == STORED
    assert handed(flow, "payload") == KnownValue(value=False)


@each_case(
    ("scope", "signed_in", "known"),
    [
        ("auth.login", True, False),
        ("auth.jwt", True, False),
        ("request.not_found", True, True),
        ("items.read", True, True),
        ("request.not_found", False, False),
    ],
)
def test_some_events_come_before_the_caller_is_known(scope: str, signed_in: bool, known: bool) -> None:
    found = data(listening(scope), MEMBER if signed_in else VISITOR)["$accountability"]
    assert look_up(found, ("user",)) == (CallerIdentity() if known else NULL)


def test_an_event_of_items_beside_another_one_knows_its_caller() -> None:
    flow = listening("auth.login", "items.create", collections=["orders"])
    assert look_up(data(flow, MEMBER)["$accountability"], ("user",)) == CallerIdentity()
    assert carries(handed(flow, "payload", "title", caller=MEMBER)) is not Tri.NO
    both = handed(listening("server.start", "acme.order"), "payload", caller=UNKNOWN)
    assert both == Computed(Tri.YES, frozenset({("$trigger",)}))


@each_case(
    "scope",
    ["authenticate", "auth.create", "auth.update", "request.error", "email.send", "websocket.message", "acme.order"],
)
def test_of_some_events_directus_knows_no_caller(scope: str) -> None:
    flow = listening(scope, "orders.items.update")
    assert data(flow, UNKNOWN)["$accountability"] == STORED
    assert handed(flow, "keys", caller=UNKNOWN) != handed(flow, "keys", caller=MEMBER)
    assert causes_event(listening("orders.items.update"), UNKNOWN, NEWEST) is Tri.NO


@each_case("scope", ["auth.create", "auth.update"])
def test_a_person_chooses_what_the_identity_provider_says(scope: str) -> None:
    flow = listening(scope)
    assert set(events_of(flow)) == {None}
    for name in ("email", "external_identifier", "first_name", "last_name"):
        assert carries(handed(flow, "payload", name, caller=UNKNOWN)) is Tri.YES
    assert handed(flow, "payload", "role", caller=UNKNOWN) == STORED
    assert carries(handed(flow, "providerPayload", "userInfo", "groups", caller=UNKNOWN)) is Tri.YES


def test_who_signs_in_is_the_caller() -> None:
    assert handed(listening("auth.login"), "user", caller=MEMBER) == CallerIdentity()
    assert carries(handed(listening("auth.login"), "user")) is Tri.UNKNOWN
    assert handed(listening("auth.login"), "payload", "email") == STORED
    assert handed(listening("auth.jwt"), "payload", "role", caller=MEMBER) == CallerIdentity()


def test_what_a_token_says_of_its_user() -> None:
    flow = listening("auth.jwt")
    said = {
        name: handed(flow, "payload", name, caller=MEMBER)
        for name in ("id", "role", "app_access", "admin_access", "other")
    }
    assert said == {
        "id": CallerIdentity(), "role": CallerIdentity(), "app_access": STORED, "admin_access": KnownValue(value=False), "other": STORED,
    }  # fmt: skip
    assert handed(flow, "user", caller=MEMBER) == CallerIdentity()
    assert handed(flow, "other", caller=MEMBER) == STORED


def test_before_directus_knows_the_caller_a_request_has_no_rights() -> None:
    flow = listening("authenticate")
    names = ("user", "role", "admin", "app", "ip", "other")
    assert {name: handed(flow, "payload", name, caller=UNKNOWN) for name in names} == {
        "user": NULL, "role": NULL, "admin": KnownValue(value=False), "app": KnownValue(value=False), "ip": CallerIdentity(),
        "other": STORED,
    }  # fmt: skip
    for name in ("userAgent", "origin"):
        assert handed(flow, "payload", name, caller=UNKNOWN) == CallerInput(("$trigger", "payload", name), text=True)


@each_case(("scope", "member", "caller"), [("authenticate", "req", UNKNOWN), ("request.not_found", "request", VISITOR)])
def test_a_request_is_what_its_caller_sent(scope: str, member: str, caller: Caller) -> None:
    flow = listening(scope)
    for name in ("headers", "url", "originalUrl", "path", "params", "cookies"):
        assert handed(flow, member, name, caller=caller) == CallerInput(("$trigger", member, name), text=True)
    query = CallerInput(("$trigger", member, "query"), text=True, nests=True)
    assert handed(flow, member, "query", caller=caller) == query
    assert handed(flow, member, "body", caller=caller) == CallerInput(("$trigger", member, "body"))
    assert handed(flow, member, "socket", caller=caller) == STORED


@each_case("name", ["filter", "search", "fields", "sort", "limit", "page", "deep", "aggregate", "group", "alias"])
def test_each_part_of_a_query_is_what_its_caller_sent(name: str) -> None:
    for scope, above in (("items.query", "payload"), ("items.read", "query")):
        sent = CallerInput(("$trigger", above, name), text=name == "search")
        assert handed(listening(scope), above, name) == sent


def test_a_message_of_an_error_names_what_was_asked_for() -> None:
    flow = listening("request.error")
    for name in ("message", "extensions"):
        assert handed(flow, "payload", "0", name, caller=UNKNOWN) == CallerInput(
            ("$trigger", "payload", "0", name), text=True
        )
    assert handed(flow, "payload", "1", caller=UNKNOWN) == STORED
    assert handed(flow, "other", caller=UNKNOWN) == ABSENT


def test_reads_of_every_collection_hand_over_the_query() -> None:
    assert carries(handed(listening("items.query"), "payload", "filter")) is Tri.YES
    assert handed(listening("items.query"), "payload", "other") == ABSENT
    assert carries(handed(listening("items.read"), "query", "filter")) is Tri.YES
    assert handed(listening("orders.items.read"), "payload") == Computed(stored_in=frozenset({"orders"}))
    assert carries(handed(listening("orders.items.read"), "query")) is Tri.YES
    assert handed(listening("orders.items.update"), "query") == ABSENT


@each_case(
    ("scope", "visitor", "member", "blocking_only"),
    [
        ("request.not_found", Tri.YES, Tri.YES, True),
        ("auth.login", Tri.YES, Tri.YES, False),
        ("auth.jwt", Tri.NO, Tri.YES, True),
        ("items.query", Tri.YES, Tri.YES, True),
        ("items.read", Tri.UNKNOWN, Tri.UNKNOWN, False),
    ],
)
def test_who_causes_another_event(scope: Any, visitor: Tri, member: Tri, blocking_only: bool) -> None:
    assert causes_event(listening(scope), VISITOR, NEWEST) is visitor
    assert causes_event(listening(scope), MEMBER, NEWEST) is member
    reported = Tri.NO if blocking_only else member
    assert causes_event(listening(scope, type="action"), MEMBER, NEWEST) is reported
    assert other_event(scope).by_account is member
    assert causes_event(listening(scope), UNKNOWN, NEWEST) is Tri.NO


@each_case(
    ("scope", "caused", "blocking_only"),
    [
        ("authenticate", Tri.YES, True),
        ("request.error", Tri.YES, True),
        ("auth.create", Tri.UNKNOWN, True),
        ("auth.update", Tri.UNKNOWN, True),
        ("server.start", Tri.UNKNOWN, False),
        ("email.send", Tri.UNKNOWN, False),
        ("websocket.message", Tri.UNKNOWN, False),
    ],
)
def test_who_causes_an_event_without_a_caller(scope: Any, caused: Tri, blocking_only: bool) -> None:
    assert causes_event(listening(scope), UNKNOWN, NEWEST) is caused
    assert causes_event(listening(scope), MEMBER, NEWEST) is Tri.NO
    assert causes_event(listening(scope, type="action"), UNKNOWN, NEWEST) is (Tri.NO if blocking_only else caused)


@each_case("scope", ["acme.order", "posts.items.*", "response", 7])
def test_an_event_that_is_not_known_may_have_a_caller(scope: Any) -> None:
    for caller in (VISITOR, MEMBER, UNKNOWN):
        assert causes_event(listening(scope), caller, NEWEST) is Tri.UNKNOWN
    assert look_up(data(listening(scope), MEMBER)["$accountability"], ("user",)) == CallerIdentity()


@each_case("action", ["create", "update"])
def test_whoever_may_write_files_sends_one(action: str) -> None:
    uploads = listening("files.upload", type="action")
    able = replace(MEMBER, may=lambda *asked: Tri.YES if asked == ("directus_files", action) else Tri.NO)
    unable = replace(MEMBER, may=lambda *asked: Tri.YES if asked == ("directus_files", "read") else Tri.NO)
    assert causes_event(uploads, able, NEWEST) is Tri.UNKNOWN
    assert causes_event(uploads, unable, NEWEST) is Tri.NO
    assert causes_event(uploads, UNKNOWN, NEWEST) is Tri.NO
    assert causes_event(listening("files.upload"), able, NEWEST) is Tri.NO
    assert carries(handed(uploads, "payload", "title", caller=MEMBER)) is Tri.YES


@each_case("scope", ["items.sort", "posts.items.sort"])
def test_whoever_moves_an_item_names_it(scope: str) -> None:
    moves = listening(scope, type="action")
    assert causes_event(moves, MEMBER, NEWEST) is Tri.UNKNOWN
    assert causes_event(moves, UNKNOWN, NEWEST) is Tri.NO
    assert [carries(handed(moves, name, caller=MEMBER)) for name in ("to", "item", "payload")] == [
        Tri.YES,
        Tri.YES,
        Tri.NO,
    ]


@each_case(
    ("scope", "covered"),
    [
        ("users.*", {("directus_users", "create"), ("directus_users", "update"), None}),
        ("**", {("directus_users", "create"), ("directus_users", "update"), None}),
        ("*.create", {("directus_users", "create"), None}),
        ("posts.*", {None}),
        ("users.create", {("directus_users", "create")}),
    ],
)
def test_a_name_with_wildcards_covers_events(scope: str, covered: set[Any]) -> None:
    assert set(events_of(listening(scope))) == covered
    assert ("auth.jwt" in other_scopes(listening(scope))) is (scope == "**")


def test_others_start_every_active_flow() -> None:
    hook = Flow("f", "f", "active", "schedule", {}, "a", PLACE)
    model = FlowModel([hook], [])
    assert model.starts(hook, OTHERS) is Tri.UNKNOWN
    assert causes_event(listening("items.create"), OTHERS, NEWEST) is Tri.UNKNOWN
    assert start_state(hook, OTHERS, NEWEST, STORED, Tri.UNKNOWN).data["$trigger"] == STORED


@each_case(
    ("options", "expected"),
    [
        ({"return": "$last"}, "x"),
        ({"return": "a"}, "x"),
        ({"return": "a.role"}, "role"),
        ({"return": "$last[role]"}, "role"),
        ({"return": "b"}, None),
        ({"return": "$all"}, None),
        ({"return": ""}, None),
        ({}, None),
        ({"return": "$last", "type": "action"}, None),
    ],
)
def test_what_a_blocking_flow_answers(options: dict[str, Any], expected: str | None) -> None:
    operation = Operation("a", "a", "transform", "f", {"json": {"role": "R"}}, None, None, PLACE)
    flow = listening("users.create", **options)
    (step,) = FlowModel([flow], [operation]).run(flow, MEMBER).steps
    found = {"x": KnownValue({"role": "R"}), "role": KnownValue("R"), None: None}
    assert replacement(step) == found[expected]


def test_an_operation_that_ends_badly_answers_nothing() -> None:
    throws = Operation("a", "a", "throw-error", "f", {}, None, None, PLACE)
    flow = listening("users.create", **{"return": "$last"})
    (step,) = FlowModel([flow], [throws]).run(flow, MEMBER).steps
    assert replacement(step) is None
    hook = Flow("f", "f", "active", "webhook", {"return": "$last"}, "a", PLACE)
    sends = Operation("a", "a", "transform", "f", {"json": {}}, None, None, PLACE)
    (step,) = FlowModel([hook], [sends]).run(hook, VISITOR).steps
    assert replacement(step) is None


@each_case("scope", ["server.start", "server.stop"])
def test_the_server_itself_causes_some_events(scope: str) -> None:
    assert handed(listening(scope), "payload", caller=UNKNOWN) == STORED
    assert causes_event(listening(scope), VISITOR, NEWEST) is Tri.NO


@each_case("scope", ["server.restart", "websocket.authenticate", "websocket.message", "acme.order"])
def test_an_event_that_is_not_known_may_hand_over_anything(scope: str) -> None:
    assert carries(handed(listening(scope), "payload", caller=UNKNOWN)) is Tri.YES
