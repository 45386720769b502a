"""Roles can be changed."""

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
    "roles-write",
    severity=Severity.HIGH,
    title="Roles can be changed",
    summary="A user who is not an administrator may create, update or delete roles.",
    checklist=(6,),
)
def roles_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_roles", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            "Directus makes no further check on roles: a role can be put below the administrator role and inherits everything.",
            "administrators only",
        )
