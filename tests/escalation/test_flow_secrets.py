"""Flows that make a token or a password for a user, or read tokens, and hand it to whoever started them."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.finding import Location
from tests.support.each import each_case
from tests.support.worlds import Row, World, confidence

PLACE: Final = Location("operations.json", 2)
VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
USER: Final = "99999999-9999-4999-8999-999999999999"
KEY: Final = "0f8c1d2e3b4a5968"
CHOSEN: Final = "{{$trigger.body.id}}"
JWT: Final = ("jwt", "json-web-token", {"operation": "sign", "payload": {"u": CHOSEN}, "secret": KEY})
MAKES: Final = ("gen", "exec", {"code": "module.exports = async () => ({ pw: String(Math.random()) })"})
READS: Final = ("rd", "item-read", {"collection": "directus_sessions", "permissions": "$full", "query": {"limit": -1}})
TO_CALLER: Final = "{{$trigger.body.mail}}"


def sets(value: object, **more: Any) -> tuple[str, str, dict[str, Any]]:
    """The operation that writes a user."""
    payload = value if isinstance(value, dict) else {"password": value}
    options = {"collection": "directus_users", "permissions": "$full", "key": [CHOSEN], "payload": payload}
    return "up", "item-update", {**options, **more}


def mails(body: str, to: str = TO_CALLER, name: str = "to", type_: str = "mail") -> tuple[str, str, dict[str, Any]]:
    """The operation that sends something."""
    return "out", type_, {name: to, "subject": "Your password", "body": body, "permissions": "$full"}


def world(*operations: tuple[str, str, dict[str, Any]], rows: tuple[Row, ...] = (), **options: Any) -> World:
    """A flow whose operations follow each other; by default a webhook."""
    trigger = options.pop("trigger", "webhook")
    following = [*(f"o{number}" for number in range(2, len(operations) + 1)), None]
    made = [
        Operation(f"o{number}", key, type_, "flow-1", given, following[number - 1], None, PLACE)
        for number, (key, type_, given) in enumerate(operations, 1)
    ]
    started = Flow("flow-1", "Reset", "active", trigger, {"method": "POST", **options}, "o1", PLACE)
    return World(rows, flows=(started,), operations=tuple(made))


@each_case(
    ("operations", "options", "expected"),
    [
        ((JWT, sets({"token": "{{jwt}}"})), {"return": "jwt"}, "not evaluated"),
        ((JWT, sets({"token": "{{jwt}}"})), {"return": "$all"}, "not evaluated"),
        ((JWT, sets({"token": "{{jwt}}"})), {"return": "up"}, "nothing"),
        ((JWT, sets({"token": "{{jwt}}"})), {"return": "jwt", "async": True}, "nothing"),
        ((JWT, sets({"token": "{{$last}}"})), {"return": "jwt"}, "not evaluated"),
        ((JWT, sets({"token": "fixed-in-the-flow"})), {"return": "jwt"}, "nothing"),
        ((JWT, sets({"title": "{{jwt}}"})), {"return": "jwt"}, "nothing"),
        ((JWT, sets({"token": "{{jwt}}"}, key=[USER])), {"return": "jwt"}, "nothing"),
        ((JWT, sets({"token": "{{jwt}}"}, permissions="$trigger")), {"return": "jwt"}, "nothing"),
        ((JWT, sets({"token": "{{jwt}}"}, collection="customers")), {"return": "jwt"}, "nothing"),
        ((MAKES, sets("{{gen.pw}}"), mails("{{gen.pw}}")), {}, "not evaluated"),
        ((MAKES, sets("{{gen.pw}}"), mails("{{$last}}")), {}, "nothing"),
        ((MAKES, sets("{{gen.pw}}"), mails("It was changed.")), {}, "nothing"),
        ((MAKES, sets("{{gen.pw}}"), mails("{{gen.pw}}", to="office@example.com")), {}, "nothing"),
        ((MAKES, sets("{{gen.pw}}"), mails("{{gen.pw}}", TO_CALLER, "url", "request")), {}, "not evaluated"),
        ((MAKES, sets("{{gen.pw}}"), mails("{{gen.pw}}", TO_CALLER, "recipient", "notification")), {}, "not evaluated"),
        ((MAKES, sets("{{gen.pw}}"), mails("{{gen.pw}}", TO_CALLER, "name", "log")), {}, "nothing"),
        ((MAKES, sets("{{gen.pw}}"), mails("{{gen.pw}} {{")), {}, "nothing"),
        ((READS, mails("{{rd[0].token}}")), {}, "not evaluated"),
        ((READS, mails("{{rd[0].token}}", to="office@example.com")), {}, "nothing"),
        ((READS, mails("Some are signed in.")), {}, "nothing"),
    ],
)
def test_what_a_caller_gets_of_a_flow(operations: Any, options: dict[str, Any], expected: str) -> None:
    found = world(*operations, **options)
    assert {confidence(found, one, visitor=True) for one in VERSIONS} == {expected}


BY_MAIL: Final = {"filter": {"email": {"_eq": TO_CALLER}}}
LOOKS_UP: Final = ("rd", "item-read", {"collection": "directus_users", "permissions": "$full", "query": BY_MAIL})


@each_case(
    "operations",
    [
        (LOOKS_UP, MAKES, sets("{{gen.pw}}", key=["{{rd[0].id}}"]), mails("{{gen.pw}}")),
        (MAKES, sets("{{gen.pw}}", key=None, query=BY_MAIL), mails("{{gen.pw}}")),
    ],
)
def test_whoever_has_the_address_gets_their_own_password(operations: Any) -> None:
    assert {confidence(world(*operations), one, visitor=True) for one in VERSIONS} == {"nothing"}


def stores(collection: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
    """The operation that stores what was read."""
    return (
        "st",
        "item-create",
        {"collection": collection, "permissions": "$full", "payload": {"data": "{{rd}}"}, **more},
    )


@each_case(
    ("stored", "read", "expected"),
    [
        (stores("audit"), Row("audit", "read"), "not evaluated"),
        (stores("audit", permissions="$trigger"), Row("audit", "read"), "not evaluated"),
        (stores("audit"), Row("audit", "create"), "nothing"),
        (stores("audit"), Row("posts", "read"), "nothing"),
        (stores("audit", payload={"data": "none"}), Row("audit", "read"), "nothing"),
        (stores("{{$trigger.payload.table}}"), Row("audit", "read"), "nothing"),
    ],
)
def test_tokens_that_a_flow_stores(stored: Any, read: Row, expected: str) -> None:
    pings = {"trigger": "event", "type": "action", "scope": ["items.create"], "collections": ["pings"]}
    found = world(READS, stored, rows=(Row("pings", "create"), read), **pings)
    assert {confidence(found, one) for one in VERSIONS} == {expected}
