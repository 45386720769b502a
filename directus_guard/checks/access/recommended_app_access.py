"""The Studio's recommended rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import DELETE, WITHOUT_LICENCE, patches
from directus_guard.checks.shared.row_words import policy, policy_title
from directus_guard.checks.shared.rows import holder, places, recommended
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, SetMember, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    cwe=(Cwe.INCORRECT_DEFAULT_PERMISSIONS, Cwe.PERSONAL_INFORMATION),
    owasp=(OwaspRisk.API1,),
    checklist=(),
    needs=(ExportPart.HIDDEN_ROWS, ExportPart.PERMISSIONS),
)
def recommended_app_access(export: Export) -> Iterator[CheckResult]:
    held: dict[str, list[Permission]] = {}
    for row in export.model.permissions:
        # All recommended rows are about collections of Directus, most rows are not.
        if not row.system and row.collection.startswith("directus_") and recommended(export, row):
            held.setdefault(holder(export, row), []).append(row)
    for name, rows in held.items():
        keys = {(row.collection, row.action) for row in rows}
        # What everybody on the internet reads is public-read-sensitive's.
        users = ("directus_users", "read") in keys and not _is_public(export, rows[0])
        if len(rows) >= FEWEST or users:
            shown, many = escape_controls(name), len(rows) >= FEWEST
            exposed = tuple(text for key, text in _EXPOSED.items() if key in keys)
            yield Failure(
                subject=Subject(
                    "policy", f"{export.name} {shown} recommended", (("model", export.name), ("policy", shown))
                ),
                location=rows[0].location or export.location,
                studio=studio.of_row(export, rows[0]),
                members=(("action",),) if len(rows) >= FEWEST else (("permissions",),),
                title=policy_title(
                    export, name, f"has {len(rows)} recommended permissions" if many else "can read all users"
                ),
                message=(
                    "Its users can reach what is listed, more than most of them need."
                    " The Data Studio stores these recommended permissions when app access is switched on."
                ),
                details=exposed or ("dashboards, panels and folders",),
                expected="the permissions that the users need; the Data Studio works without most of these",
                actual=shorten(_counted(rows)),
                framed=False,
                fix=_fix(export, name, rows),
                related=places((row.location, f"{row.action} {row.collection}") for row in rows),
            )


def _fix(export: Export, name: str, rows: list[Permission]) -> Fix:
    """A few permissions fail only for the list of all users: each user's own account can stay."""
    keys = {(row.collection, row.action) for row in rows}
    if len(rows) >= FEWEST:
        first = [
            f"{action} `{collection}`"
            for collection, action in _EXPOSED
            if (collection, action) in keys and collection != "directus_files"
        ]
        worst = f" Begin with {', '.join(first)}." if first else ""
        return Fix(
            f"Delete those of these {len(rows)} permissions that its users do not need.{worst} "
            "Keep those on files, folders, dashboards and panels, if they use the Data Studio for these. "
            f"With fewer than {FEWEST} left, and none to read all users, there is no such finding. If they need more, accept it."
        )
    users = [row for row in rows if (row.collection, row.action) == ("directus_users", "read")]
    called = f"the permission of {policy(export, name)} to read `directus_users`"
    if export.is_core:
        return Fix(f"Delete {called}.", rows=patches(users, DELETE))
    without = "" if export.edition_known else f" {WITHOUT_LICENCE}"
    own = (SetMember(("permissions",), '{"id": {"_eq": "$CURRENT_USER"}}'),)
    return Fix(
        f'Set the item rule of {called} to `{{"id": {{"_eq": "$CURRENT_USER"}}}}`.{without}', rows=patches(users, own)
    )


def _is_public(export: Export, row: Permission) -> bool:
    if not export.model.has_policies:
        return row.role is None
    return any(one.policy == row.policy and one.role is None and one.user is None for one in export.model.access)


def _counted(rows: Sequence[Permission]) -> str:
    """How many permissions, and which, in an order of their own."""
    listed = ", ".join(sorted(f"{row.action} {row.collection}" for row in rows))
    return f"{len(rows)} permission{'s' if len(rows) > 1 else ''}: {listed}"
