"""Permissions can be changed."""

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
    "create": "grant themselves any permission.",
    "update": "turn a permission of their own into any other.",
    "delete": "take permissions away from other users.",
}


@export_check(
    "permissions-write",
    collections=("directus_permissions",),
    severity=Severity.HIGH,
    title="Permissions can be changed",
    summary="A user who is not an administrator may create, update or delete permissions.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.CRITICAL_PERMISSIONS),
    owasp=(OwaspRisk.API5,),
    checklist=(10,),
)
def permissions_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_permissions", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "permissions"),
            message=f"{they(granted)} can {_EFFECTS[granted.row.action]}",
            expected="administrators only",
        )
