"""Users can be created with any role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._rows import failure, reached
from directus_guard.checks.answers import Answer, export_check
from directus_guard.directus.rules import Answer as Told
from directus_guard.directus.validation import pins
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "users-create",
    severity=Severity.HIGH,
    title="Users can be created with any role",
    summary="create on directus_users with `role` or `policies` among the fields and no validation that pins them.",
    checklist=(6, 8),
)
def users_create(export: Export) -> Iterator[Answer]:
    major = export.model.version.major
    for found in reached(export, "directus_users", "create"):
        open_ = [
            name
            for name in ("role", "policies")
            if (name in (found.row.fields or ()) or "*" in (found.row.fields or ()))
            and pins((found.row.validation,), name, anonymous=found.public, major=major).answer is not Told.YES
        ]
        if open_:
            yield failure(
                export,
                found,
                f"New users may be given any value of {' and '.join(f'`{name}`' for name in open_)}. A preset does not lock a field: what is sent wins.",
                "`role` and `policies` not among the fields, or a validation with `_eq` or `_in` on the key itself",
            )
