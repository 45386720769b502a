"""Users can delete their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
    only_own_account,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "users-delete-own",
    collections=("directus_users",),
    severity=Severity.LOW,
    title="Users can delete their own account",
    summary="Users may delete only their own account: right for a sign-up site, surprising for a team.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION,),
    owasp="Deleting their own account may be what users are meant to do.",
    checklist=(),
)
def users_delete_own(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_users", "delete"):
        if not granted.public and only_own_account(granted.rule):
            yield failure(
                export,
                granted,
                title=policy_title(export, export.holder(granted.row), "lets users delete their own account"),
                message="A stolen session is enough to delete the account: Directus asks for no password first.",
                expected="no such permission, unless users may close their own account",
            )
