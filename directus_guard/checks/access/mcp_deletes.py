"""The assistant may delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _settings
from directus_guard.checks.answers import Answer, export_check
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "mcp-deletes",
    severity=Severity.MEDIUM,
    title="The assistant may delete",
    summary="The MCP server is on and allowed to delete items.",
    needs=(),
)
def mcp_deletes(export: Export) -> Iterator[Answer]:
    unseen = tuple(_settings.absent(export, "mcp_allow_deletes"))
    if unseen:
        yield from unseen
        return
    held = _settings.value(export, "mcp_allow_deletes")
    if held is True and _settings.value(export, "mcp_enabled") is True:
        yield _settings.failure(
            export,
            "mcp_allow_deletes",
            "A model that was talked into it deletes items with the rights of whoever uses it.",
            "`mcp_allow_deletes` off",
            "mcp_allow_deletes: true",
        )
