"""Anonymous visitors may read what is not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import DELETE, only_where, without_fields
from directus_guard.checks.shared.rows import failure
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.access.sensitive import sensitive_fields
from directus_guard.finding import Confidence, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import EffectiveRow, Export
    from directus_guard.finding import RowChange


@export_check(
    "public-read-sensitive",
    severity=Severity.HIGH,
    title="Anonymous visitors may read sensitive data",
    summary="The public may read system collections, all files, or fields that look personal or secret.",
    cwe=(Cwe.MISSING_AUTHORIZATION, Cwe.PERSONAL_INFORMATION),
    owasp=(OwaspRisk.API1, OwaspRisk.API3),
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
                title=_title(granted.row.collection),
                message=f"Everybody on the internet can read {what}.",
                expected="no such permission",
                rule="only the items and fields that are meant for everybody",
                changes=_changes(export, granted),
                note=_ONE_FOLDER if granted.row.collection == "directus_files" else "",
                hint=_HINTS.get(granted.row.collection, ""),
                confidence=Confidence.HIGH if granted.row.collection.startswith("directus_") else Confidence.MEDIUM,
            )
    yield from _public.unknown_fields(export, "whether personal or secret ones are among them is not known")


_FOLDER: Final = {"folder": {"_eq": "ID OF THE FOLDER"}}
_ONE_FOLDER: Final = (
    "First move the files that are public into one folder, without subfolders. "
    "Its id is in the address of the folder in the Data Studio."
)
_HINTS: Final = {
    "directus_users": "Keep what visitors may see of people in a collection of its own.",
    "directus_settings": "Use `/server/info` to show the name and logo of the project.",
}


def _title(collection: str) -> str:
    if collection == "directus_files":
        return "Anonymous visitors can read every file"
    if collection.startswith("directus_"):
        return titled("Anonymous visitors can read {}", collection)
    return titled("Anonymous visitors can read sensitive fields of {}", collection)


def _changes(export: Export, granted: EffectiveRow) -> tuple[RowChange, ...]:
    """Only public files, no sensitive fields, nothing of the system's own collections."""
    row = granted.row
    if row.collection == "directus_files":
        return only_where(_FOLDER, example=True)
    if row.collection.startswith("directus_"):
        return DELETE
    return without_fields(row, sensitive_fields(export.schema, row.collection, row.fields or ()))
