"""Links can be turned to other items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._junctions import RULE, links, unknown
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import without_fields
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import failure, matches_everything, sure_of
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.access._junctions import Link
    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.finding import RowChange


@export_check(
    "junction-update",
    severity=Severity.MEDIUM,
    title="Links can be turned to other items",
    summary="A permission to update a junction collection without an item rule, or without a validation that pins its keys.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION, Cwe.USER_CONTROLLED_KEY),
    owasp=(OwaspRisk.API1,),
    checklist=(23, 24, 25),
)
def junction_update(export: Export) -> Iterator[CheckResult]:
    for link in links(export, "update"):
        sure = sure_of(export, link.granted.row.collection)
        anyones = matches_everything(link.granted.rule, sure) is Tri.YES
        if anyones or link.open:
            effects = ["change the links of others"] if anyones else []
            effects += [f"set {link.shown} to any item"] if link.open else []
            yield failure(
                export,
                link.granted,
                title=can(export, link.granted.row, "links in {}", link.granted.row.collection),
                message=f"{they(link.granted)} can {' and '.join(effects)}: also to items that they may not change.",
                expected="no such permission; links are made by users who may change both sides, or by a flow",
                rule=f"an item rule for the user's own links, and {RULE}",
                changes=_changes(link),
                note="If it needs no other field, delete this permission."
                if "*" in (link.granted.row.fields or ())
                else "",
                confidence=link.confidence,
            )
    yield from unknown(export, "update")


def _changes(link: Link) -> tuple[RowChange, ...]:
    """The fields that link are taken away."""
    return without_fields(link.granted.row, link.keys)
