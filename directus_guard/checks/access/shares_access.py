"""Shares beyond the Studio's own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import effective_rows, failure, recommended
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "shares-access",
    severity=Severity.MEDIUM,
    title="Shares beyond the Studio's own rows",
    summary="A row on directus_shares goes beyond what the Data Studio stores with app access.",
    checklist=(20,),
)
def shares_access(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_shares", "create", "read", "update", "delete"):
        if recommended(export, granted.row):
            continue
        yield failure(
            export,
            granted,
            "The key of a share is its token: whoever reads foreign shares opens them, and whoever writes them chooses what they show.",
            "the rows the Data Studio stores with app access, or none",
        )
