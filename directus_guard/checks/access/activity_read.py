"""Activity of others can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure, reached
from directus_guard.directus.access.rules import confined_to_current_user
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.answers import Answer
    from directus_guard.directus.export import Export


@export_check(
    "activity-read",
    severity=Severity.MEDIUM,
    title="Activity of others can be read",
    summary="read on directus_activity that is not confined to the own entries.",
    checklist=(17,),
)
def activity_read(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_activity", "read"):
        if confined_to_current_user(found.rule, anonymous=found.public).answer is not Tri.YES:
            yield failure(
                export,
                found,
                "The log shows addresses, browsers and what everybody does.",
                "administrators only",
                rule="the rule `user` = `$CURRENT_USER`",
            )
