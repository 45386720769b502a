"""Policies can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_EFFECTS: Final = {
    "create": "create a policy with `admin_access`.",
    "update": "turn on `admin_access` of a policy: everybody who has it becomes an administrator.",
    "delete": "delete the policies of other users, and take their access away.",
}


@export_check(
    "policies-write",
    collections=("directus_policies",),
    severity=Severity.HIGH,
    title="Policies can be changed",
    summary="A user who is not an administrator may create, update or delete policies.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.CRITICAL_PERMISSIONS),
    owasp=(OwaspRisk.API5,),
    checklist=(6,),
    feature=HAS_POLICIES,
)
def policies_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_policies", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "policies"),
            message=f"{they(granted)} can {_EFFECTS[granted.row.action]}",
            expected="administrators only",
        )
