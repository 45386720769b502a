"""What real exports look like, and what a careless reader makes of them: each trap with data of our own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.system_data import recommended_app_rows
from directus_guard.directus.versions import Version
from directus_guard.finding import Confidence
from directus_guard.sources.exports import reader as exports
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.exports import ACCESS, POLICIES, ROLES, ROW
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Finding

PUBLIC_ID: Final = "_sync_default_public_policy"


def policy(name: str, key: str, *roles: str | None, **flags: bool) -> dict[str, Any]:
    """A policy as directus-sync writes it, with what it is attached to."""
    return {
        "name": name, "icon": "badge", "description": None, "ip_access": None, "enforce_tfa": True, "admin_access": False,
        "app_access": False, **flags, "roles": [{"role": role, "sort": 1} for role in roles], "_syncId": key,
    }  # fmt: skip


def sync(root: Path, policies: list[dict[str, Any]], rows: list[dict[str, Any]]) -> Path:
    files = {
        "policies": policies,
        "roles": [{"name": "Editor", "icon": "x", "parent": None, "_syncId": "r2"}],
        "permissions": [{**ROW, **row, "_syncId": str(index)} for index, row in enumerate(rows)],
    }
    return write(
        root, {f"directus-config/collections/{name}.json": json.dumps(data, indent=2) for name, data in files.items()}
    )


def rest(root: Path, rows: list[dict[str, Any]], **more: object) -> Path:
    files = {
        "dump/permissions.json": [{**ROW, "id": index, "policy": "p2", **row} for index, row in enumerate(rows)],
        "dump/policies.json": [{**one, "enforce_tfa": True} for one in POLICIES],
        "dump/roles.json": ROLES,
        "dump/access.json": ACCESS,
    }
    files |= {f"dump/{name}.json": data for name, data in more.items()}  # type: ignore[misc]  # rows, or whatever a test puts there
    return write(root, {name: json.dumps(data, indent=2) for name, data in files.items()})


def findings(root: Path) -> list[Finding]:
    return list(audit(Options(root=root)).findings)


def checks(root: Path) -> list[str]:
    return sorted({finding.check for finding in findings(root)})


def public_reads(root: Path) -> tuple[set[str], set[str]]:
    """What the public reads for sure, and what it possibly reads."""
    (found,) = exports.read(repository(root, {}))
    rows = [row.permission for grant in found.model.of(PUBLIC).grants() if grant.action == "read" for row in grant.rows]
    possibly = {row.collection for row in rows if row.policy in found.possibly_public}
    return {row.collection for row in rows} - possibly, possibly


# --- T1 and T2: who is the public? ---


def test_a_policy_without_a_role_is_possibly_public_where_another_has_the_label(tmp_path: Path) -> None:
    """It asks for `roles.role` of every attachment: what is attached to a user has `role: null`, too."""
    root = sync(
        tmp_path,
        [policy("$t:public_label", PUBLIC_ID, None), policy("Reading API", "p7", None)],
        [{"policy": "p7", "collection": "directus_activity"}, {"policy": PUBLIC_ID, "collection": "pages"}],
    )
    assert public_reads(root) == ({"pages"}, {"directus_activity"})
    report = audit(Options(root=root))
    (activity,) = [finding for finding in report.findings if finding.check == "activity-read"]
    assert dict(activity.subject.details)["principals"] == ("public", "a user with Reading API")
    assert activity.confidence is Confidence.MEDIUM
    assert "Possibly public: the export does not say whether `Reading API`" in activity.message
    assert any("judged as both: `Reading API`" in notice for notice in report.notices)


@each_case(
    ("roles", "public"),
    [
        ([{"role": None, "sort": 1}], True),
        ([{"role": None}], True),
        ([{"role": None, "user": None, "sort": 1}], True),
        ([{"role": "r2", "sort": 1}, {"role": None, "sort": 2}], True),
        ([{"role": None, "sort": 1}, {"role": None, "sort": 2}], True),
        ([{"role": None, "user": "u", "sort": 1}], False),
        ([{"role": "r2", "sort": 1}], False),
        ([], False),
    ],
)
def test_what_directus_sync_writes_of_a_second_public_policy(
    tmp_path: Path, roles: list[dict[str, Any]], public: bool
) -> None:
    form = {**policy("Form", "p7"), "roles": roles}
    row = {"policy": "p7", "collection": "orders", "action": "create"}
    root = sync(tmp_path, [policy("$t:public_label", PUBLIC_ID, None), form], [row])
    found = [finding for finding in findings(root) if finding.check == "public-write"]
    assert [finding.confidence for finding in found] == [Confidence.MEDIUM] * public


@pytest.mark.parametrize("flag", ["admin_access", "app_access"])
def test_a_policy_made_for_people_is_not_said_to_be_a_users(tmp_path: Path, flag: str) -> None:
    label = policy("$t:public_label", PUBLIC_ID, None)
    team = policy("Team", "p7", "r2", None, enforce_tfa=True, **{flag: True})
    root = sync(tmp_path, [label, team], [{"policy": "p7", "collection": "orders", "action": "create"}])
    report = audit(Options(root=root, directus_version=Version(11, 5, 0)))
    told = [finding for finding in report.findings if finding.check == "admin-two-factor"]
    assert [finding.confidence for finding in told] == [Confidence.MEDIUM] * (flag == "admin_access")
    assert all("attached to a user or to the public" in finding.message for finding in told)
    (held,) = report.administrators
    through = [one.through for one in held.listed if one.kind == "policy"]
    assert through == ["attached to role `Editor` and a user or the public (the export does not say)"] * len(told)
    unsure = {outcome.check for outcome in report.outcomes if "public or to a user" in outcome.reason}
    assert {"public-write", "public-admin-policy", "escalation-path-public"} <= unsure


def test_the_constant_id_may_stand_on_another_policy(tmp_path: Path) -> None:
    root = sync(
        tmp_path,
        [policy("Members", PUBLIC_ID, None), policy("$t:public_label", "p9", None)],
        [{"policy": PUBLIC_ID, "collection": "invoices"}, {"policy": "p9", "collection": "pages"}],
    )
    assert public_reads(root) == ({"pages"}, {"invoices"})


def test_without_a_label_the_constant_id_counts(tmp_path: Path) -> None:
    root = sync(
        tmp_path,
        [policy("Visitors", PUBLIC_ID, None), policy("Reading API", "p7", None)],
        [{"policy": PUBLIC_ID, "collection": "pages"}, {"policy": "p7", "collection": "invoices"}],
    )
    assert public_reads(root) == ({"pages"}, {"invoices"})


def test_attachments_of_their_own_beat_every_name(tmp_path: Path) -> None:
    access = [
        {"id": "1", "policy": "p2", "role": None, "user": None},
        {"id": "2", "policy": "p3", "role": "r2", "user": None},
    ]
    root = rest(tmp_path, [{"collection": "pages"}, {"collection": "news", "policy": "p3"}], access=access)
    assert public_reads(root) == ({"pages"}, set())


# --- T3: the recommended rows ---


@pytest.mark.parametrize("version", [Version(11, 0, 0), Version(12, 4, 1)])
def test_the_recommended_rows_are_one_finding_per_policy(tmp_path: Path, version: Version) -> None:
    bundle: list[dict[str, Any]] = [
        {"collection": row.collection, "action": row.action, "permissions": row.permissions, "fields": row.fields and list(row.fields)}
        for row in recommended_app_rows(version)
    ]  # fmt: skip
    other: list[dict[str, Any]] = [{**row, "policy": "p4"} for row in bundle]
    root = rest(tmp_path, bundle + other, policies=[
        *({**one, "enforce_tfa": True} for one in POLICIES), {**POLICIES[1], "id": "p4", "name": "Author"},
    ], access=[*ACCESS, {"id": "a9", "policy": "p4", "role": "r2", "user": None}])  # fmt: skip
    found = findings(root)
    assert [finding.check for finding in found] == ["recommended-app-access"] * 2
    assert found[0].actual.startswith("25 permissions: ")


# --- T4: how "everything" and "nothing" are written ---


@each_case("rule", [None, {}, {"_and": []}])
@each_case("validation", [None, {}])
def test_every_way_to_write_no_rule(tmp_path: Path, rule: object, validation: object) -> None:
    root = rest(tmp_path, [{"collection": "directus_activity", "permissions": rule, "validation": validation}])
    assert "activity-read" in checks(root)


@pytest.mark.parametrize("fields", [None, []])
def test_no_fields_are_no_access(tmp_path: Path, fields: object) -> None:
    assert checks(rest(tmp_path, [{"collection": "directus_activity", "fields": fields}])) == []


def test_an_asterisk_beside_names(tmp_path: Path) -> None:
    row = {"collection": "directus_users", "action": "update", "fields": ["first_name", "*"]}
    assert "users-update" in checks(rest(tmp_path, [row]))


# --- T5: rows of the framework ---


def test_rows_of_the_framework_never_fail(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"collection": "directus_users", "action": "update", "policy": None, "id": None, "system": True},
        {"collection": "directus_activity", "policy": None, "id": None, "system": True},
        {"collection": "directus_sessions", "policy": None, "id": None, "system": True},
        {"collection": "directus_sessions", "policy": None},
    ]
    assert checks(rest(tmp_path, rows)) == []


@each_case("indent", [None, 1])
@each_case("more", [{}, {"id": 7}, {"_syncId": "x"}, {"comment": "x"}])
def test_a_stored_row_that_is_marked_like_one_of_the_framework(
    tmp_path: Path, more: dict[str, Any], indent: int | None
) -> None:
    row = {"collection": "directus_sessions", "system": True, **more}
    root = rest(tmp_path, [row])
    for path in root.rglob("permissions.json"):
        path.write_text(json.dumps(json.loads(path.read_text()), indent=indent))
    assert checks(root) == ["sessions-access"]


# --- T6: accountability is what is logged ---


def test_the_accountability_of_a_flow_changes_no_right(tmp_path: Path) -> None:
    def answers(root: Path, accountability: str | None) -> list[str]:
        flow = {"id": "f1", "name": "Hook", "status": "active", "trigger": "webhook", "accountability": accountability,
                "options": {"method": "POST"}, "operation": "o1"}  # fmt: skip
        operation = {"id": "o1", "key": "k", "type": "item-read", "flow": "f1", "position_x": 1, "resolve": None,
                     "reject": None, "options": {"collection": "posts", "permissions": "$public"}}  # fmt: skip
        return checks(rest(root, [], flows=[flow], operations=[operation]))

    every = [answers(tmp_path / str(index), value) for index, value in enumerate([None, "all", "activity"])]
    assert every[0] == every[1] == every[2]
    assert "webhook-privileged" not in every[0]


# --- T7: collections of the project with names of the system's ---


def test_own_collections_called_like_the_systems(tmp_path: Path) -> None:
    rows = [
        {"collection": name, "action": action, "fields": ["role", "token", "permissions", "public_registration"]}
        for name in ("users", "settings", "permissions", "roles", "flows", "shares", "sessions")
        for action in ("create", "read", "update", "delete")
    ]
    assert checks(rest(tmp_path, rows)) == []


def test_their_files_beside_an_export_that_names_collections_in_full(tmp_path: Path) -> None:
    """schema-sync writes `directus_users.json` for the system's users, `users.json` for a collection of that name."""
    files: dict[str, object] = {
        f"schema-sync/data/directus_{name}.json": rows
        for name, rows in (
            ("permissions", [{**ROW, "policy": "p2"}]),
            ("policies", POLICIES),
            ("roles", ROLES),
            ("access", ACCESS),
        )
    }
    files["schema-sync/data/users.json"] = [
        {"id": "u1", "email": "a@example.com", "role": "r1", "status": "active", "token": "x"}
    ]
    files["schema-sync/data/settings.json"] = {"public_registration": True}
    files["schema-sync/data/permissions.json"] = [{**ROW, "collection": "directus_activity", "policy": "p2"}]
    (found,) = exports.read(repository(tmp_path, {name: json.dumps(data) for name, data in files.items()}))
    assert found.model.users == ()
    assert found.settings is None
    assert [row.collection for row in found.model.permissions] == ["posts"]


