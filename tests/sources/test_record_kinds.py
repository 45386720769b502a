"""Which table a record is of: by the columns that Directus always writes, else by most of them."""

from __future__ import annotations

import itertools
from typing import Any, Final

import pytest

from directus_guard.sources.exports.tables import (
    count_columns,
    hinted_kind,
    kind_of,
    listed_below,
    named_kind,
    resembles,
)
from tests.support.each import each_case

SMALLEST: Final[list[tuple[str, str, set[str]]]] = [
    ("permissions", "x.json", {"action", "collection", "fields"}),
    ("permissions", "x.json", {"action", "collection", "permissions"}),
    ("policies", "x.json", {"admin_access", "app_access"}),
    ("policies", "role-policies.json", {"admin_access", "app_access"}),
    ("roles", "roles.json", {"admin_access", "app_access"}),
    ("access", "x.json", {"policy", "role"}),
    ("access", "x.json", {"policy", "user"}),
    ("flows", "x.json", {"trigger", "accountability"}),
    ("operations", "x.json", {"flow", "type", "resolve"}),
    ("operations", "x.json", {"flow", "type", "position_x"}),
    ("settings", "x.json", {"public_registration"}),
    ("settings", "x.json", {"project_name", "auth_login_attempts"}),
    ("users", "users.json", {"role", "email"}),
    ("users", "users.json", {"role", "status"}),
    ("roles", "roles.json", {"name", "parent"}),
    ("roles", "roles.json", {"name", "icon"}),
]
"""Each table, the name of a file, and the fewest columns by which a record is of it."""


def record(columns: set[str]) -> dict[str, Any]:
    return {name: "read" if name == "action" else None for name in columns}


@each_case(("kind", "name", "columns"), SMALLEST)
def test_the_fewest_columns_of_each_table(kind: str, name: str, columns: set[str]) -> None:
    assert kind_of(record(columns), name) == kind
    for column in columns:
        assert kind_of(record(columns - {column}), name) == "", column


def test_the_name_of_the_file_counts_where_other_tables_have_such_columns() -> None:
    assert kind_of(record({"role", "email"}), "contacts.json") == ""
    assert kind_of(record({"name", "icon"}), "tags.json") == ""


def test_an_action_of_something_else() -> None:
    assert kind_of({"action": "open", "collection": "doors", "fields": []}, "x.json") == ""


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("permissions", ["collection", "fields", "permissions", "validation", "presets"]),
        ("policies", ["admin_access", "enforce_tfa", "ip_access", "name", "icon"]),
        ("operations", ["flow", "key", "resolve", "reject", "options"]),
    ],
)
def test_a_record_that_lost_a_column(kind: str, columns: list[str]) -> None:
    """Five columns of a table are enough, whatever else is there."""
    enough = {*columns, "color"}
    assert kind_of(record(enough), "x.json") == kind
    assert kind_of(record(enough - {columns[0]}), "x.json") == ""


@each_case(
    ("name", "kind"),
    [
        ("permissions.json", "permissions"),
        ("Directus_Roles.json", "roles"),
        ("directus-users.json", "users"),
        ("directus_flows.backup.json", "flows"),
        ("policies_0123456789abcdef.json", "policies"),
        ("policies_0123456789abcde.json", ""),
        ("my-roles.json", ""),
        ("roles.yaml", ""),
    ],
)
def test_a_file_is_named_after_its_table(name: str, kind: str) -> None:
    assert named_kind(name) == kind


@each_case(
    ("hint", "kind"),
    [("roles", "roles"), ("directus_roles", "roles"), ("articles", ""), ("directus_articles", ""), ("", "")],
)
def test_what_a_key_speaks_of(hint: str, kind: str) -> None:
    assert hinted_kind(hint) == kind


@each_case(
    ("whole", "keys"),
    [
        ({"data": []}, {"data"}),
        ({"records": [], "roles": {}, "date": "x"}, {"records", "roles"}),
        ({"roles": 5}, set()),
        ({"roles": 5, "data": {}}, {"roles", "data"}),
        ({"articles": []}, set()),
        ([], set()),
    ],
)
def test_records_lie_below_the_names_of_tables(whole: Any, keys: set[str]) -> None:
    assert listed_below(whole) == keys


COLUMNS: Final[dict[str, str]] = {
    "permissions": "collection action fields permissions validation presets policy role",
    "policies": "admin_access app_access enforce_tfa ip_access name icon",
    "access": "policy role user sort",
    "roles": "name parent icon admin_access app_access enforce_tfa",
    "users": "email role status provider tfa_secret last_access token",
    "flows": "trigger accountability options operation status",
    "operations": "flow type key resolve reject options position_x",
    "settings": "project_name public_registration auth_login_attempts auth_password_policy custom_css public_note",
}
"""Columns of Directus by which a dump is known that cannot be read."""


@pytest.mark.parametrize("kind", COLUMNS)
def test_any_four_columns_of_a_table_tell_a_broken_dump(kind: str) -> None:
    for some in itertools.combinations(COLUMNS[kind].split(), 4):
        assert resembles(", ".join(f'"{name}": x' for name in some))
    others = {name for other, columns in COLUMNS.items() if other != kind for name in columns.split()}
    for three in itertools.combinations(sorted({*COLUMNS[kind].split()} - others), 3):
        assert not resembles(", ".join(f'"{name}": x' for name in three))


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_whole_row_has_all_columns_of_its_table(kind: str) -> None:
    columns = COLUMNS[kind].split()
    assert count_columns(dict.fromkeys(columns), kind) == len(columns)


def test_columns_count_as_keys() -> None:
    assert not resembles(COLUMNS["access"])
    assert count_columns({"policy": 1, "role": 2, "name": 3}, "access") == 2
    assert count_columns(["policy", "role"], "access") == 0
