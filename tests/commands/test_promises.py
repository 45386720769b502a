"""`access` in the config: its mistakes, unknown names, and what counts in a pull request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.config import ConfigError, load
from tests.support.cli import guard, write
from tests.support.git import commit, new_repository

if TYPE_CHECKING:
    from pathlib import Path

NEVER: Final = 'access:\n  - never: {principal: "*", not: [Administrator], action: delete, collection: invoices}\n'
ONLY: Final = "access:\n  - only: {principal: public, action: read, collection: posts, fields: [id], severity: low}\n"


def row(**more: Any) -> dict[str, Any]:
    return {"policy": "editor", "permissions": None, "validation": None, "presets": None, "fields": ["*"], **more}


READ: Final = row(collection="invoices", action="read")
DELETE: Final = row(collection="invoices", action="delete", permissions={"state": {"_eq": "draft"}})


def files(config: str, *rows: dict[str, Any], at: str = "", schema: bool = True, **more: Any) -> dict[str, str]:
    """An export of Directus 11 in `at`/directus, with the config beside it."""
    policies: list[dict[str, Any]] = [
        {"id": "admin", "name": "Administrator", "admin_access": True},
        {"id": "editor", "name": "Editor"},
    ]
    tables: dict[str, Any] = {
        "permissions.json": list(rows),
        "policies.json": [
            {"admin_access": False, "app_access": False, "enforce_tfa": True, "ip_access": None, **one}
            for one in policies
        ],
        "access.json": [
            {"id": "a", "policy": "admin", "role": "admins", "user": None, "sort": 1},
            {"id": "b", "policy": "editor", "role": "editors", "user": None, "sort": 1},
        ],
        "roles.json": [
            {"id": "admins", "name": "Administrator", "parent": None},
            {"id": "editors", "name": "Editor", "parent": None},
        ],
        **more,
    }
    if schema:
        names = {"invoices": ("id", "state"), "posts": ("id", "title")}
        tables["snapshot.json"] = {
            "version": 1, "directus": "11.17.4", "vendor": "postgres",
            "collections": [{"collection": one, "meta": {"collection": one}, "schema": {"name": one}} for one in names],
            "fields": [
                {"collection": one, "field": field, "type": "string", "meta": {"special": None}, "schema": {"name": field}}
                for one, fields in names.items() for field in fields
            ],
            "relations": [],
        }  # fmt: skip
    made = {f"{at}directus/{name}": json.dumps(value, indent=1) for name, value in tables.items()}
    return {**made, f"{at}directus-guard.yaml": config} if config else made


def scan(root: Path, *options: str) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    """Exit code, what is found beyond a promise, and the report."""
    done = guard("scan", root, "--output=json", "--debug", *options)
    report: dict[str, Any] = json.loads(done.out) if done.out else {"said": done.err}
    found = [one for one in report.get("findings", []) if one["check"] == "access-promise"]
    return done.code, found, report


def state(report: dict[str, Any]) -> set[str]:
    return {one["status"] for one in report["checks"] if one["check"] == "access-promise"}


# --- the config ------------------------------------------------------------------------------------------------------

MISTAKES: Final = {
    "never: {principal: a, action: deleet, collection: b}": "Did you mean `delete`?",
    "never: {principle: a, action: delete, collection: b}": "unknown key `access.0.never.principle`. Did you mean `principal`?",
    "nevr: {}": "Did you mean `never`?",
    "{}": "expected one of `never` and `only`",
    "never: {action: delete, collection: b}": "`access.0.never.principal` is missing; for example `principal: public`",
    "never: {principal: a, action: delete, collection: b, fields: a}": "unknown key `access.0.never.fields`",
    "only: {principal: a, action: read, collection: b, rule: {_x: 1}}": "it is no item rule",
    "only: {principal: a, action: read, collection: b, rule: {_and: []}}": "it restricts nothing",
    "only: {principal: a, action: read, collection: b, rule: x}": "must hold `key: value` lines",
    "only: {principal: [], action: read, collection: b}": "must not be empty",
    "only: {principal: {a: b}, action: read, collection: b}": "must be a list",
    "only: {principal: a, action: read, collection: b, severity: hi}": "Did you mean `high`?",
}


@pytest.mark.parametrize(("entry", "says"), MISTAKES.items())
def test_a_mistake_is_explained(entry: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        load("c.yaml", f"fail-on: high\naccess:\n  - {entry}\n")
    assert str(error.value).startswith("c.yaml:3:")
    assert says in str(error.value)


def test_values_of_a_rule_are_what_they_are() -> None:
    rule = "{a: {_eq: 5}, b: {_eq: '5'}, c: {_eq: null}, d: {_eq: true}, e: {_in: [1.5, x]}, f: {_eq: ~}}"
    (_, promise) = load(
        "c.yaml", f"access:\n- only: {{principal: a, action: read, collection: b, rule: {rule}}}"
    ).promises[0]
    assert promise.only
    assert promise.only.rule == {
        "a": {"_eq": 5}, "b": {"_eq": "5"}, "c": {"_eq": None}, "d": {"_eq": True}, "e": {"_in": [1.5, "x"]}, "f": {"_eq": None}
    }  # fmt: skip


# --- names -----------------------------------------------------------------------------------------------------------

UNKNOWN: Final = {
    NEVER.replace("Administrator", "Administrators"): "`never.not`: there is no role, policy or user `Administrators`. Did you mean `Administrator`?",
    NEVER.replace('"*"', "Editr"): "`never.principal`: there is no role, policy or user `Editr`. Did you mean `Editor`?",
    NEVER.replace("invoices", "invoice"): "`never.collection`: there is no collection `invoice`. Did you mean `invoices`?",
    ONLY.replace("[id]", "[id, titles]"): "`only.fields`: `posts` has no field `titles`. Did you mean `title`?",
}  # fmt: skip


@pytest.mark.parametrize(("config", "says"), UNKNOWN.items())
def test_a_name_that_nothing_has(config: str, says: str, tmp_path: Path) -> None:
    code, _, report = scan(write(tmp_path, files(config, READ)))
    assert code == 2
    assert f"directus-guard.yaml:2: {says}" in report["said"]


def test_without_a_snapshot_no_collection_and_no_field_is_unknown(tmp_path: Path) -> None:
    code, found, report = scan(write(tmp_path, files(NEVER.replace("invoices", "orders"), READ, schema=False)))
    assert (code, found, state(report)) == (0, [], {"not-evaluated"})
    code, found, report = scan(write(tmp_path, files(ONLY.replace("[id]", "[id, titles]"), READ, schema=False)))
    assert (code, found, state(report)) == (0, [], {"not-evaluated"})


def test_a_user_that_the_export_may_leave_out(tmp_path: Path) -> None:
    user = "12345678-1234-4234-8234-123456789012"
    code, found, report = scan(write(tmp_path, files(NEVER.replace('"*"', user), READ)))
    assert (code, found, state(report)) == (0, [], {"not-evaluated"})


def test_promises_without_an_export_are_not_evaluated(tmp_path: Path) -> None:
    compose = "services:\n  d:\n    image: directus/directus:12.4.1\n"
    _, found, report = scan(write(tmp_path, {"compose.yaml": compose, "directus-guard.yaml": NEVER}))
    assert (found, state(report)) == ([], {"not-evaluated"})


def test_no_promise_is_no_question(tmp_path: Path) -> None:
    _, found, report = scan(write(tmp_path, files("", DELETE)))
    assert (found, state(report)) == ([], {"not-applicable"})


# --- what counts -----------------------------------------------------------------------------------------------------


def test_the_severity_is_that_of_the_entry(tmp_path: Path) -> None:
    root = write(tmp_path, files(NEVER.replace("collection: invoices", "collection: invoices, severity: low"), DELETE))
    assert [one["severity"] for one in scan(root)[1]] == ["low"]
    (root / "directus-guard.yaml").write_text(NEVER + "checks:\n  access-promise: {severity: medium, reason: new}\n")
    assert [one["severity"] for one in scan(root)[1]] == ["medium"]
    (root / "directus-guard.yaml").write_text(NEVER)
    assert [one["severity"] for one in scan(root)[1]] == ["high"]


def test_a_folder_promises_for_its_exports(tmp_path: Path) -> None:
    shop, blog = (files("", DELETE, at=f"{name}/") for name in ("shop", "blog"))
    root = write(tmp_path, {**shop, **blog, "shop/directus-guard.yaml": NEVER})
    _, found, report = scan(root)
    assert [one["location"]["path"] for one in found] == ["shop/directus/permissions.json"]
    assert not report["notices"]
    (root / "shop/directus-guard.yaml").write_text(NEVER.replace("invoices", "invoice"))
    code, _, report = scan(root)
    assert code == 2
    assert "shop/directus-guard.yaml:2: `never.collection`" in report["said"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose promise is kept."""
    folder = new_repository(tmp_path / "r")
    commit(folder, files(NEVER, READ))
    return folder


