"""Links can be turned to other items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._junctions import RULE, links, unknown
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure, matches_everything, sure_of
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "junction-update",
    severity=Severity.MEDIUM,
    title="Links can be turned to other items",
    summary="update on a junction collection without an item rule, or without a validation that pins the keys it may set.",
    checklist=(23, 24, 25),
)
def junction_update(export: Export) -> Iterator[CheckResult]:
    for link in links(export, "update"):
        sure = sure_of(export, link.granted.row.collection)
        anyones = matches_everything(link.granted.rule, sure) is Tri.YES
        if anyones or link.open:
            told = ["every link can be changed"] if anyones else []
            told += [f"{link.shown} may be set to any item"] if link.open else []
            yield failure(
                export,
                link.granted,
                f"A row here links two items: {', and '.join(told)}. So somebody takes away what others linked, or ties items together that they may not change.",
                "no such row; links are made by whoever may change both sides, or by a flow",
                rule=f"an item rule for the own links, and {RULE}",
                confidence=link.confidence,
            )
    yield from unknown(export, "update")
