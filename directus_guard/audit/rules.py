"""The checks as reports list them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from directus_guard.checks import catalogue
from directus_guard.documentation import address, with_addresses
from directus_guard.finding import Rule

if TYPE_CHECKING:
    from directus_guard.checks.declaration import CatalogueRow


def rules(base: str = "") -> tuple[Rule, ...]:
    """Every check as the reports list it, in the catalogue's order. `base`: where the documentation is; "" = not known."""
    return tuple(
        Rule(
            id=check.id,
            title=check.title,
            severity=check.severity,
            chapter=check.chapter,
            checklist=check.checklist,
            summary=check.summary,
            help_markdown=partial(_page, check, base),
            documentation=address(base, check.path),
            cwe=check.cwe,
            owasp=check.risks,
        )
        for check in catalogue().values()
    )


def _page(check: CatalogueRow, base: str) -> str:
    return with_addresses(check.page(), check.path, base)
