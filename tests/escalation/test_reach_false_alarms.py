"""What looked like a way, and that the adversary did not find: carried out by hand, it is not one."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import Permission
from directus_guard.escalation import Path, Paths
from directus_guard.escalation.records import AccessRecords
from tests.support.worlds import ADMIN, CUSTOMER, EDITOR, ME, THE_EDITOR, Row, World, answer_of, path_of

USERS: Final = "directus_users"
PERMISSIONS: Final = "directus_permissions"


def test_a_row_that_is_deleted_gives_nothing_without_its_validation() -> None:
    locked = Row("directus_roles", "update", ("parent",), {"id": {"_eq": "$CURRENT_ROLE"}}, {"parent": {"_null": True}})
    assert path_of(World([Row(PERMISSIONS, "delete"), locked])) is None
    free = Row("directus_roles", "update", ("parent",), {"id": {"_eq": "$CURRENT_ROLE"}})
    assert path_of(World([Row(PERMISSIONS, "delete"), locked, free])) is not None


@pytest.mark.parametrize(
    ("validation", "escalates"),
    [(None, True), ({"action": {"_in": ["delete", "read"]}}, False), ({"collection": {"_eq": "articles"}}, False)],
)
def test_what_a_permission_becomes_passes_the_validation(validation: Any, *, escalates: bool) -> None:
    changes = Row(PERMISSIONS, "update", ("action", "collection"), validation=validation)
    assert (path_of(World([changes, Row("articles", "read")])) is not None) is escalates


@pytest.mark.parametrize(("fields", "escalates"), [(("role",), False), (("role", "token"), True), (("*",), True)])
def test_a_new_user_of_a_permission_that_was_changed_signs_in(fields: tuple[str, ...], *, escalates: bool) -> None:
    """With the fields that the row has: a role alone is no account that anybody can use."""
    changes = Row(
        PERMISSIONS,
        "update",
        ("action", "collection"),
        {"collection": {"_eq": "articles"}},
        {"action": {"_eq": "create"}, "collection": {"_eq": USERS}},
    )
    assert (path_of(World([changes, Row("articles", "create", fields)])) is not None) is escalates


def test_the_own_record_is_reached_by_the_rule_that_stays() -> None:
    changes = Row(PERMISSIONS, "update", ("collection",), {"collection": {"_eq": "articles"}})
    rows = [changes, Row("articles", "update", ("role",), {"id": {"_null": True}})]
    assert path_of(World(rows)) is None
    rows = [changes, Row("articles", "update", ("role",), ME)]
    assert path_of(World(rows)) is not None


def test_a_role_does_not_inherit_from_one_that_inherits_from_it() -> None:
    """`validateRoleNesting` refuses it: it was refuted on 12.4.1."""
    only = {"parent": {"_eq": CUSTOMER}}
    world = World(
        [Row("directus_roles", "update", ("parent",), validation=only)], customer=[Row("directus_users", "update")]
    )
    export = world.export()
    path = Paths(export).of(THE_EDITOR)
    assert path is not None
    assert path.name == "role-parent+own-role"
    roles = tuple(replace(one, parent=EDITOR) if one.id == CUSTOMER else one for one in export.model.roles)
    below = replace(export, model=replace(export.model, roles=roles))
    assert Paths(below).of(THE_EDITOR) is None


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize(
    ("rule", "fields", "planned"),
    [
        ({"headline": {"_eq": "one"}}, ("collection",), False),
        ({"headline": {"_eq": "one"}}, ("collection", "permissions"), True),
        ({"id": {"_nnull": True}}, ("collection",), True),
        ({"status": {"_eq": "active"}}, ("collection",), True),
        (None, ("collection",), True),
    ],
)
def test_a_rule_that_moves_to_a_collection_that_it_does_not_fit(
    rule: Any, fields: tuple[str, ...], version: str, *, planned: bool
) -> None:
    """The server refuses every request for which such a row counts."""
    moved = Row("directus_permissions", "update", fields, {"collection": {"_eq": "articles"}})
    world = World([Row("articles", "update", rule=rule), moved])
    answer = answer_of(world, version=version)
    assert answer is not None
    assert isinstance(answer, Path) is planned


@pytest.mark.parametrize(
    ("collection", "rule", "refused"),
    [
        ("directus_users", {"id": {"_gt": 0}}, True),
        ("directus_permissions", {"id": {"_gt": 0}}, False),
        ("directus_users", {"id": {"_in": [EDITOR]}}, False),
        ("directus_users", {"role": {"name": {"_contains": "x"}}}, False),
        ("directus_users", {"_or": [{"headline": {"_null": True}}, {"id": {"_nnull": True}}]}, True),
        ("articles", {"headline": {"_gt": 0}}, False),
    ],
)
def test_a_rule_fits_the_fields_of_a_system_collection(collection: str, rule: Any, *, refused: bool) -> None:
    row = Permission(collection, "update", rule, None, None, ("*",), "policy", id=1)
    assert AccessRecords(World().export()).is_refused(row) is refused


@pytest.mark.parametrize(("validation", "planned"), [(None, True), ({"role": {"_neq": ADMIN}}, False)])
def test_an_invitation_names_its_role_by_the_bare_key(validation: Any, *, planned: bool) -> None:
    """A new user could have the key as an object, which the validation does not see; the endpoint for invitations refuses one."""
    fields = ("role", "email", "status")
    created = Row(USERS, "create", fields, validation=validation, presets={"status": "draft"})
    assert isinstance(answer_of(World([created])), Path) is planned
