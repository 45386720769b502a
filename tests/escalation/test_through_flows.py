"""Flows that write with full access a part of what makes an administrator: one field, one fixed row, one fixed role.

Those that lead anywhere were carried out on real servers (`tests/lab/test_through_flows.py`).
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import User
from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.finding import Confidence
from tests.escalation.told import all_compared
from tests.support.worlds import (
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    EDITOR_POLICY,
    ME,
    THE_CUSTOMER,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    operation,
)

OLD, NEW = "10.13.4", "11.17.4"
USERS, ROLES, PERMISSIONS, ACCESS = "directus_users", "directus_roles", "directus_permissions", "directus_access"
SETS_ROLES: Final = [Row(USERS, "update", ("role",))]
PINNED: Final = [Row(USERS, "update", ("role",), None, {"role": {"_eq": CUSTOMER}})]
SOME_USER: Final = "44444444-4444-4444-8444-444444444444"


def sent(name: str) -> str:
    return "{{$trigger.body." + name + "}}"


def writes(type_: str, collection: str, **options: Any) -> World:
    """A webhook with one operation that has full access."""
    held = operation(type_, collection=collection, permissions="$full", **options)
    return World(flows=(flow(method="POST"),), operations=(held,))


def answers(world: World, version: str, **rows: Any) -> dict[str, Path | Unplanned | None]:
    whole = World(flows=world.flows, operations=world.operations, **rows)
    principals = {"public": THE_PUBLIC, "customer": THE_CUSTOMER, "editor": THE_EDITOR}
    return {name: answer_of(whole, one, version) for name, one in principals.items()}


def planned(found: dict[str, Path | Unplanned | None]) -> list[str]:
    assert not any(isinstance(one, Unplanned) for one in found.values())
    return [name for name, one in found.items() if one is not None]


SIGNS_UP: Final = {"email": sent("email"), "password": sent("password")}
REGISTERS: Final = writes("item-create", USERS, payload={**SIGNS_UP, "role": EDITOR})
BOTH: Final = [OLD, NEW]

LEADING: Final[dict[str, tuple[World, dict[str, list[Row]], list[str], list[str]]]] = {
    "new users have the editor's role": (REGISTERS, {"editor": SETS_ROLES}, ["public", "editor"], BOTH),
    "the own user gets the editor's role": (
        writes("item-update", USERS, key=["{{$accountability.user}}"], payload={"role": EDITOR}),
        {"editor": SETS_ROLES}, ["customer", "editor"], BOTH,
    ),
    "a user by key gets the editor's role": (
        writes("item-update", USERS, key=[sent("user")], payload={"role": EDITOR}),
        {"editor": SETS_ROLES}, ["customer", "editor"], BOTH,
    ),
    "the collection of a permission": (
        writes("item-update", PERMISSIONS, key=[sent("key")], payload={"collection": sent("collection")}),
        {"editor": [Row("articles", "update")]}, ["editor"], BOTH,
    ),
    "the presets of a permission": (
        writes("item-update", PERMISSIONS, key=[sent("key")], payload={"presets": sent("presets")}),
        {"editor": [Row(USERS, "update", ("first_name",))]}, ["editor"], BOTH,
    ),
    "the validation of a permission": (
        writes("item-update", PERMISSIONS, key=[sent("key")], payload={"validation": sent("validation")}),
        {"editor": PINNED}, ["editor"], BOTH,
    ),
    "a permission whose rest is fixed": (
        writes("item-create", PERMISSIONS, payload={
            "collection": USERS, "action": "update", "fields": ["*"], "policy": sent("policy"), "role": sent("role"),
        }),
        {}, ["public"], BOTH,
    ),
    "the permission that pins the role is deleted": (
        writes("item-delete", PERMISSIONS, key=[sent("key")]), {"editor": [*SETS_ROLES, *PINNED]}, ["editor"], [NEW],
    ),
    "the parent of a fixed role": (
        writes("item-update", ROLES, key=[EDITOR], payload={"parent": "{{$trigger.headers.x-parent}}"}), {}, ["editor"], [NEW],
    ),
    "the switch of a fixed role": (
        writes("item-update", ROLES, key=[EDITOR], payload={"admin_access": sent("admin")}), {}, ["editor"], [OLD],
    ),
    "the switch of a fixed policy": (
        writes("item-update", "directus_policies", key=[EDITOR_POLICY], payload={"admin_access": sent("admin")}),
        {}, ["editor"], [NEW],
    ),
    "the policy of a fixed attachment": (
        writes("item-update", ACCESS, key=["access-2"], payload={"policy": "{{$trigger.headers.x-policy}}"}), {}, ["editor"], [NEW],
    ),
    "a field that a rule tests": (
        writes("item-update", USERS, key=["{{$accountability.user}}"], payload={"title": sent("title")}),
        {"editor": [Row(USERS, "update", ("role",), {"_and": [ME, {"title": {"_eq": "vip"}}]})]}, ["editor"], BOTH,
    ),
}  # fmt: skip


def test_they_are_told_as_kept() -> None:
    worlds = {}
    for name, (world, rows, _, _) in LEADING.items():
        editor, public, customer = (rows.get(who, ()) for who in ("editor", "public", "customer"))
        worlds[name] = World(editor, public, customer, flows=world.flows, operations=world.operations)
    all_compared("leading", worlds)


@pytest.mark.parametrize(
    ("name", "version"), [(name, version) for name, (_, _, _, versions) in LEADING.items() for version in versions]
)
def test_a_part_of_what_makes_an_administrator(name: str, version: str) -> None:
    world, rows, who, _ = LEADING[name]
    assert planned(answers(world, version, **rows)) == who


@pytest.mark.parametrize("version", BOTH)
def test_what_leads_nowhere(version: str) -> None:
    assert planned(answers(REGISTERS, version)) == []
    fixed = writes("item-update", PERMISSIONS, key=[sent("key")], payload={"icon": sent("icon")})
    assert planned(answers(fixed, version, editor=PINNED)) == []
    reads = writes("item-read", USERS, key=[sent("user")])
    assert planned(answers(reads, version, editor=PINNED)) == []
    # No attachment has the key of a user, and no permission that of a role.
    own = writes(
        "item-update", ACCESS, key=["{{$accountability.user}}"], payload={"policy": "{{$trigger.headers.x-policy}}"}
    )
    assert planned(answers(own, version, editor=PINNED)) == []
    named = writes("item-update", PERMISSIONS, key=[EDITOR], payload={"validation": sent("validation")})
    assert planned(answers(named, version, editor=PINNED)) == []
    secret = "{{$env.HOOK}}"
    assert planned(answers(writes("item-update", ROLES, key=[EDITOR], payload={"parent": secret}), version)) == []


def test_the_request_is_that_of_the_flow() -> None:
    path = answers(REGISTERS, NEW, editor=SETS_ROLES)["public"]
    assert isinstance(path, Path)
    first, second = path.steps
    assert first.request is not None
    assert first.request.path == "/flows/trigger/flow-1"
    assert first.permission == "the webhook trigger of the flow `Sign up`"
    assert second.request is not None
    assert second.request.path == "/users/me"
    assert path.confidence is Confidence.MEDIUM


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("field", ["role", "avatar"])
def test_an_object_below_a_relation_of_a_system_collection(field: str, version: str) -> None:
    """Measured on 10.13.4 and 11.17.4: the row that is made below it is written with the same rights."""
    whole = writes("item-update", USERS, key=[SOME_USER], payload={field: sent("value")})
    assert planned(answers(whole, version)) == ["public"]
    text = writes("item-update", USERS, key=[SOME_USER], payload={field: "{{$trigger.headers.x-value}}"})
    assert answers(text, version)["public"] is None


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("collection", "field"), [("directus_notifications", "recipient"), ("directus_files", "uploaded_by")]
)
def test_an_object_in_a_collection_that_leads_to_users(collection: str, field: str, version: str) -> None:
    more = {"filename_download": "x", "subject": "x"}
    assert planned(answers(writes("item-create", collection, payload={field: sent("x"), **more}), version)) == [
        "public"
    ]
    if collection == "directus_files":
        assert planned(answers(writes("item-create", collection, payload={field: sent("x")}), version)) == []


@pytest.mark.parametrize(("kind", "reached"), [("action", False), ("filter", True)])
def test_what_was_stored_before_the_flow_runs_needed_permissions_of_its_own(kind: str, reached: bool) -> None:
    """An object below a relation is refused where it is sent, unless the flow runs before."""
    notify = operation(
        "item-create", collection="directus_notifications", permissions="$full", payload={"recipient": "{{$trigger.payload.author}}"}
    )  # fmt: skip
    event = flow("event", type=kind, scope=["items.update"], collections=["articles"])
    world = World([Row("articles", "update")], flows=(event,), operations=(notify,))
    # The first of the two everybody starts, with or without a permission.
    assert (answer_of(world, THE_PUBLIC) is not None) is reached
    assert answer_of(world) is None


@pytest.mark.parametrize(
    ("users", "reached"),
    [((), True), ((User(SOME_USER, EDITOR, "active"),), True), ((User(SOME_USER, CUSTOMER, "active"),), False)],
    ids=["no users", "an editor", "a customer"],
)
def test_who_the_named_user_is(users: tuple[User, ...], reached: bool) -> None:
    """Without users in the export it may be anybody's account; with them, that of whoever has its role."""
    world = writes("item-update", USERS, key=[SOME_USER], payload={"role": "{{$trigger.headers.x-role}}"})
    found = answer_of(replace_users(world, users), THE_EDITOR)
    assert (found is not None) is reached


