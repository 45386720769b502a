"""Users can be changed beyond the own profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import effective_rows, failure, fields_of_users, only_own_account
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export

OWN: Final = ("role", "policies", "status", "token")
OTHERS: Final = ("role", "policies", "status", "token", "email", "password")


@export_check(
    "users-update",
    severity=Severity.HIGH,
    title="Users can be changed beyond the own profile",
    summary="update on directus_users reaches other users' role, status or credentials, or the own role, policies, status or token.",
    checklist=(6, 7),
)
def users_update(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_users", "update"):
        fields = granted.row.fields or ()
        own = not granted.public and only_own_account(granted.rule)
        wanted = fields_of_users(export, *(OWN if own else OTHERS))
        held = [name for name in wanted if name in fields or "*" in fields]
        if held:
            whose = "the own row" if own else "other users"
            yield failure(
                export,
                granted,
                f"{', '.join(f'`{name}`' for name in held)} of {whose} can be set.",
                "the row that the Data Studio stores for the own profile, which counts on every edition, or none",
                rule="the rule `id` = `$CURRENT_USER` and only fields of the own profile",
            )
