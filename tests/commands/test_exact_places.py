"""Findings about stored rows are shown at the member that matters, in every format and layout of an export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from tests.support.check_examples import EXAMPLES, first_of_each, judged
from tests.support.exports import ACCESS, EXPORTERS, POLICIES, ROLES, ROW, Tables, files_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from directus_guard.finding import Finding, Location

MEMBERS: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "access-write", "data-model-write", "extensions-write", "flows-write", "notifications-create",
            "permissions-write", "policies-write", "public-file-upload", "public-write", "revisions-read", "roles-write",
            "sessions-access", "settings-write", "settings-write-scoped", "share-action", "users-delete", "users-delete-own",
            "versions-read", "versions-write",
        ),
        "action",
    ),
    **dict.fromkeys(("activity-read", "public-current-user", "public-read-drafts", "rule-without-effect", "shares-access"), "permissions"),
    **dict.fromkeys(("admin-static-token", "user-static-token"), "token"),
    **dict.fromkeys(("flow-injection",), "url payload to collection key recipient"),
    **dict.fromkeys(("script-injection", "script-operation"), "code"),
    **dict.fromkeys(("users-create", "users-read", "users-secrets-read"), "fields"),
    **dict.fromkeys(("webhook-open", "webhook-privileged"), "trigger"),
    "admin-two-factor": "enforce_tfa",
    "admin-without-second-factor": "tfa_secret",
    "ai-endpoint": "ai_openai_compatible_base_url ai_openai_compatible_headers",
    "core-tier-ineffective": "permissions validation fields",
    "escalation-path": "action fields",
    "escalation-path-public": "action fields",
    "flow-secret": "headers Authorization url body secret code filter",
    "flows-read": "action permissions",
    "junction-create": "validation",
    "junction-update": "fields",
    "login-attempts": "auth_login_attempts",
    "mcp-deletes": "mcp_allow_deletes mcp_oauth_dcr_enabled",
    "nested-admin-role": "parent",
    "password-policy": "auth_password_policy",
    "policy-ip-range": "ip_access",
    "preset-not-locked": "fields validation",
    "public-admin-policy": "policy",
    "public-read": "fields permissions",
    "public-read-sensitive": "action fields permissions",
    "public-registration": "public_registration",
    "recommended-app-access": "action permissions",
    "stale-permission": "collection fields",
    "users-update": "fields permissions",
    "validation-bypassable": "fields validation",
    "webhook-get-mutates": "method options",
    "webhook-returns-all": "return",
    "webhook-unvalidated": "payload key",
}  # fmt: skip
"""The members at which a check may be shown. Where a list is named, at an item of it."""
FAILING: Final = [path for path in EXAMPLES if path.name.startswith("fail") and path.parent.name in MEMBERS]


def underlined(root: Path, place: Location) -> str:
    """The text at a place."""
    assert place.line == place.end_line
    lines = (root / place.path).read_bytes().decode("utf-8-sig").split("\n")
    return lines[place.line - 1].rstrip("\r")[place.column - 1 : place.end_column - 1]


def member_at(root: Path, finding: Finding) -> str:
    """The name of the member at a finding's place: the one that holds it where it is an item of a list."""
    text = underlined(root, finding.location)
    name, colon, _ = text.partition('":')
    anchor = finding.anchor
    assert anchor is not None
    if text.startswith('"') and (colon or text in {f'"{member[0]}"' for member in anchor.members}):
        return name.strip('" ')
    at = next(member for member in anchor.members if text in (json.dumps(member[-1]), *_objects(text, member[-1])))
    return at[-2]


def _objects(text: str, name: str) -> tuple[str, ...]:
    return (text,) if text.startswith("{") and name in json.loads(text).values() else ()


@pytest.mark.parametrize("example", first_of_each(FAILING))
def test_a_finding_is_shown_at_its_member(example: Path, tmp_path: Path) -> None:
    report, _ = judged(example, tmp_path)
    found = [one for one in (*report.findings, *report.nonproduction) if one.check == example.parent.name]
    assert found
    for finding in found:
        assert member_at(tmp_path, finding) in MEMBERS[finding.check].split()
        assert finding.row.line <= finding.location.line <= finding.row.end_line
        rows = {related.location for related in finding.related}
        assert finding.row in rows or finding.row.line == finding.location.line


