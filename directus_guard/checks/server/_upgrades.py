"""What the checks on variables say about an upgrade of Directus."""

from __future__ import annotations

from typing import Final

from directus_guard.directus.versions import NEWEST

_RESTRICTED: Final = (
    "Without a licence, Directus 12 ignores permissions with rules or named fields: check these permissions first."
)


def upgrade(more: str = "") -> str:
    """The sentences of a fix that upgrades to the newest version; `more`: what else to do ("and …")."""
    return f"Upgrade Directus to {NEWEST} after a backup of the database{f', {more}' if more else ''}. {_RESTRICTED}"
