"""Administrators whose records are first changed so that an item rule lets them through, while they stay administrators.

One with a policy of their own keeps it in another role. Wrong passwords have Directus suspend an account
(`auth_login_attempts`, authentication.js of 10.13.4 and 11.17.4). Attachments decide what a rule on `policies` says. No plan
is made of it: the answer is *not evaluated*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.attacker import signing_in
from directus_guard.escalation.evidence import Allowed, Knowledge
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.entrance import TAKE_OVER
from directus_guard.escalation.reach.facts import ADMINISTRATOR
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.tables import ACCESS, FREE, POLICIES, USERS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known

_DOUBT: Final = Basis(Knowledge("", Confidence.LOW))
_ATTACHES: Final = (*((ACCESS, action, None) for action in ("create", "update", "delete")), (POLICIES, "update", None))
"""What decides whether a rule on policies holds: attachments, and the fields of policies."""


def take_over_altered(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /users/ID {"password": …} of an administrator, once something else of them was changed."""
    if closure.level is not Confidence.LOW or not closure.may_use(acting, USERS, "update"):
        return
    altered = tuple(_altered(closure))
    attaches = closure.state.mentions("policies") and any(closure.is_allowed(*one) for one in _ATTACHES)
    for name, kind, does in TAKE_OVER if altered or attaches else ():
        sent = closure.send(acting, USERS, "update", name, FREE)
        if sent is None:
            continue
        reached = (
            closure.allowed(acting, USERS, "update", name, {**known, **signing_in(name)}, str(known["id",]))
            for known in altered
        )
        allowed = next((one for one in reached if one is not None), None)
        if allowed is None and attaches:
            allowed = _by_attachments(closure, acting, name)
        if allowed is not None:
            said = does.format("an administrator, whose record was changed before,")
            where = USERS, "update", name
            cause = closure.cause(acting, kind, said, "the administrator's account", where, allowed, sent, _DOUBT)
            yield from gain(ADMINISTRATOR, cause)


def _altered(closure: Closure) -> Iterator[Known]:
    """What is then known of the rows of administrators."""
    state = closure.state
    for role, status, keys in state.kinds_of_administrators:
        for key in keys:
            known = state.row_of_user(key, role, status)
            if key in state.attached_administrators:
                yield from (state.row_of_user(key, other, status) for other in _roles_given(closure, known, key))
            if state.mentions("status") and _is_locked_out(state):
                suspended = state.row_of_user(key, role, "suspended")
                if _wakes(closure, suspended, key):
                    yield suspended


def _roles_given(closure: Closure, known: Known, key: str) -> tuple[str | None, ...]:
    """The roles that accounts of the attacker may give a user."""
    found: dict[str | None, None] = {}
    roles = (*closure.state.roles, None)
    for acting in closure.current:
        if closure.may_use(acting, USERS, "update", "role") and closure.allowed(
            acting, USERS, "update", "role", known, key
        ):
            found |= {role: None for role, _ in closure.sends(acting, USERS, "update", "role", roles)}
    return tuple(found)


def _is_locked_out(state: AccessState) -> bool:
    """Whether an account is suspended after some wrong passwords: 25 of them, if the settings do not say otherwise."""
    settings = state.export.settings
    return settings is None or settings.values.get("auth_login_attempts", 25) is not None


def _wakes(closure: Closure, known: Known, key: str) -> bool:
    """Whether some account of the attacker may make a suspended user active again."""
    return any(
        closure.allowed(acting, USERS, "update", "status", known, key) is not None
        and closure.gives(acting, USERS, "update", "status", "active") is not None
        for acting in closure.current
        if closure.may_use(acting, USERS, "update", "status")
    )


def _by_attachments(closure: Closure, acting: UsableAccount, name: str) -> Basis | None:
    """A row whose item rule asks for policies, which attachments decide."""
    rows = closure.usable(acting, USERS, "update", name)
    asks = (one for one in rows if "policies" in str(one.row.permission.permissions))
    return next((Basis(Allowed((one.row,)), one.causes) for one in asks), None)
