"""Rows that Directus' own lists have, however they are written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any, Final

from directus_guard.directus.access.recommended import is_recommended_row, is_within_recommended_row
from directus_guard.directus.access.records import Permission
from directus_guard.directus.access.system_data import FrameworkRow, app_access_rows, recommended_app_rows
from directus_guard.directus.versions import Version
from tests.support.each import each_case

VERSIONS = tuple(Version(*one) for one in ((10, 13, 4), (11, 0, 0), (11, 17, 4), (12, 0, 0), (12, 2, 0), (12, 4, 1)))
SHIPPED = [
    (version, row) for version in VERSIONS for row in (*app_access_rows(version), *recommended_app_rows(version))
]


LISTED: Final = Path(__file__).with_name("framework_rows.txt")
"""Every row of Directus' own lists and the versions that have it. `UPDATE_SNAPSHOTS=1` writes it."""


def test_the_rows_are_those_that_were_read_in_the_packages() -> None:
    found: dict[str, list[str]] = {}
    for version in VERSIONS:
        for name, rows in (("app access", app_access_rows(version)), ("recommended", recommended_app_rows(version))):
            for row in rows:
                rest = json.dumps([row.permissions, row.validation, row.fields])
                found.setdefault(f"{name}: {row.collection} {row.action} {rest}", []).append(str(version))
    text = "".join(f"{row} in {' '.join(versions)}\n" for row, versions in found.items())
    if os.environ.get("UPDATE_SNAPSHOTS"):
        LISTED.write_text(text, encoding="utf-8")
    assert text == LISTED.read_text(encoding="utf-8")


def stored(row: FrameworkRow, **more: Any) -> Permission:
    given: dict[str, Any] = {"validation": row.validation, "fields": row.fields} | more
    return Permission(row.collection, row.action, given.pop("permissions", row.permissions), **given)


def respelled(random: Random, row: FrameworkRow) -> Permission:
    rule: Any = row.permissions
    if rule:
        rule = random.choice(({"_and": [rule]}, {"_or": [rule]}, {"_and": [rule, rule]}, {"_and": [{"_and": [rule]}]}))
    else:
        rule = random.choice((None, {}))
    fields = None if row.fields is None else tuple(random.sample(row.fields, len(row.fields)))
    return stored(row, permissions=rule, fields=fields, presets=random.choice((None, {})))


@each_case("version", VERSIONS)
def test_each_list_knows_its_own_rows(version: Version) -> None:
    for row in (*app_access_rows(version), *recommended_app_rows(version)):
        assert is_recommended_row(stored(row), version, major=version.major), row


def test_copies_of_what_app_access_grants_count_in_every_version() -> None:
    for _, row in SHIPPED:
        assert is_recommended_row(stored(row), None, major=12), row
    for version in VERSIONS:
        for other in VERSIONS:
            for row in app_access_rows(other):
                assert is_recommended_row(stored(row), version, major=version.major), (version, row)


def test_another_spelling_is_the_same_row() -> None:
    for seed, (version, row) in enumerate(SHIPPED):
        permission = respelled(Random(seed), row)
        assert is_recommended_row(permission, version, major=version.major), permission


def test_whatever_is_wider_is_not() -> None:
    """One more field, a rule that lets more through, a preset, a looser validation."""
    for version, row in SHIPPED:
        wider = [stored(row, presets={"status": "x"})]
        wider += [stored(row, validation=None)] if row.validation else []
        wider += [stored(row, fields=(*row.fields, "auth_data"))] if row.fields and "*" not in row.fields else []
        if row.permissions and row.action != "create":
            wider += [stored(row, permissions={"_or": [row.permissions, {"status": {"_eq": "x"}}]})]
        for permission in wider:
            others = [one for one in (*app_access_rows(version), *recommended_app_rows(version)) if one != row]
            same = any(one.collection == row.collection and one.action == row.action for one in others)
            assert same or not is_recommended_row(permission, version, major=version.major), permission


def test_a_rule_without_effect_is_not_theirs() -> None:
    row = Permission("directus_users", "read", {"_and": []}, fields=("*",))
    assert not is_recommended_row(row, None, major=12)


def test_the_lists_of_a_known_version_are_its_own() -> None:
    """From 12.3.1 on the Studio recommends to change named fields of shares only."""
    row = Permission("directus_shares", "update", {"user_created": {"_eq": "$CURRENT_USER"}}, fields=("*",))
    assert is_recommended_row(row, Version(12, 2, 0), major=12)
    assert not is_recommended_row(row, Version(12, 4, 1), major=12)
    assert is_recommended_row(row, None, major=12)


ME: Any = {"_eq": "$CURRENT_USER"}


@each_case(
    ("action", "changes", "within"),
    [
        ("read", {"permissions": {"_and": [{"role": {"_null": True}}, {"item": {"_eq": "1"}}]}}, True),
        ("read", {"permissions": {"user_created": ME}}, True),
        ("read", {"permissions": {"item": {"_eq": "1"}}}, False),
        ("read", {"permissions": {"_and": []}}, False),
        ("create", {"permissions": None, "fields": ("name",), "validation": {"name": {"_nnull": True}}}, True),
        ("create", {"presets": {"role": "x"}}, True),
        ("update", {"permissions": {"user_created": ME}, "fields": ("name",)}, True),
        ("update", {"permissions": {"user_created": ME}, "fields": ("name", "user_created")}, False),
        ("update", {"permissions": {"user_created": ME}, "fields": ("name",), "presets": {"user_created": "x"}}, False),
        ("delete", {"permissions": {"user_created": ME}, "fields": ("x",)}, True),
        ("delete", {"permissions": {}, "fields": None}, False),
    ],
)
def test_a_narrower_row_lets_through_no_more(action: str, changes: dict[str, Any], within: bool) -> None:
    row = Permission("directus_shares", action, **({"fields": ("*",)} | changes))
    assert is_within_recommended_row(row, Version(12, 4, 1), major=12) is within


def test_a_validation_of_directus_counts() -> None:
    """Presets are created for the current user only."""
    shipped = {"user": ME}
    for validation, within in ((shipped, True), (None, False), ({"user": {"_nnull": True}}, False)):
        row = Permission("directus_presets", "create", None, validation, None, ("bookmark", "user"))
        assert is_within_recommended_row(row, Version(12, 4, 1), major=12) is within


def test_every_row_is_within_itself() -> None:
    for version, row in SHIPPED:
        assert is_within_recommended_row(stored(row), version, major=version.major), row
