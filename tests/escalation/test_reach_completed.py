"""Rows that are made incomplete or harmless with one permission, and completed with another one: every split of the fields."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.each import each_case
from tests.support.worlds import (
    ADMIN,
    ADMIN_POLICY,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    EDITOR_POLICY,
    ME,
    SQLITE,
    Row,
    World,
    answer_of,
    flow,
    operation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

USERS, ROLES, POLICIES, ACCESS = "directus_users", "directus_roles", "directus_policies", "directus_access"
PERMISSIONS, FLOWS, OPERATIONS = "directus_permissions", "directus_flows", "directus_operations"
DENY_ADMIN: Final = {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]}
_NOWHERE: Final = {"icon": {"_eq": "x"}}


def _and(rules: list[Any]) -> Any:
    return {"_and": rules} if rules else None


def _splits(members: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Each choice of members that only the second permission writes."""
    for number in range(1, len(members) + 1):
        yield from combinations(members, number)


def _world(
    table: str,
    fields: tuple[str, ...],
    later: tuple[str, ...],
    pins: Mapping[str, Any],
    rule: Any,
    *more: Row,
    change: tuple[str, ...] | None = None,
    **beside: Any,
) -> World:
    """A row may be created with what `later` names left out (no pin) or pinned, and these may be changed (`change`)."""
    missing = tuple(name for name in later if pins[name] is None)
    pinned = [{name: pins[name]} for name in later if pins[name] is not None]
    made = Row(table, "create", tuple(one for one in fields if one not in missing), validation=_and(pinned))
    names = later if change is None else change
    rows = [made, *([Row(table, "update", names, rule)] if names else []), *more]
    return World(rows, **beside)


# --- permissions -----------------------------------------------------------------------------------------------------

MEMBERS: Final = ("collection", "action", "policy", "fields")
PINS: Final = {
    "collection": {"_eq": "articles"},
    "action": {"_eq": "read"},
    "policy": {"_eq": CUSTOMER_POLICY},
    "fields": None,
}
NOT_STORED: Final = {"collection": {"_neq": PERMISSIONS}}
"""No stored row of these worlds is reached: all are about permissions."""


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(
            later, marks=[pytest.mark.thorough] if len(later) > 1 or later == ("fields",) else [], id=str(later)
        )
        for later in _splits(PINS)
    ],
)
def test_a_permission_is_completed(later: tuple[str, ...]) -> None:
    assert answer_of(_world(PERMISSIONS, MEMBERS, later, PINS, NOT_STORED)) is not None
    for left in later:
        change = tuple(one for one in later if one != left)
        assert answer_of(_world(PERMISSIONS, MEMBERS, later, PINS, NOT_STORED, change=change)) is None, left


@pytest.mark.thorough
def test_a_permission_without_fields_gets_presets() -> None:
    made = Row(PERMISSIONS, "create", ("collection", "action", "policy"))
    assert answer_of(World([made, Row(PERMISSIONS, "update", ("presets",), NOT_STORED)])) is not None
    assert answer_of(World([made])) is None


def test_a_permission_is_widened_and_then_given_to_a_policy() -> None:
    made = Row(
        PERMISSIONS, "create", ("collection", "action", "policy"), validation={"policy": {"_eq": CUSTOMER_POLICY}}
    )
    widen = Row(PERMISSIONS, "update", ("fields", "permissions"), {"policy": {"_eq": CUSTOMER_POLICY}})
    move = Row(PERMISSIONS, "update", ("policy",), {"policy": {"_eq": CUSTOMER_POLICY}})
    customer = [Row("orders", "read", ("id",))]
    kept = {"policy": {"_eq": CUSTOMER_POLICY}}
    assert answer_of(World([made, widen, move], customer=customer)) is not None
    assert answer_of(World([made, widen], customer=customer)) is None
    narrow = Row(PERMISSIONS, "update", ("policy",), {"policy": {"_eq": CUSTOMER_POLICY}}, validation=kept)
    assert answer_of(World([made, widen, narrow], customer=customer)) is None


@pytest.mark.thorough
def test_on_10_a_permission_is_completed_for_a_role() -> None:
    made = Row(PERMISSIONS, "create", ("collection", "action", "role"))
    for change in (("fields",), ("presets",)):
        world = World([made, Row(PERMISSIONS, "update", change, NOT_STORED)])
        assert answer_of(world, version="10.13.4") is not None
    assert answer_of(World([made]), version="10.13.4") is None


