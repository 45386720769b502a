"""Whatever a record of an export holds: a report, a table, a comparison. Never a traceback, never exit code 70."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.support.cli import guard, write
from tests.support.sampling import EVERY_CASE, one_in

pytestmark = pytest.mark.thorough

ID: Final = "7a1f6f2c-0000-4000-8000-000000000001"
GOOD: Final[dict[str, list[dict[str, Any]]]] = {
    "policies": [
        {"id": "p", "name": "Editor", "admin_access": False, "app_access": True, "enforce_tfa": False, "ip_access": None},
        {"id": "a", "name": "Administrator", "admin_access": True, "app_access": True, "enforce_tfa": True, "ip_access": None},
        {"id": "o", "name": "Public", "admin_access": False, "app_access": False, "enforce_tfa": False, "ip_access": None},
    ],
    "roles": [
        {"id": "r", "name": "Editor", "parent": None, "icon": "x"},
        {"id": "s", "name": "Administrator", "parent": None, "icon": "x"},
    ],
    "access": [
        {"id": "1", "policy": "p", "role": "r", "user": None, "sort": 1},
        {"id": "2", "policy": "a", "role": "s", "user": None, "sort": 1},
        {"id": "3", "policy": "o", "role": None, "user": None, "sort": 1},
    ],
    "permissions": [
        {"id": number, "collection": collection, "action": action, "fields": fields, "policy": policy,
         "permissions": rule, "validation": validation, "presets": presets}
        for number, (collection, action, fields, policy, rule, validation, presets) in enumerate([
            ("posts", "read", ["*"], "o", {"status": {"_eq": "published"}}, None, None),
            ("posts", "update", ["title"], "p", {"author": {"_eq": "$CURRENT_USER"}}, {"title": {"_nnull": True}}, {"a": 1}),
            ("directus_users", "update", ["email", "role"], "p", {"id": {"_eq": "$CURRENT_USER"}}, {"role": {"_null": True}}, None),
            ("directus_users", "read", ["*"], "p", {"role": {"_neq": "s"}}, None, None),
            ("directus_flows", "create", ["*"], "p", {}, {}, {"status": "inactive"}),
        ])
    ],
    "users": [
        {"id": ID, "role": "r", "status": "active", "email": "a@example.org", "provider": "default", "token": None,
         "tfa_secret": None, "last_access": "2026-01-01T00:00:00Z"},
        {"id": ID[:-1] + "2", "role": "s", "status": "active", "email": "b@example.org", "provider": "default"},
    ],
    "flows": [
        {"id": "f", "name": "Hook", "status": "active", "trigger": "webhook", "accountability": "all", "operation": "x",
         "options": {"method": "GET", "return": "$last", "async": False}},
    ],
    "operations": [
        {"id": "x", "key": "read", "name": "Read", "type": "item-read", "flow": "f", "position_x": 1, "position_y": 1,
         "resolve": "y", "reject": None, "options": {"collection": "posts", "query": {"filter": {"id": {"_eq": "{{$trigger.query.id}}"}}}}},
        {"id": "y", "key": "send", "name": "Send", "type": "request", "flow": "f", "position_x": 1, "position_y": 1,
         "resolve": None, "reject": None, "options": {"url": "https://example.org/{{$last}}", "method": "POST", "headers": [{"header": "a", "value": "b"}]}},
    ],
    "settings": [
        {"id": 1, "project_name": "x", "auth_login_attempts": 25, "public_registration": True, "public_registration_role": "r",
         "public_registration_verify_email": True, "public_registration_email_filter": {"email": {"_ends_with": "x"}},
         "auth_password_policy": None, "mcp_enabled": True, "mcp_allow_deletes": False, "custom_css": ""},
    ],
}  # fmt: skip

FIELDS: Final = (
    "id",
    "role",
    "status",
    "author",
    "policies",
    "email",
    "$CURRENT_USER",
    "x y",
    "",
    "year(date)",
    "$FOLLOW(a)",
    "_json",
)
OPERATORS: Final = (
    "_eq", "_neq", "_in", "_nin", "_lt", "_gte", "_null", "_nnull", "_contains", "_ncontains", "_icontains", "_starts_with", "_between",
    "_nbetween", "_empty", "_nempty", "_some", "_none", "_regex", "_submitted", "_intersects", "_json", "_and", "_or", "_", "_xyz",
)  # fmt: skip
TEXTS: Final = (
    "", "s", "r", "*", "$CURRENT_USER", "$CURRENT_USER.role", "$CURRENT_ROLES", "$NOW", "$NOW(-1 day)", "true", "null", "2024-01-01",
    "{{$trigger.body}}", "{{", "a,b", "%_%", "[1, 2", '{"id": {"_eq": "R"}}', "9" * 400, "\ud800", "\0", "active", "webhook", "https://[",
)  # fmt: skip
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(TEXTS),
    st.text(max_size=6),
)  # fmt: skip
names = st.one_of(st.sampled_from(FIELDS + OPERATORS), st.text(max_size=4))
values = st.recursive(
    scalars,
    lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(names, below, max_size=3)),
    max_leaves=12,
)
rules = st.recursive(
    st.builds(lambda field, operator, value: {field: {operator: value}}, st.sampled_from(FIELDS), st.sampled_from(OPERATORS), values),
    lambda below: st.one_of(
        st.builds(lambda key, items: {key: items}, st.sampled_from(("_and", "_or")), st.lists(below, max_size=3)),
        st.builds(lambda field, inner: {field: inner}, st.sampled_from(FIELDS), below),
        st.builds(lambda field, key, inner: {field: {key: inner}}, st.sampled_from(FIELDS), st.sampled_from(("_some", "_none")), below),
    ),
    max_leaves=6,
)  # fmt: skip


def nested(depth: int, key: str, end: Any) -> Any:
    """A value inside of `depth` others."""
    for _ in range(depth):
        end = [end] if not key else {key: [end]} if key in ("_and", "_or") else {key: end}
    return end


ODD: Final[tuple[Any, ...]] = (
    {"role": {"_eq": {"id": "R"}}},
    {"role": {"_nin": [{"id": "R"}]}},
    {"role": {"_nin": {"id": {"x": []}}}},
    {"_or": [{"role": {"_eq": f"r{number}"}} for number in range(3_000)]},
    {"_and": [{f"f{number}": {"_neq": number}} for number in range(1_000)]},
    {"role": {"_in": [f"r{number}" for number in range(3_000)]}},
    {"role": {"_nin": [f"r{number}" for number in range(3_000)]}},
    {"title": {"_contains": "a%" * 2_000}},
    {"_or": [{"title": {"_contains": f"a{number}"}} for number in range(300)]},
    {"_or": [{f"f{number}": {"_some": {"id": {"_eq": "$CURRENT_USER"}}}} for number in range(40)]},
    nested(60, "_and", {"role": {"_eq": 1}}),
    nested(300, "_or", {"role": {"_eq": 1}}),
    nested(400, "role", {"_eq": 1}),
    nested(400, "_some", {"_eq": 1}),
    nested(400, "", 1),
    nested(45, "_or", {"role": {"_eq": "$CURRENT_USER"}}),
    nested(90, "role", {"_eq": 1}),
    nested(85, "", 1),
    {"role": {"_between": ["a", {"b": 1}]}},
    {"role": {"_null": {"a": 1}}},
    {"_and": {"0": {"role": {"_eq": 1}}}},
    {"_or": "x"},
    {"": {"": {"": {}}}},
    {"role": None},
    {"role": []},
    {"role": {"_eq": float("nan")}},
    {"role": {"_gt": float("inf")}},
    {"date": {"_lt": "$NOW(-99999999999999 years)"}},
    {"date": {"_lt": "0001-01-01T00:00:00+23:59"}},
    {"date": {"_between": ["9999-12-31", "$NOW(+9 years)"]}},
    '{"role": {"_eq": 1}}',
    "{",
    "[" * 5_000,
    7,
    True,
)


def run_all(records: dict[str, list[dict[str, Any]]], commands: tuple[tuple[str, ...], ...]) -> None:
    """Run the commands on an export, beside one in order. With --debug whatever is raised comes through."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        base, head = folder / "base", folder / "head"
        for root, rows in ((base, GOOD), (head, records)):
            write(root, {f"directus/{kind}.json": json.dumps(items) for kind, items in rows.items()})
        for command in commands:
            run = guard(*(folder / part if part in ("base", "head") else part for part in command), "--debug")
            assert run.code in (0, 1, 3, 4), (command, run.err)


