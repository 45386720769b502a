"""Passwords can be tried without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export

MOST: Final = 25


@export_check(
    "login-attempts",
    severity=Severity.MEDIUM,
    title="Passwords can be tried without end",
    summary="The number of failed sign-ins before an account is locked is unlimited or above 25.",
    cwe=(Cwe.EXCESSIVE_AUTHENTICATION_ATTEMPTS,),
    owasp=(OwaspRisk.API2,),
    needs=(ExportPart.SETTINGS,),
    evidence=(ExportMember.SETTINGS,),
    without=_settings.NO_SETTINGS,
)
def login_attempts(export: Export) -> Iterator[CheckResult]:
    unseen = tuple(_settings.absent(export, "auth_login_attempts"))
    if unseen:
        yield from unseen
        return
    held = _settings.value(export, "auth_login_attempts")
    locks = isinstance(held, int) and held > 0
    if held is None or (isinstance(held, int) and (held > MOST or held <= 0)):
        yield _settings.failure(
            export,
            "auth_login_attempts",
            title=f"Accounts lock only after {held} failed sign-ins"
            if locks
            else "Failed sign-ins never lock an account",
            message="An attacker can try a list of common passwords on each account.",
            expected=f"at most {MOST}, which is Directus' default",
            actual=f"auth_login_attempts: {'null' if held is None else held}",
            fix=f"Set `auth_login_attempts` in the settings to `{MOST}`, the default of Directus.",
            value=MOST,
            safe=True,
        )
