"""Flows can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_EFFECTS: Final = {
    "create": "run requests, scripts and changes of any data: an operation can act with full access.",
    "update": "make an existing flow do anything: an operation can act with full access.",
    "delete": "remove flows that check or guard data.",
}


@export_check(
    "flows-write",
    collections=("directus_flows", "directus_operations"),
    severity=Severity.HIGH,
    title="Flows can be changed",
    summary="A user who is not an administrator may create, update or delete flows or operations.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.CODE_INJECTION),
    owasp=(OwaspRisk.API5,),
    checklist=(1,),
)
def flows_write(export: Export) -> Iterator[CheckResult]:
    for collection, what in (("directus_flows", "flows"), ("directus_operations", "operations of flows")):
        for granted in effective_rows(export, collection, "create", "update", "delete"):
            yield failure(
                export,
                granted,
                title=can(export, granted.row, what),
                message=f"{they(granted)} can {_EFFECTS[granted.row.action]}",
                expected="administrators only",
            )
