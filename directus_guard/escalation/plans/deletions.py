"""What deleting a row asks for beside the permission to delete it, and what goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.escalation.evidence import Allowed, rank
from directus_guard.escalation.plans.payload import fitted
from directus_guard.escalation.reach.presets import SURE
from directus_guard.escalation.requests.request import DELETE, UPDATE
from directus_guard.escalation.tables import ACCESS, PERMISSIONS, ROLES, USERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.grants import GrantRow
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.plans.state import Key, SimulatedState
    from directus_guard.escalation.tables import Known


def reaches(attacker: Attacker, rows: tuple[GrantRow, ...], known: Known) -> Allowed | None:
    """The row that surest reaches an item at all."""
    found: list[Allowed] = []
    for row in rows:
        sure = SURE.get(attacker.state.reach(EVERYTHING if row.rule is None else row.rule, known, attacker))
        found += [] if sure is None else [Allowed((row,), sure)]
    return min(found, key=lambda one: rank(one.confidence), default=None)


def role_is_kept(state: SimulatedState, attacker: Attacker, role: Key) -> str | None:
    """Why a role cannot be deleted although the account may delete roles; None: it can.

    With the same rights the server deletes its attachments (10: its permissions), suspends its users without a role, and
    takes it from the roles that inherit from it (measured on 10.13.4 and 11.17.4; `services/roles.js` of 12.4.1 is the same).
    """
    held = ACCESS if state.access_state.model.has_policies else PERMISSIONS
    for key, row in state.table(held).items():
        if getattr(row, "role", None) == role:
            known = state.known(held, key)
            if reaches(attacker, attacker.rows(held, DELETE), known) is None:
                return f"no permission to delete this item of {held}, which goes with the role"
    left: Mapping[str, Json] = {"status": "suspended", "role": None}
    for key, user in state.users.items():
        if user.role == role and not _updates(attacker, USERS, state.known(USERS, key), left):
            return f"no permission to take the role from this item of {USERS}"
    for key, child in state.roles.items():
        if child.parent == role and not _updates(attacker, ROLES, state.known(ROLES, key), {"parent": None}):
            return f"no permission to take the parent from this item of {ROLES}"
    return None


def _updates(attacker: Attacker, collection: str, known: Known, written: Mapping[str, Json]) -> bool:
    """Whether an item may be updated with just these values."""
    if any(attacker.allowed(collection, UPDATE, name, known) is None for name in written):
        return False
    payload = fitted(attacker, collection, UPDATE, written, frozenset())
    return not isinstance(payload, str) and payload.sent == written
