"""Secrets that flows make, read, sign or store, and who gets them."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

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
BY_MAIL: Final = {"filter": {"email": {"_eq": TO_CALLER}}}


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
        # Whoever once got it knows it.
        ((JWT, sets({"token": "fixed-in-the-flow"})), {"return": "jwt"}, "not evaluated"),
        ((sets("Welcome-2026!"),), {}, "not evaluated"),
        ((sets("Welcome-2026!", key=None, query=BY_MAIL),), {}, "not evaluated"),
        ((sets("Welcome-2026!", key=[USER]),), {}, "nothing"),
        ((sets({"password": None}),), {}, "nothing"),
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


# --- access tokens that a flow signs ---------------------------------------------------------------------------------


def signs(secret: str = "{{$env.SECRET}}", who: str = "{{$trigger.body.user}}", **options: Any) -> Any:
    """The operation that signs a token."""
    given = {"operation": "sign", "payload": {"id": who, "admin_access": True}, "secret": secret, "options": options}
    return "jwt", "json-web-token", given


OWN: Final = signs(who="{{$accountability.user}}")
OWN[2]["payload"] = {"id": "{{$accountability.user}}", "role": "{{$accountability.role}}"}


@each_case(
    ("operations", "options", "expected"),
    [
        ((signs(),), {}, "not evaluated"),
        ((signs(KEY, issuer="directus"),), {}, "not evaluated"),
        ((signs("{{ $env.SECRET }}"),), {}, "not evaluated"),
        ((signs("{{$env.SECRET_OF_SHOP}}"),), {}, "nothing"),
        ((signs("{{$env.SECRET"),), {}, "nothing"),
        ((signs(KEY),), {}, "nothing"),
        ((signs(KEY, issuer="shop"),), {}, "nothing"),
        ((signs(who="{{$accountability.user}}"),), {}, "not evaluated"),
        ((OWN,), {}, "nothing"),
        ((signs(),), {"return": "$trigger"}, "nothing"),
        ((signs(), mails("{{jwt}}")), {"return": "$trigger"}, "not evaluated"),
        ((LOOKS_UP, signs(who="{{rd[0].id}}"), mails("{{jwt}}")), {"return": "$trigger"}, "nothing"),
        ((LOOKS_UP, signs(who="{{rd[0].id}}")), {}, "not evaluated"),
    ],
)
def test_a_token_of_directus_that_a_flow_signs(operations: Any, options: dict[str, Any], expected: str) -> None:
    found = world(*operations, **options)
    assert {confidence(found, one, visitor=True) for one in VERSIONS} == {expected}


# --- what others send ------------------------------------------------------------------------------------------------

READS_LOG: Final = (Row("audit", "read"),)
LOGIN: Final = {"trigger": "event", "type": "action", "scope": ["auth.login"]}
CHANGES: Final = {"trigger": "event", "type": "action", "scope": ["items.update"], "collections": ["directus_users"]}
CREATES: Final = {"trigger": "event", "type": "action", "scope": ["users.create"]}
JWTS: Final = {"trigger": "event", "type": "filter", "scope": ["auth.jwt"]}


@each_case(
    ("data", "options", "rows", "expected"),
    [
        ("{{$trigger.payload}}", LOGIN, READS_LOG, "not evaluated"),
        ("{{$trigger}}", LOGIN, READS_LOG, "not evaluated"),
        ("{{$trigger.payload.password}}", LOGIN, READS_LOG, "not evaluated"),
        ("{{$trigger.payload.email}} {{$trigger.status}}", LOGIN, READS_LOG, "nothing"),
        ("{{$trigger.payload}}", LOGIN, (), "nothing"),
        ("{{$trigger.payload}}", LOGIN, (Row("audit", "create"),), "nothing"),
        ("{{$trigger.payload", LOGIN, READS_LOG, "nothing"),
        ("{{$trigger.payload}}", CHANGES, READS_LOG, "not evaluated"),
        ("{{$trigger.payload.token}}", CHANGES, READS_LOG, "not evaluated"),
        ("{{$trigger.keys}}", CHANGES, READS_LOG, "nothing"),
        ("{{$trigger.payload}}", {**CHANGES, "collections": ["posts"]}, READS_LOG, "nothing"),
        ("{{$trigger.payload}}", {**CHANGES, "scope": ["items.delete"]}, READS_LOG, "nothing"),
        ("{{$trigger.payload}}", CREATES, READS_LOG, "not evaluated"),
        ("{{$trigger.payload}}", {**CREATES, "scope": ["users.*"]}, READS_LOG, "not evaluated"),
        ("{{$trigger.payload.session}}", JWTS, READS_LOG, "not evaluated"),
        ("{{$trigger.payload.role}}", JWTS, READS_LOG, "nothing"),
        ("{{$trigger.headers}}", {}, READS_LOG, "not evaluated"),
        ("{{$trigger.headers.authorization}}", {}, READS_LOG, "not evaluated"),
        ("{{$trigger.headers.user-agent}}", {}, READS_LOG, "nothing"),
        ("{{$trigger.headers}}", {"trigger": "manual"}, READS_LOG, "nothing"),
    ],
)
def test_what_a_flow_stores_of_others(data: str, options: dict[str, Any], rows: Any, expected: str) -> None:
    found = world(stores("audit", payload={"data": data}), rows=tuple(rows), **options)
    assert {confidence(found, one) for one in VERSIONS} == {expected}


# --- secrets by which a flow selects ---------------------------------------------------------------------------------


def resets(
    sent: str = "{{$trigger.body.token}}",
    *before: Any,
    field: str = "reset_token",
    operator: str = "_eq",
    joined: str | None = None,
) -> tuple[Any, ...]:
    """A user is found by a token, and gets the password that is sent."""
    rule: dict[str, Any] = {field: {operator: sent}}
    query = {"filter": rule if joined is None else {joined: [rule, {"status": {"_eq": "active"}}]}, "limit": 1}
    finds = ("rd", "item-read", {"collection": "directus_users", "permissions": "$full", "query": query})
    return (*before, finds, sets("{{$trigger.body.password}}", key=["{{rd[0].id}}"]))


GIVEN: Final = ("given", "condition", {"filter": {"$trigger": {"body": {"token": {"_regex": "^t[a-z0-9]{8,}$"}}}}})
HEADER: Final = "{{$trigger.headers.x-api-key}}"


@each_case(
    ("operations", "rows", "visitor", "editor"),
    [
        # JSON may hold null, and users without a token have that.
        (resets(), (), "not evaluated", "nothing"),
        (resets("{{$trigger.body.token}}", GIVEN), (), "nothing", "nothing"),
        (resets(HEADER), (), "nothing", "nothing"),
        (resets(HEADER), (Row("directus_users", "read"),), "nothing", "not evaluated"),
        (resets(HEADER), (Row("directus_users", "read", ("reset_token",)),), "nothing", "not evaluated"),
        (resets(HEADER), (Row("directus_users", "read", ("id", "email")),), "nothing", "nothing"),
        (resets(HEADER), (Row("directus_users", "read", rule={"id": {"_eq": "$CURRENT_USER"}}),), "nothing", "nothing"),
        (resets(HEADER, field="token"), (Row("directus_users", "read"),), "nothing", "nothing"),
        # Only the value of a field with such a name, and the very same value, is a proof.
        (resets(HEADER, field="email"), (), "not evaluated", "nothing"),
        (resets(HEADER, operator="_contains"), (), "not evaluated", "nothing"),
        (resets(HEADER, joined="_or"), (), "not evaluated", "nothing"),
        (resets(HEADER, joined="_and"), (), "nothing", "nothing"),
    ],
)
def test_a_user_whom_a_secret_selects(operations: Any, rows: Any, visitor: str, editor: str) -> None:
    found = world(*operations, rows=tuple(rows))
    assert {confidence(found, one, visitor=True) for one in VERSIONS} == {visitor}
    assert {confidence(found, one) for one in VERSIONS} == {editor}


def beside(operations: Any, others: Any, **options: Any) -> World:
    """Two webhooks."""
    first, second = world(*operations), world(*others, **options)
    flows = tuple(replace(one, id="flow-2", operation="p1") for one in second.flows)
    moved = tuple(
        replace(one, id=f"p{one.id[1:]}", flow="flow-2", resolve=one.resolve and f"p{one.resolve[1:]}")
        for one in second.operations
    )
    return World(flows=(*first.flows, *flows), operations=(*first.operations, *moved))


RESET: Final = resets("{{$trigger.body.token}}", GIVEN)
FORGOT: Final = (MAKES, sets({"reset_token": "{{gen.pw}}"}, key=None, query=BY_MAIL), mails("{{gen.pw}}"))


@each_case(
    ("others", "options", "expected"),
    [
        (FORGOT, {"return": "$all"}, "not evaluated"),
        (FORGOT, {"return": "gen"}, "not evaluated"),
        (FORGOT, {"return": "up"}, "nothing"),
        ((LOOKS_UP,), {}, "not evaluated"),
        ((("rd", "item-read", {**LOOKS_UP[2], "query": {**BY_MAIL, "fields": ["id"]}}),), {}, "nothing"),
        ((("rd", "item-read", {**LOOKS_UP[2], "permissions": "$public"}),), {}, "nothing"),
        ((("rd", "item-read", {**LOOKS_UP[2], "collection": "posts"}),), {}, "nothing"),
        ((LOOKS_UP,), {"status": "inactive"}, "nothing"),
    ],
)
def test_a_secret_that_another_webhook_answers(others: Any, options: dict[str, Any], expected: str) -> None:
    status = options.pop("status", "active")
    found = beside(RESET, others, **options)
    found = World(flows=(found.flows[0], replace(found.flows[1], status=status)), operations=found.operations)
    assert {confidence(found, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("collection", "expected"),
    [("directus_operations", "not evaluated"), ("directus_revisions", "not evaluated"), ("directus_flows", "nothing")],
)
def test_a_webhook_that_answers_operations(collection: str, expected: str) -> None:
    guard = ("guard", "condition", {"filter": {"$trigger": {"headers": {"x-key": {"_eq": KEY}}}}})
    makes = (
        "make",
        "item-create",
        {"collection": "directus_users", "permissions": "$full", "payload": "{{$trigger.body}}"},
    )
    answers = ("rd", "item-read", {"collection": collection, "permissions": "$full", "query": {"limit": -1}})
    found = beside((guard, makes), (answers,))
    assert {confidence(found, one, visitor=True) for one in VERSIONS} == {expected}


# --- what relations lead to ------------------------------------------------------------------------------------------


@each_case(
    ("fields", "rows", "expected"),
    [
        (["id", "company.member_role"], (Row("companies", "update"),), "not evaluated"),
        ("id,company.member_role", (Row("companies", "update"),), "not evaluated"),
        (["id", "company"], (Row("companies", "update"),), "nothing"),
        (["*.*"], (Row("companies", "create"),), "not evaluated"),
        (["*.*"], (Row("companies", "read"),), "nothing"),
        (["role.next_role"], (Row("directus_roles", "update", ("next_role",)),), "not evaluated"),
        (["role.next_role"], (Row("directus_presets", "update"),), "nothing"),
    ],
)
def test_a_role_that_is_read_through_a_relation(fields: Any, rows: Any, expected: str) -> None:
    own = {"collection": "directus_users", "permissions": "$full", "key": "{{$accountability.user}}"}
    reads = ("me", "item-read", {**own, "query": {"fields": fields}})
    takes = sets({"role": "{{me.company.member_role}}"}, key=["{{$accountability.user}}"])
    found = world(reads, takes, rows=tuple(rows))
    assert {confidence(found, one) for one in VERSIONS} == {expected}


@each_case(
    ("operation", "rows", "expected"),
    [
        (stores("docs"), (Row("docs", "read"),), "not evaluated"),
        (stores("docs"), (Row("posts", "read"),), "nothing"),
        (mails("{{rd}}"), (), "not evaluated"),
        (mails("{{rd}}", to="office@example.com"), (), "nothing"),
    ],
)
def test_operations_that_a_webhook_hands_over(operation: Any, rows: Any, expected: str) -> None:
    guard = ("guard", "condition", {"filter": {"$trigger": {"headers": {"x-key": {"_eq": KEY}}}}})
    made = {"collection": "directus_users", "permissions": "$full", "payload": "{{$trigger.body}}"}
    reads = ("rd", "item-read", {"collection": "directus_operations", "permissions": "$full", "query": {"limit": -1}})
    found = beside((guard, ("make", "item-create", made)), (reads, operation), **{"return": "$trigger"})
    found = World(public=tuple(rows), flows=found.flows, operations=found.operations)
    assert {confidence(found, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("data", "scope", "expected"),
    [
        ("{{$trigger.req.headers.authorization}}", "authenticate", "not evaluated"),
        ("{{$trigger.request.headers}}", "request.not_found", "not evaluated"),
        ("{{$trigger.request.url}}", "request.not_found", "nothing"),
    ],
)
def test_requests_of_others_that_a_flow_stores(data: str, scope: str, expected: str) -> None:
    options = {"trigger": "event", "type": "filter", "scope": [scope]}
    found = world(stores("audit", payload={"data": data}), rows=READS_LOG, **options)
    assert {confidence(found, one) for one in VERSIONS} == {expected}


def test_a_flow_by_hand_that_hands_over_a_secret() -> None:
    """Before 12.2 a visitor may start it, too, and is the one reported."""
    by_hand = {"trigger": "manual", "collections": ["directus_users"], "requireSelection": False}
    found = beside(RESET, (LOOKS_UP,), **by_hand)
    found = World((Row("directus_users", "read", ("id",)),), flows=found.flows, operations=found.operations)
    visitor = [confidence(found, one, visitor=True) for one in VERSIONS]
    assert visitor == ["not evaluated", "not evaluated", "nothing"]
    assert confidence(found, VERSIONS[-1]) == "not evaluated"
