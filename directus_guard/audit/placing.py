"""Where findings about stored rows are shown: at the member that matters. The row becomes a related place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.finding import Related

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.finding import Anchor, Finding, Location
    from directus_guard.sources.exports.stored_rows import StoredRow
    from directus_guard.sources.files.repository import Repository


def placed(findings: Iterable[Finding], repository: Repository) -> tuple[Finding, ...]:
    """The findings at the members that matter, each with its code frame."""
    held = tuple(findings)
    if not any(finding.anchor for finding in held):
        return held
    from directus_guard.sources.exports.stored_rows import StoredRows  # noqa: PLC0415 - only rows of exports have anchors

    by_row: dict[Location, list[tuple[int, Finding, Anchor]]] = {}
    for number, finding in enumerate(held):
        if finding.anchor:
            by_row.setdefault(finding.location, []).append((number, finding, finding.anchor))
    shown = list(held)
    for place, row in StoredRows(repository).rows(by_row):  # a row may have several findings, and is read once for all
        if row is not None:
            for number, finding, anchor in by_row[place]:
                shown[number] = _placed(finding, anchor, row)
    return tuple(shown)


def _placed(finding: Finding, anchor: Anchor, row: StoredRow) -> Finding:
    from directus_guard.audit.row_frame import row_frame  # noqa: PLC0415 - see `placed`

    places = row.places(anchor.members)
    first = places[0]
    named = {one.location for one in finding.related}
    whole = (Related(anchor.row, _called(row)),) if anchor.row.line != first.line and anchor.row not in named else ()
    return replace(
        finding,
        location=first,
        related=(*finding.related, *whole),
        frame=row_frame(row, first),
        anchor=replace(anchor, row=finding.location, places=places),
    )


def _called(row: StoredRow) -> str:
    """The table's word for a row."""
    from directus_guard.sources.exports.tables import kind_of  # noqa: PLC0415 - see `placed`

    return _WORDS.get(kind_of(row.values, row.place.path.rpartition("/")[2].lower()), "the record")


_WORDS: Final = {
    "permissions": "the permission",
    "policies": "the policy",
    "access": "the attachment of the policy",
    "roles": "the role",
    "users": "the user",
    "flows": "the flow",
    "operations": "the operation",
    "settings": "the settings",
}
