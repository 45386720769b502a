"""The MCP server may delete, or lets any client register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.access import _settings
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.directus.features import HAS_MCP_OAUTH
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export

_REGISTERS: Final = "mcp_oauth_dcr_enabled"
"""From here on settings have it."""


@export_check(
    "mcp-deletes",
    severity=Severity.MEDIUM,
    title="The MCP server may delete, or any client may register",
    summary="The MCP server is on and allowed to delete items, or clients register with it by themselves.",
    cwe=(Cwe.UNNECESSARY_PRIVILEGES,),
    owasp=(OwaspRisk.API5,),
    needs=(ExportPart.SETTINGS,),
    evidence=(ExportMember.SETTINGS,),
    without=_settings.NO_SETTINGS,
)
def mcp_deletes(export: Export) -> Iterator[CheckResult]:
    unseen = tuple(answer for name in ("mcp_allow_deletes", "mcp_enabled") for answer in _settings.absent(export, name))
    if unseen:
        yield from unseen
        return
    if _settings.value(export, "mcp_enabled") is not True:
        return
    if _settings.value(export, "mcp_allow_deletes") is True:
        yield _settings.failure(
            export,
            "mcp_allow_deletes",
            title="The MCP server may delete items",
            message="A text can mislead the model into deleting items, with the rights of the user.",
            expected="`mcp_allow_deletes` off",
            actual="mcp_allow_deletes: true",
            fix="Set `mcp_allow_deletes` in the settings to `false`.",
            value=False,
        )
    if _has_oauth(export):
        yield from _settings.absent(export, _REGISTERS)
    registers = _settings.value(export, _REGISTERS) is True
    if registers and _settings.value(export, "mcp_oauth_enabled") is not False:
        yield _settings.failure(
            export,
            _REGISTERS,
            title="Any program may register with the MCP server",
            message="Any program on the internet gets the rights of a user after one click of that user.",
            expected="`mcp_oauth_dcr_enabled` off, and the clients that are wanted registered by an administrator",
            actual="mcp_oauth_dcr_enabled: true",
            fix="Set `mcp_oauth_dcr_enabled` in the settings to `false`. Let an administrator register the clients that you want.",
            value=False,
        )


def _has_oauth(export: Export) -> bool:
    """Whether the settings are of a version that lets clients register."""
    known = export.version_known and HAS_MCP_OAUTH.of(export.model.version)
    return known or _settings.value(export, "mcp_oauth_enabled") is not None
