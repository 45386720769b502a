"""The requests that start a flow, and where in them is what is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.tri import Tri
from directus_guard.escalation.account import ANONYMOUS, Account
from directus_guard.escalation.plans.flow_values import FlowInput
from directus_guard.escalation.plans.starts import LETTER, starts_with, surest
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.accounts import EMAIL, PASSWORD, TOKEN
from directus_guard.escalation.requests.request import Chosen
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import ME as MYSELF
from directus_guard.escalation.work import Work
from directus_guard.finding import Confidence
from tests.support.each import each_case
from tests.support.worlds import EDITOR, Row, World, flow, operation

if TYPE_CHECKING:
    from directus_guard.directus.flows.templates import Path
    from directus_guard.escalation.plans.starts import FlowStart
    from directus_guard.escalation.requests.request import Value

USERS: Final = "directus_users"
OWN: Final = Account(role=EDITOR)
ME: Final = Person(OWN, MYSELF)
SOME_POST: Final = Chosen("id of an item of posts")
ANY: Final = Chosen("any value")
ADDRESS: Final = Chosen("the e-mail address of an account")


def at(*path: str) -> Path:
    return ("$trigger", *path)


def starts(
    trigger: str, sent: dict[Path, Value], rows: tuple[Row, ...] = (), *, account: Account = OWN, version: str = "11.17.4",
    registers: bool = False, **options: Any,
) -> list[FlowStart]:  # fmt: skip
    """How an account starts a flow, and sends this."""
    held: dict[str, Any] = {"public": rows} if account.public else {"editor": rows}
    started = (flow(trigger, **options),)
    settings = {"public_registration": registers}
    world = World(**held, flows=started, operations=(operation("log", message="x"),), settings=settings)
    state = AccessState(world.export(version), Work(1_000_000))
    person = Person(account, MYSELF)
    given = (FlowInput(sent, Tri.YES),)
    return list(starts_with(state.attacker(account), person, started[0], lambda _step, _unchecked: given))


@each_case(
    ("method", "sent", "body", "query", "headers"),
    [
        ("POST", {at("body", "a"): 1, at("body", "b", "c"): 2}, {"a": 1, "b": {"c": 2}}, {}, {}),
        ("POST", {at("body"): {"a": 1}, at("body", "b"): 2}, {"a": 1, "b": 2}, {}, {}),
        ("POST", {at("body", "l", "0"): "x", at("body", "l", "1"): "y"}, {"l": ["x", "y"]}, {}, {}),
        ("POST", {at("body", "l", "0", "a"): "x", at("body", "m", "a", "0"): "y"}, {"l": [{"a": "x"}], "m": {"a": ["y"]}}, {}, {}),
        ("POST", {at("body", "a"): 1, at("body", "a", "b"): 2}, {"a": 1}, {}, {}),
        ("GET", {at("query", "a"): 1, at("query", "b", "c", "d"): 2}, {}, {"a": 1, "b[c][d]": 2}, {}),
        ("GET", {at("query"): {"a": 1}, at("body"): {"b": 2}}, {}, {"a": 1}, {}),
        ("POST", {at("query"): {"a": 1}, at("body"): {"b": 2}}, {"b": 2}, {}, {}),
        ("POST", {at("headers", "x-key"): "k", ("$accountability", "userAgent"): "u", ("$accountability", "origin"): "o"}, {}, {}, {"x-key": "k", "User-Agent": "u", "Origin": "o"}),
    ],
)  # fmt: skip
def test_a_webhook(method: str, sent: dict[Path, Value], body: Any, query: Any, headers: Any) -> None:
    (start,) = starts("webhook", sent, method=method)
    request = start.request
    assert (request.body, request.query, request.headers) == (body, query, headers)
    assert (request.method, request.gets, request.item) == (method, method == "GET", "flow-1")
    assert (start.sure, start.asks, start.operation) == (Tri.YES, None, "operation-1")


def test_a_webhook_is_asked_with_get_unless_it_says_more() -> None:
    assert [start.request.method for start in starts("webhook", {})] == ["GET"]
    assert starts("webhook", {}, status="inactive") == []


@each_case(
    ("collections", "rows", "more", "sent", "body"),
    [
        (["pages", "posts"], ("posts",), {}, {at("body", "a"): 1}, {"a": 1, "keys": [SOME_POST], "collection": "posts"}),
        (["posts", "pages"], ("posts", "pages"), {}, {}, {"keys": [SOME_POST], "collection": "posts"}),
        (["posts"], ("posts",), {"requireSelection": True}, {}, {"keys": [SOME_POST], "collection": "posts"}),
        (["posts"], ("posts",), {"requireSelection": None}, {}, {"keys": [SOME_POST], "collection": "posts"}),
        (["posts"], ("posts",), {"requireSelection": False}, {}, {"collection": "posts"}),
        (["posts"], ("posts",), {}, {at("body", "keys"): ["k"]}, {"keys": ["k"], "collection": "posts"}),
        ([USERS], (USERS,), {}, {}, {"keys": [ME], "collection": USERS}),
        (["posts"], (), {}, {}, None),
    ],
)  # fmt: skip
def test_a_flow_that_is_started_by_hand(
    collections: list[str], rows: tuple[str, ...], more: dict[str, Any], sent: dict[Path, Value], body: Any
) -> None:
    """With an item of a collection that they may read; their own user, where it is a collection of users."""
    held = tuple(Row(name, "read") for name in rows)
    found = starts("manual", sent, held, collections=collections, **more)
    assert [start.request.body for start in found] == [body] * (body is not None)


NEW: Final = {"email": EMAIL, "password": PASSWORD, "token": TOKEN}
SENT: Final[dict[Path, Value]] = {at("payload", "a"): 1}


def events(scope: str, kind: str, sent: dict[Path, Value], rows: tuple[Row, ...], **more: Any) -> list[tuple[Any, ...]]:
    found = starts("event", sent, rows, type=kind, scope=[scope], collections=["posts"], **more)
    return [(one.request.action, one.request.item, one.request.body, one.asks) for one in found]


@each_case(
    ("scope", "kind", "sent", "with_row", "without_row"),
    [
        ("items.create", "action", SENT, [("create", None, {"a": 1}, ("posts", "create"))], []),
        ("items.create", "filter", {}, [("create", None, {}, ("posts", "create"))], []),
        # A flow that blocks runs before Directus asks whether the item may be changed.
        ("items.update", "action", SENT, [("update", SOME_POST, {"a": 1}, ("posts", "update"))], []),
        ("items.update", "filter", SENT, [("update", SOME_POST, {"a": 1}, None)], [("update", SOME_POST, {"a": 1}, None)]),
        ("items.update", "filter", {}, [("update", SOME_POST, {"id": ANY}, None)], [("update", SOME_POST, {"id": ANY}, None)]),
        ("items.delete", "action", {}, [("delete", SOME_POST, {}, ("posts", "delete"))], []),
        ("items.delete", "filter", {}, [("delete", SOME_POST, {}, None)], [("delete", SOME_POST, {}, None)]),
        ("items.delete", "action", SENT, [], []),
        ("items.query", "filter", {}, [("read", None, {}, None)], [("read", None, {}, None)]),
        ("items.query", "filter", SENT, [], []),
        ("auth.login", "action", SENT, [("login", None, {"email": ADDRESS, "password": PASSWORD, "a": 1}, None)], [("login", None, {"email": ADDRESS, "password": PASSWORD, "a": 1}, None)]),
    ],
)  # fmt: skip
def test_an_event(scope: str, kind: str, sent: dict[Path, Value], with_row: Any, without_row: Any) -> None:
    action = scope.partition(".")[2]
    assert events(scope, kind, sent, (Row("posts", "read" if action in ("query", "login") else action),)) == with_row
    assert events(scope, kind, sent, ()) == without_row
    assert events(scope, kind, sent, (), account=ANONYMOUS) == without_row


def test_before_11_a_deletion_is_asked_for_first() -> None:
    rows = (Row("posts", "delete"),)
    for version, asks in (("10.13.4", ("posts", "delete")), ("11.17.4", None), ("12.4.1", None)):
        assert [one[3] for one in events("items.delete", "filter", {}, rows, version=version)] == [asks], version
    assert events("items.delete", "filter", {}, (), version="10.13.4") == []


TRACKED: Final = ("track", None, {"last_page": Chosen("a page"), "a": 1}, None)
RESET: Final = ("reset", None, {"token": LETTER, "password": PASSWORD, "a": 1}, None)


def test_events_of_users() -> None:
    """Requests that need no permission cause some, too."""
    rows = (Row(USERS, "create"), Row(USERS, "update"))
    assert events("users.create", "action", SENT, rows) == [("create", None, {**NEW, "a": 1}, (USERS, "create"))]
    assert events("users.create", "action", SENT, ()) == []
    changed = ("update", ME, {"a": 1}, (USERS, "update"))
    assert events("users.update", "action", SENT, rows) == [changed, TRACKED, RESET]
    assert events("users.update", "action", SENT, ()) == [TRACKED, RESET]
    assert events("users.update", "filter", SENT, ()) == [("update", ME, {"a": 1}, None), TRACKED, RESET]


def test_visitors_register() -> None:
    registered = ("register", None, {"email": EMAIL, "password": PASSWORD, "a": 1}, None)
    assert events("users.create", "action", SENT, (), account=ANONYMOUS, registers=True) == [registered]
    assert events("users.create", "action", SENT, (), account=ANONYMOUS) == []
    assert events("users.create", "action", SENT, (), registers=True) == []
    assert events("users.update", "action", SENT, (), account=ANONYMOUS, registers=True) == []


@each_case(
    ("trigger", "rows", "chosen", "sure"),
    [
        ("webhook", (), (), Confidence.MEDIUM), ("manual", (), (), Confidence.MEDIUM), ("event", (), (), Confidence.HIGH), ("schedule", (), (), Confidence.HIGH), ("operation", (), (), Confidence.HIGH),
        ("webhook", (), ("flow-1",), Confidence.HIGH), ("webhook", (), ("flow-2",), Confidence.MEDIUM), ("webhook", (Row("directus_flows", "read"),), (), Confidence.HIGH), ("webhook", (Row("directus_flows", "read", ("name",)),), (), Confidence.MEDIUM),
        ("manual", (Row("directus_flows", "read", rule={"id": {"_neq": "flow-1"}}),), (), Confidence.MEDIUM),
    ],
)  # fmt: skip
def test_who_knows_the_id_of_a_flow(
    trigger: str, rows: tuple[Row, ...], chosen: tuple[str, ...], sure: Confidence
) -> None:
    started = flow(trigger)
    state = AccessState(World(rows, flows=(started,)).export(), Work(1_000_000))
    assert surest(state.attacker(OWN), started, chosen) is sure
