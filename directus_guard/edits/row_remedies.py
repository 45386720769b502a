"""What a fix says of stored rows becomes the edits of the exported files that carry it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.edits.row_values import NotEditableError
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from directus_guard.edits.file_texts import FileTexts
    from directus_guard.finding import Edit, Finding, Fix, RowPatch


def edited_rows(finding: Finding, texts: FileTexts) -> Fix | None:
    """The fix of a finding with its edits, where all that it says of rows can be edited; else as it is."""
    fix = finding.fix
    if fix is None or not fix.rows or finding.live:
        return fix
    by_file: dict[str, list[RowPatch]] = {}
    for patch in fix.rows:
        by_file.setdefault(patch.row.path, []).append(patch)
    edits: list[Edit] = []
    try:
        for path, patches in by_file.items():
            editor = texts.rows(path)
            if editor is None:
                return replace(fix, safe=False)
            edits += editor.edits(patches)
    except NotEditableError:
        return replace(fix, safe=False)
    return replace(fix, edits=tuple(edits), safe=fix.safe and finding.confidence is not Confidence.LOW)