def test_a_permission_to_delete_needs_no_fields() -> None:
    """It takes away a permission whose validation held the role."""
    own = Row(USERS, "update", ("role",), ME)
    lock = Row(USERS, "update", ("first_name",), ME, validation={"role": {"_eq": CUSTOMER}})
    made = Row(PERMISSIONS, "create", ("collection", "action", "policy"), validation={"action": {"_eq": "delete"}})
    assert answer_of(World([own, lock, made])) is not None
    read = Row(PERMISSIONS, "create", ("collection", "action", "policy"), validation={"action": {"_eq": "read"}})
    assert answer_of(World([own, lock, read])) is None


# --- attachments -----------------------------------------------------------------------------------------------------

ATTACHMENT: Final = {"policy": {"_eq": CUSTOMER_POLICY}, "user": {"_null": True}}
NOT_ATTACHED: Final = {
    "_and": [{"role": {"_null": True}}, {"_or": [{"user": {"_eq": "$CURRENT_USER"}}, {"user": {"_null": True}}]}]
}
NO_ROLE: Final = {"role": {"_null": True}}


@each_case("later", list(_splits(ATTACHMENT)), ids=str)
def test_an_attachment_is_completed(later: tuple[str, ...]) -> None:
    fields = ("policy", "user")
    rule = {"_and": [NOT_ATTACHED, {"policy": {"_in": [CUSTOMER_POLICY, ADMIN_POLICY]}}]}
    assert answer_of(_world(ACCESS, fields, later, ATTACHMENT, rule)) is not None
    for left in later:
        change = tuple(one for one in later if one != left)
        assert answer_of(_world(ACCESS, fields, later, ATTACHMENT, rule, change=change)) is None, left


def test_an_attachment_of_a_role_gets_another_policy() -> None:
    made = Row(ACCESS, "create", ("policy", "role"), validation={"policy": {"_eq": CUSTOMER_POLICY}})
    rule = {"_and": [{"role": {"_eq": EDITOR}}, {"policy": {"_eq": CUSTOMER_POLICY}}]}
    assert answer_of(World([made, Row(ACCESS, "update", ("policy",), rule)])) is not None
    assert answer_of(World([Row(ACCESS, "update", ("policy",), rule)])) is None


@pytest.mark.parametrize(
    ("allowed", "escalates"), [([CUSTOMER_POLICY, EDITOR_POLICY], False), ([CUSTOMER_POLICY, ADMIN_POLICY], True)]
)
def test_an_attachment_is_moved_with_a_policy_that_it_could_be_made_of(allowed: list[str], *, escalates: bool) -> None:
    made = Row(ACCESS, "create", ("policy",), validation={"policy": {"_in": allowed}})
    move = Row(
        ACCESS,
        "update",
        ("user",),
        {"_and": [{"role": {"_null": True}}, {"user": {"_null": True}}, {"policy": {"_in": allowed}}]},
    )
    assert (answer_of(World([made, move])) is not None) is escalates


# --- policies, roles -------------------------------------------------------------------------------------------------

NEW_ONES: Final = {"id": {"_nin": [EDITOR, CUSTOMER, ADMIN, CUSTOMER_POLICY, ADMIN_POLICY]}}


def test_a_policy_is_made_an_administrators() -> None:
    made = Row(POLICIES, "create", ("name",))
    attach = Row(
        ACCESS, "create", ("policy", "user"), validation={"policy": {"_nin": [ADMIN_POLICY, {"id": ADMIN_POLICY}]}}
    )
    rule = {"name": {"_nin": ["Administrator", "Editor", "Customer", "Public"]}}
    assert answer_of(World([made, attach, Row(POLICIES, "update", ("admin_access",), rule)])) is not None
    assert answer_of(World([made, attach, Row(POLICIES, "update", ("icon",), rule)]), schema=SQLITE) is None


@pytest.mark.parametrize(("version", "name"), [("11.17.4", "parent"), ("10.13.4", "admin_access")])
def test_a_role_is_made_an_administrators(version: str, name: str) -> None:
    made = Row(ROLES, "create", ("name",))
    join = Row(USERS, "update", ("role",), ME, validation=DENY_ADMIN)
    assert answer_of(World([made, join, Row(ROLES, "update", (name,), NEW_ONES)]), version=version) is not None
    world = World([made, join, Row(ROLES, "update", ("icon",), NEW_ONES)])
    assert answer_of(world, version=version, schema=SQLITE) is None