# --- T8: aliases ---


def test_aliases_of_users_write_nothing_of_the_account(tmp_path: Path) -> None:
    row = {"collection": "directus_users", "action": "update", "fields": ["preferences_divider", "my_articles"]}
    assert checks(rest(tmp_path, [row])) == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_an_export_as_powershell_writes_it(tmp_path: Path, encoding: str) -> None:
    root = rest(tmp_path, [{"collection": "directus_users", "action": "update", "fields": ["role"]}])
    for path in root.glob("dump/*.json"):
        path.write_bytes(path.read_text().encode(encoding))
    assert "escalation-path" in {finding.check for finding in findings(root)}


PINNED: Final = {"role": {"_eq": "r2"}}


@each_case("folder", ["dump", "t/src", "schema-sync/data"])
@each_case("keys", ["all", "none", "of others"])
@each_case("validation", [PINNED, {"_and": [PINNED, {"role": {"_nnull": True}}]}, {"role": {"_in": ["r2"]}}])
def test_validations_of_10_in_rows_without_keys(
    tmp_path: Path, folder: str, keys: str, validation: dict[str, Any]
) -> None:
    """The API leaves out the key of a row that it merged of several, and hides that one of them has no validation. Where no
    row has a key, the exporter left them out."""
    rows = [
        {**ROW, "id": 1, "role": "r2"},
        {**ROW, "id": 2, "role": "r2", "collection": "directus_users", "action": "create", "validation": validation},
    ]
    for row in rows[{"all": 2, "none": 0, "of others": 1}[keys] :]:
        row.pop("id")
    flags = {"admin_access": False, "app_access": True, "enforce_tfa": True, "ip_access": None}
    prefix = "directus_" if folder.startswith("schema-sync") else ""
    files = {"permissions": rows, "roles": [{"id": "r2", "name": "Editor", "icon": "x", **flags}]}
    write(tmp_path, {f"{folder}/{prefix}{name}.json": json.dumps(data) for name, data in files.items()})
    report = audit(Options(root=tmp_path))
    found = {finding.check for finding in report.findings}
    unsure = {outcome.check for outcome in report.outcomes if "no permission row has its `id`" in outcome.reason}
    wrong = {"users-create", "escalation-path"} if keys == "of others" else set()
    assert found & {"users-create", "escalation-path"} == wrong
    assert ("users-create" in unsure) is (keys == "none" and not prefix)


