"""Other users can be deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
    only_own_account,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "users-delete",
    collections=("directus_users",),
    severity=Severity.HIGH,
    title="Other users can be deleted",
    summary="A user who is not an administrator can delete the accounts of other users.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION,),
    owasp=(OwaspRisk.API5,),
    checklist=(6,),
)
def users_delete(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_users", "delete"):
        if granted.public or not only_own_account(granted.rule):
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "other users"),
                message=f"{they(granted)} can delete the accounts of other users, also of administrators. Directus protects only the last administrator.",
                expected="no such permission",
                rule="the rule `id` `_eq` `$CURRENT_USER`, which leaves users their own account",
            )
