"""A public rule asks for the current user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import every, failure
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
    from directus_guard.directus.export import Export


@export_check(
    "public-current-user",
    severity=Severity.HIGH,
    title="A public rule asks for the current user",
    summary="A rule of the public uses $CURRENT_USER or $CURRENT_ROLE, which is null without a user: it then means IS NULL.",
    checklist=(),
    needs=_public.NEEDS,
)
def public_current_user(export: Export) -> Iterator[Answer]:
    for found in every(export, "read", "update", "delete", "share"):
        text = json.dumps(found.row.permissions)
        if found.public and ("$CURRENT_USER" in text or ('"$CURRENT_ROLE' in text and "$CURRENT_ROLES" not in text)):
            yield failure(
                export,
                found,
                "Without a user the variable is null, and `_eq` null means IS NULL: every item without an owner is served (measured).",
                "no such row",
                rule="a rule without variables of the user",
            )
