"""Anonymous visitors may read whole collections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.row_words import held
from directus_guard.checks.shared.rows import (
    describe,
    doubt,
    holder,
    less_sure,
    matches_everything,
    names,
    places,
    remedy,
    sure_of,
)
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.tri import Tri
from directus_guard.finding import Confidence, Fix, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import EffectiveRow, Export


@export_check(
    "public-read",
    severity=Severity.LOW,
    title="Anonymous visitors may read whole collections",
    summary="The public may read collections without a rule on items or with all fields: a list for each policy, for review.",
    cwe=(Cwe.MISSING_AUTHORIZATION,),
    owasp=(OwaspRisk.API1, OwaspRisk.API3),
    checklist=(21, 22),
    needs=_public.NEEDS,
)
def public_read(export: Export) -> Iterator[CheckResult]:
    by_policy: dict[str, list[EffectiveRow]] = {}
    for granted in _public.readable(export):
        worse = _public.sensitive(export, granted) or _public.unused_state(export, granted)
        if _public.is_open(export, granted) and not worse:
            by_policy.setdefault(holder(export, granted.row), []).append(granted)
    for policy, rows in by_policy.items():
        yield _failure(export, policy, rows)


def _failure(export: Export, policy: str, rows: list[EffectiveRow]) -> Failure:
    """One list for a policy; the key names the collections, so that one more is a new finding."""
    collections = tuple(escape_controls(name) for name in sorted({granted.row.collection for granted in rows}))
    first = min(rows, key=lambda granted: granted.row.location or export.location)
    unsure = doubt(export, (granted.row for granted in rows), public=True)
    many = len(collections) > 1
    return Failure(
        subject=Subject(
            "policy",
            f"{export.name} {escape_controls(policy)} read {' '.join(collections)}",
            (
                ("model", export.name),
                ("principals", names(export, first.principals)),
                ("policy", escape_controls(policy)),
                ("collections", collections),
            ),
        ),
        location=first.row.location or export.location,
        studio=studio.of_row(export, first.row),
        members=(("fields", "*"), ("permissions",)) if _every_field([first]) else (("permissions",),),
        title=f"Anonymous visitors can read {len(collections)} collections"
        if many
        else titled("Anonymous visitors can read {}", collections[0]),
        message=(
            f"Everybody on the internet can read {_what(export, rows)}."
            f" That includes {_more(export, rows)}."
            f" {held(export, policy, first.principals)} {unsure}"
        ).rstrip(),
        expected=remedy(
            export,
            "only collections of which every item and field is meant for everybody",
            "a rule on the items and the fields by name where not all is meant for everybody",
        ),
        actual=shorten(describe(export, first.row))
        if len(rows) == 1
        else shorten(", ".join(f"{granted.row.action} {granted.row.collection}" for granted in rows)),
        framed=False,
        confidence=less_sure(Confidence.HIGH, unsure),
        related=places((granted.row.location, describe(export, granted.row)) for granted in rows),
        fix=_fix(export, rows),
    )


def _every_field(rows: list[EffectiveRow]) -> list[str]:
    """The collections of which every field is open."""
    return sorted({granted.row.collection for granted in rows if "*" in (granted.row.fields or ())})


def _every_item(export: Export, rows: list[EffectiveRow]) -> list[str]:
    """The collections of which every item is open."""
    return sorted(
        {
            granted.row.collection
            for granted in rows
            if matches_everything(granted.rule, sure_of(export, granted.row.collection)) is Tri.YES
        }
    )


def _what(export: Export, rows: list[EffectiveRow]) -> str:
    """What is open: all items of some collections, all fields of some."""
    items, fields = _every_item(export, rows), _every_field(rows)
    if items == fields:
        return f"all items and all fields of {listed(items)}"
    return " and ".join(
        f"all {what} of {listed(names)}" for what, names in (("items", items), ("fields", fields)) if names
    )


def _more(export: Export, rows: list[EffectiveRow]) -> str:
    """What that includes, as readers may not expect."""
    parts = ["items that no page shows"] if _every_item(export, rows) else []
    parts += ["fields that are added later"] if _every_field(rows) else []
    return " and ".join(parts)


def _fix(export: Export, rows: list[EffectiveRow]) -> Fix:
    """What the rows lack: names of fields, an item rule, or both."""
    these = "this permission" if len(rows) == 1 else "these permissions"
    if export.is_core:
        return Fix(f"Delete {these} where not every item and field is meant for everybody.")
    every_field, every_item = _every_field(rows), _every_item(export, rows)
    of_fields, of_items = (
        (these, these)
        if len(rows) == 1
        else (f"the permissions on {listed(names)}" if names else "" for names in (every_field, every_item))
    )
    texts = (
        [f"Replace `*` in `fields` of {of_fields} by the fields that are meant for everybody."] if every_field else []
    )
    texts += [f"Limit {of_items} by an item rule to the items that are meant for everybody."] if every_item else []
    texts += ["If all of it is meant for everybody, accept this finding."]
    if not export.edition_known:
        texts.append(f"Without a licence (Directus 12 Core) delete {these} instead.")
    return Fix(" ".join(texts))
