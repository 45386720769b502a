"""Anonymous visitors may write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import every, failure
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "public-write",
    severity=Severity.HIGH,
    title="Anonymous visitors may write",
    summary="The public may create, update or delete items.",
    checklist=(21,),
    needs=_public.NEEDS,
)
def public_write(export: Export) -> Iterator[CheckResult]:
    for granted in every(export, "create", "update", "delete"):
        if granted.public and (granted.row.collection, granted.row.action) != ("directus_files", "create"):
            yield failure(
                export,
                granted,
                "Everybody on the internet may do this, without signing in.",
                "no such row; take in what visitors send through a flow that validates it",
            )