@pytest.mark.parametrize(
    ("app", "keys", "second", "unsure"),
    [
        (False, (1, 2), {"role": None}, True),
        (False, (1, 2), {"role": "r1"}, False),
        (True, (1, 2), {"role": None}, False),
        (False, (1, None), {}, True),
        (False, (None, None), {"role": "r1"}, False),
    ],
)
def test_presets_of_several_permissions_of_10(
    tmp_path: Path, app: bool, keys: tuple[int | None, int | None], second: dict[str, Any], unsure: bool
) -> None:
    """Without app access the first one counts, in the order of the database: the presets of the others do not undo its own."""
    create = {"role": "r2", "collection": "directus_users", "action": "create", "fields": ["email", "password"]}
    rows = [{**ROW, **create, "presets": {"role": "r1"}, "id": keys[0]}]
    if second:
        rows.append({**ROW, **create, "presets": second, "id": keys[1]})
    else:
        rows = [{**ROW, "id": 1, "role": "r2"}, {**rows[0], "id": None}]
    flags = {"enforce_tfa": True, "ip_access": None}
    roles = [
        {"id": "r1", "name": "Administrator", "icon": "x", "admin_access": True, "app_access": True, **flags},
        {"id": "r2", "name": "Editor", "icon": "x", "admin_access": False, "app_access": app, **flags},
    ]
    write(
        tmp_path,
        {f"dump/{name}.json": json.dumps(data) for name, data in {"permissions": rows, "roles": roles}.items()},
    )
    outcomes = audit(Options(root=tmp_path)).outcomes
    assert any("their presets differ" in outcome.reason for outcome in outcomes) is unsure


