"""What is known of the access that an export shows, and by which Directus it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.gaps import ExportPart

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export

HIDES_ACCESS: Final = (ExportPart.ATTACHMENTS, ExportPart.POLICIES, ExportPart.PERMISSIONS)
"""With one of them missing, it is not known of any principal that it has no access."""


def may_have_more(export: Export, principal: Principal) -> bool:
    """Whether a principal may have access that the export does not show. The stand-in for the holders of one policy may not:
    all its access is in that policy."""
    assumed = any(row.assumed and row.user == principal.id for row in export.model.access)
    return not assumed and bool(export.unknown(HIDES_ACCESS))


def directus_of(export: Export) -> str:
    """The version and edition an export is judged by, and which of them is assumed."""
    version = f"Directus {export.model.version}" + ("" if export.version_known else ", assumed")
    if not HAS_EDITIONS.of(export.model.version):
        return version
    return f"{version}; {export.model.edition.value}" + (", assumed" if export.lacks(ExportPart.EDITION) else "")


def own_collections(export: Export) -> frozenset[str]:
    """Collections that stored rows are about."""
    return frozenset(row.collection for row in export.model.permissions if not row.system)
