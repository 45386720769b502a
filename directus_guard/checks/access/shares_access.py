"""Shares beyond the Studio's own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure, reached, recommended
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
    from directus_guard.directus.export import Export


@export_check(
    "shares-access",
    severity=Severity.MEDIUM,
    title="Shares beyond the Studio's own rows",
    summary="A row on directus_shares goes beyond what the Data Studio stores with app access.",
    checklist=(20,),
)
def shares_access(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_shares", "create", "read", "update", "delete"):
        if recommended(export, found.row):
            continue
        yield failure(
            export,
            found,
            "The key of a share is its token: whoever reads foreign shares opens them, and whoever writes them chooses what they show.",
            "the rows the Data Studio stores with app access, or none",
        )
