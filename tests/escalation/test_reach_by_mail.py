"""Accounts that are invited or not verified: the mail with their link is sent again to whoever asks for it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.directus.access.records import User
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, ME, Row, World, confidence

USERS: Final = "directus_users"
VERSIONS: Final = pytest.mark.parametrize("version", ["10.13.4", "11.17.4", "12.4.1"])
NOTHING, NOT_EVALUATED = "nothing", "not evaluated"
REGISTERS: Final = {
    "public_registration": True,
    "public_registration_verify_email": True,
    "public_registration_role": None,
}
BOSS: Final = User("boss", ADMIN, "active")


def has_status(status: str) -> dict[str, Any]:
    """An item rule, or a validation."""
    return {"status": {"_eq": status}}


def sent(status: str) -> dict[str, Any]:
    """A validation that wants a status to be sent."""
    return {"_and": [{"status": {"_submitted": True}}, has_status(status)]}


@VERSIONS
@each_case(
    ("status", "role", "fields", "said"),
    [
        ("invited", ADMIN, ("email",), NOT_EVALUATED),
        ("invited", CUSTOMER, ("email", "role"), NOT_EVALUATED),
        ("invited", CUSTOMER, ("email",), NOTHING),
        ("invited", ADMIN, ("first_name",), NOTHING),
        ("invited", ADMIN, ("role",), NOTHING),
        ("suspended", ADMIN, ("email",), NOTHING),
        ("archived", CUSTOMER, ("email", "role"), NOTHING),
    ],
)
def test_the_address_of_an_account_that_is_not_active(
    status: str, role: str, fields: tuple[str, ...], said: str, version: str
) -> None:
    row = Row(USERS, "update", fields, has_status(status))
    world = World([row], users=(BOSS, User("waiting", role, status)))
    assert confidence(world, version) == said


@VERSIONS
@each_case(
    ("validation", "said"),
    [(sent("invited"), NOT_EVALUATED), (sent("suspended"), NOTHING), (sent("draft"), NOTHING)],
)
def test_an_archived_account_is_invited_again(validation: Any, said: str, version: str) -> None:
    row = Row(USERS, "update", ("email", "status"), {"status": {"_neq": "active"}}, validation)
    assert confidence(World([row], users=(BOSS, User("old", ADMIN, "archived"))), version) == said


@VERSIONS
@each_case(
    ("status", "fields", "said"),
    [
        ("invited", ("email", "role"), NOT_EVALUATED),
        ("draft", ("email", "role"), NOTHING),
        ("unverified", ("email", "role"), NOTHING),
        ("invited", ("email",), NOTHING),
        ("invited", ("role",), NOTHING),
    ],
)
def test_a_preset_gives_new_users_a_status(status: str, fields: tuple[str, ...], said: str, version: str) -> None:
    row = Row(USERS, "create", fields, presets={"status": status})
    assert confidence(World([row], users=(BOSS,)), version) == said


@VERSIONS
@pytest.mark.parametrize("registers", [True, False])
def test_an_unverified_user_has_the_link_of_registration(*, registers: bool, version: str) -> None:
    row = Row(USERS, "create", ("email", "password", "role", "status"), validation=sent("unverified"))
    world = World([row], users=(BOSS,), settings={**REGISTERS, "public_registration": registers})
    assert confidence(world, version) == (NOT_EVALUATED if registers else NOTHING)


@VERSIONS
@each_case(
    ("verifies", "rule", "said"),
    [
        (True, has_status("unverified"), NOT_EVALUATED),
        (True, has_status("suspended"), NOTHING),
        (False, has_status("unverified"), NOTHING),
    ],
)
def test_the_role_of_who_has_registered(verifies: bool, rule: Any, said: str, version: str) -> None:
    row = Row(USERS, "update", ("role",), rule)
    settings = {**REGISTERS, "public_registration_verify_email": verifies}
    assert confidence(World([row], users=(BOSS,), settings=settings), version) == said


@VERSIONS
@pytest.mark.parametrize("status", ["invited", "suspended"])
def test_a_user_is_invited_with_one_role_and_given_another(status: str, version: str) -> None:
    guest = {"_and": [has_status("invited"), {"role": {"_eq": CUSTOMER}}]}
    rows = [
        Row(USERS, "create", ("email", "role", "status"), validation=guest),
        Row(USERS, "update", ("role",), has_status(status)),
    ]
    assert (confidence(World(rows, users=(BOSS,)), version) == NOTHING) is (status != "invited")


@VERSIONS
def test_without_users_in_the_export_an_administrator_may_be_invited(version: str) -> None:
    row = Row(USERS, "update", ("email",), has_status("invited"))
    assert confidence(World([row]), version) == NOT_EVALUATED
    assert (
        confidence(World([Row(USERS, "update", ("email",), {"_and": [ME, has_status("invited")]})]), version) == NOTHING
    )
