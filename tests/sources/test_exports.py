"""Exported configuration in the formats people have, each record with its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import Edition
from directus_guard.sources.exports import reader as exports
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.exports import ACCESS, FORMATS, PERMISSIONS, POLICIES, ROLES, ROW, RULED, USER, about_access, gaps_of
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export


def only(root: Path, files: dict[str, object]) -> Export:
    texts = {name: data if isinstance(data, str) else json.dumps(data, indent=2) for name, data in files.items()}
    (found,) = exports.read(repository(root, texts))
    return found


def may_read(export: Export, principal: Principal, collection: str) -> bool:
    return export.model.of(principal).may("read", collection)


EDITOR: Final = Principal(PrincipalKind.ROLE, "r2", "Editor")


def judged(export: Export) -> tuple[bool, bool, bool, bool]:
    """Who reads what: the editor posts and pages, the public posts and pages."""
    return tuple(may_read(export, who, what) for who in (EDITOR, PUBLIC) for what in ("posts", "pages"))  # type: ignore[return-value]  # two by two are four


@each_case("name", FORMATS)
def test_every_format_gives_the_same_model(tmp_path: Path, name: str) -> None:
    found = only(tmp_path, FORMATS[name])
    assert judged(found) == (True, False, False, True)
    if "ip_access" in json.dumps(FORMATS[name]):
        assert found.model.policies[1].ip_access == ("10.0.0.0/8", "::1")
    folder = next(iter(FORMATS[name])).rpartition("/")[0]
    assert found.name == folder.removesuffix("/data")


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("empty", [[], {"data": []}])
def test_a_table_without_rows_in_a_file_of_several(tmp_path: Path, empty: object, *, wrapped: bool) -> None:
    """It is known that there are none, as from a file of its own."""
    tables = {**about_access(), "flows": empty, "operations": empty}
    found = only(tmp_path, {"backup/cms.json": {"data": tables} if wrapped else tables})
    assert {"flows", "operations"} & gaps_of(found, optional=True).keys() == set()
    assert "users" in {**gaps_of(found), **gaps_of(found, optional=True)}


def test_an_empty_list_beside_no_rows_is_no_table(tmp_path: Path) -> None:
    files: dict[str, object] = {**FORMATS["the API"], "dump/other.json": {"flows": [], "users": [{"label": "x"}]}}
    assert {"flows", "users"} <= {
        **gaps_of(only(tmp_path, files)),
        **gaps_of(only(tmp_path, files), optional=True),
    }.keys()


def test_a_version_ten_dump_has_roles(tmp_path: Path) -> None:
    roles = [
        {
            "id": "r2",
            "name": "Editor",
            "icon": "x",
            "admin_access": False,
            "app_access": True,
            "ip_access": None,
            "enforce_tfa": False,
        }
    ]
    rows = [{**ROW, "id": 1, "role": "r2"}, {**ROW, "id": 2, "role": None, "collection": "pages"}]
    found = only(tmp_path, {"d/permissions.json": rows, "d/roles.json": roles})
    assert found.model.version.major == 10
    assert judged(found) == (True, False, False, True)


def test_directus_sync_does_not_tell_user_policies_from_public(tmp_path: Path) -> None:
    """Trap T1: a policy without a role is public only by its label, where one has it."""
    files = dict(FORMATS["directus-sync"])
    policies = json.loads(json.dumps(files["directus-config/collections/policies.json"]))
    policies[1]["roles"] = [{"role": None, "sort": 1}]
    found = only(tmp_path, {**files, "directus-config/collections/policies.json": policies})
    assert judged(found) == (False, False, False, True)
    assert any("Editor" in reason for reason in gaps_of(found).values())


def test_what_a_format_cannot_contain_is_said(tmp_path: Path) -> None:
    roles = [{"id": "r2", "name": "Editor", "icon": "x"}]
    found = only(
        tmp_path,
        {
            "d/permissions.json": PERMISSIONS,
            "d/policies.json": POLICIES,
            "d/roles.json": roles,
            "d/metadata.json": {"incomplete": ["directus_permissions"]},
        },
    )
    assert set(gaps_of(found)) == {"version", "attachments", "parents", "hidden rows", "edition"}


def test_the_version_beside_the_records(tmp_path: Path) -> None:
    files = {
        **FORMATS["Environment Sync"],
        "directus/default/schema/metadata.json": {"files": [], "snapshot": {"version": 1, "directus": "12.4.1"}},
    }
    found = only(tmp_path, files)
    assert "version" not in gaps_of(found)


def test_texts_of_databases(tmp_path: Path) -> None:
    """Rows straight from a table: lists with commas, objects as text."""
    rows = [{**ROW, "id": 1, "policy": "p2", "fields": "id,title", "permissions": '{"status": {"_eq": "published"}}'}]
    found = only(
        tmp_path,
        {"d/permissions.json": rows, "d/policies.json": POLICIES, "d/access.json": ACCESS, "d/roles.json": ROLES},
    )
    (row,) = found.model.permissions
    assert row.fields == ("id", "title")
    assert row.permissions == {"status": {"_eq": "published"}}


@each_case("newline", ["\n", "\r\n"])
@each_case("indent", [2, "\t"])
def test_every_record_has_its_place(tmp_path: Path, newline: str, indent: int | str) -> None:
    rows = [{**ROW, "id": index, "policy": "p2", "collection": f"c{index} ä😀"} for index in range(2500)]
    text = json.dumps(rows, indent=indent, ensure_ascii=False).replace("\n", newline)
    write(tmp_path, {"d/permissions.json": text, "d/policies.json": json.dumps(POLICIES)})
    from directus_guard.sources.files.repository import Repository

    (found,) = exports.read(Repository(tmp_path))
    lines = text.split(newline)
    assert len(lines) > 20_000
    for index, row in enumerate(found.model.permissions):
        assert row.location is not None
        assert lines[row.location.line - 1][row.location.column - 1 :] == "{"
        assert f'"c{index} ä😀"' in newline.join(lines[row.location.line - 1 : row.location.end_line])


@each_case(("newline", "indent"), [("\n", 2), ("\r\n", "\t")])
def test_every_user_has_its_place(tmp_path: Path, newline: str, indent: int | str) -> None:
    users = [{**USER, "id": f"u{index} ä😀", "role": "r1", "token": "x", "tags": ["a", "b"]} for index in range(1200)]
    text = json.dumps({"data": users}, indent=indent, ensure_ascii=False).replace("\n", newline)
    files = {name: json.dumps(data) for name, data in FORMATS["the API"].items()}
    write(tmp_path, {**files, "dump/users.json": text})
    report = json.loads(guard("scan", tmp_path, "--output", "json").out)
    lines = text.split(newline)
    assert len(lines) > 10_000
    found = [finding for finding in report["findings"] if finding["check"] == "admin-static-token"]
    assert len(found) == len(users)
    for finding in found:
        place = finding["location"]
        assert lines[place["line"] - 1][place["column"] - 1 : place["end_column"] - 1] == '"token": "x"'
        (row,) = (one["line"] for one in finding["related"] if one["message"] == "the user")
        assert lines[row - 1].strip() == "{"
        assert f'"id": "{finding["subject"]["user"]}"' in newline.join(lines[row - 1 : place["line"]])


def test_other_json_is_nobodys(tmp_path: Path) -> None:
    files = {
        "i18n/roles.json": {"admin": "Administrator"},
        "api/users.json": [{"name": "x", "role": "y"}],
        "src/permissions.json": [{"action": "camera", "collection": "device"}],
        "settings.json": {"editor.tabSize": 2, "role": "x"},
    }
    made = repository(tmp_path, {name: json.dumps(data) for name, data in files.items()})
    assert exports.read(made) == ()
    assert made.problems == []


def test_a_broken_export_is_a_problem(tmp_path: Path) -> None:
    made = repository(
        tmp_path,
        {"d/permissions.json": '[{"action": "read",\n "collection": ]', "d/policies.json": json.dumps(POLICIES)},
    )
    exports.read(made)
    problem, *others = sorted(made.problems, key=lambda one: one.path, reverse=True)
    assert (problem.path, problem.line) == ("d/permissions.json", 2)
    assert [(one.path, one.message.split(":")[0]) for one in others] == [
        ("d", "the export has no directus_access"),
        ("d", "the export has no directus_roles"),
    ]
    assert all(one.incomplete for one in made.problems)


AFTER: Final = {
    "another list": json.dumps([{**ROW, "id": 9, "policy": "p2", "collection": "directus_users"}]),
    "one object a line": json.dumps({**ROW, "id": 9, "policy": "p2"}),
    "a conflict": "=======\n[]\n>>>>>>> theirs\n",
    "a word": "x",
}


@each_case("after", AFTER)
@each_case("form", ["list", "answer", "lines"])
def test_text_after_the_end_is_a_problem(tmp_path: Path, after: str, form: str) -> None:
    """What follows the end of the JSON is read by nobody: the file holds something else than its first value."""
    for table in ("permissions", "policies", "roles", "access", "settings"):
        has_a_problem(tmp_path / table, table, after, form)


def has_a_problem(root: Path, table: str, after: str, form: str) -> None:
    tables: dict[str, Any] = {"permissions": PERMISSIONS, "policies": POLICIES, "roles": ROLES, "access": ACCESS}
    tables["settings"] = [{"project_name": "x", "public_registration": False, "auth_login_attempts": 25}]
    files = {f"d/{name}.json": json.dumps(rows) for name, rows in tables.items()}
    rows = tables[table]
    first = {"list": rows, "answer": {"data": rows}, "lines": rows[0]}[form]
    files[f"d/{table}.json"] = f"{json.dumps(first)}\n{AFTER[after]}\n"
    made = repository(root, files)
    (found,) = exports.read(made)
    assert [one.path for one in made.problems if one.incomplete] == [f"d/{table}.json"]
    assert "unread files" in gaps_of(found)


@each_case("content", ["{}", '{"errors": [{"message": "x", "extensions": {"code": "FORBIDDEN"}}]}', '{"data": {}}'])
@each_case("table", ["settings", "flows", "operations", "users"])
def test_a_file_that_holds_no_row_of_its_table(tmp_path: Path, table: str, content: str) -> None:
    files = {name: json.dumps(data) for name, data in FORMATS["the API"].items()} | {f"dump/{table}.json": content}
    made = repository(tmp_path, files)
    (found,) = exports.read(made)
    assert [(one.path, one.incomplete) for one in made.problems] == [(f"dump/{table}.json", True)]
    assert "unread files" in gaps_of(found)


def test_a_file_that_another_source_could_not_read_before(tmp_path: Path) -> None:
    path = "schema-sync/data/directus_settings.json"
    write(tmp_path, {path: b'[{"project_name": "\xff"}]'})
    made = repository(tmp_path, {name: json.dumps(data) for name, data in FORMATS["schema-sync"].items()})
    assert made.text(path) is None
    (found,) = exports.read(made)
    assert [(one.path, one.incomplete) for one in made.problems] == [(path, True)]
    assert "unread files" in gaps_of(found)


@each_case(
    ("given", "token", "factor"),
    [
        ({"token": "**********", "tfa_secret": None}, True, False),
        ({"token": None, "tfa_secret": "**********"}, False, True),
        ({}, None, None),
    ],
)
def test_secrets_of_users_are_set_or_not_or_unknown(
    tmp_path: Path, given: dict[str, object], token: bool | None, factor: bool | None
) -> None:
    users = [{**USER, "provider": "default", "last_access": "2026-01-01T00:00:00", **given}]
    found = only(tmp_path, {**FORMATS["the API"], "dump/users.json": {"data": users}})
    (user,) = found.model.users
    assert (user.has_token, user.has_second_factor) == (token, factor)
    assert (user.provider, user.last_access) == ("default", "2026-01-01T00:00:00")


@each_case(
    ("rows", "incomplete", "given", "edition", "known"),
    [
        ([*PERMISSIONS, RULED], False, None, Edition.LICENSED, True),
        ([*PERMISSIONS, RULED], True, None, Edition.LICENSED, False),
        (PERMISSIONS, False, None, Edition.LICENSED, False),
        (PERMISSIONS, False, Edition.CORE, Edition.CORE, True),
        ([*PERMISSIONS, RULED], False, Edition.CORE, Edition.CORE, True),
    ],
)
def test_the_edition_is_told_by_a_rule_or_by_the_user(
    tmp_path: Path, rows: object, incomplete: bool, given: Edition | None, edition: Edition, known: bool
) -> None:
    files = {**FORMATS["the API"], "dump/permissions.json": rows}
    files["dump/metadata.json"] = {"incomplete": ["directus_permissions"] if incomplete else []}
    texts = {name: json.dumps(data) for name, data in files.items()}
    (found,) = exports.read(repository(tmp_path, texts), edition=given)
    assert found.model.edition is edition
    assert ("edition" not in gaps_of(found)) is known
    assert may_read(found, EDITOR, "news") is (edition is Edition.LICENSED and RULED in rows)  # type: ignore[operator]  # a list in every case


# --- the command ---


def test_the_edition_by_option_and_config(tmp_path: Path) -> None:
    files = {**FORMATS["the API"], "dump/permissions.json": [*PERMISSIONS, RULED]}
    root = write(tmp_path, {name: json.dumps(data) for name, data in files.items()})

    def judged_as(*options: str) -> object:
        return json.loads(guard("access", root, "--output", "json", *options).out)["models"][0]["edition"]

    assert judged_as() == "licensed"
    assert judged_as("--edition", "core") == "core"
    write(root, {"directus-guard.yaml": "edition: core\n"})
    assert judged_as() == "core"
    assert judged_as("--edition", "licensed") == "licensed"
    assert "core" in guard("access", root).out.splitlines()[0]
    assert guard("scan", root, "--edition", "pro").code == 2


def test_access_as_json(tmp_path: Path) -> None:
    root = write(tmp_path, {name: json.dumps(data) for name, data in FORMATS["the API"].items()})
    run = guard("access", root, "--output", "json")
    assert run.code == 0
    data = json.loads(run.out)
    assert data["schema"] == "access-v1"
    (model,) = data["models"]
    principals = {principal["name"]: principal for principal in model["principals"]}
    assert set(principals) == {"public", "Administrator", "Editor"}
    assert principals["Administrator"]["admin"] is True
    (own,) = [entry for entry in principals["Editor"]["access"] if entry["collection"] == "posts"]
    assert own == {
        "collection": "posts",
        "action": "read",
        "level": "full",
        "fields": ["*"],
        "excluded_fields": [],
        "rule": {},
        "rule_in_words": "every item",
        "validation": None,
        "presets": None,
        "granted_by": ["Editor"],
    }
    assert any(entry["granted_by"] == ["Directus app access"] for entry in principals["Editor"]["access"])


def test_fields_that_an_asterisk_does_not_reach_are_told_by_the_snapshot(tmp_path: Path) -> None:
    """A rule that compiles to nothing is dropped beside another: the fields of the other row are not free (measured)."""
    rows = [
        {**ROW, "id": 1, "policy": "p2", "permissions": {"_and": []}},
        {**ROW, "id": 2, "policy": "p2", "fields": ["title"], "permissions": {"status": {"_eq": "published"}}},
    ]
    fields = [{"collection": "posts", "field": name, "type": "string"} for name in ("id", "title", "status")]
    snapshot = {"directus": "11.17.4", "collections": [{"collection": "posts", "meta": {}}], "fields": fields}
    files = {**FORMATS["the API"], "dump/permissions.json": rows, "dump/snapshot.json": snapshot}
    root = write(tmp_path, {name: json.dumps(data) for name, data in files.items()})
    (model,) = json.loads(guard("access", root, "--output", "json", "--principal", "Editor").out)["models"]
    own = [entry for entry in model["principals"][0]["access"] if entry["collection"] == "posts"]
    assert [(entry["fields"], entry["rule"]) for entry in own] == [
        (["title"], {"status": {"_eq": "published"}}),
        (["id", "status"], {}),
    ]


def test_access_as_a_table(tmp_path: Path) -> None:
    files = dict(FORMATS["the API"])
    many = [
        {"id": f"x{index}", "name": f"A rather long name {index}", "icon": "x", "parent": None} for index in range(12)
    ]
    files["dump/roles.json"] = {"data": [*ROLES, *many]}
    root = write(tmp_path, {name: json.dumps(data) for name, data in files.items()})
    run = guard("access", root)
    assert run.code == 0
    assert max(map(len, run.out.splitlines())) <= 80
    assert "-R---" in run.out
    filtered = guard("access", root, "--principal", "Editor", "--collection", "posts").out
    assert "pages" not in filtered
    assert "public" not in filtered.split("C R U D S")[0].replace("dump", "")
    assert "| posts |" in guard("access", root, "--output", "markdown").out


def test_no_export_is_nothing_found(tmp_path: Path) -> None:
    assert guard("access", tmp_path).code == 3
    assert guard("access", tmp_path, "--output", "sarif").code == 2
