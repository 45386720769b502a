"""Roles can be changed."""

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
    "create": "create a role below the administrator role, which inherits full access.",
    "update": "put any role below the administrator role: its users inherit full access.",
    "delete": "delete the roles of other users, and take their access away.",
}
_EFFECTS_ON_10: Final = {
    "create": "create a role with `admin_access`.",
    "update": "turn on `admin_access` of a role: all its users become administrators.",
    "delete": _EFFECTS["delete"],
}


@export_check(
    "roles-write",
    collections=("directus_roles",),
    severity=Severity.HIGH,
    title="Roles can be changed",
    summary="A user who is not an administrator may create, update or delete roles.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.CRITICAL_PERMISSIONS),
    owasp=(OwaspRisk.API5,),
    checklist=(6,),
)
def roles_write(export: Export) -> Iterator[CheckResult]:
    effects = _EFFECTS if export.model.has_policies else _EFFECTS_ON_10
    for granted in effective_rows(export, "directus_roles", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "roles"),
            message=f"{they(granted)} can {effects[granted.row.action]}",
            expected="administrators only",
        )
