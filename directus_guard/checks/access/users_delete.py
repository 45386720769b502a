"""Users can be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._rows import failure, reached
from directus_guard.checks.answers import Answer, export_check
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "users-delete",
    severity=Severity.HIGH,
    title="Users can be deleted",
    summary="Somebody who is no administrator may delete users.",
    checklist=(6,),
)
def users_delete(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_users", "delete"):
        yield failure(
            export,
            found,
            "Deleting users locks people out; only the last administrator is protected.",
            "no delete on directus_users but for administrators",
        )