SHORT: Final = (
    ("scan", "head", "--output=json"),
    ("access", "head", "--output=json"),
    ("diff", "base", "head", "--output=json"),
)
LONG: Final = (
    *SHORT, ("scan", "head", "--verbose"), ("scan", "head", "--output=markdown"), ("scan", "head", "--output=sarif"), ("access", "head"),
    ("diff", "base", "head"), ("diff", "head", "base"),
)  # fmt: skip


def changed(kind: str, number: int, **members: Any) -> dict[str, list[dict[str, Any]]]:
    rows = [dict(row) for row in GOOD[kind]]
    rows[number] |= members
    return GOOD | {kind: rows}


def test_the_good_records_are_an_export() -> None:
    run_all(GOOD, LONG)


@pytest.mark.parametrize("odd", list(one_in(2, ODD, "odd rules")), ids=lambda odd: json.dumps(odd)[:40])
def test_an_odd_rule(odd: Any) -> None:
    """In every member of a permission that holds a rule, each time in a row that is right otherwise. Half of them; `make every`
    takes all."""
    rows = [dict(row) for row in GOOD["permissions"]]
    for number, member in ((2, "permissions"), (1, "validation"), (4, "presets"), (3, "fields"), (0, "permissions")):
        rows[number][member] = odd
    run_all(GOOD | {"permissions": rows}, SHORT)
    run_all(changed("permissions", 2, validation=odd), SHORT[:1])


@given(data=st.data())
@settings(
    max_examples=60 if EVERY_CASE else 30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
def test_any_value_in_any_member(data: st.DataObject) -> None:
    records = {kind: [dict(row) for row in rows] for kind, rows in GOOD.items()}
    for _ in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(sorted(records)))
        row = data.draw(st.sampled_from(records[kind]))
        member = data.draw(st.sampled_from(sorted(row)))
        row[member] = data.draw(st.one_of(values, rules))
    run_all(records, SHORT)
