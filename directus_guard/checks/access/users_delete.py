"""Other users can be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure, only_own_account, reached
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
    from directus_guard.directus.export import Export


@export_check(
    "users-delete",
    severity=Severity.HIGH,
    title="Other users can be deleted",
    summary="A user who is not an administrator can delete the accounts of other users.",
    checklist=(6,),
)
def users_delete(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_users", "delete"):
        if found.public or not only_own_account(found.rule):
            yield failure(
                export,
                found,
                "Users with this row can delete the accounts of other users. Directus protects only the last administrator.",
                "no such row: delete this permission",
                rule="the rule `id` `_eq` `$CURRENT_USER`, which leaves users their own account",
            )
