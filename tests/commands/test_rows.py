"""Rows of an export, judged as a whole: what grants nothing, what says the same, and what cannot be told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.audit import access_table
from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Confidence
from directus_guard.report.access_markdown import markdown
from directus_guard.report.access_text import text
from directus_guard.report.writers import Appearance
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.support.cli import guard
from tests.support.rows import permission, write

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export
    from directus_guard.finding import Finding

NOTHING: Any = [
    {"id": {"_null": True}}, {"id": {"_in": []}}, {"id": {"_eq": None}}, {"_and": [{"id": {"_null": True}}]},
    {"_and": [{"status": {"_eq": "a"}}, {"status": {"_eq": "b"}}]},
]  # fmt: skip


def found(folder: Path, *checks: str) -> list[Finding]:
    report = audit(Options(root=folder))
    return [one for one in report.findings if not checks or one.check in checks]


def one(folder: Path) -> Export:
    (export,) = exports.read(Repository(folder, (), ()))
    return export


# --- what grants nothing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", NOTHING)
def test_a_rule_that_no_item_meets_is_no_finding(tmp_path: Path, rule: Any) -> None:
    rows = [
        permission(policy, collection, action, rule, id=number)
        for number, (policy, collection, action) in enumerate(
            (policy, collection, action)
            for policy in ("public", "editor")
            for collection in ("directus_users", "directus_permissions", "directus_settings", "customers")
            for action in ("read", "update", "delete", "share")
        )
    ]
    assert found(write(tmp_path, rows)) == []
    lines = list(text(access_table.SelectedAccess((one(tmp_path),)).listings(), Appearance()))
    assert [line.split()[1::2] for line in lines if line.startswith("customers")] == [["-----", "-----"]]
    # The same rows without the rule are many.
    assert len(found(write(tmp_path, [{**row, "permissions": None} for row in rows]))) > 10


def test_keys_are_what_the_schema_says(tmp_path: Path) -> None:
    """A field `id` that is not the key may be null, and a key of another name may not."""
    rows = [permission("public", "customers", "read", {"id": {"_null": True}}, fields=["email"])]
    fields = [
        {"collection": "customers", "field": name, "type": "string", "meta": {},
         "schema": {"is_primary_key": name == "code", "is_nullable": name != "code"}}
        for name in ("code", "id", "email")
    ]  # fmt: skip
    schema = {"version": 1, "directus": "12.4.1", "relations": [], "fields": fields,
              "collections": [{"collection": "customers", "meta": {}, "schema": {}}]}  # fmt: skip
    (tmp_path / "snapshot.json").write_text(json.dumps(schema), encoding="utf-8")
    assert [one.check for one in found(write(tmp_path, rows), "public-read-sensitive")] == ["public-read-sensitive"]
    rows[0]["permissions"] = {"code": {"_null": True}}
    assert found(write(tmp_path, rows), "public-read-sensitive") == []


def test_the_public_cannot_share_alone(tmp_path: Path) -> None:
    share = permission("public", "posts", "share")
    assert found(write(tmp_path, [share])) == []
    shared = found(write(tmp_path, [share, permission("public", "directus_shares", "create")]), "share-action")
    assert [one.severity.value for one in shared] == ["low"]


def test_an_own_account_for_visitors_is_nobodys(tmp_path: Path) -> None:
    """To a visitor the variable is null. An account without a role has the public's rows, and a key."""
    mine = permission("public", "directus_users", "delete", {"id": {"_eq": "$CURRENT_USER"}})
    assert [(one.check, one.severity.value) for one in found(write(tmp_path, [mine]))] == [("users-delete-own", "low")]
    role = permission("public", "directus_users", "update", {"id": {"_eq": "$CURRENT_USER"}}, fields=["role"])
    assert "users-update" in [one.check for one in found(write(tmp_path, [role]))]


# --- what says the same ------------------------------------------------------------------------------------------


