"""Settings can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access.settings_write import DANGEROUS
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.row_words import can, they
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
    "settings-write-scoped",
    collections=("directus_settings",),
    severity=Severity.LOW,
    title="Settings can be changed",
    summary="A permission to update only settings that are not dangerous by themselves.",
    cwe=(Cwe.CRITICAL_PERMISSIONS,),
    owasp=(OwaspRisk.API5,),
    checklist=(5,),
)
def settings_write_scoped(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_settings", "update"):
        fields = granted.row.fields or ()
        if "*" not in fields and not any(name.startswith(DANGEROUS) for name in fields):
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "settings"),
                message=f"{they(granted)} can change {listed(fields, 5)} for everybody who uses the instance.",
                expected="administrators only",
            )
