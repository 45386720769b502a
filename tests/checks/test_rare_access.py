"""Answers of checks on permissions that few exports get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.checks import catalogue
from directus_guard.checks.access import _escalation
from directus_guard.checks.declaration import ExportCheck
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.access.records import PUBLIC_POLICY, Policy, Role
from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.escalation.work import TooMuchWorkError
from directus_guard.finding import Location
from tests.support.each import each_case
from tests.support.worlds import ADMIN, ADMIN_POLICY, CUSTOMER, EDITOR, ME, Row, World, flow, operation

if TYPE_CHECKING:
    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.escalation import Path

USERS: Final = "directus_users"


def answers(check: str, export: Export) -> list[CheckResult]:
    found = catalogue()[check]
    assert isinstance(found, ExportCheck)
    return list(found.judge(export))


def failures(check: str, export: Export) -> list[Failure]:
    return [answer for answer in answers(check, export) if isinstance(answer, Failure)]


def reasons(check: str, export: Export) -> list[str]:
    return [answer.reason for answer in answers(check, export) if isinstance(answer, NotEvaluated)]


# --- ways --------------------------------------------------------------------------------------------------------------


@each_case(("done", "whom"), [(0, "2 roles and users"), (1, "1 role or user")])
def test_ways_that_are_too_many_to_follow(done: int, whom: str) -> None:
    """Those that were followed before are not counted."""
    asked: list[object] = []

    class Busy:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def answer(self, principal: object) -> Path | None:
            if len(asked) == done:
                raise TooMuchWorkError
            asked.append(principal)
            return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_escalation, "Paths", Busy)
        assert reasons("escalation-path", World().export()) == [
            f"the roles, permissions and rules are too many to follow every way of {whom}"
        ]


def test_what_a_way_rests_on_where_no_changes_were_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_escalation, "MOST_CUTS", 0)
    again = "\nThen scan again: it was not worked out which changes close every way."
    own = World([Row(USERS, "update", ("role",), ME), Row("posts", "read")]).export()
    (failure,) = failures("escalation-path", own)
    assert failure.fix is not None
    assert (
        failure.fix.description
        == f"Delete or narrow a permission that the steps rest on: `Editor update {USERS}`.{again}"
    )
    assert (failure.location, failure.fix.rows) == (Location("permissions.json", 2), ())
    assert failure.subject.key == f"test Editor update {USERS}"
    two = World(
        [Row("directus_settings", "update"), Row("directus_policies", "update"), Row("directus_access", "update")]
    )
    (failure,) = failures("escalation-path", two.export())
    assert failure.fix is not None
    assert failure.fix.description.count("`") % 2 == 0
    full = operation(collection=USERS, permissions="$full", payload="{{$trigger.body}}")
    (failure,) = failures("escalation-path-public", World(flows=(flow(method="POST"),), operations=(full,)).export())
    assert failure.fix is not None
    assert failure.fix.description == f"Change what the steps rest on.{again}"


# --- rules -------------------------------------------------------------------------------------------------------------

DRAFT: Final[Any] = {"status": {"_eq": "draft"}}


def test_each_rule_of_create_is_judged() -> None:
    """One that a validation repeats is fine, and says nothing of the next."""
    held = [Row(name, "create", rule=DRAFT, validation=DRAFT) for name in ("a", "c")]
    free = [Row(name, "create", rule=DRAFT) for name in ("b", "d")]
    found = failures("rule-without-effect", World([held[0], free[0], held[1], free[1]]).export())
    assert [failure.location.line for failure in found] == [3, 5]


@each_case(
    ("rule", "behind"),
    [
        (DRAFT, False), ({"author": {"id": {"_eq": 1}}}, True), ({"_and": [DRAFT, {"author": {"id": {"_eq": 1}}}]}, True), ({"_or": [DRAFT, DRAFT]}, False),
        ({"_or": [{"_and": [{"author": {"team": {"id": {"_eq": 1}}}}]}, DRAFT]}, True), ({"status": "draft"}, False), ({"status": {"_eq": "a", "_neq": "b"}}, False),
    ],
)  # fmt: skip
def test_a_rule_of_create_that_looks_at_related_items(rule: Any, behind: bool) -> None:
    (failure,) = failures("rule-without-effect", World([Row("posts", "create", rule=rule)]).export())
    assert failure.fix is not None
    assert ("A condition on a related item has no effect there" in failure.fix.description) is behind


@each_case(
    ("collection", "rule", "schema", "open_"),
    [
        ("posts", {"title": {"_nnull": True}}, None, True),
        ("posts", {"title": {"_nnull": True}}, Schema(collections=(Collection("posts"),), fields=(Field("posts", "title", nullable=True),), complete=True), False),
        ("posts", {"title": {"_nnull": True}}, Schema(collections=(Collection("pages"),), fields=(Field("pages", "title"),), complete=True), True),
        (USERS, {"title": {"_nnull": True}}, None, False),
        ("posts", DRAFT, None, False),
    ],
)  # fmt: skip
def test_a_rule_that_hangs_on_what_may_be_null(collection: str, rule: Any, schema: Schema | None, open_: bool) -> None:
    export = World([Row(collection, "read", rule=rule)]).export(schema=schema)
    found = reasons("rule-without-effect", export)
    assert found == ["no schema snapshot says whether fields of `posts` may be null"] * open_


def test_a_snapshot_that_is_not_complete() -> None:
    for complete, found in ((False, ["the schema snapshot is not complete"]), (True, [])):
        schema = Schema(collections=(Collection("posts"),), fields=(Field("posts", "id"),), complete=complete)
        assert reasons("stale-permission", World([Row("posts", "read")]).export(schema=schema)) == found


def test_visitors_who_share_items() -> None:
    shares = [Row("posts", "share"), Row("posts", "read")]
    assert failures("share-action", World(public=shares).export()) == []
    (failure,) = failures("share-action", World(public=[*shares, Row("directus_shares", "create")]).export())
    assert failure.title == "Anonymous visitors can share items of `posts`"
    assert failure.message.startswith("Visitors can make links to items without an account.")
    assert failure.expected == "no such permission"


# --- registration, second factors --------------------------------------------------------------------------------------


@each_case(
    ("role", "app", "says"),
    [
        (ADMIN, False, "The role is an administrator's."), (ADMIN, True, "The role is an administrator's."), (EDITOR, True, "The role opens the Data Studio."), (EDITOR, False, ""), (CUSTOMER, True, ""), (None, True, ""),
    ],
)  # fmt: skip
def test_registration_into_a_role(role: str | None, app: bool, says: str) -> None:
    settings = {
        "public_registration": True, "public_registration_role": role, "public_registration_verify_email": True,
        "public_registration_email_filter": {"email": {"_ends_with": "@acme.com"}},
    }  # fmt: skip
    export = World(settings=settings).export()
    policies = tuple(
        replace(one, app_access=app and one.name in ("Editor", "Administrator")) for one in export.model.policies
    )
    export = replace(export, model=replace(export.model, policies=policies))
    found = failures("public-registration", export)
    assert [failure.message.removeprefix("Everybody on the internet can make an account. ") for failure in found] == [
        says
    ] * bool(says)


@each_case(
    ("version", "enforced", "count"),
    [("12.4.1", True, 0), ("12.5.0", True, 0), ("12.4.1", False, 1), ("12.5.0", False, 1), ("10.13.4", True, 0), ("10.13.4", False, 1)],
)  # fmt: skip
def test_a_second_factor_of_administrators(version: str, enforced: bool, count: int) -> None:
    export = World().export(version)
    model = export.model
    policies = tuple(replace(one, enforce_tfa=enforced and one.id == ADMIN_POLICY) for one in model.policies)
    roles = tuple(replace(one, enforce_tfa=enforced and one.id == ADMIN) for one in model.roles)
    found = failures("admin-two-factor", replace(export, model=replace(model, policies=policies, roles=roles)))
    assert len(found) == count
    # A policy that makes no administrator is not asked about.
    other = (*policies, Policy("other", "Other"), Policy(PUBLIC_POLICY, "Public"))
    assert (
        len(
            failures(
                "admin-two-factor", replace(export, model=replace(model, policies=other, roles=(*roles, Role("x"))))
            )
        )
        == count
    )