def test_thirty_equal_rows_are_one_finding(tmp_path: Path) -> None:
    rows = [permission("public", "orders", "create", id=number) for number in range(30)]
    (finding,) = found(write(tmp_path, rows), "public-write")
    assert finding.row.line == 2
    assert len({one.location for one in finding.related}) == 30
    rows.append(permission("public", "orders", "create", id=99, fields=["title"]))
    assert len(found(write(tmp_path, rows), "public-write")) == 2


def test_copies_of_what_app_access_grants_are_one_low_finding(tmp_path: Path) -> None:
    me = {"_eq": "$CURRENT_USER"}
    rows = [
        permission("editor", "directus_shares", "read", {"_and": [{"user_created": me}]}),
        permission("editor", "directus_activity", "read", {"user": me}),
        permission("editor", "directus_presets", "read", {"_or": [
            {"_and": [{"role": {"_null": True}}, {"user": {"_null": True}}]}, {"user": me},
            {"_and": [{"role": {"_eq": "$CURRENT_ROLE"}}, {"user": {"_null": True}}]}]}),
        permission("editor", "directus_presets", "create", None, validation={"user": me}),
        *(permission("editor", f"directus_{name}", "read", {}) for name in ("collections", "fields", "relations", "settings", "translations")),
    ]  # fmt: skip
    assert {one.check for one in found(write(tmp_path, rows))} == {"recommended-app-access"}


# --- what cannot be told -----------------------------------------------------------------------------------------


def test_relations_alone_tell_junctions(tmp_path: Path) -> None:
    """A snapshot whose fields are missing still says what links what."""
    relations = [
        {"collection": "ties", "field": field, "related_collection": other,
         "meta": {"many_collection": "ties", "many_field": field, "one_collection": other, "junction_field": junction},
         "schema": {}}
        for field, other, junction in (("left", "posts", "right"), ("right", "tags", "left"))
    ]  # fmt: skip
    (tmp_path / "relations.json").write_text(json.dumps(relations), encoding="utf-8")
    (finding,) = found(write(tmp_path, [permission("editor", "ties", "create")]), "junction-create")
    assert finding.confidence is Confidence.HIGH


def test_unknown_attachments_are_shown_as_such(tmp_path: Path) -> None:
    write(tmp_path, [permission("editor", "posts", "read")])
    (tmp_path / "access.json").unlink()
    lines = list(text(access_table.SelectedAccess((one(tmp_path),)).listings(), Appearance()))
    (row,) = [line for line in lines if line.startswith("posts")]
    assert row.split()[1:4] == ["?????", "?????", "?????"]
    assert "-R---" in "\n".join(lines)
    data = json.loads(guard("access", tmp_path, "--output", "json").out)
    known = {one["name"]: one["access_known"] for one in data["models"][0]["principals"]}
    assert known["editors"] is False
    assert known["policy Editor"] is True


def test_fields_that_another_row_governs_are_named(tmp_path: Path) -> None:
    rows = [
        permission("public", "posts", "read", {"_and": []}),
        permission("public", "posts", "read", {"status": {"_eq": "published"}}, fields=["secret", "title"]),
    ]
    export = one(write(tmp_path, rows))
    data = access_table.SelectedAccess((export,)).as_json()
    models: Any = data["models"]
    entries = {tuple(one["fields"]): one for one in models[0]["principals"][0]["access"]}
    assert entries["*",]["excluded_fields"] == ["secret", "title"]
    assert (entries["*",]["level"], entries["*",]["rule"]) == ("conditional", {})
    assert entries["secret", "title"]["excluded_fields"] == []
    listings = access_table.SelectedAccess((export,)).listings()
    for lines in (text(listings, Appearance()), markdown(listings)):
        shown = " ".join("\n".join(lines).split())
        assert "every item, but not its secret, title: the rule of another row governs these" in shown.replace("\\", "")
