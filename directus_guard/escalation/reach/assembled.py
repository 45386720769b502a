"""Flows and operations that are made incomplete with one permission, and completed with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.facts import ADMINISTRATOR, Made
from directus_guard.escalation.reach.flows import ANYTHING, links, started
from directus_guard.escalation.reach.people import after, gain
from directus_guard.escalation.tables import ANY_ACCOUNT, FLOWS, FREE, OPERATIONS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains

_WRITES: Final = ("item-create", "item-update")
_CALLED: Final = ("webhook", "manual")
_BY_ITSELF: Final = ("schedule", "event")


def operations(closure: Closure, acting: UsableAccount, *, keys_learnt: bool = True) -> Gains:
    """POST /operations, where what is missing may be given later: one that makes an administrator.

    `keys_learnt`: whether the key of a new row may be learnt in a way that is not known here.
    """
    if Made(OPERATIONS) in closure.facts or not closure.may_use(acting, OPERATIONS, "create"):
        return
    parts = [_part(closure, acting, OPERATIONS, "type", _WRITES)]
    parts += [_part(closure, acting, OPERATIONS, name, (FREE,)) for name in ("options", "flow", "key")]
    # Directus refuses an operation without a place in the drawing (measured).
    parts += [_part(closure, acting, OPERATIONS, name, (1,)) for name in ("position_x", "position_y")]
    parts.append(_key(closure, acting, OPERATIONS, keys_learnt=keys_learnt))
    does = "create an operation that makes an administrator with the permissions `$full`"
    gives = "an operation that no flow runs yet"
    if None not in parts:
        where = OPERATIONS, "create", "type"
        yield from gain(Made(OPERATIONS), closure.cause(acting, "flow-build", does, gives, where, *parts))


def flows(closure: Closure, acting: UsableAccount, *, keys_learnt: bool = True) -> Gains:
    """POST /flows, where what is missing may be given later: one that is active and starts. `keys_learnt` as above."""
    if Made(FLOWS) in closure.facts or not closure.may_use(acting, FLOWS, "create"):
        return
    parts = [_part(closure, acting, FLOWS, "name", (FREE,)), _key(closure, acting, FLOWS, keys_learnt=keys_learnt)]
    trigger = _part(closure, acting, FLOWS, "trigger", _CALLED)
    if trigger is None:
        parts.append(_part(closure, acting, FLOWS, "options", (FREE,)))
        trigger = _part(closure, acting, FLOWS, "trigger", _BY_ITSELF)
    parts.append(trigger)
    if not closure.leaves_out(acting, FLOWS, "create", "status"):
        parts.append(_part(closure, acting, FLOWS, "status", ("active",)))
    if None not in parts:
        where = FLOWS, "create", "trigger"
        cause = closure.cause(
            acting, "flow-build", "create a flow that starts", "a flow that does nothing yet", where, *parts
        )
        yield from gain(Made(FLOWS), cause)


def run(closure: Closure, acting: UsableAccount) -> Gains:
    """A new operation is put where some flow runs it."""
    made = closure.made(OPERATIONS)
    if made is None:
        return
    for collection, name, known, item, does in links(closure, acting):
        allowed = closure.allowed(acting, collection, "update", name, known, item)
        sent = closure.send(acting, collection, "update", name, FREE, relation=True)
        if allowed is not None and sent is not None:
            where = collection, "update", name
            cause = closure.cause(
                acting,
                "flow-build",
                does,
                ANYTHING,
                where,
                after(allowed, (made,)),
                sent,
                requests=started(acting, loose=True),
            )
            yield from gain(ADMINISTRATOR, cause)
    flow = closure.made(FLOWS)
    if flow is not None:
        begins = _part(closure, acting, FLOWS, "operation", (FREE,))
        if begins is not None:
            does = "let the new flow begin with the new operation, and start it"
            where = FLOWS, "update", "operation"
            basis = after(begins, (made, flow))
            cause = closure.cause(
                acting, "flow-build", does, ANYTHING, where, basis, requests=started(acting, loose=True)
            )
            yield from gain(ADMINISTRATOR, cause)


def _part(
    closure: Closure, acting: UsableAccount, collection: str, name: str, values: Sequence[object]
) -> Basis | None:
    """What lets a new row have one of the values: when it is created, or by a later change of any account."""
    for value in values:
        sent = closure.send(acting, collection, "create", name, value, relation=True)
        sent = sent or closure.gives(acting, collection, "create", name, value)
        if sent is not None:
            return sent
    return next((one for value in values if (one := _later(closure, collection, name, value)) is not None), None)


def _later(closure: Closure, collection: str, name: str, value: object) -> Basis | None:
    """What lets a field of a new row be changed: nothing is known of the row but that its key is new."""
    for acting in closure.current:
        allowed = closure.allowed(acting, collection, "update", name, {("id",): ANY_ACCOUNT}, "")
        sent = closure.send(acting, collection, "update", name, value, relation=True) if allowed else None
        if allowed is not None and sent is not None:
            return after(allowed, (*acting.before, *sent.before))
    return None


def _key(closure: Closure, acting: UsableAccount, collection: str, *, keys_learnt: bool) -> Basis | None:
    """How the key of a new row is known."""
    chosen = closure.send(acting, collection, "create", "id", FREE)
    read = closure.allowed(acting, collection, "read", "id", {("id",): ANY_ACCOUNT}, ANY_ACCOUNT)
    if chosen or read or not keys_learnt:
        return chosen or read
    return Basis(Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM))
