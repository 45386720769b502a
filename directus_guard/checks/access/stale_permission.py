"""A row names what does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import DELETE, fix_of, listed, patches, without_fields
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.checks.shared.rows import describe, holder, places
from directus_guard.directus.access.system_data import system_fields
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Fix, RemoveFields, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export


@export_check(
    "stale-permission",
    severity=Severity.LOW,
    title="A permission names what does not exist",
    summary="A permission names a collection or a field that the data model does not have.",
    cwe=(Cwe.CRITICAL_PERMISSIONS,),
    owasp=(OwaspRisk.API9,),
    needs=(ExportPart.PERMISSIONS, ExportPart.DATA_MODEL),
)
def stale_permission(export: Export) -> Iterator[CheckResult]:
    if export.schema is None:
        yield NotApplicable("there is no schema snapshot beside the export")
        return
    if not export.schema.complete:
        yield NotEvaluated("the schema snapshot is not complete", export.location)
        return
    held: dict[tuple[str, str], list[tuple[Permission, tuple[str, ...]]]] = {}
    for row in export.model.permissions:
        known = _fields(export, row.collection)
        gone = (
            tuple(name for name in row.fields or () if name not in known and not _is_the_studios(name))
            if known is not None
            else ()
        )
        if not row.system and (known is None or gone):
            held.setdefault((holder(export, row), row.collection), []).append((row, gone))
    for (policy, collection), rows in held.items():
        yield _failure(export, policy, collection, rows)


def _is_the_studios(name: str) -> bool:
    """Every field, and fields that the Data Studio makes up and its dialogs store (`$thumbnail` of files, `$version`)."""
    return name == "*" or name.startswith("$")


def _fields(export: Export, collection: str) -> Container[str] | None:
    """The fields of a collection, the framework's and the project's own; None if there is no such collection."""
    own = export.schema.by_collection.get(collection) if export.schema else None
    shipped = system_fields(export.model.version).get(collection) if collection.startswith("directus_") else None
    if own is None and shipped is None:
        return None
    return {*(own or ()), *(shipped or ())}


def _failure(export: Export, policy: str, collection: str, rows: list[tuple[Permission, tuple[str, ...]]]) -> Failure:
    gone = tuple(sorted({name for _, names in rows for name in names}))
    names = tuple(map(escape_controls, gone))
    name, shown = escape_controls(policy), escape_controls(collection)
    row = rows[0][0]
    what = f"{listed(names)} of `{shown}`" if names else f"`{shown}`"
    return Failure(
        subject=Subject(
            "permission",
            f"{export.name} {name} {shown} {' '.join(names)}".rstrip(),
            (("model", export.name), ("policy", name), ("collection", shown), ("fields", names)),
        ),
        location=row.location or export.location,
        studio=studio.of_row(export, row),
        members=tuple(("fields", name) for name in rows[0][1]) or (("collection",),),
        title=policy_title(export, policy, "names missing {}", gone[0] if gone else collection),
        message=(f"The data model has no {'field' if names else 'collection'} {what}. {_later(collection, names)}"),
        expected="no such permission" if not names else "only fields that exist",
        actual=shorten(", ".join(sorted(f"{one.action} {shown}" for one, _ in rows))),
        framed=False,
        confidence=Confidence.MEDIUM,
        related=places((one.location, describe(export, one)) for one, _ in rows),
        fix=_fix(names, [one for one, _ in rows]),
    )


def _later(collection: str, names: tuple[str, ...]) -> str:
    """What such a permission can grant one day, a sentence."""
    them = "it" if len(names) < 2 else "them"
    if names:
        return f"If you create {them} later, these users can use {them} at once."
    if collection.startswith("directus_"):
        return "It grants nothing today. If another version of Directus has this collection, these users can use it at once."
    return "If you create it later, these users can use it at once."


def _fix(names: tuple[str, ...], rows: list[Permission]) -> Fix:
    changes = without_fields(rows[0], names) if names and len(rows) == 1 else DELETE
    if len(rows) == 1:
        return replace(fix_of(changes, rows[0]), safe=True)
    if names:
        change = (RemoveFields(names),)
        return Fix(
            f"Remove {listed(names)} from `fields` of these {len(rows)} permissions.",
            safe=True,
            rows=patches(rows, change),
        )
    return Fix(f"Delete these {len(rows)} permissions.", safe=True, changes=DELETE, rows=patches(rows, DELETE))
