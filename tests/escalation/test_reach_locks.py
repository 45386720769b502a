"""Permissions that hold others back, by a validation or by presets, and every way to take them out of the way."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import Access, Role
from directus_guard.escalation import Paths
from directus_guard.escalation.search import Unplanned
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, CUSTOMER_POLICY, EDITOR, ME, THE_EDITOR, Row, World, answer_of

USERS: Final = "directus_users"
PERMISSIONS: Final = "directus_permissions"
FREE_CREATE: Final = Row(USERS, "create", ("role", "token", "status"))
LOCK: Final = Row(
    USERS,
    "create",
    ("first_name",),
    validation={"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]},
)
OF_USERS: Final = {"collection": {"_eq": USERS}}


@each_case(
    ("changed", "presets"),
    [
        ("collection", None),
        ("action", None),
        ("policy", None),
        ("validation", None),
        ("icon", {"action": "read"}),
        ("icon", {"collection": "articles"}),
        ("icon", {"policy": CUSTOMER_POLICY}),
    ],
)
def test_a_lock_is_made_a_permission_for_something_else(changed: str, presets: Any) -> None:
    """`icon` stands for a member that does not matter: the preset writes the one that does."""
    change = Row(PERMISSIONS, "update", (changed,), OF_USERS, presets=presets)
    assert answer_of(World([FREE_CREATE, LOCK, change])) is not None


@pytest.mark.parametrize("changed", ["icon", "fields"])
def test_a_lock_stays_where_nothing_that_matters_may_be_changed(changed: str) -> None:
    assert answer_of(World([FREE_CREATE, LOCK, Row(PERMISSIONS, "update", (changed,), OF_USERS)])) is None


@pytest.mark.parametrize(
    ("member", "validation"),
    [("collection", {"collection": {"_eq": USERS}}), ("action", {"action": {"_eq": "create"}})],
)
def test_a_lock_stays_where_it_may_only_be_made_what_it_is(member: str, validation: Any) -> None:
    change = Row(PERMISSIONS, "update", (member,), OF_USERS, validation=validation)
    assert answer_of(World([FREE_CREATE, LOCK, change])) is None


TURN: Final = Row(PERMISSIONS, "update", ("collection",), {"collection": {"_eq": "articles"}})
HOLDS: Final = Row(PERMISSIONS, "update", ("id",), {"id": {"_null": True}}, presets={"action": "read"})
ARTICLES: Final = Row("articles", "update")


@pytest.mark.thorough
def test_presets_that_hold_back_are_deleted() -> None:
    assert answer_of(World([TURN, HOLDS, ARTICLES])) is None
    rule = {"collection": {"_eq": PERMISSIONS}}
    assert answer_of(World([TURN, HOLDS, ARTICLES, Row(PERMISSIONS, "delete", rule=rule)])) is not None
    assert (
        answer_of(World([TURN, HOLDS, ARTICLES, Row(PERMISSIONS, "delete", rule={"collection": {"_eq": "articles"}})]))
        is None
    )


def test_the_preset_of_a_new_users_role_is_taken_away() -> None:
    """Without it a new user has no role, and with it the permissions of the public."""
    create = Row(USERS, "create", ("token", "status"))
    pins = Row(USERS, "create", ("first_name",), presets={"role": CUSTOMER})
    promote = Row(USERS, "update", ("role",), {"_and": [{"role": {"_null": True}}, ME]})
    public = [promote]
    for more, escalates in (
        ((), False),
        ((Row(PERMISSIONS, "delete"),), True),
        ((Row(PERMISSIONS, "update", ("presets",), {"action": {"_eq": "create"}}, {"fields": {"_null": True}}),), True),
    ):
        assert (answer_of(World([create, pins, *more], public=public)) is not None) is escalates


@pytest.mark.parametrize(("deleted", "escalates"), [("between", True), ("locked", True), (CUSTOMER, False)])
def test_a_role_through_which_a_lock_is_inherited_is_deleted(deleted: str, *, escalates: bool) -> None:
    own = Row(USERS, "update", ("role",), ME)
    lock = Row(USERS, "update", ("first_name",), ME, validation={"role": {"_eq": CUSTOMER}})
    delete = Row("directus_roles", "delete", rule={"id": {"_eq": deleted}})
    export = World([own, delete], customer=[lock], access=(Access(CUSTOMER_POLICY, "locked", id="access-9"),)).export()
    tree = (Role("locked", "Locked"), Role("between", "Between", "locked"))
    roles = tuple(replace(one, parent="between") if one.id == EDITOR else one for one in export.model.roles)
    inherited = replace(export, model=replace(export.model, roles=(*roles, *tree)))
    # The server asks for further permissions, which no plan knows.
    assert isinstance(Paths(inherited).answer(THE_EDITOR), Unplanned) is escalates
