"""Anonymous visitors may read drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import only_where
from directus_guard.checks.shared.rows import (
    failure,
)
from directus_guard.checks.shared.titles import titled
from directus_guard.finding import Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_BOOLEAN: Final = lazy_pattern(r"(?i)(?:is_)?(?P<state>published|draft)\Z")


@export_check(
    "public-read-drafts",
    severity=Severity.MEDIUM,
    title="Anonymous visitors may read drafts",
    summary="The public may read a collection that has a status or a publish date, and no rule asks for it.",
    cwe=(Cwe.MISSING_AUTHORIZATION,),
    owasp=(OwaspRisk.API1,),
    checklist=(22,),
    needs=_public.NEEDS,
)
def public_read_drafts(export: Export) -> Iterator[CheckResult]:
    for granted in _public.readable(export):
        if not _public.is_open(export, granted) or _public.sensitive(export, granted):
            continue
        state = _public.unused_state(export, granted)
        if state:
            yield failure(
                export,
                granted,
                title=titled("Anonymous visitors can read drafts of {}", granted.row.collection),
                message=(
                    "Everybody on the internet can read items that are not published, whatever the website shows."
                    f" The permission does not look at `{escape_controls(state)}`."
                ),
                expected="published items in a collection of their own",
                rule=f"a rule on `{escape_controls(state)}`",
                changes=only_where({state: _published(state)}),
                note=_undated(state),
            )
    yield from _public.unknown_fields(export, "whether items can be drafts is not known")


def _undated(state: str) -> str:
    """What a condition on a date hides, a sentence; "" for other conditions."""
    name = escape_controls(state)
    dated = "_lte" in _published(state)
    return f"Items without a `{name}` are hidden then: give them a date first." if dated else ""


def _published(state: str) -> dict[str, str | bool]:
    """The condition on a field that tells whether an item is published: a boolean, a date, or a word."""
    if state.lower() == "status":
        return {"_eq": "published"}
    boolean = _BOOLEAN.match(state)
    return {"_eq": boolean["state"].lower() == "published"} if boolean else {"_lte": "$NOW"}
