"""Anonymous visitors may read drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "public-read-drafts",
    severity=Severity.MEDIUM,
    title="Anonymous visitors may read drafts",
    summary="The public may read a collection that has a status or a publish date, and no rule asks for it.",
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
                f"`{escape_controls(granted.row.collection)}` has the field `{escape_controls(state)}`, and the row does not ask for it: everybody on the internet reads what is not published, whatever the website shows.",
                "published items in a collection of their own",
                rule=f"a rule on `{escape_controls(state)}`, such as `_eq` `published`",
            )
    yield from _public.unknown_fields(export, "whether items can be drafts is not known")
