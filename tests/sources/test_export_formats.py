"""What each exporter always writes (`export_formats.py`): taken away, the export is incomplete; what it may leave out is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.sources import export_formats
from directus_guard.sources.export_formats import ExportFormat
from directus_guard.sources.exports import reader as exports
from tests.support.each import each_case
from tests.support.exports import (
    ACCESS,
    EXPORTERS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    Tables,
    environment_sync,
    files_of,
    gaps_of,
)
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export
    from directus_guard.finding import Problem
    from directus_guard.sources.exports.found_records import FoundRecords

FLOW: Final[dict[str, object]] = {"id": "f", "name": "Hook", "status": "active", "trigger": "webhook", "accountability": "all", "options": {}, "operation": None}  # fmt: skip
SETTINGS: Final = {"project_name": "x", "public_registration": False, "auth_login_attempts": 25}
ABOUT_ACCESS: Final = ("permissions", "policies", "access", "roles")
OPTIONAL: Final = ("flows", "operations", "settings")
COLUMNS: Final = {
    "permissions": ("collection", "action", "permissions", "validation", "presets", "fields", "policy"),
    "policies": ("name", "admin_access", "app_access", "enforce_tfa", "ip_access"),
    "access": ("policy", "role", "user"),
    "roles": ("parent",),
}
"""What is read of the tables about access."""


def tables() -> Tables:
    return {
        "permissions": [dict(row) for row in PERMISSIONS], "policies": [dict(row) for row in POLICIES],
        "access": [dict(row) for row in ACCESS], "roles": [dict(row) for row in ROLES],
        "flows": [dict(FLOW)], "operations": [], "settings": [dict(SETTINGS)],
    }  # fmt: skip


def test_every_format_is_among_them() -> None:
    known = {form for form in vars(export_formats).values() if isinstance(form, ExportFormat)}
    assert known == {form for _, _, form in EXPORTERS.values()}


def read(root: Path, exporter: str, data: Tables, *, without: str = "") -> tuple[Export, list[Problem]]:
    files = {
        path: json.dumps(content)
        for path, content in files_of(exporter, data).items()
        if path.rpartition("/")[2] != without
    }
    made = repository(root, files)
    (found,) = exports.read(made)
    return found, made.problems


@each_case("exporter", EXPORTERS)
def test_a_whole_export_has_no_problem(tmp_path: Path, exporter: str) -> None:
    folder, _, form = EXPORTERS[exporter]
    files = files_of(exporter, tables())
    made = repository(tmp_path, {path: json.dumps(content) for path, content in files.items()})
    held: dict[str, FoundRecords] = {}
    for path in made.files:
        exports.read_file(made, path, held, ())
    assert export_formats.format_of(folder, held[folder].all_records()) is form
    exports.read(made)
    assert made.problems == []


@each_case("table", [*ABOUT_ACCESS, *OPTIONAL])
@each_case("exporter", EXPORTERS)
def test_a_table_that_is_missing(tmp_path: Path, exporter: str, table: str) -> None:
    form = EXPORTERS[exporter][2]
    if table == "access" and form is export_formats.DIRECTUS_SYNC:
        return  # it has no such file
    data = tables()
    del data[table]
    found, problems = read(tmp_path, exporter, data)
    said = [one.incomplete for one in problems if f"directus_{table}" in one.message]
    assert said == ([True] if table in form.tables else [])
    assert len(problems) == len(said)
    assert table in gaps_of(found, optional=True) or set(gaps_of(found)) - {"version", "edition", "user policies"}


@each_case("member", [f"{table}.{name}" for table, names in COLUMNS.items() for name in names])
@each_case("exporter", EXPORTERS)
def test_a_member_that_is_missing(tmp_path: Path, exporter: str, member: str) -> None:
    form = EXPORTERS[exporter][2]
    table, _, name = member.partition(".")
    if table == "access" and form is export_formats.DIRECTUS_SYNC:
        return
    data = tables()
    for row in data[table]:
        del row[name]
    found, problems = read(tmp_path, exporter, data)
    assert any(one.incomplete and f"`{name}` is missing" in one.message for one in problems) == form.writes(member)
    assert bool(problems) == form.writes(member)
    assert set(gaps_of(found)) - {"version", "edition", "user policies"}


@each_case("exporter", [name for name, (_, _, form) in EXPORTERS.items() if form.metadata])
def test_metadata_that_are_missing(tmp_path: Path, exporter: str) -> None:
    found, problems = read(tmp_path, exporter, tables(), without=EXPORTERS[exporter][2].metadata)
    assert [one.incomplete for one in problems] == [True]
    assert "hidden rows" in gaps_of(found)


@each_case("change", [{"incomplete": "directus_permissions"}, {"incomplete": [5]}, {"files": None}, {"files": {}}])
def test_metadata_of_another_form(tmp_path: Path, change: dict[str, object]) -> None:
    """As `incompleteSchema` and `manifestSchema` of Environment Sync refuse them."""
    files = dict(environment_sync(tables()))
    files["metadata.json"] = {**files["metadata.json"], **change}  # type: ignore[dict-item]
    made = repository(tmp_path, {f"directus/default/data/{name}": json.dumps(data) for name, data in files.items()})
    (found,) = exports.read(made)
    assert [(one.path, one.incomplete) for one in made.problems] == [("directus/default/data/metadata.json", True)]
    assert "unread files" in gaps_of(found)


@each_case("collection", ["articles", "", None])
def test_a_file_of_a_table_that_names_another_collection(tmp_path: Path, collection: str | None) -> None:
    """Its name tells what it is, and the rows have the table's columns: they are judged."""
    files = dict(environment_sync(tables()))
    name = "directus-permissions_0123456789abcdef.json"
    files[name] = {**files[name], "collection": collection}  # type: ignore[dict-item]
    made = repository(tmp_path, {f"directus/default/data/{name}": json.dumps(data) for name, data in files.items()})
    (found,) = exports.read(made)
    assert len(found.model.permissions) == len(PERMISSIONS)


