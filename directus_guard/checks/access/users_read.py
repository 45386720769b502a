"""Data of other users can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import listed, without_fields
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
    fields_of_users,
    only_own_account,
    recommended,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


PERSONAL: Final = ("email", "role", "policies", "provider", "external_identifier", "auth_data", "last_access")
_NAMES: Final = ("id", "first_name", "last_name", "avatar")


@export_check(
    "users-read",
    collections=("directus_users",),
    severity=Severity.MEDIUM,
    title="Data of other users can be read",
    summary="A permission to read the e-mail address, role or sign-in data of other users.",
    cwe=(Cwe.PERSONAL_INFORMATION, Cwe.INCORRECT_AUTHORIZATION),
    owasp=(OwaspRisk.API1, OwaspRisk.API3),
    checklist=(),
)
def users_read(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_users", "read"):
        fields = granted.row.fields or ()
        held = tuple(name for name in fields_of_users(export, *PERSONAL) if name in fields or "*" in fields)
        if held and not only_own_account(granted.rule) and not granted.public and not recommended(export, granted.row):
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "personal data of other users"),
                message=f"{they(granted)} can read {listed(held)} of other users, and so learn whom to attack.",
                expected="no such permission: app access lets everybody read their own user",
                rule="the rule `id` = `$CURRENT_USER`, or only names and avatars",
                changes=without_fields(granted.row, held, instead=_NAMES),
            )
