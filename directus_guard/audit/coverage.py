"""Which parts of Directus' checklist a run judged at all. A part without evidence is not clean, it is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.finding import Coverage, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project

EXPORTED: Final = (Part.PERMISSIONS, Part.FLOWS, Part.SETTINGS, Part.USERS)
"""What only an export, or the instance, can tell."""
_NO_DEPLOYMENT: Final = "no deployment of Directus found"
_NO_EXPORT: Final = "no export of them found"
_NOT_EXPORTED: Final = "the export does not have them"
_NO_CODE: Final = "no code that calls Directus found"
_NO_INSTANCE: Final = "no `--url`"


def of(project: Project) -> tuple[Coverage, ...]:
    """Each part once, in the order of `Part`, with the reason why it was not judged."""
    instance = project.instance
    reasons = {
        Part.ENVIRONMENT: "" if project.environments else _NO_DEPLOYMENT,
        **{part: _exported(part, project.models) for part in EXPORTED},
        Part.CODE: "" if project.packages else _NO_CODE,
        Part.LIVE: _NO_INSTANCE if instance is None else instance.silent,
    }
    return tuple(Coverage(part, not reasons[part], reasons[part]) for part in Part)


def _exported(part: Part, exports: Sequence[Export]) -> str:
    if not exports:
        return _NO_EXPORT
    return "" if any(_has(export, part) for export in exports) else _NOT_EXPORTED


def _has(export: Export, part: Part) -> bool:
    """Whether an export holds records of a part, or the empty table of one."""
    records = {
        Part.PERMISSIONS: export.model.permissions,
        Part.FLOWS: export.flows,
        Part.SETTINGS: export.settings,
        Part.USERS: export.model.users,
    }
    return bool(records[part]) or not {part.value, "unread files"} & {*export.absent, *export.missing}