LOST: Final = "whose records are not in the export"


@each_case("exporter", EXPORTERS)
@each_case(("table", "key"), [("policies", "p2"), ("policies", "p3"), ("roles", "r2")])
def test_a_record_that_others_name_is_lost(tmp_path: Path, exporter: str, table: str, key: str) -> None:
    """The rows that name it count all the same: somebody has the policy."""
    data = tables()
    data[table] = [row for row in data[table] if row["id"] != key]
    found, problems = read(tmp_path, exporter, data)
    assert {LOST in problem.message and problem.incomplete for problem in problems} == {True}
    if table == "policies":
        assert key in {row.policy for row in found.model.access}


@each_case("exporter", EXPORTERS)
def test_a_uuid_in_capitals_is_the_same(tmp_path: Path, exporter: str) -> None:
    key = "1c8a9f0e-aaaa-4bbb-8ccc-0123456789ab"
    data = tables()
    data["policies"].append({**POLICIES[1], "id": key})
    data["access"].append({**ACCESS[1], "id": "a4", "policy": key})
    data["permissions"].append({**PERMISSIONS[0], "id": 3, "policy": key.upper()})
    found, _ = read(tmp_path, exporter, data)
    assert not any(LOST in reason for reason in gaps_of(found).values())
    assert key in found.model.stored


def operation(key: str, flow: str) -> dict[str, object]:
    return {"id": key, "name": key, "key": key, "type": "log", "flow": flow, "options": {}, "resolve": None, "reject": None, "position_x": 1, "position_y": 1}  # fmt: skip


@each_case("exporter", EXPORTERS)
@each_case(
    ("first", "operations", "whole"),
    [
        ("o", [operation("o", "f")], True),
        ("gone", [operation("o", "f")], False),
        ("o", [], False),
        (None, [operation("o", "gone")], False),
        ("o", [{**operation("o", "f"), "resolve": "gone"}], False),
    ],
)
def test_an_operation_that_a_flow_names(
    tmp_path: Path, exporter: str, first: str | None, operations: list[dict[str, object]], whole: bool
) -> None:
    data = {**tables(), "flows": [{**FLOW, "operation": first}], "operations": [dict(row) for row in operations]}
    found, problems = read(tmp_path, exporter, data)
    assert [problem.incomplete for problem in problems] == ([] if whole else [True])
    assert ({"flows", "operations"} & gaps_of(found).keys() == set()) is whole
