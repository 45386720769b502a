"""Anything can be linked with anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._junctions import RULE, links, unknown
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "junction-create",
    severity=Severity.MEDIUM,
    title="Anything can be linked with anything",
    summary="create on a junction collection without a validation that pins both keys.",
    checklist=(23, 24, 25),
)
def junction_create(export: Export) -> Iterator[CheckResult]:
    for link in links(export, "create"):
        if link.open:
            yield failure(
                export,
                link.granted,
                f"A row here links two items, and {link.shown} may name any: an item that the sender may not change gets linked all the same, because a bare key asks for no permission on the other collection.",
                "no such row; links are made by whoever may change both sides, or by a flow",
                rule=RULE,
                confidence=link.confidence,
            )
    yield from unknown(export, "create")
