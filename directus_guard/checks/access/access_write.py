"""Policies can be attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import effective_rows, failure
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "access-write",
    severity=Severity.HIGH,
    title="Policies can be attached",
    summary="A user who is not an administrator may write directus_access, which attaches policies to users and roles.",
    checklist=(6,),
    feature=HAS_POLICIES,
)
def access_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_access", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            "One request attaches the administrator policy to the own user. The checklist does not name this collection.",
            "administrators only",
        )
