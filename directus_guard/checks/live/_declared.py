"""What is meant to be public, as far as anything says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.gaps import ExportPart
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project

_NEEDS: Final = (
    ExportPart.ATTACHMENTS,
    ExportPart.PERMISSIONS,
    ExportPart.POLICIES,
    ExportPart.POLICY,
    ExportPart.UNREAD_FILES,
)
_NOTHING: Final = "nothing says what is meant to be public: there is no export in the repository, and no token to read the instance's own permissions"


class Declared(Struct, frozen=True):
    """Actions by collection, and who says so, with its verb. `unknown`: why it may be more ("" = that is all)."""

    access: Mapping[str, frozenset[str]]
    by: str
    unknown: str = ""


def declared(instance: Instance, project: Project) -> Declared:
    """The public access of the repository's exports together; without any, that of the instance's own permissions."""
    exports = [export for export in project.exports if export.context.gates]
    by = "the repository does"
    if not exports and instance.export is not None:
        exports, by = [instance.export], "its own permissions do"
    if not exports:
        return Declared({}, "", _NOTHING)
    access: dict[str, frozenset[str]] = {}
    for export in exports:
        for collection, actions in export.public_access.items():
            access[collection] = access.get(collection, frozenset()) | actions
    gaps = [gap for export in exports for gap in export.unknown(_NEEDS)]
    return Declared(access, by, escape_controls(gaps[0]) if gaps else "")
