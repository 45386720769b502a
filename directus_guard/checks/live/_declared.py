"""What is meant to be public, as far as it is declared, and how a permission of the public is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.features import HAS_POLICIES
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.directus.project import Project

_NEEDS: Final = (
    ExportPart.ATTACHMENTS,
    ExportPart.PERMISSIONS,
    ExportPart.POLICIES,
    ExportPart.POLICY,
    ExportPart.UNREAD_FILES,
)
_NOTHING: Final = "without an export or a token it is not known what is meant to be public"


class Declared(Struct, frozen=True):
    """Actions by collection, and what declares them, with its verb. `unknown`: why it may be more ("" = that is all)."""

    access: Mapping[str, frozenset[str]]
    by: str
    own: bool
    """Whether these are the permissions of the instance itself."""
    unknown: str


def declared(instance: Instance, project: Project) -> Declared:
    """The public access of the repository's exports together; without any, that of the instance's own permissions."""
    exports = [export for export in project.exports if export.context.gates]
    own, by = False, f"The permissions in the repository ({_files(exports)}) do"
    if not exports and instance.export is not None:
        exports, own, by = [instance.export], True, "The permissions of the instance do"
    if not exports:
        return Declared({}, "", own=False, unknown=_NOTHING)
    access: dict[str, frozenset[str]] = {}
    for export in exports:
        for collection, actions in export.public_access.items():
            access[collection] = access.get(collection, frozenset()) | actions
    gaps = [gap for export in exports for gap in export.unknown(_NEEDS)]
    return Declared(access, by, own, escape_controls(gaps[0]) if gaps else "")


def _files(exports: Sequence[Export]) -> str:
    """Where the permissions of the exports are, for a sentence."""
    places = dict.fromkeys(f"`{escape_controls(export.name)}`" for export in exports[:3])
    return ", ".join(places)


def not_public(instance: Instance, meant: Declared, actions: Sequence[str], name: str) -> Fix:
    """How to take back what anonymous visitors may do with a collection."""
    what = f"{', '.join(actions)} on `{name}`"
    if meant.own and not meant.unknown:
        return Fix(
            f"Remove what answers in place of Directus, such as a cache or an extension: no permission allows {what}."
        )
    policies = instance.version is None or HAS_POLICIES.of(instance.version)
    holder = "Public policy" if policies else "Public role"
    return Fix(
        f"Remove {what} from the {holder} of this instance. "
        f"If it should be public, add this permission to the export in the repository."
    )
