"""Permission on sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "sessions-access",
    collections=("directus_sessions",),
    severity=Severity.HIGH,
    title="Permission on sessions",
    summary="A permission on directus_sessions, which holds the tokens of running sessions.",
    cwe=(Cwe.UNPROTECTED_CREDENTIALS, Cwe.CRITICAL_PERMISSIONS),
    owasp=(OwaspRisk.API2,),
    checklist=(20,),
)
def sessions_access(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_sessions", "create", "read", "update", "delete", "share"):
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "sessions"),
            message=(
                "Sessions hold the tokens of signed-in users in plain text."
                " REST and GraphQL refuse sessions today; exports and flows may reach them."
            ),
            expected="no such permission",
        )
