"""An administrator has a static token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _users
from directus_guard.checks.declaration import export_check
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "admin-static-token",
    severity=Severity.HIGH,
    title="An administrator has a static token",
    summary="A static token of an administrator: no password, no second factor, no expiry.",
    needs=_users.NEEDS,
)
def admin_static_token(export: Export) -> Iterator[CheckResult]:
    yield from _users.absent(export)
    admins = list(_users.active(export, admin=True))
    for user in admins:
        if user.has_token:
            yield _users.failure(
                export,
                user,
                f"The administrator `{escape_controls(user.id)}` has a static token. It opens everything, skips password and second factor, never expires, and stands in the database in clear.",
                "no token on an administrator; a user of its own with the few rows that the program needs",
                "token: set",
            )
    yield from _users.unknown(export, [user for user in admins if user.has_token is None], "token")
