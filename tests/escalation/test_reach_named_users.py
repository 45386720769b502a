"""Rules that name users by key: the accounts of others that they lead to."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import User
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.escalation import Paths, Unplanned
from directus_guard.escalation.tables import USERS
from tests.support.worlds import ADMIN, CUSTOMER, THE_EDITOR, Row, World, answer_of, names, path_of

KEY: Final = "44444444-4444-4444-8444-444444444444"
NAMED: Final = {"id": {"_eq": KEY}}
VERSIONS: Final = ("10.13.4", "11.17.4")


def user(status: str = "active") -> tuple[User, ...]:
    return (User(KEY, CUSTOMER, status), User("boss", ADMIN, "active"))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("rule", [NAMED, {"id": {"_in": [KEY, "another"]}}, {"_or": [NAMED, {"id": {"_null": True}}]}])
@pytest.mark.parametrize("users", [(), user()], ids=["no users", "users"])
def test_one_user_is_made_an_administrator_and_taken_over(users: tuple[User, ...], rule: Any, version: str) -> None:
    world = World([Row(USERS, "update", ("role", "token"), rule)], users=users)
    assert path_of(world, version=version) is not None
    assert answer_of(World([Row(USERS, "update", ("token",), rule)], users=user()), version=version) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_named_user_that_does_not_exist(version: str) -> None:
    others = (User("boss", ADMIN, "active"), User("another", CUSTOMER, "active"))
    world = World([Row(USERS, "update", ("role", "token"), NAMED)], users=others)
    assert answer_of(world, version=version) is None
    partial = replace(world.export(version), gaps=(Gap(ExportPart.USERS, "a page of a longer table"),))
    assert Paths(partial).of(THE_EDITOR) is not None


@pytest.mark.parametrize(("fields", "escalates"), [(("role", "token"), False), (("role", "token", "status"), True)])
def test_a_user_who_cannot_sign_in(fields: tuple[str, ...], *, escalates: bool) -> None:
    world = World([Row(USERS, "update", fields, NAMED)], users=user("suspended"))
    assert (path_of(world) is not None) is escalates


def test_two_rows_name_the_same_user() -> None:
    role, token = Row(USERS, "update", ("role",), NAMED), Row(USERS, "update", ("token",), NAMED)
    assert path_of(World([role, token])) is not None
    other = Row(USERS, "update", ("token",), {"id": {"_eq": "another"}})
    known = (*user(), User("another", CUSTOMER, "active"))
    # Another user has the role, whose account they cannot take.
    assert names(path_of(World([role, other], users=known))) == ["promote-user"]


def test_who_is_named_may_be_an_administrator() -> None:
    """Without users in the export it is not known: the password of one that a rule names is not evaluated."""
    answer = answer_of(World([Row(USERS, "update", ("password",), NAMED)]))
    assert isinstance(answer, Unplanned)
