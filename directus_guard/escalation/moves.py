"""All moves of an actor, an account that the attacker has.

`ALONE` are moves that need no other account; `ON` are moves by which it changes the rights of an account that the attacker
has too, mostly the actor itself. All rest on effective access as Directus merges it, and are carried out on real
servers where the catalogue says `measured`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.accounts import (
    new_user,
    promote_somebody,
    register,
    registration_role,
    set_role,
    take_over,
)
from directus_guard.escalation.automation import build_flow, rewrite_operation
from directus_guard.escalation.catalogue import KINDS
from directus_guard.escalation.driving import drive_flow, retrigger_flow
from directus_guard.escalation.rights import (
    attach,
    grant,
    new_role,
    own_policies,
    policy_flag,
    reattach,
    role_flag,
    role_parent,
    widen,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from directus_guard.escalation.telling import Move
    from directus_guard.escalation.world import Account, Actor, World

ALONE: Final[tuple[Callable[[Actor], Iterable[Move]], ...]] = (
    new_user, take_over, register, registration_role, new_role, build_flow, rewrite_operation, drive_flow, retrigger_flow, promote_somebody,
)  # fmt: skip
"""Moves that need no second account."""

ON: Final[tuple[Callable[[Actor, Account], Iterable[Move]], ...]] = (
    set_role, own_policies, attach, reattach, policy_flag, role_parent, role_flag, grant, widen,
)  # fmt: skip
"""Moves that change what an account of the attacker may do."""


def applies(world: World, move: Move) -> bool:
    """Whether the version has all steps of a move."""
    return all(KINDS[step.kind].applies(world.model.version) for step in move.steps)
