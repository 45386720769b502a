"""The requests that start flows: what is sent where, so that an operation makes an administrator."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.schema import Collection, Field, Relation, Schema
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.escalation import Path, Paths
from directus_guard.finding import Confidence, HttpRequest
from tests.escalation.told import all_compared
from tests.support.each import each_case
from tests.support.worlds import (
    ADMIN,
    CUSTOMER,
    PLACE,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    operation,
    path_of,
)

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal

USERS: Final = "directus_users"
FLOWS: Final = "directus_flows"
OPERATIONS: Final = "directus_operations"
ADMINISTRATORS: Final = {"name": "<a name of their choice>", "admin_access": True}
READS_ROLES: Final = Row("directus_roles", "read")
OWN: Final = {"collection": USERS, "permissions": "$full", "key": ["{{$accountability.user}}"]}
NAME: Final = "<a name of their choice>"
TOKEN: Final = "<a static token of their choice>"
NEW_USER: Final = {"email": "<an e-mail address of their own>", "password": "<a password of their choice>"}
NEW_ROLE: Final = {"name": NAME, "policies": [{"policy": {"name": NAME, "admin_access": True}}]}


def condition(filter_: Any, resolve: str | None = "operation-1", reject: str | None = None) -> Operation:
    return Operation("guard", "guard", "condition", "flow-1", {"filter": filter_}, resolve, reject, PLACE)


def guarded(started: Flow, *operations: Operation) -> tuple[Flow, tuple[Operation, ...]]:
    return replace(started, operation=operations[0].id), operations


def requests(world: World, principal: Principal = THE_EDITOR, version: str = "11.17.4") -> list[HttpRequest]:
    path = path_of(world, principal, version)
    assert path is not None
    found = [step.request for step in path.steps if step.request is not None]
    assert len(found) == len(path.steps)
    return found


def request(
    started: Flow, *operations: Operation, rows: tuple[Row, ...] = (READS_ROLES,), who: Principal = THE_EDITOR
) -> HttpRequest:
    (only,) = requests(World(rows, flows=(started,), operations=operations), who)
    return only


def writes_role(template: str, **more: Any) -> Operation:
    return operation("item-update", **OWN, payload={"role": template}, **more)


def body(of: HttpRequest) -> Any:
    return json.loads(of.body) if of.body else {}


def test_a_webhook_is_given_a_body() -> None:
    sent = request(flow(method="POST"), writes_role("{{$trigger.body.data.role}}"))
    assert (sent.method, sent.path) == ("POST", "/flows/trigger/flow-1")
    assert body(sent) == {"data": {"role": ADMIN}}
    assert sent.sender == "their own account"


def test_a_role_whose_key_is_not_known_is_made_where_an_object_can_be_sent() -> None:
    sent = request(flow(method="POST"), writes_role("{{$trigger.body.role}}"), rows=())
    assert body(sent) == {"role": NEW_ROLE}
    old = requests(World(flows=(flow(),), operations=(writes_role("{{$trigger.body.role}}"),)), version="10.13.4")
    assert body(old[0]) == {"role": {"name": "<a name of their choice>", "admin_access": True}}


def test_a_query_holds_text() -> None:
    sent = request(flow(), writes_role("{{$trigger.query.data.role}}"))
    assert sent.line == f"GET /flows/trigger/flow-1?data[role]={ADMIN}"
    path = path_of(World(flows=(flow(),), operations=(writes_role("{{$trigger.query.role}}"),)))
    assert path is not None
    assert path.confidence is Confidence.MEDIUM  # they must learn the key of the role


def test_a_header() -> None:
    sent = request(flow(method="POST"), writes_role("{{$trigger.headers.x-role}}"))
    assert sent.headers == (("x-role", ADMIN),)
    assert sent.line == f"POST /flows/trigger/flow-1 x-role: {ADMIN}"
    agent = request(flow(method="POST"), writes_role("{{$accountability.userAgent}}"))
    assert agent.headers == (("User-Agent", ADMIN),)


@pytest.mark.parametrize(
    ("validation", "sent"),
    [
        (None, "<any value>"),
        ({"owner": {"_eq": "a user"}}, "<a value that is accepted>"),
        ({"owner": {"_neq": "a user"}}, "<any value>"),
    ],
)
def test_an_update_changes_a_field_that_the_account_may_change(validation: Any, sent: str) -> None:
    """Found at random: `id` was sent, whatever may be changed, and no plan was found."""
    changed = flow("event", type="action", scope=["items.update"], collections=["articles"])
    rows = (READS_ROLES, Row("articles", "update", ("owner",), None, validation))
    request_ = request(changed, operation("item-update", **OWN, payload={"role": ADMIN}), rows=rows)
    assert (request_.method, request_.path) == ("PATCH", "/items/articles/<id of an item of articles>")
    assert body(request_) == {"owner": sent}


def test_no_update_is_sent_that_no_value_passes() -> None:
    changed = flow("event", type="action", scope=["items.update"], collections=["articles"])
    never = {"_and": [{"owner": {"_eq": "a user"}}, {"owner": {"_neq": "a user"}}]}
    acting = operation("item-update", **OWN, payload={"role": ADMIN})
    world = World((Row("articles", "update", ("owner",), None, never),), flows=(changed,), operations=(acting,))
    assert not isinstance(answer_of(world), Path)


def test_a_manual_flow_is_given_a_collection_and_keys() -> None:
    manual = flow("manual", collections=["orders"])
    sent = request(manual, writes_role("{{$trigger.body.role}}"), rows=(READS_ROLES, Row("orders", "read")))
    assert body(sent) == {"role": ADMIN, "keys": ["<id of an item of orders>"], "collection": "orders"}
    keyed = operation("item-update", **{**OWN, "key": "{{$trigger.body.keys}}"}, payload={"role": ADMIN})
    users = flow("manual", collections=[USERS], requireSelection=False)
    sent = request(users, keyed, rows=(READS_ROLES, Row(USERS, "read")))
    assert body(sent) == {"keys": ["<id of their own user>"], "collection": USERS}


def test_an_item_that_is_created() -> None:
    started = flow("event", type="action", scope=["items.create"], collections=["orders"])
    role = writes_role("{{$trigger.payload.title}}")
    sent = request(started, role, rows=(READS_ROLES, Row("orders", "create", ("title",))))
    assert sent.line == f'POST /items/orders {{"title": "{ADMIN}"}}'
    # Without the field the event cannot hand it over; a validation may refuse the value.
    for row in (
        Row("orders", "create", ("note",)),
        Row("orders", "create", ("title",), validation={"title": {"_eq": "one"}}),
    ):
        answer = answer_of(World([READS_ROLES, row], flows=(started,), operations=(role,)))
        assert answer is None or not hasattr(answer, "steps")


def test_a_field_that_is_not_known_to_exist() -> None:
    started = flow("event", type="action", scope=["items.create"], collections=["orders"])
    path = path_of(World([READS_ROLES, Row("orders", "create")], flows=(started,), operations=(writes_role("{{$trigger.payload.title}}"),)))  # fmt: skip
    assert path is not None
    assert path.confidence is Confidence.MEDIUM


def test_an_item_that_is_changed() -> None:
    blocking = flow("event", type="filter", scope=["items.update"], collections=["orders"])
    sent = request(blocking, writes_role("{{$trigger.payload.role}}"))
    assert sent.line == f'PATCH /items/orders/<id of an item of orders> {{"role": "{ADMIN}"}}'
    afterwards = flow("event", type="action", scope=["items.update"], collections=[USERS])
    own = writes_role("{{$trigger.payload.title}}", emitEvents=False)
    row = Row(USERS, "update", ("title",), {"id": {"_eq": "$CURRENT_USER"}})
    sent = request(afterwards, own, rows=(READS_ROLES, row))
    assert sent.line == f'PATCH /users/me {{"title": "{ADMIN}"}}'


@each_case(
    ("filter_", "more"),
    [
        ({"$trigger": {"body": {"kind": {"_eq": "signup"}}}}, {"kind": "<a value that is accepted>"}),
        ({"$trigger": {"body": {"kind": {"_nnull": True}}}}, {"kind": "<a value that is accepted>"}),
        ({"$trigger": {"body": {"number": {"_gt": 4}}}}, {"number": "<a value that is accepted>"}),
        ({"_or": [{"$trigger": {"body": {"role": {"_eq": "x"}}}}, {"$trigger": {"body": {"flag": {"_eq": True}}}}]}, {"flag": True}),
        ({"_and": [{"$trigger": {"body": {"role": {"_neq": "x"}}}}, {"$accountability": {"user": {"_nnull": True}}}]}, {}),
    ],
)  # fmt: skip
def test_what_a_condition_asks_for_is_sent(filter_: Any, more: dict[str, Any]) -> None:
    started, operations = guarded(flow(method="POST"), condition(filter_), writes_role("{{$trigger.body.role}}"))
    assert body(request(started, *operations)) == {"role": ADMIN, **more}


def before(kind: str, **options: Any) -> Operation:
    return Operation("first", "first", kind, "flow-1", options, "operation-1", None, PLACE)


@each_case(
    ("first", "sent"),
    [
        (before("transform", json="{{$trigger.body.data}}"), {"data": {}, "role": ADMIN}),
        (before("transform", json="{{$trigger.body}}"), {"role": ADMIN}),
        (before("transform", json={"a": "{{$trigger.body.data}}"}), {"role": ADMIN}),
        (before("item-read", collection="orders", key=["{{$trigger.body.order}}"], permissions="$full"),
         {"order": "<id of an item of orders>", "role": ADMIN}),
        (before("item-read", collection=USERS, key=["{{$accountability.user}}"], permissions="$full"), {"role": ADMIN}),
        (before("log", message="x"), {"role": ADMIN}),
    ],
)  # fmt: skip
def test_what_operations_on_the_way_take(first: Operation, sent: dict[str, Any]) -> None:
    started, operations = guarded(flow(method="POST"), first, writes_role("{{$trigger.body.role}}"))
    world = World([READS_ROLES], flows=(started,), operations=operations)
    path = path_of(world)
    assert path is not None
    assert path.confidence is Confidence.MEDIUM  # the key of the flow
    (only,) = requests(world)
    assert body(only) == sent


@each_case(
    "first",
    [
        before("item-read", collection="orders", key=["{{$accountability.user}}"], permissions="$full"),
        before("item-read", collection="orders", key=["{{$trigger.nothing}}"], permissions="$full"),
        before("mail", to="x"),
        before("transform", json="{{$last.x}} {{$trigger.body.role}}"),
    ],
)
def test_operations_on_the_way_that_may_fail(first: Operation) -> None:
    started, operations = guarded(flow(method="POST"), first, writes_role("{{$trigger.body.role}}"))
    path = path_of(World([READS_ROLES], flows=(started,), operations=operations))
    assert path is not None
    assert path.confidence is Confidence.LOW


def test_a_transformation_of_what_is_missing_fails() -> None:
    first = before("transform", json="{{$trigger.nothing}}")
    started, operations = guarded(flow(method="POST"), first, writes_role("{{$trigger.body.role}}"))
    assert path_of(World([READS_ROLES], flows=(started,), operations=operations)) is None
    first = before("transform", json="{{$trigger.query.data}}")
    role = writes_role("{{$trigger.query.data.role}}")
    started, operations = guarded(flow(), first, role)
    assert path_of(World([READS_ROLES], flows=(started,), operations=operations)) is None


@pytest.mark.parametrize(
    ("filter_", "planned"),
    [
        # A refused role is sent as an object.
        ({"$trigger": {"body": {"role": {"_neq": ADMIN}}}}, True),
        ({"$trigger": {"body": {"role": {"_eq": "33333333-3333-4333-8333-333333333333"}}}}, False),
    ],
)
def test_a_condition_that_refuses_the_role(filter_: Any, *, planned: bool) -> None:
    started, operations = guarded(flow(method="POST"), condition(filter_), writes_role("{{$trigger.body.role}}"))
    answer = answer_of(World([READS_ROLES], flows=(started,), operations=operations))
    assert isinstance(answer, Path) is planned


def test_the_way_of_a_condition_that_is_not_met() -> None:
    filter_ = {"$trigger": {"body": {"role": {"_eq": "x"}}}}
    started, operations = guarded(
        flow(method="POST"), condition(filter_, None, "operation-1"), writes_role("{{$trigger.body.role}}")
    )
    assert body(request(started, *operations)) == {"role": ADMIN}


def test_a_flow_that_another_one_starts() -> None:
    first = Flow("flow-0", "first", "active", "webhook", {"method": "POST"}, "call", PLACE)
    options: dict[str, Any] = {"flow": "flow-1", "payload": {"given": "{{$trigger.body.given}}"}}
    call = Operation("call", "call", "trigger", "flow-0", options, None, None, PLACE)
    world = World([READS_ROLES], flows=(first, flow("operation")), operations=(call, writes_role("{{$trigger.given}}")))
    (sent,) = requests(world)
    assert sent.line == f'POST /flows/trigger/flow-0 {{"given": "{ADMIN}"}}'


@each_case(
    ("options", "sent"),
    [
        ({"type": "item-create", "collection": USERS, "payload": "{{$trigger.body}}"},
         {"role": NEW_ROLE, **NEW_USER}),
        ({"type": "item-update", "collection": USERS, "key": "{{$trigger.body.id}}", "payload": {"token": "{{$trigger.body.token}}"}},
         {"token": TOKEN, "id": "<id of an administrator>"}),
        ({"type": "item-create", "collection": "directus_policies", "payload": "{{$trigger.body.row}}"},
         {"row": {"name": NAME, "admin_access": True, "users": {"create": [{"user": NEW_USER}], "update": [], "delete": []}}}),
        ({"type": "item-create", "collection": "directus_roles", "payload": "{{$trigger.body}}"},
         {"name": NAME, "parent": NEW_ROLE, "users": [NEW_USER]}),
        ({"type": "item-create", "collection": "directus_roles", "payload": {"name": "Guests", "parent": "{{$trigger.body.parent}}",
          "users": "{{$trigger.body.users}}"}},
         {"parent": NEW_ROLE, "users": [NEW_USER]}),
        ({"type": "item-create", "collection": "directus_access", "payload": "{{$trigger.body}}"},
         {"policy": {"name": "<a name of their choice>", "admin_access": True}, "user": NEW_USER}),
    ],
)  # fmt: skip
def test_what_other_writes_take(options: dict[str, Any], sent: dict[str, Any]) -> None:
    kind = options["type"]
    made = operation(kind, permissions="$full", **{name: value for name, value in options.items() if name != "type"})
    assert body(request(flow(method="POST"), made, rows=(), who=THE_PUBLIC)) == sent


@pytest.mark.parametrize(("key", "confidence"), [("role", Confidence.LOW), ("key", Confidence.MEDIUM)])
def test_what_names_the_row_is_written_into_it(key: str, confidence: Confidence) -> None:
    made = operation(
        "item-update",
        collection=USERS,
        permissions="$full",
        payload="{{$trigger.body}}",
        key=f"{{{{$trigger.body.{key}}}}}",
    )
    path = path_of(World(flows=(flow(method="POST"),), operations=(made,)), THE_PUBLIC)
    assert path is not None
    assert path.confidence is confidence


def test_a_version_is_sent_what_it_has() -> None:
    """10 has no parents of roles, and leaves such a field out."""
    write = operation("item-create", collection="directus_roles", permissions="$full", payload="{{$trigger.body}}")
    world = World(flows=(flow(method="POST"),), operations=(write,))
    (old,) = requests(world, THE_PUBLIC, "10.13.4")
    assert body(old) == {"name": NAME, "admin_access": True, "users": [NEW_USER]}


@pytest.mark.parametrize("collection", ["directus_roles", "directus_policies"])
def test_a_role_or_a_policy_without_a_name_is_refused(collection: str) -> None:
    """`name` is required (measured on 10.13.4 and 11.17.4), and nothing else of the request gets into the row."""
    sent = {name: f"{{{{$trigger.body.{name}}}}}" for name in ("users", "parent", "admin_access")}
    write = operation("item-create", collection=collection, permissions="$full", payload=sent)
    world = World(flows=(flow(method="POST"),), operations=(write,))
    assert path_of(world, THE_PUBLIC) is None
    named = operation("item-create", collection=collection, permissions="$full", payload={**sent, "name": "Guests"})
    assert path_of(World(flows=(flow(method="POST"),), operations=(named,)), THE_PUBLIC) is not None


@pytest.mark.parametrize(
    ("relation", "sent"),
    [
        (Relation("leads", "maker", USERS), {"maker": {**NEW_USER, "role": NEW_ROLE}}),
        (Relation("leads", "maker", "directus_roles"), {"maker": {**NEW_ROLE, "users": [NEW_USER]}}),
        (Relation("leads", "maker", "directus_policies"), {"maker": {**ADMINISTRATORS, "users": [{"user": NEW_USER}]}}),
        (Relation("leads", "maker", "directus_access"), {"maker": {"policy": ADMINISTRATORS, "user": NEW_USER}}),
        (Relation(USERS, "lead", "leads", one_field="makers"), {"makers": [{**NEW_USER, "role": NEW_ROLE}]}),
    ],
    ids=lambda one: f"{one.collection} {one.related_collection}" if isinstance(one, Relation) else "",
)
def test_an_object_below_a_relation_is_spelled_out(relation: Relation, sent: dict[str, Any]) -> None:
    schema = Schema(
        (Collection("leads", has_table=True),),
        (Field("leads", "id", "integer"),),
        (relation,),
        "snapshot.json",
        complete=True,
    )
    write = operation("item-create", collection="leads", permissions="$full", payload="{{$trigger.body}}")
    path = Paths(World(flows=(flow(method="POST"),), operations=(write,)).export(schema=schema)).of(THE_PUBLIC)
    assert path is not None
    (start,) = (step.request for step in path.steps)
    assert start is not None
    assert body(start) == sent


def test_registration_is_used_once_a_flow_changed_it() -> None:
    chosen = {"public_registration": "{{$trigger.body.on}}", "public_registration_role": "{{$trigger.query.role}}"}
    made = operation("item-update", collection="directus_settings", permissions="$full", payload=chosen, key="1")
    world = World(public=[READS_ROLES], flows=(flow(method="POST"),), operations=(made,))
    first, second = requests(world, THE_PUBLIC)
    assert body(first) == {"on": True}
    assert first.path.endswith(f"?role={ADMIN}")
    assert (second.method, second.path, second.sender) == ("POST", "/users/register", "anonymous")


def test_what_the_server_writes_itself() -> None:
    page = flow("event", type="action", scope=["items.update"], collections=[USERS])
    own = operation(
        "item-update", collection=USERS, key="{{$trigger.keys[0]}}", payload={"role": "{{$trigger.payload.last_page}}"}
    )
    sent = request(page, own)
    assert sent.line == f'PATCH /users/me/track/page {{"last_page": "{ADMIN}"}}'
    register = flow("event", type="action", scope=["items.create"], collections=[USERS])
    made = operation(
        "item-update", collection=USERS, key="{{$trigger.key}}", payload={"role": "{{$trigger.payload.first_name}}"}
    )
    settings = {"public_registration": True, "public_registration_role": None}
    (sent,) = requests(
        World(public=[READS_ROLES], flows=(register,), operations=(made,), settings=settings), THE_PUBLIC
    )
    assert sent.path == "/users/register"
    assert body(sent)["first_name"] == ADMIN
    # It takes texts only (measured on 10.13.4, 11.17.4 and 12.4.1): no new role is sent there.
    (sent,) = requests(World(flows=(register,), operations=(made,), settings=settings), THE_PUBLIC)
    assert body(sent)["first_name"] == ADMIN


def test_a_flow_that_blocks_refuses_a_write() -> None:
    never = {"$accountability": {"role": {"_eq": ADMIN}}}
    started, operations = guarded(
        flow("event", type="filter", scope=["items.create"], collections=[USERS]), condition(never, None)
    )
    rows = [READS_ROLES, Row(USERS, "create")]
    assert path_of(World(rows)) is not None
    assert path_of(World(rows, flows=(started,), operations=operations)) is None
    other = replace(started, options={**started.options, "type": "action"})
    assert path_of(World(rows, flows=(other,), operations=operations)) is not None
    perhaps = condition({"$trigger": {"payload": {"title": {"_nnull": True}}}}, None)
    path = path_of(World(rows, flows=(started,), operations=(perhaps,)))
    assert path is not None
    assert path.confidence is Confidence.MEDIUM


def test_a_flow_that_blocks_signing_in() -> None:
    never = condition({"$accountability": {"role": {"_eq": ADMIN}}}, None)
    started, operations = guarded(flow("event", type="filter", scope=["auth.login"]), never)
    password = [READS_ROLES, Row(USERS, "create", ("email", "password", "role"))]
    assert path_of(World(password)) is not None
    assert path_of(World(password, flows=(started,), operations=operations)) is None
    token = [READS_ROLES, Row(USERS, "create", ("token", "role"))]
    path = path_of(World(token, flows=(started,), operations=operations))
    assert path is not None
    assert path.confidence is Confidence.HIGH


def test_a_flow_that_blocks_the_reset_of_a_password() -> None:
    """The server itself updates the user whose password is reset, who was invited, or whose address is verified."""
    never = condition({"$accountability": {"role": {"_eq": ADMIN}}}, None)
    started, operations = guarded(flow("event", type="filter", scope=["items.update"], collections=[USERS]), never)
    address = [READS_ROLES, Row(USERS, "create", ("email", "role", "status"))]
    assert path_of(World(address)) is not None
    assert path_of(World(address, flows=(started,), operations=operations)) is None
    password = [READS_ROLES, Row(USERS, "create", ("email", "password", "role"))]
    assert path_of(World(password, flows=(started,), operations=operations)) is not None
    registers = {"public_registration": True, "public_registration_role": ADMIN}
    for verifies in (True, False):
        world = World(
            settings={**registers, "public_registration_verify_email": verifies},
            flows=(started,),
            operations=operations,
        )
        assert (path_of(world, THE_PUBLIC) is None) is verifies


NEVER: Final = {"$accountability": {"role": {"_eq": ADMIN}}}


@pytest.mark.parametrize(
    ("name", "guard", "sent"),
    [
        ("options", condition(NEVER), {"options": {"filter": {"_and": []}}}),
        ("reject", condition(NEVER), {"reject": "operation-1"}),
        ("resolve", condition({"_and": []}, None), {"resolve": "operation-1"}),
    ],
)
def test_an_operation_that_only_steers_is_changed(name: str, guard: Operation, sent: dict[str, Any]) -> None:
    started, operations = guarded(flow(method="POST"), guard, writes_role("{{$trigger.body.role}}"))
    update = Row(OPERATIONS, "update", (name,), {"key": {"_eq": "guard"}})
    world = World(
        [READS_ROLES, Row(OPERATIONS, "read"), Row(FLOWS, "read"), update], flows=(started,), operations=operations
    )
    change, start = requests(world)
    assert (change.method, change.path, body(change)) == ("PATCH", "/operations/guard", sent)
    assert (start.path, body(start)) == ("/flows/trigger/flow-1", {"role": ADMIN})
    kept = dataclasses.replace(world, editor=[*world.editor[:-1], dataclasses.replace(update, fields=("name",))])
    assert path_of(kept) is None


def test_what_a_transformation_hands_on_is_changed() -> None:
    fixed = Operation("guard", "guard", "transform", "flow-1", {"json": {"role": CUSTOMER}}, "operation-1", None, PLACE)
    started, operations = guarded(flow(method="POST"), fixed, writes_role("{{guard.role}}"))
    update = Row(OPERATIONS, "update", ("options",), {"key": {"_eq": "guard"}})
    change, start = requests(World([READS_ROLES, update], flows=(started,), operations=operations))
    assert body(change) == {"options": {"json": "{{$trigger.body}}"}}
    assert body(start) == {"role": ADMIN}


TAKES_OVER: Final = {"collection": USERS, "permissions": "$full", "key": ["{{$trigger.body.id}}"]}
TOKEN_OF: Final = "{{$trigger.body.token}}"


@pytest.mark.parametrize(
    ("beside", "sent"),
    [
        ({"status": "{{$trigger.body.status}}"}, {"status": "active"}),
        ({"role": "{{$trigger.body.role}}"}, {"role": ADMIN}),
        ({"policies": "{{$trigger.body.policies}}"}, {"policies": []}),
        ({"title": "{{$trigger.body.title}}"}, {}),
        ({"status": "active", "role": ADMIN, "policies": [], "title": "x"}, {}),
        ({"status": "draft"}, None),
        ({"role": "x"}, None),
        ({"role": CUSTOMER}, None),
        ({"policies": "x"}, None),
    ],
    ids=str,
)
def test_what_a_flow_writes_beside_what_decides(beside: dict[str, Any], sent: dict[str, Any] | None) -> None:
    """What nothing sends is the text `undefined` (measured): an account with that status cannot sign in, and no role has that key."""
    write = operation("item-update", **TAKES_OVER, payload={"token": TOKEN_OF, **beside})
    known = [READS_ROLES, Row(USERS, "read"), Row(FLOWS, "read")]
    world = World(public=known, flows=(flow(method="POST"),), operations=(write,))
    assert (path_of(world, THE_PUBLIC) is None) is (sent is None)
    if sent is not None:
        (start,) = requests(world, THE_PUBLIC)
        assert body(start) == {"id": "<id of an administrator>", "token": TOKEN, **sent}


SETTINGS: Final = "directus_settings"


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("1", {}),
        (["1"], {}),
        (1, {}),
        ([], {}),
        ("{{$trigger.body.key}}", {"key": 1}),
        (["{{$trigger.body.key}}"], {"key": 1}),
        (CUSTOMER, None),
        ([CUSTOMER], None),
        (["{{$accountability.user}}"], None),
        # Who has no account has no key: then a query says which rows, and without one it is all.
        ("{{$accountability.user}}", {}),
    ],
    ids=str,
)
def test_the_settings_have_one_row(key: Any, sent: dict[str, Any] | None) -> None:
    """An operation that names another row writes none (measured on 10.13.4)."""
    payload = {"public_registration": True, "public_registration_role": "{{$trigger.query.role}}"}
    write = operation("item-update", collection=SETTINGS, permissions="$full", key=key, payload=payload)
    known = [READS_ROLES, Row(FLOWS, "read")]
    world = World(
        public=known,
        flows=(flow(method="POST"),),
        operations=(write,),
        settings={"id": 1, "public_registration": False},
    )
    assert (path_of(world, THE_PUBLIC) is None) is (sent is None)
    if sent is not None:
        start, enter = requests(world, THE_PUBLIC)
        assert start.path.endswith(f"?role={ADMIN}")
        assert body(start) == sent
        assert enter.path == "/users/register"


def test_what_a_user_cannot_be_given() -> None:
    started = flow("event", type="action", scope=["items.update"], collections=[USERS])
    own = Row(USERS, "update", ("email", "title"), {"id": {"_eq": "$CURRENT_USER"}})
    for template, works in (("email", False), ("title", True)):
        world = World(
            [READS_ROLES, own], flows=(started,), operations=(writes_role(f"{{{{$trigger.payload.{template}}}}}"),)
        )
        assert (path_of(world) is not None) is works


def test_a_webhook_that_is_no_other_one_after_the_change() -> None:
    """It may make an administrator as it is: nothing has to be changed."""
    made = operation(collection="orders", permissions="$full", payload="{{$trigger.body}}")
    world = World([READS_ROLES, Row(FLOWS, "update", ("options",))], flows=(flow(method="POST"),), operations=(made,))
    assert path_of(world) is None
    path = path_of(world, THE_PUBLIC)
    assert path is not None
    assert path.name == "flow-drive"


def test_a_webhook_that_is_switched_on_writes_as_whoever_starts_it() -> None:
    world, _ = CHANGED["a flow that is switched on"]
    assert path_of(world) is not None


PLACES: Final = ("position_x", "position_y")
CHANGED: Final[dict[str, tuple[World, list[tuple[str, str]]]]] = {
    "a flow with keys of their choice": (
        World([Row(FLOWS, "create"), Row(OPERATIONS, "create")]),
        [("POST", "/flows"), ("POST", "/operations"), ("POST", f"/flows/trigger/<a UUID of their choice for the new row of {FLOWS}>")],
    ),
    "a flow with keys that are read": (
        World([
            Row(FLOWS, "create", ("name", "trigger")), Row(FLOWS, "read"), Row(FLOWS, "update", ("operation",)),
            Row(OPERATIONS, "create", ("flow", "key", "type", "options", *PLACES)), Row(OPERATIONS, "read"),
        ]),
        [("POST", "/flows"), ("POST", "/operations"), ("PATCH", f"/flows/<id of the new row of {FLOWS}>"),
         ("GET", f"/flows/trigger/<id of the new row of {FLOWS}>")],
    ),
    "an operation that is rewritten": (
        World([Row(OPERATIONS, "update", ("type", "options"))], flows=(flow(),), operations=(operation("log"),)),
        [("PATCH", "/operations/operation-1"), ("GET", "/flows/trigger/flow-1")],
    ),
    "a flow that is switched on": (
        World([READS_ROLES, Row(FLOWS, "update", ("status",))], flows=(flow(status="inactive", method="POST"),),
              operations=(writes_role("{{$trigger.body.role}}"),)),
        [("PATCH", "/flows/flow-1"), ("POST", "/flows/trigger/flow-1")],
    ),
    "an operation that is put into a flow": (
        World([Row(OPERATIONS, "create"), Row(FLOWS, "update", ("operation",))], flows=(flow(),), operations=(operation("log"),)),
        [("POST", "/operations"), ("PATCH", "/flows/flow-1"), ("GET", "/flows/trigger/flow-1")],
    ),
}  # fmt: skip


def test_they_are_told_as_kept() -> None:
    all_compared("changed", {name: world for name, (world, _) in CHANGED.items()})


@each_case("case", CHANGED)
def test_flows_that_are_changed_first(case: str) -> None:
    world, expected = CHANGED[case]
    assert [(one.method, one.path) for one in requests(world)] == expected


def test_a_schedule_needs_no_start() -> None:
    fields = ("name", "trigger", "options", "operation", "operations")
    rows = [
        Row(FLOWS, "create", fields, validation={"trigger": {"_eq": "schedule"}}),
        Row(OPERATIONS, "create", ("id", "flow", "key", "type", "options", *PLACES)),
    ]
    path = path_of(World(rows))
    assert path is not None
    first, second = path.steps
    assert first.request is not None
    assert body(first.request)["operations"][0]["options"]["payload"]["token"] == TOKEN
    assert second.request is None
