"""An administrator has a static token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _users
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.checks.shared.titles import titled
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "admin-static-token",
    severity=Severity.HIGH,
    title="An administrator has a static token",
    summary="A static token of an administrator: no password, no second factor, no expiry.",
    cwe=(Cwe.SESSION_EXPIRATION, Cwe.SINGLE_FACTOR),
    owasp=(OwaspRisk.API2,),
    needs=_users.NEEDS,
    evidence=(ExportMember.USERS,),
    without=_users.NO_USERS,
)
def admin_static_token(export: Export) -> Iterator[CheckResult]:
    yield from _users.absent(export)
    admins = list(_users.active(export, admin=True))
    for user in admins:
        if user.has_token:
            yield _users.failure(
                export,
                user,
                title=titled("Administrator {} has a static token", user.id),
                message=(
                    f"Whoever has the token of {_users.named(export, user)} can do everything, without password and second factor."
                    " It never expires, and the database holds it in plain text."
                ),
                expected="no token on an administrator; a user of its own with the few permissions that the program needs",
                actual="token: set",
                member="token",
                fix="Create a user for the program with only the permissions that it needs, and give the program its token. Then remove the token of this administrator.",
            )
    yield from _users.unknown(export, [user for user in admins if user.has_token is None], "token")
