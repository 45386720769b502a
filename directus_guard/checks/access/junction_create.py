"""Anything can be linked with anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access._junctions import RULE, links, unknown
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_members import of_changes
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import failure
from directus_guard.finding import PinFields, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "junction-create",
    severity=Severity.MEDIUM,
    title="Anything can be linked with anything",
    summary="A permission to create rows of a junction collection, without a validation that pins both keys.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION, Cwe.USER_CONTROLLED_KEY),
    owasp=(OwaspRisk.API1,),
    checklist=(23, 24, 25),
)
def junction_create(export: Export) -> Iterator[CheckResult]:
    for link in links(export, "create"):
        if link.open:
            yield failure(
                export,
                link.granted,
                title=can(export, link.granted.row, "any link in {}", link.granted.row.collection),
                message=(
                    f"{they(link.granted)} can link items that they may not change, because {link.shown} may name any item."
                    " Directus does not check whether users may change the items that a request names."
                ),
                expected="no such permission; links are made by users who may change both sides, or by a flow",
                rule=RULE,
                members=of_changes((PinFields(link.open),), link.granted.row),
                hint=(
                    "Its users can then add no links in the Data Studio: let a flow make them. "
                    "It has to check first that the caller may change both items. "
                    "If its users may change all these items anyway, accept this finding."
                ),
                confidence=link.confidence,
            )
    yield from unknown(export, "create")
