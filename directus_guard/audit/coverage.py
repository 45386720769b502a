"""Which parts of Directus' checklist a run judged at all. A part without evidence is not clean, it is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import ChecklistPart, Coverage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project

EXPORTED: Final = {
    ChecklistPart.PERMISSIONS: ExportPart.PERMISSIONS,
    ChecklistPart.FLOWS: ExportPart.FLOWS,
    ChecklistPart.SETTINGS: ExportPart.SETTINGS,
    ChecklistPart.USERS: ExportPart.USERS,
}
"""What only an export, or the instance, can tell."""
_NO_DEPLOYMENT: Final = "no deployment of Directus found"
_NO_EXPORT: Final = "no export of them found"
_NOT_EXPORTED: Final = "the export does not have them"
_NO_CODE: Final = "no code that calls Directus found"
_NO_INSTANCE: Final = "no `--url`"


def of(project: Project) -> tuple[Coverage, ...]:
    """Each part once, in the order of `ChecklistPart`, with the reason why it was not judged."""
    instance = project.instance
    reasons = {
        ChecklistPart.ENVIRONMENT: "" if project.environments else _NO_DEPLOYMENT,
        **{part: _exported(part, project.models) for part in EXPORTED},
        ChecklistPart.CODE: "" if project.packages else _NO_CODE,
        ChecklistPart.LIVE: _NO_INSTANCE if instance is None else instance.silent,
    }
    return tuple(Coverage(part, not reasons[part], reasons[part]) for part in ChecklistPart)


def _exported(part: ChecklistPart, exports: Sequence[Export]) -> str:
    if not exports:
        return _NO_EXPORT
    return "" if any(_has(export, part) for export in exports) else _NOT_EXPORTED


def _has(export: Export, part: ChecklistPart) -> bool:
    """Whether an export holds records of a part, or the empty table of one."""
    records = {
        ChecklistPart.PERMISSIONS: export.model.permissions,
        ChecklistPart.FLOWS: export.flows,
        ChecklistPart.SETTINGS: export.settings,
        ChecklistPart.USERS: export.model.users,
    }
    return bool(records[part]) or not any(export.lacks(one) for one in (EXPORTED[part], ExportPart.UNREAD_FILES))
