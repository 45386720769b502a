"""The rows of directus_access that give an account a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from directus_guard.directus.access.records import Access
    from directus_guard.escalation.attacker import Attacker


def attachments(attacker: Attacker, policy: str) -> list[Access]:
    """Those that attach a policy to the account, to one of its roles or to the public."""
    roles, user = set(attacker.access.roles), attacker.account.user
    return [
        row
        for row in attacker.state.attachments.get(("policy", policy), ())
        if row.role in roles or (row.user is not None and row.user == user) or (row.role is None and row.user is None)
    ]