SETTINGS: Final[dict[str, Any]] = {
    "id": 1,
    "project_name": "x",
    "auth_password_policy": "/ä\U0001f600/",
    "public_registration": True,
    "ai_openai_compatible_headers": [{"header": "a", "value": "b"}],
    "auth_login_attempts": None,
}


@each_case("newline", ["\n", "\r\n"])
@each_case("indent", [None, 1, "\t"])
@each_case("form", [SETTINGS, [SETTINGS], {"data": SETTINGS}, {"records": [SETTINGS]}, {"settings": SETTINGS}])
def test_each_setting_has_its_place(tmp_path: Path, form: Any, indent: str | int | None, newline: str) -> None:
    text = json.dumps(form, indent=indent, ensure_ascii=False).replace("\n", newline)
    root = write(rest(tmp_path, [{"collection": "pages"}]), {"dump/settings.json": text})
    (found,) = exports.read(repository(root, {}))
    assert found.settings is not None
    lines = text.split(newline)
    for name, value in SETTINGS.items():
        place = found.settings.place(name)
        own = newline.join(lines[place.line - 1 : place.end_line])
        cut = len(lines[place.end_line - 1]) - place.end_column + 1
        assert json.loads(own[place.column - 1 : len(own) - cut]) == value
    assert found.settings.place("mcp_enabled") == found.settings.location
