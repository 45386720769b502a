"""Users can be created with any role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import DELETE, listed, without_fields
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
    fields_of_users,
    unpinned,
)
from directus_guard.directus.access.system_data import NEW_PROFILE
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "users-create",
    collections=("directus_users",),
    severity=Severity.HIGH,
    title="Users can be created with any role",
    summary="A permission to create users with `role` or `policies` among the fields, and no validation that pins them.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.MASS_ASSIGNMENT),
    owasp=(OwaspRisk.API3, OwaspRisk.API5),
    checklist=(6, 8),
)
def users_create(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_users", "create"):
        held = unpinned(export, granted, *fields_of_users(export, "role", "policies"))
        if held:
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "users with any {}", held[0]),
                message=(
                    f"{they(granted)} can create an administrator: a new user may have any value of {listed(held)}."
                    " A preset does not lock a field; the value in the request wins."
                ),
                expected="administrators only",
                rule="`role` and `policies` not among the fields, or a validation with `_eq` or `_in` on the key itself",
                note=(
                    "New users get the role in the preset of this permission: set it there."
                    " Invitations name a role, so only administrators can send them then."
                ),
                changes=DELETE if granted.public else without_fields(granted.row, held, instead=NEW_PROFILE),
            )
