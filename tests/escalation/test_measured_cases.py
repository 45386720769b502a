"""The steps to administrator, against what a non-administrator could really do on 10.13.4, 11.17.4 and 12.4.1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import Access, Permission, Policy, Role
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.versions import Version
from directus_guard.escalation import Paths
from directus_guard.finding import Location
from tests.support.each import each_case

TRUTH: Final = json.loads((Path(__file__).parents[1] / "truth" / "escalations.json").read_text(encoding="utf-8"))[
    "versions"
]
ADMIN: Final = "11111111-1111-4111-8111-111111111111"
OWN: Final = "22222222-2222-4222-8222-222222222222"
ME: Final = {"id": {"_eq": "$CURRENT_USER"}}
ALL: Final = ("*",)

CASES: Final[dict[str, list[dict[str, Any]]]] = {
    "users.create:*": [{"c": "directus_users", "a": "create"}],
    "users.create:* preset role only (role still in fields)": [{"c": "directus_users", "a": "create", "presets": {"role": OWN}}],
    "users.create: fields w/o role + preset role": [{"c": "directus_users", "a": "create", "fields": ("email", "password", "status"), "presets": {"role": OWN}}],
    "users.create: fields w/o role, no preset": [{"c": "directus_users", "a": "create", "fields": ("email", "password", "status")}],
    "users.create:* with validation role _neq admin (nested payload)": [{"c": "directus_users", "a": "create", "validation": {"role": {"_neq": ADMIN}}}],
    "users.update:* own role": [{"c": "directus_users", "a": "update"}],
    "users.update id=$CURRENT_USER fields *": [{"c": "directus_users", "a": "update", "rule": ME}],
    "users.update id=$CURRENT_USER fields first_name": [{"c": "directus_users", "a": "update", "rule": ME, "fields": ("first_name",)}],
    "users.update:policies field only": [
        {"c": "directus_users", "a": "update", "rule": ME, "fields": ("policies",)},
        {"c": "directus_access", "a": "create", "fields": ("policy", "user")},
    ],
    "users.update:policies field only, no access.create": [{"c": "directus_users", "a": "update", "rule": ME, "fields": ("policies",)}],
    "users.update: password of an admin (account takeover)": [{"c": "directus_users", "a": "update", "fields": ("password",)}],
    "users.update: token of an admin (account takeover)": [{"c": "directus_users", "a": "update", "fields": ("token",)}],
    "users.update: email of an admin": [{"c": "directus_users", "a": "update", "fields": ("email",)}],
    "roles.update:* own role admin_access": [{"c": "directus_roles", "a": "update"}],
    "policies.create:* + access.create (self attach)": [{"c": "directus_policies", "a": "create"}, {"c": "directus_access", "a": "create"}],
    "access.create:* (attach the admin policy to self)": [{"c": "directus_access", "a": "create"}],
    "policies.update:* own policy admin_access": [{"c": "directus_policies", "a": "update"}],
    "policies.update: fields name only": [{"c": "directus_policies", "a": "update", "fields": ("name",)}],
    "permissions.create:* grant self users.update": [{"c": "directus_permissions", "a": "create"}],
    "permissions.update:* widen own row to users.update": [{"c": "directus_permissions", "a": "update"}],
    "flows.create + operations.create: full new flow with item-create as admin to escalate": [
        {"c": "directus_flows", "a": "create"}, {"c": "directus_operations", "a": "create"},
    ],
    "settings.update: public_registration to admin role": [{"c": "directus_settings", "a": "update"}],
}  # fmt: skip

NOT_HERE: Final = {
    "users.create:* with validation role _neq admin (plain payload; see rules.md for the nested one)": "the nested payload of the same row works",
    "roles.update:* attach self to the admin role through users o2m": "the same row escalates by `parent` or `admin_access`",
}
"""Measured requests that fail although their row escalates by another request: the model speaks of rows."""


def export(version: str, rows: list[dict[str, Any]], *, public: bool = False, **settings: Any) -> Export:
    """An instance with an administrator, an own role and these rows on it (or on the public)."""
    parsed = Version.parse(version)
    assert parsed is not None
    old = parsed.major < 11
    permissions = tuple(
        Permission(
            row["c"], row["a"], row.get("rule"), row.get("validation"), row.get("presets"), row.get("fields", ALL),
            policy=None if old else "own-policy", role=OWN if old and not public else None, id=index,
        )
        for index, row in enumerate(rows)
    )  # fmt: skip
    model = AccessModel(
        version=parsed,
        roles=(Role(ADMIN, "Administrator", admin_access=old), Role(OWN, "Editor", app_access=old)),
        policies=()
        if old
        else (Policy("admin-policy", "Administrator", admin_access=True), Policy("own-policy", "Editor")),
        access=() if old else (Access("admin-policy", ADMIN), Access("own-policy", None if public else OWN)),
        permissions=permissions,
    )
    return Export("test", Location("x"), model, settings=Settings(settings, Location("x")) if settings else None)


def escalates(made: Export, *, public: bool = False) -> bool:
    principal = PUBLIC if public else Principal(PrincipalKind.ROLE, OWN, "Editor")
    return Paths(made).of(principal) is not None


MEASURED: Final = [
    (version, case, result["effect"])
    for version, cases in TRUTH.items()
    for case, result in cases.items()
    if isinstance(result, dict)
    and result.get("proves") == "admin"
    and result["effect"] is not None
    and case not in NOT_HERE
]


def test_every_measured_case_is_modelled() -> None:
    assert {case for _, case, _ in MEASURED} == set(CASES)
    assert len(MEASURED) > 45


@each_case(("version", "case", "effect"), MEASURED)
def test_the_model_answers_as_the_server_did(version: str, case: str, effect: bool) -> None:
    assert escalates(export(version, CASES[case])) is effect


@each_case("version", ["10.13.4", "11.17.4", "12.4.1"])
def test_a_validation_that_pins_closes_the_step(version: str) -> None:
    rows: list[dict[str, Any]] = [{"c": "directus_users", "a": "create", "validation": {"role": {"_eq": OWN}}}]
    assert not escalates(export(version, rows))
    rows = [{"c": "directus_users", "a": "create", "validation": {"role": {"_in": [OWN, ADMIN]}}}]
    assert escalates(export(version, rows))


@pytest.mark.parametrize("version", ["11.17.4", "12.4.1"])
def test_two_policies_judged_row_by_row(version: str) -> None:
    rows: list[dict[str, Any]] = [
        {"c": "directus_users", "a": "update", "rule": ME, "fields": ("first_name",)},
        {"c": "directus_users", "a": "update", "rule": {"status": {"_eq": "archived"}}, "fields": ("avatar",)},
    ]
    assert not escalates(export(version, rows))


def test_from_anonymous_to_administrator() -> None:
    created: list[dict[str, Any]] = [{"c": "directus_users", "a": "create"}]
    assert escalates(export("11.17.4", created, public=True), public=True)
    updated: list[dict[str, Any]] = [{"c": "directus_users", "a": "update", "rule": ME}]
    assert not escalates(export("11.17.4", [{"c": "posts", "a": "read"}], public=True), public=True)
    # $CURRENT_USER is null for the public: only rows without a key would match, and there are none.
    assert not escalates(export("11.17.4", updated, public=True), public=True)


def test_registration_needs_to_be_on() -> None:
    rows: list[dict[str, Any]] = [{"c": "directus_settings", "a": "update", "fields": ("public_registration_role",)}]
    assert not escalates(export("12.4.1", rows, public_registration=False))
    assert escalates(export("12.4.1", rows, public_registration=True))


def test_harmless_rows_escalate_nowhere() -> None:
    for version in ("10.13.4", "11.17.4", "12.4.1"):
        rows: list[dict[str, Any]] = [
            {"c": collection, "a": action}
            for collection in (
                "posts",
                "directus_files",
                "directus_fields",
                "directus_collections",
                "directus_extensions",
            )
            for action in ("create", "read", "update", "delete")
        ]
        assert not escalates(export(version, rows))


def test_a_grant_never_closes_a_way() -> None:
    """Monotone: with one more row, what escalated still does."""
    for case, rows in CASES.items():
        if escalates(export("11.17.4", rows)):
            more = [*rows, {"c": "posts", "a": "read", "rule": {"status": {"_eq": "published"}}}]
            assert escalates(export("11.17.4", more)), case
