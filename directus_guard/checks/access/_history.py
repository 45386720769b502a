"""What the checks on revisions and versions share: both hold whole items of other collections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.shared.row_fixes import DELETE, listed, only_where
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import effective_rows, failure
from directus_guard.directus.access.filters import NOTHING, And, Condition
from directus_guard.directus.access.records import Edition
from directus_guard.directus.access.rules import fixes, matches_nothing
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import EffectiveRow, Export
    from directus_guard.finding import RowChange

_CONTENT = ("*", "data", "delta")
"""Fields that hold items; the others only say that something changed."""
_HOLDS: Final = {
    "revisions": "a revision holds a whole item",
    "versions": "a version holds the values that were changed in it",
}


def judge(export: Export, collection: str) -> Iterator[CheckResult]:
    """Find rows that let users read the content of items that they may not read themselves."""
    word = collection.removeprefix("directus_")
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
                title=can(export, granted.row, f"{word} of any collection"),
                message=f"{they(granted)} can read items of every collection: {_HOLDS[word]}.",
                expected="administrators only",
                rule="a rule that fixes `collection` to collections that may be read wholly",
                changes=_only(_readable(export, principals, granted), granted),
            )
            continue
        closed = _closed(export, principals, [str(value) for value in fixed.values if value is not None])
        if closed:
            left = sorted({str(value) for value in fixed.values if value is not None} - set(closed))
            yield failure(
                export,
                granted,
                title=can(export, granted.row, f"{word} of {{}}", closed[0]),
                message=f"{they(granted)} can read values of {listed(closed, 5)}, which they may not read otherwise: {_HOLDS[word]}.",
                expected="administrators only",
                rule="only collections that may be read wholly",
                changes=_only(left, granted),
                hint=(
                    f"The Data Studio then shows them no {word} of these items. "
                    "If they may read all fields of these items anyway, accept this finding."
                ),
            )


def _served(export: Export, collection: str, principal: Principal) -> bool:
    """Whether Directus answers at all: without a licence 12 limits revisions to the last days by a filter on their
    activity, and refuses users who may not read that (`services/revisions.js` of @directus/api 39.2.1)."""
    model = export.model
    if collection != "directus_revisions" or not HAS_EDITIONS.of(model.version) or model.edition is not Edition.CORE:
        return True
    return model.of(principal).items("directus_activity", "read") != NOTHING


def _only(collections: list[str], granted: EffectiveRow) -> tuple[RowChange, ...]:
    """The change after which a row shows items of these collections alone."""
    return only_where({"collection": {"_in": collections}}) if collections and not granted.public else DELETE


def _readable(export: Export, principals: list[Principal], granted: EffectiveRow) -> list[str]:
    """Collections of the project whose items every principal may read wholly, as far as the row's own rule lets through."""
    names = {row.collection for row in export.model.permissions if not row.collection.startswith("directus_")}
    readable = names - set(_closed(export, principals, sorted(names)))
    field = ("collection",)
    return [
        name
        for name in sorted(readable)
        if matches_nothing(And((granted.rule, Condition(field, "_eq", name)))) is not Tri.YES
    ]


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
