"""Anonymous visitors may read whole collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared.rows import describe, doubt, holder, less_sure, names, places, remedy, who
from directus_guard.directus.disclosure import shorten
from directus_guard.finding import Confidence, Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import EffectiveRow, Export


@export_check(
    "public-read",
    severity=Severity.LOW,
    title="Anonymous visitors may read whole collections",
    summary="The public may read collections without a rule on items or with all fields: one list per policy, for review.",
    checklist=(21, 22),
    needs=_public.NEEDS,
)
def public_read(export: Export) -> Iterator[CheckResult]:
    held: dict[str, list[EffectiveRow]] = {}
    for granted in _public.readable(export):
        worse = _public.sensitive(export, granted) or _public.unused_state(export, granted)
        if _public.is_open(export, granted) and not worse:
            held.setdefault(holder(export, granted.row), []).append(granted)
    for policy, rows in held.items():
        yield _failure(export, escape_controls(policy), rows)


def _failure(export: Export, policy: str, rows: list[EffectiveRow]) -> Failure:
    """One list for a policy; the key names the collections, so that one more is a new finding."""
    collections = tuple(escape_controls(name) for name in sorted({found.row.collection for found in rows}))
    listed = ", ".join(f"`{name}`" for name in collections[:8]) + (" …" if len(collections) > 8 else "")
    first = min(rows, key=lambda found: found.row.location or export.location)
    unsure = doubt(export, (found.row for found in rows), public=True)
    return Failure(
        subject=Subject(
            "policy",
            f"{export.name} {policy} read {' '.join(collections)}",
            (
                ("model", export.name),
                ("principals", names(export, first.principals)),
                ("policy", policy),
                ("collections", collections),
            ),
        ),
        location=first.row.location or export.location,
        message=f"Everybody on the internet reads all items or all fields of {len(collections)} collection{'s' if len(collections) > 1 else ''}: {listed}, also those that no page shows and fields that are added later. Granted by `{policy}` to {who(export, first.principals)}. {unsure}".rstrip(),
        expected=remedy(
            export,
            "only collections of which every item and field is meant for everybody",
            "a rule on the items and the fields by name where not all is meant for everybody",
        ),
        actual=shorten(describe(export, first.row)) if len(rows) == 1 else f"{len(rows)} rows",
        framed=False,
        confidence=less_sure(Confidence.HIGH, unsure),
        related=places((found.row.location, describe(export, found.row)) for found in rows),
    )
