"""Policies with `ip_access`: Directus leaves them out for requests from other addresses, with their validations and presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import Access, Permission, Policy
from directus_guard.escalation import Path, Paths
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, EDITOR, ME, SQLITE, THE_EDITOR, THE_PUBLIC, Row, World

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal
    from directus_guard.escalation import Unplanned

USERS: Final = "directus_users"
OWN_ROLE: Final = Row(USERS, "update", ("role",), ME)
NEW_USER: Final = Row(USERS, "create", ("role", "email", "password"))
PIN: Final = {"role": {"_eq": CUSTOMER}}
NO_ADMIN: Final = {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]}
INSIDE: Final = ("10.1.2.3",)
OTHER: Final = ("192.168.0.0/16",)


def answer(
    world: World,
    *policies: tuple[tuple[str, ...], Permission],
    role: str | None = EDITOR,
    version: str = "11.17.4",
    principal: Principal = THE_EDITOR,
) -> Path | Unplanned | None:
    """What is said where further policies, each with `ip_access` and a permission, are attached to a role."""
    export = world.export(version, schema=SQLITE)
    model = export.model
    for number, (addresses, row) in enumerate(policies):
        key = f"bbbbbbbb-{number}222-4222-8222-222222222222"
        model = replace(
            model,
            policies=(*model.policies, Policy(key, f"Limited {number}", ip_access=addresses)),
            access=(*model.access, Access(key, role, id=f"access-limited-{number}")),
            permissions=(*model.permissions, replace(row, policy=key, id=100 + number)),
        )
    return Paths(replace(export, model=model)).answer(principal)


def permission(action: str, names: tuple[str, ...], validation: Any = None, presets: Any = None) -> Permission:
    """A permission on users."""
    return Permission(USERS, action, ME if action == "update" else None, validation, presets, names)


@pytest.mark.parametrize("version", ["11.0.0", "11.17.4", "12.4.1"])
@each_case(
    ("own", "validation"),
    [(OWN_ROLE, PIN), (OWN_ROLE, NO_ADMIN), (NEW_USER, PIN), (NEW_USER, NO_ADMIN)],
)
def test_a_validation_of_a_limited_policy_is_not_relied_on(own: Row, validation: Any, version: str) -> None:
    lock = permission(own.action, ("first_name",), validation)
    assert answer(World([own]), ((), lock), version=version) is None
    found = answer(World([own]), (INSIDE, lock), version=version)
    assert isinstance(found, Path)
    assert "`ip_access`" in found.steps[0].action
    # Two policies never count together where their lists differ, but neither counts from a third address.
    assert isinstance(answer(World([own]), (INSIDE, lock), (OTHER, lock), version=version), Path)
    assert answer(World([own]), (INSIDE, lock), ((), lock), version=version) is None


def test_a_preset_of_a_limited_policy_is_not_relied_on() -> None:
    """A new user has the role of the preset from one address only; without it, a validation lets other roles pass."""
    lock = permission("create", ("first_name",), {"role": {"_eq": CUSTOMER}}, {"role": CUSTOMER})
    assert answer(World([NEW_USER]), ((), lock)) is None
    assert isinstance(answer(World([NEW_USER]), (INSIDE, lock)), Path)


def test_a_limited_permission_keeps_its_own_validation() -> None:
    row = permission("update", ("role",), PIN)
    assert answer(World(), (INSIDE, row)) is None
    assert isinstance(answer(World(), (INSIDE, permission("update", ("role",)))), Path)


def test_one_limited_policy_counts_without_the_other() -> None:
    """From the address of the first, the validation of the second is not there, if its list is another one."""
    lock = permission("update", ("first_name",), PIN)
    allows = permission("update", ("role",))
    assert answer(World(), (INSIDE, allows), (INSIDE, lock)) is None
    assert isinstance(answer(World(), (INSIDE, allows), (OTHER, lock)), Path)


def test_a_limited_policy_of_the_public() -> None:
    lock = permission("create", ("first_name",), PIN)
    assert answer(World(public=[NEW_USER]), ((), lock), role=None, principal=THE_PUBLIC) is None
    assert isinstance(answer(World(public=[NEW_USER]), (INSIDE, lock), role=None, principal=THE_PUBLIC), Path)


def test_what_is_stored_from_one_address_is_used_from_another() -> None:
    """The limited policy lets them change their own title; elsewhere a role may be set once the title is right."""
    allows = permission("update", ("title",), {"role": {"_null": True}})
    titled = Row(USERS, "update", ("role",), {"_and": [ME, {"title": {"_eq": "boss"}}]})
    assert isinstance(answer(World([titled]), (INSIDE, allows)), Path)
