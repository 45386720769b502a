"""What the checks on revisions and versions share: both hold whole items of other collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.shared.rows import effective_rows, failure
from directus_guard.directus.access.filters import NOTHING
from directus_guard.directus.access.records import Edition
from directus_guard.directus.access.rules import fixes
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.tri import Tri
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export

_CONTENT = ("*", "data", "delta")
"""Fields that hold items; the others only tell that something changed."""


def judge(export: Export, collection: str) -> Iterator[CheckResult]:
    """Rows that let users read the content of items that they may not read themselves."""
    for granted in effective_rows(export, collection, "read"):
        if not set(_CONTENT).intersection(granted.row.fields or ()):
            continue
        principals = [principal for principal in granted.principals if _served(export, collection, principal)]
        if not principals:
            continue
        fixed = fixes(granted.rule, ("collection",))
        if fixed.answer is not Tri.YES:
            yield failure(
                export,
                granted,
                "They hold whole items of every collection, also of those that may not be read.",
                "administrators only",
                rule="a rule that fixes `collection` to collections that may be read wholly",
            )
            continue
        closed = _closed(export, principals, [str(value) for value in fixed.values if value is not None])
        if closed:
            yield failure(
                export,
                granted,
                f"They hold whole items of {', '.join(f'`{escape_controls(name)}`' for name in closed[:5])}, of which not all may be read.",
                "administrators only",
                rule="only collections that may be read wholly",
            )


def _served(export: Export, collection: str, principal: Principal) -> bool:
    """Whether Directus answers at all: without a licence 12 limits revisions to the last days by a filter on their
    activity, and who may not read that is refused (measured; `services/revisions.js` of @directus/api 39.2.1)."""
    model = export.model
    if collection != "directus_revisions" or not HAS_EDITIONS.of(model.version) or model.edition is not Edition.CORE:
        return True
    return model.of(principal).items("directus_activity", "read") != NOTHING


def _closed(export: Export, principals: list[Principal], values: list[str]) -> list[str]:
    """Collections of which some principal may not read every item with every field."""
    return sorted(
        {
            name
            for name in values
            for principal in principals
            if not any(entry.level == "full" for entry in export.model.of(principal).grant(name, "read").entries())
        }
    )
