"""The list of administrators for review: by role, policy and user, and through what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Policy, Role, User
from directus_guard.directus.administrators import administrators
from directus_guard.directus.export import Export
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from tests.support.cli import guard, write
from tests.support.exports import FORMATS, USER

if TYPE_CHECKING:
    from pathlib import Path

HERE: Final = Location("x.json")


def listed(model: AccessModel, *gaps: Gap) -> tuple[list[tuple[str, str, str]], tuple[str, ...]]:
    found = administrators(Export("m", HERE, model, gaps=gaps))
    return [(one.kind, one.name, one.through) for one in found.listed], found.unknown


MODEL: Final = AccessModel(
    roles=(Role("r1", "Admins"), Role("r2", "Child", parent="r1"), Role("r3", "Editor")),
    policies=(Policy("p1", "Full", admin_access=True), Policy("p2", "Spare", admin_access=True), Policy("p3", "Some")),
    access=(Access("p1", role="r1"), Access("p1", user="u3"), Access("p3", role="r3"), Access("p1", user="u9"), Access("p1")),
    users=(
        User("u1", "r1", "active", has_second_factor=False, has_token=True, last_access="2026-01-02T03:04:05"),
        User("u2", "r2", "suspended", provider="keycloak"),
        User("u3", "r3"),
        User("u4", "r3", "active"),
        User("u5", None, "active"),
    ),
)  # fmt: skip


def test_by_role_policy_and_user() -> None:
    found, unknown = listed(MODEL)
    assert found == [
        ("role", "Admins", "its policy `Full`"),
        ("role", "Child", "policy `Full` of the role above, `Admins`"),
        ("policy", "Full", "attached to role `Admins`, user `u3`, user `u9`"),
        ("policy", "Spare", "not attached"),
        ("user", "u1", "role `Admins`"),
        ("user", "u2", "role `Child`"),
        ("user", "u3", "its own policy `Full`"),
        ("user", "u9", "its own policy `Full`"),
    ]
    assert unknown == ()


def test_the_state_of_accounts() -> None:
    states = {one.id: one.state for one in administrators(Export("m", HERE, MODEL)).listed if one.kind == "user"}
    assert states == {
        "u1": ("active", "no second factor", "static token", "last seen 2026-01-02"),
        "u2": ("suspended", "signs in by keycloak"),
        "u3": ("status not exported",),
        "u9": ("its record is not in the export",),
    }


def test_roles_of_version_ten() -> None:
    model = AccessModel(
        version=Version(10, 13, 4), roles=(Role("r1", "Admins", admin_access=True), Role("r2", "Other"))
    )
    found, unknown = listed(model)
    assert found == [("role", "Admins", "`admin_access` of its own")]
    assert len(unknown) == 1


def test_what_may_hide_others_is_said() -> None:
    gaps = (
        Gap(ExportPart.USER_POLICIES, "none of users"),
        Gap(ExportPart.HIDDEN_ROWS, "rows"),
        Gap(ExportPart.POLICY, "public or user", "p"),
    )
    _, unknown = listed(AccessModel(), *gaps)
    assert unknown == ("none of users", "public or user", "the export has no users: who has these roles is not known")


@pytest.mark.parametrize(("role", "held"), [("r1", "role `Admins` and "), (None, "")])
def test_a_policy_of_a_user_or_of_the_public(role: str | None, held: str) -> None:
    access = (
        Access("p1", user="public, or a user with Full", assumed=True),
        Access("p1", role=role) if role else Access("p3"),
    )
    model = AccessModel(roles=MODEL.roles, policies=MODEL.policies, access=access)
    found, _ = listed(model, Gap(ExportPart.POLICY, "public or user", "p1"))
    assert ("policy", "Full", f"attached to {held}a user or the public (the export does not say)") in found


def test_it_is_in_every_report(tmp_path: Path) -> None:
    users: list[dict[str, Any]] = [{**USER, "id": f"u{index}", "role": "r1"} for index in range(25)]
    files = {**FORMATS["the API"], "dump/users.json": {"data": users}}
    root = write(tmp_path, {name: json.dumps(data) for name, data in files.items()})
    (held,) = json.loads(guard("scan", root, "--output", "json").out)["administrators"]
    assert held["model"] == "dump"
    assert held["unknown"] == []
    first, *_, last = held["administrators"]
    assert first == {
        "kind": "role",
        "id": "r1",
        "name": "Administrator",
        "through": "its policy `Administrator`",
        "state": [],
        "location": first["location"],
    }
    assert first["location"]["path"] == "dump/roles.json"
    assert (last["kind"], last["location"]["path"]) == ("user", "dump/users.json")
    assert len(held["administrators"]) == 27
    text = guard("scan", root).out
    assert "Administrators of dump, for review:" in text
    assert "and 7 more" in text
    assert "and 7 more" not in guard("scan", root, "-v").out
    assert "Administrators" not in guard("scan", root, "-q").out
    assert "Administrators of dump, for review: 27" in guard("scan", root, "--output", "markdown").out
