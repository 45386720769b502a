"""Passwords can be tried without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import export_check
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity

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
    needs=(ExportPart.SETTINGS,),
)
def login_attempts(export: Export) -> Iterator[CheckResult]:
    unseen = tuple(_settings.absent(export, "auth_login_attempts"))
    if unseen:
        yield from unseen
        return
    held = _settings.value(export, "auth_login_attempts")
    if held is None or (isinstance(held, int) and (held > MOST or held <= 0)):
        yield _settings.failure(
            export,
            "auth_login_attempts",
            "Failed sign-ins never lock an account, or only after many.",
            f"at most {MOST}, which is Directus' default",
            f"auth_login_attempts: {held}",
        )
