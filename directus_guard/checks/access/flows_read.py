"""Flows can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import DELETE, only_where
from directus_guard.checks.shared.row_words import can
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
    recommended,
)
from directus_guard.directus.access.rules import fixes
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_MANUAL: Final = {"trigger": {"_eq": "manual"}}


@export_check(
    "flows-read",
    collections=("directus_flows", "directus_operations"),
    severity=Severity.MEDIUM,
    title="Flows can be read",
    summary="A permission to read flows beyond manual triggers, or operations: it shows webhook addresses and credentials in plain text.",
    cwe=(Cwe.SYSTEM_INFORMATION, Cwe.UNPROTECTED_CREDENTIALS),
    owasp=(OwaspRisk.API5,),
    checklist=(2,),
)
def flows_read(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_flows", "read"):
        fixed = fixes(granted.rule, ("trigger",))
        if not (fixed.answer is Tri.YES and set(fixed.values) <= {"manual"}) and not recommended(export, granted.row):
            others = fixed.answer is Tri.YES and "manual" not in fixed.values
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "flows"),
                message="The id of a flow is the address of its webhook: whoever reads it can start the flow.",
                expected="administrators only",
                rule="only flows whose `trigger` is `manual`",
                changes=DELETE if granted.public or others else only_where(_MANUAL),
            )
    for granted in effective_rows(export, "directus_operations", "read"):
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "operations of flows"),
            message="Operations hold headers, tokens and addresses in plain text.",
            expected="administrators only",
        )
