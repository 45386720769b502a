"""Versions of anything can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _history
from directus_guard.checks.declaration import export_check
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "versions-read",
    collections=("directus_versions",),
    severity=Severity.HIGH,
    title="Versions of anything can be read",
    summary="A permission to read directus_versions that is not limited to collections which its users may read as a whole.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION,),
    owasp=(OwaspRisk.API1, OwaspRisk.API3),
    checklist=(18, 19),
)
def versions_read(export: Export) -> Iterator[CheckResult]:
    yield from _history.judge(export, "directus_versions")
