"""Content versions can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can
from directus_guard.checks.shared.rows import effective_rows, failure
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "versions-write",
    collections=("directus_versions",),
    severity=Severity.MEDIUM,
    title="Content versions can be written",
    summary=(
        "A permission to create or update `directus_versions`."
        " What an administrator promotes is written with the administrator's rights."
    ),
    cwe=(Cwe.INCORRECT_AUTHORIZATION, Cwe.CONFUSED_DEPUTY),
    owasp=(OwaspRisk.API1,),
    checklist=(18,),
)
def versions_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_versions", "create", "update"):
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "content versions"),
            message="Its users can put values into a version that they may not write themselves. Directus writes them with the rights of the user who promotes it.",
            expected="no such permission",
            hint=(
                "Its users can then make or change no versions. If they need this, accept this finding: "
                "whoever promotes a version then has to compare every field first."
            ),
        )
