"""Activity of others can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import DELETE, only_where
from directus_guard.checks.shared.row_words import can
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.directus.access.rules import confined_to_current_user
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "activity-read",
    collections=("directus_activity",),
    severity=Severity.MEDIUM,
    title="Activity of others can be read",
    summary="A permission to read directus_activity that is not limited to the user's own entries.",
    cwe=(Cwe.PERSONAL_INFORMATION, Cwe.INCORRECT_AUTHORIZATION),
    owasp=(OwaspRisk.API1,),
    checklist=(17,),
)
def activity_read(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_activity", "read"):
        if confined_to_current_user(granted.rule, anonymous=granted.public).answer is not Tri.YES:
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "activity of other users"),
                message="The log shows the addresses, browsers and actions of every user.",
                expected="administrators only",
                rule="the rule `user` = `$CURRENT_USER`",
                changes=DELETE if granted.public else only_where({"user": {"_eq": "$CURRENT_USER"}}),
            )