def test_a_change_breaks_the_promise_of_the_base(root: Path) -> None:
    write(root, files(NEVER, READ, DELETE))
    code, found, _ = scan(root, "--new-since=HEAD")
    assert (code, [one["state"] for one in found]) == (1, ["new"])


@pytest.mark.parametrize("config", ["fail-on: high\n", NEVER.replace("[Administrator]", "[Administrator, Editor]"), ""])
def test_a_change_takes_no_promise_away(root: Path, config: str) -> None:
    write(root, files(config, READ, DELETE))
    if not config:
        (root / "directus-guard.yaml").unlink()
    code, found, _ = scan(root, "--new-since=HEAD")
    assert (code, len(found)) == (1, 1)


def test_a_change_lowers_no_severity(root: Path) -> None:
    write(root, files(NEVER.replace("collection: invoices", "collection: invoices, severity: low"), READ, DELETE))
    assert [one["severity"] for one in scan(root, "--new-since=HEAD")[1]] == ["high"]


def test_a_change_adds_a_promise_that_is_broken_already(root: Path) -> None:
    write(root, files("fail-on: high\n", READ, DELETE))
    commit(root, {})
    write(root, files(NEVER, READ, DELETE))
    code, found, _ = scan(root, "--new-since=HEAD")
    assert (code, [one["state"] for one in found]) == (1, ["new"])


