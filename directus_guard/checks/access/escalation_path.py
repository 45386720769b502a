"""A way to administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _escalation
from directus_guard.checks.declaration import export_check
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "escalation-path",
    severity=Severity.CRITICAL,
    title="A way to administrator",
    summary="A user who is not an administrator can become one, or act as one, by a sequence of effective permissions.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.INCORRECT_AUTHORIZATION),
    owasp=(OwaspRisk.API5,),
    checklist=(1, 4, 6, 7, 8, 9, 10, 11),
    needs=_escalation.NEEDS,
    follows_changes=True,
)
def escalation_path(export: Export) -> Iterator[CheckResult]:
    yield from _escalation.judge(export, public=False)
