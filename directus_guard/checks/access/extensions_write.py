"""Permission to change extensions."""

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
    "extensions-write",
    collections=("directus_extensions",),
    severity=Severity.LOW,
    title="Permission to change extensions",
    summary="A permission to write directus_extensions. The server refuses it today.",
    cwe=(Cwe.CRITICAL_PERMISSIONS,),
    owasp=(OwaspRisk.API5,),
    checklist=(12, 13),
)
def extensions_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_extensions", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "extensions"),
            message="Directus refuses this to everybody but administrators today. The permission misleads, and a later version may honour it.",
            expected="no such permission",
        )
