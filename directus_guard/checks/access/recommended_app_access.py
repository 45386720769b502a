"""The Studio's recommended rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared.row_words import policy, policy_title
from directus_guard.checks.shared.rows import holder, recommended
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export

FEWEST: Final = 8
"""Rows that make a bundle; fewer may be there on purpose, unless all users can be read."""
_EXPOSED: Final = {
    ("directus_users", "read"): "all users with their e-mail addresses, roles and `auth_data`",
    ("directus_roles", "read"): "all roles",
    ("directus_files", "read"): "all files",
    ("directus_comments", "read"): "all comments",
    ("directus_flows", "read"): "manual flows",
    ("directus_shares", "create"): "links to items for people without an account",
}
"""What a row grants that administrators may not expect."""


@export_check(
    "recommended-app-access",
    severity=Severity.LOW,
    title="The Data Studio's recommended permissions",
    summary="A policy has the permissions that the Data Studio stores with app access: its users read all users and files.",
    checklist=(),
    needs=(ExportPart.HIDDEN_ROWS, ExportPart.PERMISSIONS),
)
def recommended_app_access(export: Export) -> Iterator[CheckResult]:
    held: dict[str, list[Permission]] = {}
    for row in export.model.permissions:
        if not row.system and recommended(export, row):
            held.setdefault(holder(export, row), []).append(row)
    for name, rows in held.items():
        keys = {(row.collection, row.action) for row in rows}
        # What everybody on the internet reads is public-read-sensitive's.
        users = ("directus_users", "read") in keys and not _is_public(export, rows[0])
        if len(rows) >= FEWEST or users:
            shown = escape_controls(name)
            exposed = tuple(text for key, text in _EXPOSED.items() if key in keys)
            yield Failure(
                subject=Subject(
                    "policy", f"{export.name} {shown} recommended", (("model", export.name), ("policy", shown))
                ),
                location=rows[0].location or export.location,
                title=policy_title(export, name, f"has {len(rows)} row{'s' if len(rows) > 1 else ''} of app access"),
                message="Its users get what administrators may not expect. The Data Studio stores such permissions with app access.",
                details=exposed or ("dashboards, panels and folders",),
                expected="the permissions that the users need; the Data Studio works without most of these",
                actual=f"{len(rows)} recommended row{'s' if len(rows) > 1 else ''}",
                framed=False,
                fix=_fix(export, name, len(rows)),
            )


def _fix(export: Export, name: str, count: int) -> Fix:
    if count >= FEWEST:
        return Fix(f"Delete these {count} permissions. Add back what users miss in the Data Studio.")
    return Fix(f"Delete the permission `read` on `directus_users` of {policy(export, name)}.")


def _is_public(export: Export, row: Permission) -> bool:
    if not export.model.has_policies:
        return row.role is None
    return any(one.policy == row.policy and one.role is None and one.user is None for one in export.model.access)
