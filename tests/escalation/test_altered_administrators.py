"""Administrators whose records are first changed so that an item rule lets them through."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import Access, Policy, User
from directus_guard.escalation import Paths, Unplanned
from directus_guard.escalation.tables import ACCESS, POLICIES, USERS
from tests.support.each import each_case
from tests.support.worlds import ADMIN, ADMIN_POLICY, CUSTOMER, EDITOR, ME, SQLITE, THE_EDITOR, Row, World

VERSIONS: Final = ("11.0.0", "11.17.4")
BOSS: Final = "44444444-4444-4444-8444-444444444444"
SECOND: Final = "55555555-5555-4555-8555-555555555555"
ACTOR: Final = "66666666-6666-4666-8666-666666666666"
NEWS: Final = "bbbbbbbb-0333-4333-8333-333333333333"
IS_CUSTOMER: Final = {"role": {"_eq": CUSTOMER}}


def said(rows: list[Row], version: str, boss: str | None = EDITOR, settings: dict[str, Any] | None = None) -> str:
    """What is said of the editor, where one administrator has that role, and the administrator policy of their own."""
    users = (User(ACTOR, EDITOR, "active"), User(SECOND, ADMIN, "active"), User(BOSS, boss, "active"))
    export = World(rows, users=users, settings=settings or {}).export(version, schema=SQLITE)
    model = export.model
    model = replace(
        model,
        policies=(*model.policies, Policy(NEWS, "News")),
        access=(*model.access, Access(ADMIN_POLICY, user=BOSS, id="access-8"), Access(NEWS, CUSTOMER, id="access-9")),
    )
    answer = Paths(replace(export, model=model)).answer(THE_EDITOR)
    return "nothing" if answer is None else "not evaluated" if isinstance(answer, Unplanned) else "way"


def password(rule: Any) -> Row:
    """Passwords of some users."""
    return Row(USERS, "update", ("password",), rule)


def role(validation: Any, rule: Any = None) -> Row:
    """Roles of some users."""
    return Row(USERS, "update", ("role",), rule, validation)


@pytest.mark.parametrize("version", VERSIONS)
@each_case(
    ("rows", "expected"),
    [
        ([role(IS_CUSTOMER), password(IS_CUSTOMER)], "not evaluated"),
        ([role({"role": {"_null": True}}), password({"role": {"_null": True}})], "not evaluated"),
        ([role(IS_CUSTOMER), Row(USERS, "update", ("email",), IS_CUSTOMER)], "not evaluated"),
        ([role(IS_CUSTOMER), Row(USERS, "update", ("title",), IS_CUSTOMER)], "nothing"),
        ([role(IS_CUSTOMER), password({"role": {"_null": True}})], "nothing"),
        ([role(IS_CUSTOMER, {"id": {"_eq": ACTOR}}), password(IS_CUSTOMER)], "nothing"),
        ([password(IS_CUSTOMER)], "nothing"),
    ],
)
def test_an_administrator_with_a_policy_of_their_own_gets_another_role(
    rows: list[Row], expected: str, version: str
) -> None:
    assert said(rows, version) == expected


SUSPENDED: Final = {"status": {"_eq": "suspended"}}


@pytest.mark.parametrize("version", VERSIONS)
@each_case(
    ("rows", "settings", "expected"),
    [
        ([Row(USERS, "update", ("password", "status"), SUSPENDED)], {}, "not evaluated"),
        ([Row(USERS, "update", ("password", "status"), {"status": {"_neq": "active"}})], {}, "not evaluated"),
        ([password(SUSPENDED), Row(USERS, "update", ("status",), SUSPENDED)], {}, "not evaluated"),
        ([Row(USERS, "update", ("password", "status"), SUSPENDED)], {"auth_login_attempts": None}, "nothing"),
        ([password(SUSPENDED)], {}, "nothing"),
        ([Row(USERS, "update", ("status",), SUSPENDED)], {}, "nothing"),
        ([Row(USERS, "update", ("password", "status"), {"_and": [SUSPENDED, IS_CUSTOMER]})], {}, "nothing"),
        ([Row(USERS, "update", ("password", "status"), {"status": {"_eq": "draft"}})], {}, "nothing"),
    ],
)
def test_an_account_that_directus_suspends(
    rows: list[Row], settings: dict[str, Any], expected: str, version: str
) -> None:
    assert said(rows, version, settings=settings) == expected


HAS_NEWS: Final = {"policies": {"_some": {"policy": {"_eq": NEWS}}}}
NAMED_NEWS: Final = {"role": {"policies": {"policy": {"name": {"_eq": "News"}}}}}
ATTACHES: Final = {"_and": [{"policy": {"_submitted": True}}, {"policy": {"_eq": NEWS}}]}


@pytest.mark.parametrize("version", VERSIONS)
@each_case(
    ("rows", "expected"),
    [
        ([password(HAS_NEWS), Row(ACCESS, "create", ("policy", "user"), None, ATTACHES)], "not evaluated"),
        ([password(HAS_NEWS), Row(ACCESS, "update", ("user",), {"policy": {"_eq": NEWS}})], "not evaluated"),
        ([password(HAS_NEWS), Row(ACCESS, "delete", rule={"policy": {"_eq": NEWS}})], "not evaluated"),
        ([password(NAMED_NEWS), Row(POLICIES, "update", ("name",))], "not evaluated"),
        ([password(NAMED_NEWS), Row(POLICIES, "read")], "nothing"),
        ([password(HAS_NEWS), Row(ACCESS, "read")], "nothing"),
        ([password(ME), Row(ACCESS, "create", ("policy", "user"), None, ATTACHES)], "nothing"),
    ],
)
def test_a_rule_on_policies_that_attachments_decide(rows: list[Row], expected: str, version: str) -> None:
    assert said(rows, version, boss=ADMIN) == expected
