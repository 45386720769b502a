"""Flows can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import effective_rows, failure, recommended
from directus_guard.directus.access.rules import fixes
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "flows-read",
    severity=Severity.MEDIUM,
    title="Flows can be read",
    summary="read of flows or operations beyond manual triggers: webhook addresses and credentials stand there in clear.",
    checklist=(2,),
)
def flows_read(export: Export) -> Iterator[CheckResult]:
    for collection in ("directus_flows", "directus_operations"):
        for granted in effective_rows(export, collection, "read"):
            fixed = fixes(granted.rule, ("trigger",))
            manual = collection == "directus_flows" and fixed.answer is Tri.YES and set(fixed.values) <= {"manual"}
            if not manual and not recommended(export, granted.row):
                yield failure(
                    export,
                    granted,
                    "The key of a flow is its webhook's address, and operations hold headers, tokens and addresses in clear.",
                    "administrators only",
                    rule="only flows whose `trigger` is `manual`",
                )
