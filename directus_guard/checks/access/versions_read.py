"""Versions of anything can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._rows import failure, reached
from directus_guard.checks.answers import Answer, export_check
from directus_guard.directus.filters import EVERYTHING
from directus_guard.directus.rules import Answer as Told, fixes
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "versions-read",
    severity=Severity.HIGH,
    title="Versions of anything can be read",
    summary="read on directus_versions without a rule that fixes `collection`, or fixing one that cannot be read itself.",
    checklist=(18, 19),
)
def versions_read(export: Export) -> Iterator[Answer]:
    for found in reached(export, "directus_versions", "read"):
        fixed = fixes(found.rule, ("collection",))
        if fixed.answer is not Told.YES:
            yield failure(
                export,
                found,
                "They hold whole items of every collection, also of those that may not be read.",
                "a rule that fixes `collection` to collections that may be read wholly",
            )
            continue
        closed = [
            str(name)
            for name in fixed.values
            for principal in found.principals
            if export.model.of(principal).items(str(name), "read") != EVERYTHING
        ]
        if closed:
            yield failure(
                export,
                found,
                f"They hold whole items of {', '.join(f'`{name}`' for name in sorted(set(closed))[:5])}, of which not all may be read.",
                "only collections that may be read wholly",
            )
