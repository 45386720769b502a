"""The checks as reports list them."""

from __future__ import annotations

from directus_guard.checks import catalogue
from directus_guard.finding import Rule


def rules() -> tuple[Rule, ...]:
    """Every check as the reports list it, in the catalogue's order."""
    return tuple(
        Rule(
            id=check.id,
            title=check.title,
            severity=check.severity,
            chapter=check.chapter,
            checklist=check.checklist,
            summary=check.summary,
            help_markdown=check.page,
            documentation=check.documentation,
        )
        for check in catalogue().values()
    )
