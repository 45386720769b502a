"""Several permissions of one role, collection and action on 10: without app access the server takes the first.

Measured on 10.13.4, where a plan that had its permission made beside another one was answered with 403.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from msgspec import structs

from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.escalation.tables import PERMISSIONS, ROLES, SETTINGS, USERS
from directus_guard.finding import Confidence
from tests.support.worlds import (
    ADMIN,
    EDITOR,
    ME,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    names,
    operation,
)

VERSION: Final = "10.13.4"
NAME: Final = Row(USERS, "update", ("first_name",), ME)
ROLE: Final = Row(USERS, "update", ("role",), ME)
PINNED: Final = {name: {"_eq": value} for name, value in
                 {"collection": USERS, "action": "update", "role": EDITOR}.items()}  # fmt: skip
GRANT: Final = Row(PERMISSIONS, "create", validation={"_and": [{name: rule} for name, rule in PINNED.items()]})
"""A permission to update users may be made, for their own role only."""


def said(*rows: Row, app: bool = False, keys: bool = True, keyed: bool = True) -> Path | Unplanned | None:
    export = World(rows).export(VERSION)
    model = export.model
    roles = tuple(structs.replace(role, app_access=app and role.id == EDITOR) for role in model.roles)
    permissions = tuple(structs.replace(row, id=row.id if keys else None) for row in model.permissions)
    model = structs.replace(model, roles=roles, permissions=permissions, keyed=keyed)
    return Paths(structs.replace(export, model=model)).answer(THE_EDITOR)


def confidence(path: object) -> Confidence:
    assert isinstance(path, Path)
    return path.confidence


def notes(path: object) -> str:
    assert isinstance(path, Path)
    return " ".join(str(step) for step in path.steps)


def test_a_new_permission_beside_another_one_does_not_count() -> None:
    assert isinstance(said(NAME, GRANT), Unplanned)


def test_a_new_permission_alone_counts() -> None:
    assert said(GRANT) is not None
    assert "app access" not in notes(said(GRANT))


def test_with_app_access_all_of_them_count() -> None:
    assert "app access" not in notes(said(NAME, GRANT, app=True))


def test_of_stored_permissions_the_database_takes_one() -> None:
    path = said(ROLE, NAME)
    assert confidence(path) is Confidence.MEDIUM
    assert "takes only one of several permissions" in notes(path)
    other = said(NAME, ROLE)
    assert confidence(other) is Confidence.LOW
    assert "the database decides which" in notes(other)


def test_a_permission_without_a_key_may_be_several_that_the_api_merged() -> None:
    assert "takes only one of several permissions" in notes(said(ROLE, keys=False))
    assert "app access" not in notes(said(ROLE, keys=False, keyed=False))


@pytest.mark.parametrize(("rows", "several"), [(1, False), (2, True)])
def test_whoever_causes_an_event_needs_the_permission_that_counts(rows: int, several: bool) -> None:
    options: Any = {
        "collection": USERS, "permissions": "$full", "key": "{{$trigger.payload.title}}", "payload": {"role": "{{$trigger.payload.note}}"},
    }  # fmt: skip
    world = World(
        [Row("requests", "create")] * rows,
        flows=(flow("event", type="action", scope=["items.create"], collections=["requests"]),),
        operations=(operation("item-update", **options),),
    )
    path = answer_of(world, version=VERSION)
    assert ("takes only one of several permissions" in notes(path)) is several


def test_the_public_has_no_app_access() -> None:
    path = answer_of(World(public=[Row(USERS, "update", ("token",)), NAME]), THE_PUBLIC, VERSION)
    assert "takes only one of several permissions" in notes(path)


def test_where_permissions_may_be_joined_each_is_tried() -> None:
    """Where `fields` of permissions may be changed, a role may come by app access, and all permissions count together."""
    other = Row(PERMISSIONS, "update", ("fields",), {"collection": {"_eq": "articles"}})
    path = said(NAME, ROLE, other)
    assert confidence(path) is Confidence.LOW
    assert isinstance(path, Path)
    assert names(path) == ["own-role"]


SETTINGS_ROLE: Final = Row(SETTINGS, "update", ("public_registration_role",), validation={"public_registration_role": {"_eq": EDITOR}})  # fmt: skip
SETTINGS_SWITCH: Final = Row(SETTINGS, "update", ("public_registration",))


def registration(*rows: Row) -> Path | Unplanned | None:
    return answer_of(World(rows, settings={"public_registration": True}), version=VERSION)


def test_what_one_permission_refuses_another_one_does_not_allow() -> None:
    """The second one has no validation, but not the field."""
    assert registration(SETTINGS_ROLE, SETTINGS_SWITCH) is None
    assert registration(SETTINGS_ROLE, Row(SETTINGS, "update")) is not None


def test_they_are_joined_once_the_role_has_app_access() -> None:
    app = Row(ROLES, "update", ("app_access",))
    assert registration(SETTINGS_ROLE, SETTINGS_SWITCH, app) is not None
    assert registration(SETTINGS_ROLE, SETTINGS_SWITCH, Row(ROLES, "update", ("name",))) is None
    assert registration(SETTINGS_ROLE, SETTINGS_SWITCH, replace(app, rule={"id": {"_eq": ADMIN}})) is None


def test_the_rule_is_that_of_the_permission_with_the_field() -> None:
    name = Row(USERS, "update", ("first_name",))
    assert answer_of(World([name, Row(USERS, "update", ("token",), ME)]), version=VERSION) is None


def test_a_permission_that_is_changed_may_come_first() -> None:
    token = Row(USERS, "create", ("token",))
    change = Row(PERMISSIONS, "update", ("action",), {"collection": {"_eq": USERS}})
    path = said(NAME, token, change)
    assert confidence(path) is Confidence.LOW
    assert isinstance(path, Path)
    assert names(path) == ["permission-update", "take-over-token"]


def test_of_two_that_are_changed_in_the_same_way_each_is_tried() -> None:
    """Only the second permission may be taken to change others."""
    first = Row(PERMISSIONS, "update", ("action", "validation"), {"action": {"_neq": "update"}})
    second = Row(PERMISSIONS, "update", ("fields", "permissions"))
    path = said(first, second, Row("articles", "read"))
    assert confidence(path) is Confidence.LOW
