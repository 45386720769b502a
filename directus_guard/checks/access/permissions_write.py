"""Permissions can be changed."""

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
    "permissions-write",
    severity=Severity.HIGH,
    title="Permissions can be changed",
    summary="A user who is not an administrator may create, update or delete permissions.",
    checklist=(10,),
)
def permissions_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_permissions", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            "Whoever writes permissions grants themselves any other.",
            "administrators only",
        )
