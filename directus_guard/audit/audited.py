"""What a run leaves: its report and what it was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.audit.folder_config import FolderSettings

if TYPE_CHECKING:
    from directus_guard.directus.project import Project
    from directus_guard.finding import Finding, Report
    from directus_guard.new_access import AccessDiff


class Audited(Struct, frozen=True):
    """A run: its report, what was judged, and what it grants that the base does not (None: no base, or no exports)."""

    report: Report
    project: Project
    access: AccessDiff | None = None
    findings: tuple[Finding, ...] = ()
    """Everything that was found, whatever its severity and context."""
    folder_settings: FolderSettings = FolderSettings()
    """What the configs of folders say."""
    base: Project | None = None
    """What the change is compared with."""
