"""What blocking flows answer, what other events hand over, and flows that others start."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.access.schema import Collection, Field, Relation, Schema
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.escalation import Paths, Unplanned
from directus_guard.finding import Location
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, EDITOR, ME, THE_EDITOR, Row, World, confidence

USERS: Final = "directus_users"
MINE: Final = (Row(USERS, "update", ("first_name",), ME),)
POSTS: Final = (Row("posts", "create"),)
REGISTERS: Final = {"public_registration": True, "public_registration_role": EDITOR}
SENT: Final = {"email": "{{$trigger.payload.email}}", "password": "{{$trigger.payload.password}}"}
PLACE: Final = Location("operations.json", 2)
VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")


def listening(scope: str, type_: str, options: dict[str, Any], **more: Any) -> World:
    """A blocking flow of one operation, and an editor who writes posts."""
    started = {"type": "filter", "scope": [scope], "collections": [USERS], "return": "$last", **more}
    return World(
        POSTS, settings={**REGISTERS, "id": 1},
        flows=(Flow("flow-1", "Answers", "active", "event", started, "o1", Location("flows.json", 2)),),
        operations=(Operation("o1", "o1", type_, "flow-1", options, None, None, PLACE),),
    )  # fmt: skip


def answering(scope: str, answer: dict[str, Any], **more: Any) -> World:
    return listening(scope, "transform", {"json": answer}, **more)


@each_case(
    ("answer", "more", "expected"),
    [
        ({**SENT, "role": ADMIN}, {}, "high"),
        ({**SENT, "role": "{{$trigger.payload.last_name}}"}, {}, "medium"),
        ({"user": {**SENT, "role": ADMIN}}, {"return": "o1.user"}, "high"),
        ({**SENT, "role": CUSTOMER}, {}, "nothing"),
        ({**SENT, "role": "{{$trigger.payload.role}}"}, {}, "nothing"),
        ({**SENT, "role": ADMIN}, {"return": "$all"}, "nothing"),
        ({**SENT, "role": ADMIN}, {"return": None}, "nothing"),
        ({**SENT, "role": ADMIN}, {"return": "o2"}, "nothing"),
        ({**SENT, "role": ADMIN}, {"type": "action"}, "nothing"),
        ({**SENT, "role": ADMIN}, {"collections": ["posts"]}, "nothing"),
    ],
)
def test_who_registers_gets_what_a_blocking_flow_answers(answer: Any, more: Any, expected: str) -> None:
    assert {confidence(answering("items.create", answer, **more), one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("scope", "expected"),
    [
        ("users.*", "high"),
        ("*.create", "high"),
        ("**", "high"),
        ("users.create", "high"),
        ("*", "not evaluated"),
        ("posts.*", "nothing"),
    ],
)
def test_a_name_with_wildcards_covers_events(scope: str, expected: str) -> None:
    world = answering(scope, {**SENT, "role": ADMIN})
    assert confidence(world, "11.17.4", visitor=True) == expected


def test_what_a_script_answers_is_not_evaluated() -> None:
    script = {"code": "module.exports = async (data) => data.$trigger.payload"}
    assert confidence(listening("items.create", "exec", script), "11.17.4", visitor=True) == "not evaluated"


@each_case(("role", "expected"), [(ADMIN, "high"), (CUSTOMER, "nothing")])
def test_who_visits_a_page_gets_what_a_blocking_flow_answers(role: str, expected: str) -> None:
    assert {confidence(answering("items.update", {"role": role}), one) for one in VERSIONS} == {expected}


def test_a_requested_write_is_checked_after_the_answer() -> None:
    """A permission to create users without a role is not widened by an answer."""
    world = answering("items.create", {**SENT, "role": ADMIN})
    world = World((Row(USERS, "create", ("email", "password")),), flows=world.flows, operations=world.operations)
    assert {confidence(world, one) for one in VERSIONS} == {"nothing"}


@each_case(
    ("scope", "answer", "visitor", "expected"),
    [
        ("authenticate", {"admin": True}, True, "not evaluated"),
        ("authenticate", {"admin": False, "role": ADMIN}, True, "not evaluated"),
        ("authenticate", {"admin": False, "user": "{{$trigger.req.headers.x-user}}"}, True, "not evaluated"),
        ("authenticate", {"admin": "{{$trigger.req.body.admin}}"}, True, "not evaluated"),
        ("authenticate", {"admin": False, "user": None, "role": None}, True, "nothing"),
        ("authenticate", {"admin": False, "ip": "{{$trigger.req.headers.x-real-ip}}"}, True, "nothing"),
        ("auth.jwt", {"id": "{{$trigger.payload.id}}", "role": ADMIN}, False, "not evaluated"),
        ("auth.jwt", {"id": "{{$trigger.payload.id}}", "role": "{{$trigger.payload.role}}"}, False, "nothing"),
        ("auth.jwt", {"id": "{{$trigger.user}}", "role": "{{$trigger.payload.role}}", "team": "x"}, False, "nothing"),
        # Who registers signs in, too.
        ("auth.jwt", {"id": "{{$trigger.payload.id}}", "role": ADMIN}, True, "not evaluated"),
    ],
)
def test_the_answers_that_decide_whose_rights_count(scope: str, answer: Any, visitor: bool, expected: str) -> None:
    assert {confidence(answering(scope, answer), one, visitor=visitor) for one in VERSIONS} == {expected}


def test_the_switch_in_a_token_counts_on_10_only() -> None:
    world = answering("auth.jwt", {"id": "{{$trigger.payload.id}}", "role": None, "admin_access": True})
    assert [confidence(world, one) for one in VERSIONS] == ["not evaluated", "nothing", "nothing"]


def test_a_role_in_a_token_is_one_of_the_account() -> None:
    """The answer gives everybody the role of customers, who make administrators."""
    world = answering("auth.jwt", {"id": "{{$trigger.payload.id}}", "role": CUSTOMER})
    able = World(POSTS, customer=(Row(USERS, "update", ("role",)),), flows=world.flows, operations=world.operations)
    assert confidence(able, "11.17.4") != "nothing"
    assert confidence(World(POSTS, flows=world.flows, operations=world.operations), "11.17.4") == "nothing"


def creating(payload: object) -> dict[str, Any]:
    return {"collection": USERS, "permissions": "$full", "payload": payload}


@each_case(
    ("scope", "payload", "visitor", "expected"),
    [
        ("request.not_found", "{{$trigger.request.body}}", True, "not evaluated"),
        ("request.not_found", {"email": "{{$trigger.request.query.e}}", "role": "{{$trigger.request.headers.x-r}}"}, True, "not evaluated"),
        ("request.not_found", "{{$trigger.response.body}}", True, "nothing"),
        ("request.not_found", "{{$trigger.payload}}", True, "nothing"),
        ("request.error", "{{$trigger.payload[0]}}", True, "nothing"),
        ("request.error", "{{$trigger.request.body}}", True, "nothing"),
        ("authenticate", "{{$trigger.req.body}}", True, "not evaluated"),
        ("server.start", "{{$trigger.payload}}", True, "nothing"),
        ("acme.order.placed", "{{$trigger.order}}", True, "not evaluated"),
        ("posts.items.read", "{{$trigger.query.filter}}", False, "not evaluated"),
        ("posts.items.read", "{{$trigger.payload[0].data}}", False, "not evaluated"),
        ("notes.items.read", "{{$trigger.query.filter}}", False, "nothing"),
        ("items.read", "{{$trigger.query.filter}}", True, "not evaluated"),
        ("items.query", "{{$trigger.payload.filter}}", True, "not evaluated"),
        ("items.query", "{{$trigger.payload.other}}", True, "nothing"),
    ],
)  # fmt: skip
def test_what_other_events_hand_over(scope: str, payload: object, visitor: bool, expected: str) -> None:
    held = listening(scope, "item-create", creating(payload), collections=None)
    world = World((*POSTS, Row("posts", "read")), settings=held.settings, flows=held.flows, operations=held.operations)
    found = {confidence(world, one, visitor=visitor) for one in VERSIONS}
    assert found == {expected}


UNASKED: Final = (
    "authenticate",
    "auth.create",
    "auth.update",
    "email.send",
    "websocket.message",
    "request.error",
    "acme.order",
)


@each_case(
    ("scope", "expected"), [*((one, "not evaluated") for one in UNASKED), ("request.not_found", "nothing"), ("auth.login", "nothing")]
)  # fmt: skip
def test_the_rights_of_the_trigger_are_unlimited_where_directus_knows_no_caller(scope: str, expected: str) -> None:
    """A visitor has no permission to create users: what the trigger may counts."""
    sent = {
        "authenticate": "{{$trigger.req.query.e}}", "request.error": "{{$trigger.payload[0].message}}",
        "request.not_found": "{{$trigger.request.query.e}}", "auth.login": "{{$trigger.payload.otp}}",
    }.get(scope, "{{$trigger.payload.email}}")  # fmt: skip
    made = {"collection": USERS, "permissions": "$trigger", "payload": {"email": sent, "password": sent, "role": ADMIN}}
    world = listening(scope, "item-create", made, **({"return": None}))
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("scope", "answer", "expected"),
    [
        ("auth.create", {"role": ADMIN}, "not evaluated"),
        ("auth.create", {"role": "{{$trigger.providerPayload.userInfo.role}}"}, "not evaluated"),
        ("auth.create", "{{$trigger.providerPayload.userInfo}}", "not evaluated"),
        ("auth.create", {"role": CUSTOMER}, "nothing"),
        ("auth.create", {"role": "{{$trigger.payload.role}}"}, "nothing"),
        ("auth.update", {"role": ADMIN}, "not evaluated"),
        ("auth.update", {"role": "{{$trigger.providerPayload.userInfo.role}}"}, "not evaluated"),
        ("auth.update", {"first_name": "{{$trigger.payload.first_name}}"}, "nothing"),
    ],
)
def test_who_signs_in_at_an_identity_provider_gets_what_a_blocking_flow_answers(
    scope: str, answer: Any, expected: str
) -> None:
    world = listening(scope, "transform", {"json": answer})
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}
    world = listening(scope, "transform", {"json": answer}, type="action")
    assert confidence(world, "11.17.4", visitor=True) == "nothing"


def test_a_flow_that_hears_of_everything_has_a_plan() -> None:
    """What cannot be planned does not hide that whoever registers, or has an account, gets the role."""
    assert confidence(answering("**", {**SENT, "role": ADMIN}), "11.17.4", visitor=True) in ("medium", "high")


@each_case(
    ("key", "role", "expected"),
    [("{{$trigger.user}}", ADMIN, "reported"), ("{{$trigger.user}}", CUSTOMER, "nothing"), ("{{$trigger.provider}}", ADMIN, "nothing")],
)  # fmt: skip
def test_who_signs_in_is_known_to_the_flow(key: str, role: str, expected: str) -> None:
    update = {"collection": USERS, "permissions": "$full", "key": [key], "payload": {"role": role}}
    for type_ in ("filter", "action"):
        world = listening("auth.login", "item-update", update, type=type_)
        assert (confidence(world, "11.17.4") == "nothing") is (expected == "nothing")


# --- what others start -----------------------------------------------------------------------------------------------


def reading(trigger: str, options: dict[str, Any], role: str, *, rights: str = "$full") -> World:
    """A flow that reads posts and gives a role by them."""
    read: dict[str, Any] = {
        "collection": "posts",
        "permissions": "$full",
        "query": {"filter": {"status": {"_eq": "approved"}}},
    }
    write: dict[str, Any] = {
        "collection": USERS,
        "permissions": rights,
        "key": "{{o1[0].user}}",
        "payload": {"role": role},
    }
    return World(
        POSTS,
        flows=(Flow("flow-1", "By posts", "active", trigger, options, "o1", Location("flows.json", 2)),),
        operations=(
            Operation("o1", "o1", "item-read", "flow-1", read, "o2", None, PLACE),
            Operation("o2", "o2", "item-update", "flow-1", write, None, None, PLACE),
        ),
    )  # fmt: skip


STARTED_BY_OTHERS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("schedule", {"cron": "0 * * * *"}),
    ("manual", {"collections": ["reviews"]}),
    ("event", {"type": "action", "scope": ["items.update"], "collections": ["reviews"]}),
]


@each_case(("trigger", "options"), STARTED_BY_OTHERS)
def test_a_flow_that_others_start_takes_what_was_stored_before(trigger: str, options: dict[str, Any]) -> None:
    for version in VERSIONS:
        assert confidence(reading(trigger, options, "{{o1[0].role}}"), version) == "not evaluated"
        assert confidence(reading(trigger, options, ADMIN), version) == "not evaluated"
        assert confidence(reading(trigger, options, "{{$env.ROLE}}"), version) == "nothing"
    stranger = World((Row("notes", "create"),), flows=reading(trigger, options, ADMIN).flows)
    assert confidence(stranger, "11.17.4") == "nothing"


def scripted(collection: str, collections: tuple[str, ...] = ("posts", "pages"), into: str = USERS) -> World:
    """A flow that hears of changed items, reads them, and stores what a script makes of everything that it has."""
    hears = {"type": "filter", "scope": ["items.update"], "collections": list(collections)}
    read = {"collection": collection, "key": "{{$trigger.keys}}", "permissions": "$trigger"}
    script = {"code": "module.exports = function (data) { return make(data); }"}
    store = {"collection": into, "permissions": "$trigger", "payload": "{{o2}}"}
    return World(
        [Row("posts", "create"), Row("notes", "update")],
        public=[Row("notes", "create")],
        flows=(Flow("flow-1", "Goes on", "active", "event", hears, "o1", Location("flows.json", 2)),),
        operations=(
            Operation("o1", "o1", "item-read", "flow-1", read, "o2", None, PLACE),
            Operation("o2", "o2", "exec", "flow-1", script, "o3", None, PLACE),
            Operation("o3", "o3", "item-create", "flow-1", store, None, None, PLACE),
        ),
    )


@each_case(
    ("collection", "editor"),
    [("{{$trigger.collection}}", "not evaluated"), ("posts", "not evaluated"), ("pages", "nothing")],
)
def test_what_a_script_makes_of_items_when_others_change_them(collection: str, editor: str) -> None:
    """The script has who starts the flow before it: with another person, nothing of the attacker's. So it comes down to who may
    write the items that are read."""
    for version in VERSIONS:
        assert confidence(scripted(collection), version) == editor
        assert confidence(scripted(collection), version, visitor=True) == "nothing"
    assert confidence(scripted("{{$trigger.collection}}", ("pages",)), "11.17.4") == "nothing"


def test_an_extension_may_hand_on_what_it_is_given() -> None:
    world = scripted("posts")
    read, script, store = world.operations
    made = (read, Operation("o2", "o2", "an-extension", "flow-1", script.options, "o3", None, PLACE), store)
    own = World(world.editor, public=world.public, flows=world.flows, operations=made)
    assert confidence(own, "11.17.4") == "not evaluated"
    assert confidence(own, "11.17.4", visitor=True) == "nothing"


def test_it_is_said_that_others_start_the_flow() -> None:
    authors = Schema((Collection("redirects"),), (Field("redirects", "id"),), (Relation("redirects", "author", USERS),))
    answer = Paths(scripted("posts", into="redirects").export(schema=authors)).answer(THE_EDITOR)
    assert isinstance(answer, Unplanned)
    assert answer.last == (
        "wait until another person, or the clock, starts the flow `Goes on`: its operation `o3` takes what was stored before"
    )


@each_case(("trigger", "options"), STARTED_BY_OTHERS)
def test_others_may_have_every_right(trigger: str, options: dict[str, Any]) -> None:
    """A schedule has no caller whose rights it could have, and an administrator may start the other ones."""
    assert confidence(reading(trigger, options, "{{o1[0].role}}", rights="$trigger"), "11.17.4") == "not evaluated"


def test_a_webhook_has_the_rights_of_a_visitor_whoever_calls_it() -> None:
    assert confidence(reading("webhook", {}, "{{o1[0].role}}", rights="$trigger"), "11.17.4") == "nothing"


def test_a_schedule_that_is_off_starts_nothing() -> None:
    trigger, options = STARTED_BY_OTHERS[0]
    inactive = reading(trigger, options, "{{o1[0].role}}")
    off = World(
        POSTS, flows=(Flow("flow-1", "Off", "inactive", trigger, options, "o1", PLACE),), operations=inactive.operations
    )
    assert confidence(off, "11.17.4") == "nothing"


def test_what_another_service_makes_of_the_callers_data_is_not_evaluated() -> None:
    hook = {"method": "POST"}

    def asking(url: str) -> World:
        return World(
            POSTS,
            flows=(Flow("flow-1", "Asks", "active", "webhook", hook, "o1", Location("flows.json", 2)),),
            operations=(
                Operation("o1", "o1", "request", "flow-1", {"method": "GET", "url": url}, "o2", None, PLACE),
                Operation("o2", "o2", "item-create", "flow-1", creating("{{o1.data}}"), None, None, PLACE),
            ),
        )  # fmt: skip

    assert confidence(asking("https://id.example.com/{{$trigger.body.name}}"), "11.17.4", visitor=True) != "nothing"
    assert confidence(asking("https://id.example.com/all"), "11.17.4", visitor=True) == "nothing"


@each_case(
    ("key", "rights", "expected"),
    [
        ("{{$trigger.body.key}}", "$full", "not evaluated"),
        ("{{$trigger.body.key}}", "$trigger", "nothing"),
        ("{{$accountability.user}}", "$full", "nothing"),
    ],
)
def test_who_a_user_is_at_an_identity_provider(key: str, rights: str, expected: str) -> None:
    """Directus takes that of administrators only, and of flows with full access."""
    update: dict[str, Any] = {
        "collection": USERS,
        "permissions": rights,
        "key": key,
        "payload": {"external_identifier": "{{$trigger.query.id}}"},
    }
    world = World(
        [Row(USERS, "update", ("external_identifier",))],
        flows=(Flow("flow-1", "Links", "active", "webhook", {"method": "POST"}, "o1", Location("flows.json", 2)),),
        operations=(Operation("o1", "o1", "item-update", "flow-1", update, None, None, PLACE),),
    )  # fmt: skip
    found = {confidence(world, one, visitor=visitor) for one in VERSIONS for visitor in (True, False)}
    assert found - {"nothing"} == {expected} - {"nothing"}


FLOW: Final = "https://api.example.com/flows/trigger/11111111-1111-4111-8111-111111111111"
GUARD: Final = [{"header": "x-webhook-secret", "value": "{{$env.FLOW_SECRET}}"}]
TOKEN: Final = [{"header": "Authorization", "value": "Bearer {{$env.ADMIN_TOKEN}}"}]


@each_case(
    ("options", "expected"),
    [
        ({"url": "http://localhost:8055/users", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "{{$env.PUBLIC_URL}}/users", "body": {"role": "{{$trigger.body.role}}"}, "headers": TOKEN}, "not evaluated"),
        ({"url": "https://directus.example.com/users/{{$trigger.body.key}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "http://127.0.0.1/users?access_token=static", "body": "{{$trigger.body}}"}, "not evaluated"),
        ({"url": "{{$trigger.body.url}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "http://localhost:8055/users", "body": "{}", "headers": TOKEN}, "nothing"),
        ({"url": "http://localhost:8055/users", "body": "{{$trigger.body}}"}, "nothing"),
        ({"url": "https://mail.example.com/send", "body": "{{$trigger.body}}", "headers": TOKEN}, "nothing"),
        # A neighbour may be Directus, unless the path is none of its API.
        ({"url": "http://cms:3000/users", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "https://cms.example.com/api/items/authors", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "https://10.0.0.7:8055/items/authors", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "{{$env.API_URL}}/users", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "{{$env.API_URL}}", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "{{$env.API_URL}}/{{$env.PATH}}", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "{{$env.API_URL}}/send/{{$trigger.body.name}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "{{ $env.DIRECTUS_URL }}/my-endpoint", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "{{$env.API_URL}}/api/{{$env.PATH}}", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "http://10.0.0.7/Users", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "http://data.apps.svc:80/users", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "http://host.docker.internal/users", "body": "{{$trigger.body}}", "headers": TOKEN}, "not evaluated"),
        ({"url": "http://10.0.0.7/hooks/build", "body": "{{$trigger.body}}", "headers": TOKEN}, "nothing"),
        ({"url": "{{$env.API_URL}}/api/campaigns/send", "body": "{{$trigger.body}}", "headers": TOKEN}, "nothing"),
        ({"url": "{{$env.API_URL}}/api/member_create?users=1#items", "body": "{{$trigger.body}}", "headers": TOKEN}, "nothing"),
        ({"url": "http://localhost:3000/hooks/build", "body": "{{$trigger.body}}", "headers": TOKEN}, "nothing"),
        ({"url": "http://newsletter/lists", "body": "{{$trigger.body}}", "headers": TOKEN}, "nothing"),
        ({"url": "https://api.example.com/users", "body": "{{$trigger.body}}", "headers": TOKEN}, "nothing"),
        (
            {"url": "http://localhost:8055/users", "body": "{{$trigger.body}}",
             "headers": [{"header": "Authorization", "value": "Bearer {{$trigger.headers.x-token}}"}]}, "nothing",
        ),
        ({"url": "http://localhost:8055/users", "body": "{{$trigger.body}}", "headers": [{"header": "Accept", "value": "*"}, "x"]}, "nothing"),
        # The guard of another flow may ask for what is sent.
        ({"url": f"{FLOW}", "body": "{{$trigger.body}}", "headers": GUARD}, "not evaluated"),
        ({"url": f"{FLOW}?key=of-the-project", "body": "{{$trigger.body}}"}, "not evaluated"),
        ({"url": f"{FLOW}", "body": "{}", "headers": GUARD}, "nothing"),
        ({"url": f"{FLOW}", "body": "{{$trigger.body}}", "headers": [{"header": "Content-Type", "value": "application/json"}]}, "nothing"),
        ({"url": f"{FLOW}?key={{{{$trigger.query.key}}}}", "body": "{{$trigger.body}}"}, "nothing"),
    ],
)  # fmt: skip
def test_a_token_in_a_request(options: dict[str, Any], expected: str) -> None:
    """What it may do is not known; the caller sends what it does, or where it goes."""
    world = World(
        [Row("posts", "create")],
        flows=(Flow("flow-1", "Asks", "active", "webhook", {"method": "POST"}, "o1", Location("flows.json", 2)),),
        operations=(Operation("o1", "o1", "request", "flow-1", {"method": "POST", **options}, None, None, PLACE),),
    )  # fmt: skip
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


# --- what flows store ------------------------------------------------------------------------------------------------


def chained(stored: dict[str, Any], second: tuple[str, dict[str, Any]], **event: Any) -> World:
    """A webhook that stores what it is sent, and a flow that this starts."""
    type_, options = second
    listens = {"type": "filter", "scope": ["items.create"], "return": "$last", **event}
    place = Location("flows.json", 2)
    return World(
        [Row("notes", "read")],
        flows=(
            Flow("flow-1", "Stores", "active", "webhook", {"method": "POST"}, "o1", place),
            Flow("flow-2", "Goes on", "active", "event", listens, "o2", place),
        ),
        operations=(
            Operation("o1", "o1", "item-create", "flow-1", {"permissions": "$full", **stored}, None, None, PLACE),
            Operation("o2", "o2", type_, "flow-2", options, None, None, PLACE),
        ),
    )  # fmt: skip


POST: Final[dict[str, Any]] = {
    "collection": "posts",
    "payload": {"email": "{{$trigger.headers.x-e}}", "role": "{{$trigger.headers.x-r}}"},
}
NEW_USER: Final[dict[str, Any]] = {
    "collection": USERS, "payload": {"email": "{{$trigger.body.email}}", "password": "{{$trigger.body.password}}"},
}  # fmt: skip
WITH_ITS_RIGHTS: Final = (
    "item-create",
    {"collection": USERS, "permissions": "$trigger", "payload": "{{$trigger.payload.data}}"},
)


@each_case(
    ("stored", "event", "expected"),
    [
        (POST, {"collections": ["posts"]}, "not evaluated"),
        (POST, {"collections": ["posts"], "type": "action"}, "not evaluated"),
        (POST, {"collections": ["notes"]}, "nothing"),
        (POST, {"collections": ["posts"], "scope": ["items.delete"]}, "nothing"),
        ({**POST, "emitEvents": False}, {"collections": ["posts"]}, "nothing"),
        ({**POST, "permissions": "$public"}, {"collections": ["posts"]}, "nothing"),
        ({**POST, "payload": {"email": "fixed"}}, {"collections": ["posts"]}, "nothing"),
    ],
)
def test_what_a_flow_stores_starts_another_one_without_a_caller(stored: Any, event: Any, expected: str) -> None:
    """That one's operations with the rights of the trigger are not limited."""
    world = chained(stored, WITH_ITS_RIGHTS, **event)
    assert {confidence(world, one, visitor=True) for one in VERSIONS} == {expected}


@each_case(
    ("role", "expected"),
    [(ADMIN, "not evaluated"), ("{{$trigger.payload.title}}", "not evaluated"), (CUSTOMER, "nothing")],
)
def test_a_blocking_flow_answers_what_another_one_stores(role: str, expected: str) -> None:
    world = chained(NEW_USER, ("transform", {"json": {**SENT, "role": role}}), collections=[USERS])
    assert confidence(world, "11.17.4", visitor=True) == expected
    changed = {"collection": USERS, "payload": {"title": "{{$trigger.body.title}}"}, "key": "{{$trigger.body.key}}"}
    updating = chained(changed, ("transform", {"json": {"role": role}}), collections=[USERS], scope=["items.update"])
    first = updating.operations[0]
    updates = World(updating.editor, flows=updating.flows, operations=(
        Operation(first.id, first.key, "item-update", "flow-1", first.options, None, None, PLACE), updating.operations[1]))  # fmt: skip
    found = {confidence(updates, "11.17.4", visitor=visitor) for visitor in (True, False)}
    assert (found == {"nothing"}) is (expected == "nothing")
