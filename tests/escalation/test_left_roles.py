"""Roles that give nothing: whoever is given one is without the validations and presets of the role that they had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.access.records import Access, Permission, Policy, Role, User
from directus_guard.escalation import Path, Paths
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, EDITOR, ME, SQLITE, Row, World

if TYPE_CHECKING:
    from directus_guard.escalation import Unplanned

USERS: Final = "directus_users"
GUEST: Final = "44444444-4444-4444-8444-444444444444"
SOLO: Final = "55555555-5555-4555-8555-555555555555"
MINE: Final = "bbbbbbbb-0222-4222-8222-222222222222"
OWN_ROLE: Final = Permission(USERS, "update", ME, fields=("role",), policy=MINE, id=100)


def lock(validation: Any, presets: Any = None) -> Row:
    """A permission of the role, by which others are held back."""
    return Row(USERS, "update", ("first_name",), ME, validation, presets)


def answer(
    *rows: Row,
    own: Permission = OWN_ROLE,
    user: str | None = SOLO,
    more: tuple[Access, ...] = (),
    version: str = "11.17.4",
) -> Path | Unplanned | None:
    """What is said of a user with the role Editor and a policy of their own (`user` None: the policy is the role's)."""
    world = World(rows, users=(User(SOLO, EDITOR, "active"),))
    export = world.export(version, schema=SQLITE)
    model = export.model
    holder = Access(MINE, user=user, id="access-8") if user else Access(MINE, EDITOR, id="access-8")
    model = replace(
        model,
        roles=(*model.roles, Role(GUEST, "Guest")),
        policies=(*model.policies, Policy(MINE, "Mine")),
        access=(*model.access, holder, *more),
        permissions=(*model.permissions, own),
    )
    return Paths(replace(export, model=model)).answer(Principal(PrincipalKind.USER, SOLO, SOLO))


@pytest.mark.parametrize("version", ["11.0.0", "11.17.4", "12.4.1"])
@each_case(
    "validation",
    [
        {"role": {"_eq": GUEST}},
        {"role": {"_in": [GUEST]}},
        {"role": {"_in": [GUEST, CUSTOMER]}},
        {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]},
    ],
)
def test_a_role_that_gives_nothing_leaves_the_validation_behind(validation: Any, version: str) -> None:
    found = answer(lock(validation), version=version)
    assert isinstance(found, Path)
    assert [step.id for step in found.steps] == ["own-role", "own-role"]


def test_a_preset_is_left_behind() -> None:
    """What the preset writes has to pass the validation beside the role, and does."""
    validation = {"_and": [{"role": {"_in": [GUEST]}}, {"title": {"_eq": "staff"}}]}
    assert isinstance(answer(lock(validation, {"title": "staff"})), Path)


@each_case(
    "more",
    [
        # The role that may be given has the same policy, or inherits from the role that does.
        (Access("aaaaaaaa-2222-4222-8222-222222222222", GUEST, id="access-9"),),
        # The policy that holds back is also the user's.
        (Access("aaaaaaaa-2222-4222-8222-222222222222", user=SOLO, id="access-9"),),
    ],
)
def test_what_holds_for_the_other_role_too_is_not_left_behind(more: tuple[Access, ...]) -> None:
    assert answer(lock({"role": {"_eq": GUEST}}), more=more) is None


def test_what_the_role_allows_is_left_behind_with_it() -> None:
    assert answer(lock({"role": {"_eq": GUEST}}), user=None) is None


@each_case(
    "validation",
    [{"role": {"_eq": EDITOR}}, {"role": {"_in": [EDITOR]}}, {"role": {"_eq": "66666666-6666-4666-8666-666666666666"}}],
)
def test_the_role_stays_where_no_other_one_passes(validation: Any) -> None:
    assert answer(lock(validation)) is None


@each_case(
    ("rule", "found"),
    [({"_and": [ME, {"role": {"_neq": ADMIN}}]}, True), ({"_and": [ME, {"role": {"_eq": EDITOR}}]}, False)],
)
def test_the_rule_must_hold_for_the_other_role(rule: Any, *, found: bool) -> None:
    own = replace(OWN_ROLE, permissions=rule)
    assert isinstance(answer(lock({"role": {"_eq": GUEST}}), own=own), Path) is found