def replace_users(world: World, users: tuple[User, ...]) -> World:
    boss = (User("boss", None, "active"),) if users else ()
    return World(flows=world.flows, operations=world.operations, users=(*users, *boss))


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("role", "rows", "reached"),
    [
        (CUSTOMER, [Row(USERS, "update", ("role",))], True),
        (CUSTOMER, [Row(USERS, "update", ("title",))], False),
        (CUSTOMER, PINNED, False),
        (EDITOR, [Row(USERS, "update", ("role",))], False),
    ],
)
def test_the_rights_of_a_role(role: str, rows: list[Row], reached: bool, version: str) -> None:
    """An operation with the rights of a role writes what its permissions allow."""
    held = operation("item-update", collection=USERS, permissions=role, key=["{{$accountability.user}}"], payload={"role": "{{$trigger.headers.x-role}}"})  # fmt: skip
    world = World([Row("articles", "read")], customer=rows, flows=(flow(method="POST"),), operations=(held,))
    assert isinstance(answer_of(world, THE_EDITOR, version), Path) is reached


@pytest.mark.parametrize(
    ("rows", "reached"),
    [
        ([Row(PERMISSIONS, "create", validation={"policy": {"_eq": CUSTOMER_POLICY}})], True),
        ([Row("directus_roles", "update", ("parent",), {"id": {"_eq": CUSTOMER}})], True),
        ([Row(PERMISSIONS, "read"), Row("directus_roles", "read")], False),
        ([Row(PERMISSIONS, "delete")], False),
    ],
    ids=["permission", "parent", "read", "delete"],
)
def test_a_role_whose_rights_an_operation_has_may_be_given_more(rows: list[Row], reached: bool) -> None:
    """Who gives them need not have the role."""
    held = operation("item-update", collection=USERS, permissions=CUSTOMER, key=["{{$trigger.body.key}}"], payload={"role": "{{$trigger.body.role}}"})  # fmt: skip
    world = World(rows, customer=[Row("articles", "read")], flows=(flow(method="POST"),), operations=(held,))
    assert (answer_of(world, THE_EDITOR) is not None) is reached


