"""The Studio's recommended rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access._rows import holder, recommended
from directus_guard.checks.answers import Answer, Failure, export_check
from directus_guard.directus.disclosure import visible
from directus_guard.finding import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access import Permission
    from directus_guard.directus.export import Export

FEWEST: Final = 4
"""Rows that make a bundle; fewer may be there on purpose."""


@export_check(
    "recommended-app-access",
    severity=Severity.LOW,
    title="The Studio's recommended rows",
    summary="A policy has the rows the Data Studio stores with app access: they let everybody who has it read all users and files.",
    checklist=(),
    needs=("hidden rows", "permissions"),
)
def recommended_app_access(export: Export) -> Iterator[Answer]:
    counts: dict[str, int] = {}
    first: dict[str, Permission] = {}
    for row in export.model.permissions:
        if not row.system and recommended(export, row):
            name = holder(export, row)
            counts[name] = counts.get(name, 0) + 1
            first.setdefault(name, row)
    for name, count in counts.items():
        if count >= FEWEST:
            shown = visible(name)
            yield Failure(
                subject=Subject(
                    "policy", f"{export.name} {shown} recommended", (("model", export.name), ("policy", shown))
                ),
                location=first[name].location or export.location,
                message=f"`{shown}` has {count} of the rows that the Data Studio stores with app access: all users with their e-mail addresses and roles, all files, dashboards and shares can be read.",
                expected="the rows that the people with this policy need; the Studio works without most of them",
                actual=f"{count} recommended rows",
                framed=False,
            )