def test_every_check_of_rows_is_among_them() -> None:
    assert {path.parent.name for path in FAILING} == set(MEMBERS)


PERMISSIONS: Final[list[dict[str, Any]]] = [
    {
        **ROW, "id": 1, "policy": "p2", "collection": "directus_users", "action": "update",
        "permissions": {"id": {"_eq": "$CURRENT_USER"}}, "fields": ["email", "role"],
    },
    {**ROW, "id": 2, "policy": "p3", "collection": "news"},
    {**ROW, "id": 3, "policy": "p2", "collection": "directus_roles", "action": "update", "fields": ["name"]},
]  # fmt: skip
FLOW: Final = {
    "id": "f1", "name": "Order", "status": "active", "trigger": "webhook", "accountability": "all", "icon": "x",
    "options": {"method": "POST", "return": "$all"}, "operation": "o1", "color": None, "description": None,
}  # fmt: skip
OPERATION: Final = {
    "id": "o1", "name": "R", "key": "r", "type": "request", "position_x": 1, "position_y": 1, "resolve": None, "reject": None,
    "flow": "f1", "options": {"method": "POST", "headers": [{"header": "Authorization", "value": "Bearer 8fK2mQ9xT4vR7nZ1"}],
    "url": "{{ $trigger.body.url }}"},
}  # fmt: skip
EXPECTED: Final = {
    "users-update": {'"role"'},
    "public-read": {'"*"'},
    "roles-write": {'"action": "update"'},
    "webhook-returns-all": {'"return": "$all"'},
    "flow-injection": {'"url": "{{ $trigger.body.url }}"'},
    "webhook-open": {'"trigger": "webhook"'},
    "admin-two-factor": {'"enforce_tfa": false'},
}
LAYOUTS: Final[dict[str, Callable[[object], bytes]]] = {
    "indented": lambda data: json.dumps(data, indent=2).encode(),
    "tabs, CRLF, BOM": lambda data: b"\xef\xbb\xbf" + json.dumps(data, indent="\t").replace("\n", "\r\n").encode(),
    "one line": lambda data: json.dumps(data).encode(),
    "other letters": lambda data: (
        json.dumps(data, indent=4, ensure_ascii=False).replace("Order", "Bestätigung 🛒").encode()
    ),
}


def tables() -> Tables:
    """Rows with faults of every kind of table."""
    rows: dict[str, list[dict[str, Any]]] = {
        "permissions": PERMISSIONS, "policies": POLICIES, "roles": ROLES, "access": ACCESS, "flows": [FLOW],
        "operations": [OPERATION],
    }  # fmt: skip
    return {name: [dict(row) for row in held] for name, held in rows.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("exporter", [*EXPORTERS, "one file"])
def test_the_member_is_found_in_every_format(tmp_path: Path, exporter: str, layout: str) -> None:
    files = {"backup/cms.json": tables()} if exporter == "one file" else files_of(exporter, tables())
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(LAYOUTS[layout](data))
    found: dict[str, set[str]] = {}
    for finding in audit(Options(root=tmp_path)).findings:
        if finding.check in EXPECTED:
            found.setdefault(finding.check, set()).add(underlined(tmp_path, finding.location))
        if finding.anchor and finding.frame:
            assert "8fK2mQ9xT4vR7nZ1" not in finding.frame.text
            shown = finding.frame.text[finding.frame.column - 1 : finding.frame.end_column - 1]
            assert shown == underlined(tmp_path, finding.location) or "****" in shown
    assert found == EXPECTED


def test_a_rule_that_is_written_as_text_is_shown_at_its_column(tmp_path: Path) -> None:
    data = tables()
    data["permissions"][0] |= {"permissions": '{"id": {"_eq": "$CURRENT_USER"}}', "fields": "email,role"}
    (tmp_path / "dump").mkdir()
    for name, rows in data.items():
        (tmp_path / "dump" / f"{name}.json").write_text(json.dumps({"data": rows}, indent=1), encoding="utf-8")
    (finding,) = (one for one in audit(Options(root=tmp_path)).findings if one.check == "users-update")
    assert underlined(tmp_path, finding.location) == '"fields": "email,role"'
