"""Policies can be attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure, reached
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
    from directus_guard.directus.export import Export


@export_check(
    "access-write",
    severity=Severity.HIGH,
    title="Policies can be attached",
    summary="A user who is not an administrator may write directus_access, which attaches policies to users and roles.",
    checklist=(6,),
    feature=HAS_POLICIES,
)
def access_write(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_access", "create", "update", "delete"):
        yield failure(
            export,
            found,
            "One request attaches the administrator policy to the own user. The checklist does not name this collection.",
            "administrators only",
        )
