"""Deletions that the database carries on: a relation with `ON DELETE CASCADE` from a table that decides who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.escalation.evidence import Allowed
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.facts import Deleted, Detached
from directus_guard.escalation.reach.people import gain
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from directus_guard.escalation.reach.closure import Closure, Usable, UsableAccount
    from directus_guard.escalation.reach.people import Gains


def delete_with_cascade(closure: Closure, acting: UsableAccount) -> Gains:
    """DELETE of an item with which rows go that hold an account back. Which rows those are is not known."""
    state = closure.state
    if not state.model.has_policies or not state.locks:
        return
    for collection in state.cascading:
        for allowed in closure.usable(acting, collection, "delete")[:1]:
            where = collection, "delete", None
            does = f"delete an item of {escape_controls(collection)}, and with it what refers to it"
            cause = closure.cause(acting, "delete-lock", does, "without its validation", where, _basis(allowed))
            for lock in state.locks:
                yield from gain(Deleted(lock.identity), cause)
                for attachment in state.attachments.get(("policy", lock.policy or ""), ()):
                    yield from gain(Detached(attachment), cause)


def _basis(usable: Usable) -> Basis:
    return Basis(Allowed((usable.row,)), usable.causes)
