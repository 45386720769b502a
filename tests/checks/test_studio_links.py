"""Findings of an instance link to what they are about in the Data Studio; those of files link nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.audit.findings import findings_of
from directus_guard.audit.judge import Judged
from directus_guard.audit.options import Options
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import ExportCheck
from directus_guard.checks.result import Failure
from directus_guard.checks.shared import studio
from directus_guard.directus.access.records import Permission
from directus_guard.sources.exports import reader
from directus_guard.sources.files.repository import Repository
from tests.support.each import each_case
from tests.support.rows import POLICIES, create, flow, operations, permission, write
from tests.support.worlds import World

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN: Final = "https://cms.example.com/base"
USER: Final = {
    "id": "u/1", "role": "admins", "status": "active", "provider": "default", "token": "x", "tfa_secret": "x", "last_access": None,
}  # fmt: skip
SETTINGS: Final = {"id": 1, "project_name": "x", "auth_login_attempts": None}
LINKS: Final = {
    "roles-write": "settings/policies/editor",
    "admin-two-factor": "settings/policies/admin",
    "admin-static-token": "users/u%2F1",
    "login-attempts": "settings/project",
    "webhook-returns-all": "settings/flows/f",
    "script-operation": "settings/flows/f/o0",
}


@each_case("check", LINKS)
def test_a_finding_of_an_instance_links_to_its_page(tmp_path: Path, check: str) -> None:
    policies = [{**one, "enforce_tfa": False} for one in POLICIES]
    rows = [permission("editor", "directus_roles", "update")]
    write(
        tmp_path, rows, policies=policies, users=[USER], settings=SETTINGS, flows=flow(**{"return": "$all"}),
        operations=operations(("exec", {"code": "x"}), create("$full")),
    )  # fmt: skip
    (export,) = reader.read(Repository(tmp_path))
    asked = catalogue()[check]
    assert isinstance(asked, ExportCheck)
    for about, link in (
        (replace(export, name=ORIGIN, live=True), f"{ORIGIN}/admin/{LINKS[check]}"),
        (replace(export, name="cms", live=True), ""),
        (export, ""),
    ):
        judged = [Judged(asked, one, about) for one in asked.judge(about) if isinstance(one, Failure)]
        (finding,) = findings_of(judged, Repository(tmp_path), Options(root=tmp_path))
        assert finding.link == link


def test_permissions_of_10_are_on_the_page_of_their_role() -> None:
    export = World().export("10.13.4")
    assert studio.of_row(export, Permission("a", "read", role="r1")) == "settings/roles/r1"
    assert studio.of_row(export, Permission("a", "read")) == "settings/roles/public"
    assert studio.of_role("r1") == "settings/roles/r1"
    assert studio.of_row(World().export(), Permission("a", "read")) == ""