def test_registration_gives_the_editors_role() -> None:
    """The flow of an event that the server causes: nothing is asked then."""
    settings = {"public_registration": True, "public_registration_role": CUSTOMER}
    gives = operation("item-update", collection=USERS, key=["{{$trigger.key}}"], payload={"role": EDITOR})
    event = flow("event", type="action", scope=["items.create"], collections=[USERS])
    world = World(SETS_ROLES, settings=settings, flows=(event,), operations=(gives,))
    assert answer_of(world, THE_PUBLIC) is not None
    assert answer_of(World(SETS_ROLES, flows=(event,), operations=(gives,)), THE_PUBLIC) is None


def test_a_collection_of_the_project_whose_relations_are_known() -> None:
    schema = Schema(
        collections=(Collection("orders", has_table=True),), fields=(Field("orders", "id", primary_key=True), Field("orders", "note"))
    )  # fmt: skip
    world = writes("item-create", "orders", payload={"note": sent("note")})
    assert Paths(world.export(NEW, schema=schema)).answer(THE_PUBLIC) is None


@pytest.mark.parametrize("version", BOTH)
def test_each_of_several_items_counts(version: str) -> None:
    """Two users are made, and only the second has the editor's role."""
    both = [{**SIGNS_UP, "role": role} for role in (CUSTOMER, EDITOR)]
    found = answers(writes("item-create", USERS, payload=both), version, editor=SETS_ROLES)
    assert found["public"] is not None


@pytest.mark.parametrize("version", BOTH)
def test_a_secret_of_the_callers_selects_their_own_user(version: str) -> None:
    """Visitors have none; whoever has an account may have one."""
    reads = replace(
        operation("item-read", collection=USERS, permissions="$full", query={"filter": {"token": {"_eq": sent("token")}}}),
        key="read", resolve="operation-2",
    )  # fmt: skip
    gives = replace(
        operation("item-update", collection=USERS, permissions="$full", key=["{{read[0].id}}"], payload={"role": EDITOR}),
        id="operation-2", key="gives",
    )  # fmt: skip
    found = answers(World(flows=(flow(method="POST"),), operations=(reads, gives)), version, editor=SETS_ROLES)
    assert found["public"] is None
    assert found["customer"] is not None


VALIDATED: Final = [Row(USERS, "update", ("role",), ME, {"role": {"_eq": CUSTOMER}})]
OF_ANOTHER: Final = [Row(USERS, "update", ("role",), {"id": {"_eq": SOME_USER}})]


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize(
    ("payload", "rows"),
    [
        ({"validation": None}, VALIDATED),
        ({"validation": {}}, VALIDATED),
        ('{"validation": null}', VALIDATED),
        ({"permissions": None}, OF_ANOTHER),
        ({"permissions": {}}, OF_ANOTHER),
    ],
)
def test_a_rule_that_a_flow_takes_off(payload: object, rows: list[Row], version: str) -> None:
    world = writes("item-update", PERMISSIONS, key=sent("id"), payload=payload)
    found = answers(world, version, editor=rows)
    assert isinstance(found["editor"], Path)


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("payload", [{"permissions": None}, {"presets": None}])
def test_a_flow_that_leaves_the_validation(payload: object, version: str) -> None:
    world = writes("item-update", PERMISSIONS, key=sent("id"), payload=payload)
    assert answers(world, version, editor=VALIDATED)["editor"] is None
