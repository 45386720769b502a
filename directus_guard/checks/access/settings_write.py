"""Dangerous settings can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


DANGEROUS: Final = (
    "public_registration", "auth_", "custom_css", "theme_", "default_theme_", "project_url", "report_", "ai_", "mcp_",
    "visual_editor_urls", "storage_asset_",
)  # fmt: skip
"""Beginnings of the names of fields that reach further than they look (docs/model/access.md#system-collections)."""


@export_check(
    "settings-write",
    collections=("directus_settings",),
    severity=Severity.HIGH,
    title="Dangerous settings can be changed",
    summary="A permission to update settings that open registration, weaken sign-in, or change CSS and links in everybody's Data Studio.",
    cwe=(Cwe.CRITICAL_PERMISSIONS,),
    owasp=(OwaspRisk.API5,),
    checklist=(4, 5),
)
def settings_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_settings", "update"):
        fields = granted.row.fields or ()
        held = tuple(name for name in fields if name.startswith(DANGEROUS))
        if held or "*" in fields:
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "all settings" if "*" in fields else "dangerous settings"),
                message=f"{they(granted)} can open registration, weaken the sign-in of others, or change CSS and links in everybody's Data Studio.",
                expected="administrators only",
            )
