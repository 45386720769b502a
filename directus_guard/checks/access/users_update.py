"""Users can be changed beyond the own profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure, fields_of_users, only_own_account, reached
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
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
def users_update(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_users", "update"):
        fields = found.row.fields or ()
        own = not found.public and only_own_account(found.rule)
        wanted = fields_of_users(export, *(OWN if own else OTHERS))
        held = [name for name in wanted if name in fields or "*" in fields]
        if held:
            whose = "the own row" if own else "other users"
            yield failure(
                export,
                found,
                f"{', '.join(f'`{name}`' for name in held)} of {whose} can be set.",
                "the row that the Data Studio stores for the own profile, which counts on every edition, or none",
                rule="the rule `id` = `$CURRENT_USER` and only fields of the own profile",
            )
