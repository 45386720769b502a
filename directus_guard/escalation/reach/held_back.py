"""Changes of permissions that hold others back: made one of something else, or with other presets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.records import ACTIONS
from directus_guard.escalation.reach.facts import Deleted, PresetsGone
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.permissions import deed, key_of, row_of_permission
from directus_guard.escalation.requests.request import UPDATE, Chosen, Request
from directus_guard.escalation.requests.rights import change
from directus_guard.escalation.tables import FREE, PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Basis, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains

OTHER: Final = Chosen("any other value")


def change_locks(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /permissions/ID: a row with a validation or presets becomes one of another collection, action or policy."""
    state = closure.state
    # 10 joins the rows of a role by "or": without one of them there is never more.
    if not state.model.has_policies or not closure.may_use(acting, PERMISSIONS, "update"):
        return
    for row in state.locks:
        known, key = row_of_permission(state, row), key_of(row.id)
        present = {"collection": row.collection, "action": row.action, "policy": row.policy}
        for name, value in present.items() if Deleted(row.identity) not in closure.facts else ():
            allowed = closure.allowed(acting, PERMISSIONS, "update", name, known, key)
            sent, other = other_value(closure, acting, "update", name, value) if allowed is not None else (None, "")
            if allowed is not None and sent is not None:
                does = f"change `{name}` of the permission to {deed(row)}"
                where = PERMISSIONS, "update", name
                gives = "without its validation and its presets"
                asked = change(PERMISSIONS, row, name, (OTHER if other == FREE else other,))
                # A preset may write it with whatever else is sent.
                asked += (Request(PERMISSIONS, UPDATE, {}, row),)
                cause = closure.cause(acting, "permission-update", does, gives, where, allowed, sent, requests=asked)
                yield from gain(Deleted(row.identity), cause)
                break
        if row.presets and PresetsGone(row.identity) not in closure.facts:
            allowed = closure.allowed(acting, PERMISSIONS, "update", "presets", known, key)
            sent = closure.send(acting, PERMISSIONS, "update", "presets", FREE) if allowed is not None else None
            if allowed is not None and sent is not None:
                does = f"take the presets off the permission to {deed(row)}"
                where = PERMISSIONS, "update", "presets"
                asked = change(PERMISSIONS, row, "presets", (None, {}, OTHER))
                gives = "without its presets"
                cause = closure.cause(acting, "permission-update", does, gives, where, allowed, sent, requests=asked)
                yield from gain(PresetsGone(row.identity), cause)


def other_value(
    closure: Closure, acting: UsableAccount, action: str, name: str, but: str | None
) -> tuple[Basis | None, str]:
    """What lets a member of a permission have some other value than `but`, and that value."""
    for value in member_values(closure, acting, action, name):
        sent = closure.gives(acting, PERMISSIONS, action, name, value) if value != but else None
        if sent is not None:
            return sent, value
    return None, ""


def member_values(closure: Closure, acting: UsableAccount, action: str, name: str) -> Iterator[str]:
    """The values that a member of a permission may be given: those that a preset or a validation names, and any other."""
    grant = acting.attacker.access.grant(PERMISSIONS, action)
    named = [
        acting.attacker.preset(PERMISSIONS, action, name),
        *closure.state.values_in_order(grant.payload_rules.named(name)),
    ]
    others = {"collection": (FREE,), "action": ACTIONS}.get(name) or closure.state.in_order(
        one.id for one in closure.state.model.policies
    )
    yield from (one for one in dict.fromkeys(map(_text, (*named, *others))) if one)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
