"""Flows can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import effective_rows, failure
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "flows-write",
    severity=Severity.HIGH,
    title="Flows can be changed",
    summary="A user who is not an administrator may create, update or delete flows or operations.",
    checklist=(1,),
)
def flows_write(export: Export) -> Iterator[CheckResult]:
    for collection in ("directus_flows", "directus_operations"):
        for granted in effective_rows(export, collection, "create", "update", "delete"):
            yield failure(
                export,
                granted,
                "An operation can act with full access whoever wrote it, and a guard can be removed.",
                "administrators only",
            )
