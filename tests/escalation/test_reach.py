"""Ways of several writes, each proven on a server (tests/lab/derived_cases.py), and the same with one write less."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import Access, User
from directus_guard.directus.access.schema import Collection, Field, Relation, Schema
from directus_guard.escalation import Paths
from directus_guard.escalation.catalogue import KINDS
from directus_guard.finding import Confidence
from tests.escalation.told import all_compared
from tests.support.each import each_case
from tests.support.worlds import (
    ADMIN,
    ADMIN_POLICY,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    ME,
    SQLITE,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    names,
    operation,
    path_of,
)

USERS, ROLES, ACCESS = "directus_users", "directus_roles", "directus_access"
PERMISSIONS, POLICIES, SETTINGS = "directus_permissions", "directus_policies", "directus_settings"
FLOWS, OPERATIONS = "directus_flows", "directus_operations"
OWN_NAME: Final = Row(USERS, "update", ("first_name",), ME)
OWN_ROLE: Final = Row(USERS, "update", ("role",), ME)
DENY_ADMIN: Final = {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]}
DENY_ADMIN_POLICY: Final = {"_and": [{"policy": {"_neq": ADMIN_POLICY}}, {"policy": {"id": {"_neq": ADMIN_POLICY}}}]}
TOKENS_OF_CUSTOMERS: Final = Row(USERS, "update", ("token",), {"role": {"_eq": CUSTOMER}})
LOCK: Final = Row(USERS, "update", ("first_name",), ME, validation={"role": {"_eq": CUSTOMER}})
LOCKING: Final = (Access(CUSTOMER_POLICY, EDITOR, id="access-9"),)
HARMLESS: Final = [Row("orders", "read")]

ONLY_OPERATIONS: Final = {"_and": [{"collection": {"_eq": OPERATIONS}}, {"action": {"_eq": "update"}}]}
ONLY_FLOWS: Final = {"_and": [{"collection": {"_eq": FLOWS}}, {"action": {"_eq": "update"}}]}
FULL_BODY: Final = operation(collection=USERS, permissions="$full", payload="{{$trigger.body}}")

CASES: Final[dict[str, tuple[World, World]]] = {
    "permission-update: fields": (
        World([OWN_NAME, Row(PERMISSIONS, "update", ("fields",))]),
        World([OWN_NAME, Row(PERMISSIONS, "read")]),
    ),
    "permission-update: rule": (
        World([Row(USERS, "update", ("password",), ME), Row(PERMISSIONS, "update", ("permissions",))]),
        World([Row(USERS, "update", ("password",), ME), Row(PERMISSIONS, "read")]),
    ),
    "permission-update: presets": (
        World([OWN_NAME, Row(PERMISSIONS, "update", ("presets",), {"collection": {"_eq": USERS}})]),
        World([Row("orders", "update"), Row(PERMISSIONS, "update", ("presets",), {"collection": {"_eq": "orders"}})]),
    ),
    "permission-update: policy": (
        World([Row(PERMISSIONS, "update", ("policy",))], customer=[Row(USERS, "update", ("role",))]),
        World([Row(PERMISSIONS, "update", ("policy",))], customer=HARMLESS),
    ),
    "permission-create: settings only": (
        World([Row(PERMISSIONS, "create", validation={"collection": {"_in": [SETTINGS, "orders"]}})]),
        World([Row(PERMISSIONS, "create", validation={"collection": {"_in": ["orders", "directus_files"]}})]),
    ),
    "permission-create: flows and operations only": (
        World([Row(PERMISSIONS, "create", validation={"collection": {"_in": [FLOWS, OPERATIONS]}})]),
        World([Row(PERMISSIONS, "create", validation={"collection": {"_eq": FLOWS}})]),
    ),
    "permission-create: operations of a flow that runs": (
        World([Row(PERMISSIONS, "create", validation=ONLY_OPERATIONS)], flows=(flow("schedule"),), operations=(operation("log"),)),
        World([Row(PERMISSIONS, "create", validation=ONLY_OPERATIONS)], flows=(flow("schedule", "inactive"),), operations=(operation("log"),)),
    ),
    "permission-create: the trigger of a flow that writes": (
        World([Row(PERMISSIONS, "create", validation=ONLY_FLOWS)], flows=(flow("schedule"),), operations=(FULL_BODY,)),
        World([Row(PERMISSIONS, "create", validation=ONLY_FLOWS)], flows=(flow("schedule"),), operations=(operation("log"),)),
    ),
    "permission-create: presets": (
        World([Row(PERMISSIONS, "create", ("collection", "action", "policy", "presets"))]),
        World([Row(PERMISSIONS, "create", ("collection", "action", "policy"))]),
    ),
    "permission-create: of somebody else": (
        World([TOKENS_OF_CUSTOMERS, Row(PERMISSIONS, "create", validation={"policy": {"_eq": CUSTOMER_POLICY}})], customer=HARMLESS),
        World([Row(PERMISSIONS, "create", validation={"policy": {"_eq": CUSTOMER_POLICY}})], customer=HARMLESS),
    ),
    "delete-lock: the row": (
        World([OWN_ROLE, Row(PERMISSIONS, "delete")], customer=[LOCK], access=LOCKING),
        World([OWN_ROLE, Row(PERMISSIONS, "delete", rule={"policy": {"_neq": CUSTOMER_POLICY}})], customer=[LOCK], access=LOCKING),
    ),
    "delete-lock: the attachment": (
        World([OWN_ROLE, Row(ACCESS, "delete")], customer=[LOCK], access=LOCKING),
        World([OWN_ROLE, Row(ACCESS, "delete", rule={"id": {"_neq": "access-9"}})], customer=[LOCK], access=LOCKING),
    ),
    "delete-lock: the policy": (
        World([OWN_ROLE, Row(POLICIES, "delete")], customer=[LOCK], access=LOCKING),
        World([OWN_ROLE, Row(POLICIES, "delete", rule={"id": {"_neq": CUSTOMER_POLICY}})], customer=[LOCK], access=LOCKING),
    ),
    "reattach-policy: the lock goes elsewhere": (
        World([OWN_ROLE, Row(ACCESS, "update", ("role",), {"id": {"_eq": "access-9"}})], customer=[LOCK], access=LOCKING),
        World([OWN_ROLE, Row(ACCESS, "update", ("sort",), {"id": {"_eq": "access-9"}})], customer=[LOCK], access=LOCKING),
    ),
    "change-mentioned: the name of a role": (
        World([Row(USERS, "update", ("token",), {"role": {"name": {"_neq": "Administrator"}}}), Row(ROLES, "update", ("name",))]),
        World([Row(USERS, "update", ("token",), {"role": {"name": {"_neq": "Administrator"}}}), Row(ROLES, "update", ("icon",))]),
    ),
    "attach-policy: a preset names the user": (
        World([Row(ACCESS, "create", ("policy",), presets={"user": "$CURRENT_USER"})]),
        World([Row(ACCESS, "create", ("policy",), presets={"user": "user-7"})]),
    ),
    "attach-policy: to somebody else": (
        World([TOKENS_OF_CUSTOMERS, Row(ACCESS, "create", ("policy", "role"), validation={"role": {"_eq": CUSTOMER}})], customer=HARMLESS),
        World([Row(ACCESS, "create", ("policy", "role"), validation={"role": {"_eq": CUSTOMER}})], customer=HARMLESS),
    ),
    "attach-policy: a new one": (
        World([Row(POLICIES, "create", ("name", "admin_access")), Row(ACCESS, "create", validation=DENY_ADMIN_POLICY)]),
        World([Row(POLICIES, "create", ("name",)), Row(ACCESS, "create", validation=DENY_ADMIN_POLICY)]),
    ),
    "policy-admin-access: of another policy, then attached": (
        World([Row(POLICIES, "update", ("admin_access",), {"id": {"_eq": CUSTOMER_POLICY}}), Row(ACCESS, "create", validation=DENY_ADMIN_POLICY)]),
        World([Row(POLICIES, "update", ("name",), {"id": {"_eq": CUSTOMER_POLICY}}), Row(ACCESS, "create", validation=DENY_ADMIN_POLICY)]),
    ),
    "child-role: and a way into it": (
        World([Row(ROLES, "create", ("name", "parent")), Row(USERS, "update", ("role",), ME, validation=DENY_ADMIN)]),
        World([Row(ROLES, "create", ("name",)), Row(USERS, "update", ("role",), ME, validation=DENY_ADMIN)]),
    ),
    "registration-role: its switch": (
        World([Row(SETTINGS, "update", ("public_registration",))], settings={"public_registration": False, "public_registration_role": ADMIN}),
        World([Row(SETTINGS, "update", ("public_registration",))], settings={"public_registration": False, "public_registration_role": CUSTOMER}),
    ),
    "take-over-token: a suspended administrator": (
        World([Row(USERS, "update", ("token", "status"), {"status": {"_eq": "suspended"}})], users=(User("user-1", ADMIN, "suspended"),)),
        World([Row(USERS, "update", ("first_name",), {"status": {"_eq": "suspended"}})], users=(User("user-1", ADMIN, "suspended"),)),
    ),
    "flow-build: an operation where a flow begins": (
        World([Row(OPERATIONS, "create"), Row(FLOWS, "update", ("operation",))], flows=(flow(method="POST"),), operations=(operation("log"),)),
        World([Row(OPERATIONS, "create"), Row(FLOWS, "update", ("name",))], flows=(flow(method="POST"),), operations=(operation("log"),)),
    ),
}  # fmt: skip


def test_they_are_told_as_kept() -> None:
    all_compared("reach", {name: world for name, (world, _) in CASES.items()})


@each_case("case", CASES)
def test_a_way_of_several_writes(case: str) -> None:
    there, missing = CASES[case]
    path = path_of(there)
    assert path is not None
    wanted = {case.split(":", maxsplit=1)[0]}
    if wanted <= {"permission-create", "permission-update"}:
        # The key of the public policy is known, which makes it the surer one.
        wanted.add("public-permission")
    assert wanted & set(names(path) or [])
    assert all(step.location is not None for step in path.steps)
    assert path_of(missing, schema=SQLITE) is None


@each_case("version", ["10.13.4", "11.17.4", "12.4.1"])
@each_case("case", CASES)
def test_steps_are_those_of_the_version(case: str, version: str) -> None:
    path = path_of(CASES[case][0], THE_EDITOR, version)
    major = int(version.partition(".")[0])
    assert all(KINDS[step.id].applies((major,)) for step in path.steps) if path else True


def test_a_lock_of_the_only_row_cannot_be_taken_away_with_it() -> None:
    """The policy that locks is the one that grants: without it there is nothing to write with."""
    row = Row(USERS, "update", ("role",), ME, validation={"role": {"_eq": CUSTOMER}})
    assert path_of(World([row, Row(POLICIES, "delete")])) is None


def test_administrators_that_sign_in_elsewhere_are_not_taken_over_by_a_password() -> None:
    rule = {"provider": {"_eq": "google"}}
    assert path_of(World([Row(USERS, "update", ("password",), rule)])) is None
    assert path_of(World([Row(USERS, "update", ("email",), rule)])) is None
    assert names(path_of(World([Row(USERS, "update", ("token",), rule)]))) == ["take-over-token"]


NOT_ADMINISTRATORS: Final = {"role": {"policies": {"policy": {"admin_access": {"_neq": True}}}}}
NONE_OF_THEM: Final = {"policies": {"_none": {"policy": {"admin_access": {"_eq": True}}}}}


def test_a_rule_on_the_policies_of_a_role_keeps_administrators_out_who_have_no_other() -> None:
    row = Row(USERS, "update", ("token",), NOT_ADMINISTRATORS)
    second = (Access(CUSTOMER_POLICY, ADMIN, id="access-9"),)
    assert path_of(World([row], customer=HARMLESS)) is None
    assert names(path_of(World([row], customer=HARMLESS, access=second))) == ["take-over-token"]
    grown = path_of(
        World([row, Row(ACCESS, "create", ("policy", "role"), validation=DENY_ADMIN_POLICY)], customer=HARMLESS)
    )
    assert names(grown) == ["attach-policy", "take-over-token"]


def test_a_rule_on_the_policies_of_users_is_decided_where_the_users_are_known() -> None:
    row = Row(USERS, "update", ("token",), NONE_OF_THEM)
    by_role = World([row], users=(User("user-1", ADMIN, "active"),))
    itself = World([row], users=(User("user-1", EDITOR, "active"), User("user-2", ADMIN, "suspended")), access=(Access(ADMIN_POLICY, user="user-1", id="access-9"),))  # fmt: skip
    assert names(path_of(by_role)) == ["take-over-token"]
    assert path_of(itself) is None


# --- what flows write ------------------------------------------------------------------------------------------------

BODY: Final = "{{$trigger.body}}"
LEADS: Final = Schema(
    collections=(Collection("leads"), Collection("notes"), Collection("teams"), Collection("tags")),
    fields=tuple(Field(one, "id", primary_key=True) for one in ("leads", "notes", "teams", "tags")),
    relations=(
        Relation("leads", "user_created", USERS),
        Relation("leads", "team", "teams", one_field="leads"),
        Relation("tags", "item", allowed_collections=("orders", USERS)),
    ),
)


def webhook(**options: Any) -> World:
    written = {"permissions": "$full", **options}
    return World(flows=(flow(method="POST"),), operations=(operation(written.pop("type", "item-create"), **written),))


@pytest.mark.parametrize(
    ("options", "drives"),
    [
        ({"collection": "leads", "payload": BODY}, True),
        ({"collection": "teams", "payload": BODY}, True),  # its leads, and their creators
        ({"collection": "notes", "payload": BODY}, False),
        ({"collection": "tags", "payload": BODY}, True),
        ({"collection": "leads", "payload": {"user_created": "{{$trigger.body.author}}"}}, True),
        ({"collection": "leads", "payload": {"name": "{{$trigger.body.name}}"}}, False),
        ({"collection": "leads", "payload": {"user_created": "{{$trigger.headers.x-user}}"}}, False),  # only texts
        ({"collection": "leads", "payload": [{"user_created": "{{$trigger.body.author}}"}]}, True),
    ],
)
def test_an_object_below_a_relation_is_written_too(options: dict[str, Any], *, drives: bool) -> None:
    export = webhook(**options).export(schema=LEADS)
    path = Paths(export).of(THE_PUBLIC)
    assert (path is not None) is drives
    assert path is None or path.confidence is not Confidence.LOW


def test_without_the_data_model_only_the_whole_body_may_be_a_way() -> None:
    whole = path_of(webhook(collection="leads", payload=BODY), THE_PUBLIC)
    assert whole is not None
    assert whole.confidence is Confidence.LOW
    assert path_of(webhook(collection="leads", payload={"author": "{{$trigger.body.author}}"}), THE_PUBLIC) is None


@pytest.mark.parametrize(
    ("options", "drives"),
    [
        ({"type": "item-update", "collection": SETTINGS, "payload": BODY, "key": "1"}, True),
        ({"type": "item-update", "collection": SETTINGS, "payload": {"public_registration": True, "public_registration_role": "{{$trigger.body.role}}"}}, True),
        ({"type": "item-update", "collection": SETTINGS, "payload": {"project_name": "{{$trigger.body.name}}"}, "key": "1"}, False),
        ({"collection": ROLES, "payload": BODY}, True),
        ({"collection": ROLES, "payload": {"name": "{{$trigger.body.name}}"}}, False),
        ({"type": "item-update", "collection": PERMISSIONS, "payload": "{{$trigger.body.row}}", "key": "{{$trigger.body.key}}"}, True),
        ({"type": "item-update", "collection": PERMISSIONS, "payload": "{{$trigger.body.row}}", "key": [7]}, True),  # its policy, and whom that is attached to
        ({"collection": USERS, "payload": {"email": "{{$trigger.body.email}}", "policies": "{{$trigger.body.policies}}"}}, True),
        ({"collection": POLICIES, "payload": {"admin_access": True, "users": "{{$trigger.body.users}}"}}, False),  # it needs a name
        ({"collection": POLICIES, "payload": {"name": "x", "admin_access": True, "users": "{{$trigger.body.users}}"}}, True),
        ({"type": "item-update", "collection": ACCESS, "payload": {"policy": "{{$trigger.body.policy}}"}, "key": "{{$trigger.body.key}}"}, True),
    ],
)  # fmt: skip
def test_what_a_webhook_with_full_access_decides(options: dict[str, Any], *, drives: bool) -> None:
    assert (path_of(webhook(**options), THE_PUBLIC) is not None) is drives


def event(*, kind: str = "action", scope: str = "items.create", collection: str = "orders", **options: Any) -> World:
    started = flow("event", type=kind, scope=[scope], collections=[collection])
    written = {"collection": USERS, "permissions": "$full", **options}
    return World([Row("orders", "create"), Row(USERS, "update", ("title",), ME)], flows=(started,), operations=(operation(written.pop("type", "item-create"), **written),))  # fmt: skip


SENT: Final = {"email": "{{$trigger.payload.email}}", "role": "{{$trigger.payload.role}}"}


@pytest.mark.parametrize(
    ("kind", "scope", "version", "drives"),
    [
        ("filter", "items.update", "10.13.4", True),
        ("filter", "items.update", "11.17.4", True),
        ("filter", "items.update", "12.4.1", True),
        ("filter", "items.delete", "10.13.4", False),
        # What is deleted has no fields, and a query has only its own.
        ("filter", "items.delete", "11.17.4", False),
        ("filter", "items.query", "11.17.4", False),
        ("filter", "items.create", "11.17.4", False),
        ("filter", "items.read", "11.17.4", False),
        ("action", "items.update", "11.17.4", False),
    ],
)
def test_a_blocking_flow_that_runs_before_permissions_are_asked_for(
    kind: str, scope: str, version: str, *, drives: bool
) -> None:
    path = path_of(event(kind=kind, scope=scope, payload=SENT), THE_PUBLIC, version)
    assert (path is not None and path.confidence is not Confidence.LOW) is drives


def test_a_search_is_what_a_blocking_flow_of_queries_is_given() -> None:
    payload = {"email": "{{$trigger.payload.search}}", "role": ADMIN}
    path = path_of(event(kind="filter", scope="items.query", payload=payload), THE_PUBLIC, "11.17.4")
    assert path is not None
    (request,) = [step.request for step in path.steps]
    assert request is not None
    assert request.line == "GET /items/orders?search=<an e-mail address of their own>"


def test_deleting_starts_a_blocking_flow_that_needs_nothing_else() -> None:
    own: dict[str, Any] = {"type": "item-update", "payload": {"role": ADMIN}, "key": ["{{$accountability.user}}"]}
    path = path_of(event(kind="filter", scope="items.delete", **own), THE_EDITOR, "11.17.4")
    assert path is not None
    (request,) = [step.request for step in path.steps]
    assert request is not None
    assert request.line == "DELETE /items/orders/<id of an item of orders>"


def test_signing_in_hands_over_the_address_of_an_account_there_is() -> None:
    typed = {"email": "{{$trigger.payload.email}}", "password": "{{$trigger.payload.password}}", "role": ADMIN}
    assert path_of(event(kind="filter", scope="auth.login", payload=typed), THE_PUBLIC) is None


def test_the_keys_of_an_update_of_users_may_be_the_callers_own() -> None:
    write: dict[str, Any] = {
        "type": "item-update",
        "key": "{{$trigger.keys}}",
        "payload": {"role": "{{$trigger.payload.title}}"},
    }
    assert names(path_of(event(scope="items.update", collection=USERS, **write))) == ["flow-drive"]
    assert path_of(event(scope="items.update", collection="orders", **write)) is None


def test_an_item_that_is_read_again_holds_what_its_author_sent() -> None:
    world = event(type="item-update", key=["{{read.user}}"], payload={"password": "{{read.password}}"})
    options = {"collection": "orders", "permissions": "$full", "key": ["{{$trigger.key}}"]}

    def read(**changed: Any) -> World:
        first = operation("item-read", **{**options, **changed})
        second = world.operations[0]
        chain = (replace(first, key="read", resolve="operation-2"), replace(second, id="operation-2"))
        return World(world.editor, flows=world.flows, operations=chain)

    assert names(path_of(read())) == ["flow-drive"]
    assert path_of(read(key=[7])) is None


def test_the_options_of_an_event_are_changed_to_a_collection_of_ones_own() -> None:
    world = event(collection="internal", type="item-update", key=["{{$accountability.user}}"], payload={"role": "{{$trigger.payload.role}}"})  # fmt: skip
    changing = World(
        [*world.editor, Row(FLOWS, "update", ("options",))], flows=world.flows, operations=world.operations
    )
    assert path_of(world) is None
    assert names(path_of(changing)) == ["flow-trigger", "flow-drive"]


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4", "12.4.1"])
@pytest.mark.parametrize(
    ("name", "open_", "drives"),
    [("first_name", True, True), ("first_name", False, False), ("role", True, False), ("title", True, False)],
)
def test_a_flow_on_new_users_acts_without_limits_for_those_who_register(
    name: str, version: str, *, open_: bool, drives: bool
) -> None:
    """With the rights of its trigger: registration has none."""
    started = flow("event", type="action", scope=["items.create"], collections=[USERS])
    options = {
        "collection": USERS,
        "key": ["{{$trigger.key}}"],
        "payload": {"role": f"{{{{$trigger.payload.{name}}}}}"},
    }
    world = World(flows=(started,), operations=(operation("item-update", **options),), settings={"public_registration": open_, "public_registration_role": CUSTOMER})  # fmt: skip
    assert (path_of(world, THE_PUBLIC, version) is not None) is drives


@pytest.mark.parametrize(("name", "drives"), [("last_page", True), ("password", True), ("role", False)])
def test_a_flow_on_changed_users_acts_without_limits_for_what_the_server_writes(name: str, *, drives: bool) -> None:
    started = flow("event", type="action", scope=["items.update"], collections=[USERS])
    options = {"collection": USERS, "key": "{{$trigger.keys}}", "payload": {"role": f"{{{{$trigger.payload.{name}}}}}"}}
    world = World(flows=(started,), operations=(operation("item-update", **options),))
    assert names(path_of(world)) == (["flow-drive"] if drives else None)
    assert path_of(world, THE_PUBLIC) is None


@pytest.mark.parametrize("scope", ["users.update", "items.update"])
def test_an_event_by_its_own_name(scope: str) -> None:
    started = flow("event", type="action", scope=[scope], collections=[USERS])
    options = {"collection": USERS, "permissions": "$full", "key": "{{$trigger.keys[0]}}", "payload": {"role": ADMIN}}
    world = World([OWN_NAME], flows=(started,), operations=(operation("item-update", **options),))
    assert names(path_of(world)) == ["flow-drive"]


@pytest.mark.parametrize(("key", "drives"), [("user-1", True), (["user-1"], True), ("user-2", False)])
def test_a_flow_that_writes_the_record_of_an_administrator(key: Any, *, drives: bool) -> None:
    world = event(type="item-update", key=key, payload={"token": "{{$trigger.payload.title}}"})
    users = (User("user-1", ADMIN, "active"), User("user-2", CUSTOMER, "active"))
    found = path_of(World(world.editor, users=users, flows=world.flows, operations=world.operations))
    assert (found is not None) is drives


@pytest.mark.parametrize(
    ("payload", "escalates"),
    [
        ("{{$trigger.body}}", True),
        ({"role": "{{$trigger.body.role}}", "token": "{{$trigger.body.token}}"}, True),
        ({"role": "{{$trigger.body.role}}"}, False),
    ],
)
def test_a_flow_gives_a_user_of_its_own_another_role_and_a_token(payload: Any, *, escalates: bool) -> None:
    """The user is whoever the operation names: its caller then signs in as that user."""
    writes = operation("item-update", collection=USERS, permissions="$full", payload=payload, key=["user-7"])
    world = World(flows=(flow(method="POST"),), operations=(writes,))
    assert (answer_of(world, THE_PUBLIC) is not None) is escalates
