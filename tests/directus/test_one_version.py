"""Every rule is read for the version of its export: nothing assumes one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.directus.versions import NEWEST
from tests.support.cli import write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

RULE = {"tags": {"_some": {"_and": [{"name": {"_eq": "press"}}]}}}
"""11 and 12 make no SQL of it, so that it restricts nothing; 10 applies it."""


def export(version: int, collection: str, action: str) -> dict[str, str]:
    row: dict[str, object] = {
        "id": 1, "collection": collection, "action": action, "permissions": RULE, "validation": None, "presets": None, "fields": ["*"],
    }  # fmt: skip
    role = {"id": "r", "name": "Editor", "icon": "x", "admin_access": False, "app_access": False}
    if version == 10:
        return {"dump/permissions.json": json.dumps([{**row, "role": "r"}]), "dump/roles.json": json.dumps([role])}
    return {
        "dump/permissions.json": json.dumps([{**row, "policy": "p"}]),
        "dump/roles.json": json.dumps([{"id": "r", "name": "Editor", "icon": "x", "parent": None}]),
        "dump/policies.json": json.dumps([{"id": "p", "name": "Editor", "admin_access": False, "app_access": False}]),
        "dump/access.json": json.dumps([{"id": "a", "role": "r", "user": None, "policy": "p"}]),
    }


@each_case(
    ("collection", "action"),
    [
        ("directus_users", "read"),
        ("directus_flows", "read"),
        ("directus_files", "read"),
        ("posts", "read"),
        ("posts", "update"),
    ],
)
def test_a_rule_that_counts_on_10_alone(tmp_path: Path, collection: str, action: str) -> None:
    rows = {}
    for version in (10, 11):
        root = write(tmp_path / str(version), export(version, collection, action))
        audited = run(Options(root=root, directus_version=None))
        (found,) = audited.project.exports
        assert found.model.version.major == (10 if version == 10 else NEWEST.major)
        (rows[version],) = found.effective_rows[collection, action]
    assert rows[10].rule != EVERYTHING
    assert rows[11].rule == EVERYTHING


def test_ten_gets_no_finding_for_what_only_later_versions_ignore(tmp_path: Path) -> None:
    found = {}
    for version in (10, 11):
        report = run(Options(root=write(tmp_path / str(version), export(version, "directus_users", "read")))).report
        found[version] = {finding.check: finding.actual for finding in report.findings}
    assert "rule-without-effect" in found[11]
    assert "rule-without-effect" not in found[10]
    assert "all items" in found[11]["users-read"]
    assert "users-read" not in found[10] or "all items" not in found[10]["users-read"]
