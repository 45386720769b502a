"""Data of other users can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure, fields_of_users, only_own_account, reached, recommended
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
    from directus_guard.directus.export import Export

PERSONAL: Final = ("email", "role", "policies", "provider", "external_identifier", "auth_data", "last_access")


@export_check(
    "users-read",
    severity=Severity.MEDIUM,
    title="Data of other users can be read",
    summary="read of other users' e-mail address, role or sign-in data.",
    checklist=(),
)
def users_read(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_users", "read"):
        fields = found.row.fields or ()
        held = [name for name in fields_of_users(export, *PERSONAL) if name in fields or "*" in fields]
        if held and not only_own_account(found.rule) and not found.public and not recommended(export, found.row):
            yield failure(
                export,
                found,
                f"{', '.join(f'`{name}`' for name in held)} of other users can be read; the roles tell an attacker whom to go for.",
                "no such row: app access lets everybody read their own user",
                rule="the rule `id` = `$CURRENT_USER`, or only names and avatars",
            )