# --- users -----------------------------------------------------------------------------------------------------------

USER: Final = {"role": {"_eq": CUSTOMER}, "status": {"_eq": "draft", "_submitted": True}, "token": None}
DRAFTS: Final = {"status": {"_eq": "draft"}}
CUSTOMERS: Final = {"role": {"_eq": CUSTOMER}}


@each_case("later", [one for one in _splits(USER) if one != ("token",)], ids=str)
@each_case("version", ["11.17.4", "10.13.4"])
def test_a_user_is_completed(later: tuple[str, ...], version: str) -> None:
    fields = ("role", "status", "token")
    rule = DRAFTS if "status" in later else CUSTOMERS
    assert answer_of(_world(USERS, fields, later, USER, rule), version=version) is not None
    # Without a token, an administrator made of a user is one for whoever has that account.
    for left in later if "role" not in later else [one for one in later if one != "token"]:
        change = tuple(one for one in later if one != left)
        world = _world(USERS, fields, later, USER, rule, change=change)
        assert answer_of(world, version=version) is None, left


def test_a_user_of_a_harmless_role_gets_another_role() -> None:
    made = Row(USERS, "create", ("role", "token", "status"), validation={"role": {"_eq": CUSTOMER}})
    change = Row(USERS, "update", ("role",), {"status": {"_eq": "draft"}})
    wake = Row(USERS, "update", ("status",), {"status": {"_eq": "draft"}})
    assert answer_of(World([made, change, wake])) is not None
    assert answer_of(World([made, change])) is None


# --- flows -----------------------------------------------------------------------------------------------------------

OPERATION: Final = {"type": {"_eq": "log"}, "options": None}
OF_OPERATION: Final = ("id", "key", "name", "flow", "type", "options", "position_x", "position_y")
NEW_FLOW: Final = Row(FLOWS, "create", ("id", "name", "trigger", "status", "options", "operation"))


@each_case("later", list(_splits(OPERATION)), ids=str)
@each_case("version", ["11.17.4", "10.13.4"])
def test_an_operation_is_completed(later: tuple[str, ...], version: str) -> None:
    assert answer_of(_world(OPERATIONS, OF_OPERATION, later, OPERATION, None, NEW_FLOW), version=version) is not None
    for left in later:
        change = tuple(one for one in later if one != left)
        world = _world(OPERATIONS, OF_OPERATION, later, OPERATION, None, NEW_FLOW, change=change)
        assert answer_of(world, version=version) is None, left


FLOW: Final = {"trigger": {"_eq": "operation"}, "status": {"_eq": "inactive", "_submitted": True}, "operation": None}


@each_case("later", list(_splits(FLOW)), ids=str)
def test_a_flow_is_completed(later: tuple[str, ...]) -> None:
    fields = ("id", "name", "trigger", "status", "options", "operation")
    build = Row(OPERATIONS, "create", OF_OPERATION)
    assert answer_of(_world(FLOWS, fields, later, FLOW, None, build)) is not None
    for left in later:
        change = tuple(one for one in later if one != left)
        assert answer_of(_world(FLOWS, fields, later, FLOW, None, build, change=change)) is None, left


def test_an_operation_of_a_flow_that_runs_gets_its_options_later() -> None:
    made = Row(OPERATIONS, "create", ("id", "key", "name", "flow", "type", "position_x", "position_y"))
    link = Row(FLOWS, "update", ("operation",))
    runs: dict[str, Any] = {"flows": (flow(method="POST"),), "operations": (operation("log"),)}
    new = {"key": {"_neq": "make"}}
    assert answer_of(World([made, link, Row(OPERATIONS, "update", ("options",), new)], **runs)) is not None
    assert answer_of(World([made, link, Row(OPERATIONS, "update", ("name",), new)], **runs)) is None


@pytest.mark.thorough
def test_what_a_preset_narrows_on_every_change_stays_narrow() -> None:
    made = Row(PERMISSIONS, "create", ("collection", "action", "policy"), validation={"action": {"_eq": "update"}})
    for fields, escalates in ((["id"], False), (["role"], True)):
        rename = Row(PERMISSIONS, "update", ("collection",), NOT_STORED, presets={"fields": fields})
        assert (answer_of(World([made, rename])) is not None) is escalates
