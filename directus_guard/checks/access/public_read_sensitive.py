"""Anonymous visitors may read what is not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import failure
from directus_guard.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "public-read-sensitive",
    severity=Severity.HIGH,
    title="Anonymous visitors may read what is not theirs",
    summary="The public may read system collections, all files, or fields that look personal or secret.",
    checklist=(21,),
    needs=_public.NEEDS,
)
def public_read_sensitive(export: Export) -> Iterator[CheckResult]:
    for granted in _public.readable(export):
        what = _public.sensitive(export, granted)
        if what:
            yield failure(
                export,
                granted,
                f"Everybody on the internet reads {what}.",
                "no such row",
                rule="only the items and fields that are meant for everybody",
                confidence=Confidence.HIGH if granted.row.collection.startswith("directus_") else Confidence.MEDIUM,
            )
    yield from _public.unknown_fields(export, "whether personal or secret ones are among them is not known")
