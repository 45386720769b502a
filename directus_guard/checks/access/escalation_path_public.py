"""A way from nowhere to administrator."""

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
    "escalation-path-public",
    severity=Severity.CRITICAL,
    title="A way from nowhere to administrator",
    summary="An anonymous visitor can become administrator by a sequence of effective permissions.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.MISSING_AUTHORIZATION),
    owasp=(OwaspRisk.API5,),
    checklist=(21,),
    needs=_escalation.NEEDS,
    follows_changes=True,
)
def escalation_path_public(export: Export) -> Iterator[CheckResult]:
    yield from _escalation.judge(export, public=True)
