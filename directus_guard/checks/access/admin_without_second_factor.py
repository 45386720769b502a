"""An administrator signs in with a password alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _users
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.checks.shared.titles import titled
from directus_guard.finding import Confidence, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.records import User
    from directus_guard.directus.export import Export


_LOCAL: Final = "default"
"""The provider of users who sign in with a password."""


@export_check(
    "admin-without-second-factor",
    severity=Severity.HIGH,
    title="An administrator signs in with a password alone",
    summary="An active local administrator has no second factor set.",
    cwe=(Cwe.SINGLE_FACTOR,),
    owasp=(OwaspRisk.API2,),
    checklist=(28,),
    needs=_users.NEEDS,
    evidence=(ExportMember.USERS,),
    without=_users.NO_USERS,
)
def admin_without_second_factor(export: Export) -> Iterator[CheckResult]:
    yield from _users.absent(export)
    admins = [user for user in _users.active(export, admin=True) if user.provider in (None, _LOCAL)]
    for user in admins:
        if user.has_second_factor is False:
            yield _users.failure(
                export,
                user,
                title=titled("Administrator {} has no second factor", user.id),
                message=(
                    f"{_users.named(export, user)} is an administrator{_users.by_policy(export, user)}: the password alone is enough to do everything."
                    " Directus asks for a code only after this user has set up a second factor."
                ),
                expected="a second factor set up by the person, or the account closed",
                actual="tfa_secret: null",
                member="tfa_secret",
                fix=_fix(export, user),
                confidence=Confidence.HIGH if user.provider and user.status else Confidence.MEDIUM,
            )
    yield from _users.unknown(export, [user for user in admins if user.has_second_factor is None], "tfa_secret")


def _fix(export: Export, user: User) -> str:
    """A policy can make the Data Studio ask for it; else only the user can."""
    policy = _users.without_enforcement(export, user)
    check = "Check then that `tfa_secret` of this user is set."
    if policy:
        return f"Set `enforce_tfa` of policy `{policy}` to `true`: the Data Studio then asks for a second factor at the next sign-in. {check}"
    return f"Make this user set up two-factor authentication, in their own profile in the Data Studio. {check}"