def test_what_only_the_base_names_may_be_gone(root: Path) -> None:
    write(root, files(NEVER.replace('"*"', "Editor"), READ))
    commit(root, {})
    renamed = {name: text.replace('"name": "Editor"', '"name": "Author"') for name, text in files(NEVER, READ).items()}
    write(root, renamed)
    _, found, report = scan(root, "--new-since=HEAD")
    assert (found, state(report)) == ([], {"not-evaluated"})


def test_a_folder_of_a_change_adds_promises_and_takes_none_away(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "r")
    commit(root, files(NEVER, READ, at="shop/"))
    write(root, files(ONLY, READ, DELETE, at="shop/"))
    _, found, report = scan(root, "--new-since=HEAD")
    assert [one["state"] for one in found] == ["new"]
    assert state(report) == {"fail"}
    public = [{"id": "c", "policy": "public", "role": None, "user": None, "sort": 1}]
    del public
    write(root, files(NEVER.replace("invoices", "posts"), READ, row(collection="posts", action="delete"), at="shop/"))
    _, found, _ = scan(root, "--new-since=HEAD")
    assert [one["message"].count("posts") > 0 for one in found] == [True]


def test_a_mistake_of_the_base_does_not_stop_the_change(root: Path) -> None:
    write(root, {"directus-guard.yaml": NEVER.replace("invoices", "invoice")})
    commit(root, {})
    write(root, files(NEVER, READ, DELETE))
    code, found, _ = scan(root, "--new-since=HEAD")
    assert (code, len(found)) == (1, 1)
