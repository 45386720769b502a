"""Steps that make flows: what an operation with the permissions `$full` does, it does as administrator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import visible
from directus_guard.escalation.telling import SIGN_IN, Move, told
from directus_guard.escalation.world import FLOWS, FREE, OPERATIONS, SOMEBODY, Opening, rank, weakest
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Flow, Operation
    from directus_guard.escalation.world import Actor, Knowledge, Known

# --- flows -----------------------------------------------------------------------------------------------------------

_TRIGGERS: Final = ("webhook", "manual", "event", "schedule")
_WRITES_ITEMS: Final = ("item-create", "item-update")


def build_flow(actor: Actor) -> Iterator[Move]:
    """POST /flows and /operations: an operation with `$full` acts as administrator, whoever made it."""
    names = [actor.send(FLOWS, "create", name, FREE) for name in ("name", "operation")]
    linked = names[1] or (actor.send(FLOWS, "update", "operation", FREE))
    trigger = next((sent for one in _TRIGGERS if (sent := actor.send(FLOWS, "create", "trigger", one))), None)
    kind = next((sent for one in _WRITES_ITEMS if (sent := actor.send(OPERATIONS, "create", "type", one))), None)
    rest = [actor.send(OPERATIONS, "create", name, FREE) for name in ("options", "flow", "key")]
    if names[0] is None or linked is None or trigger is None or kind is None or None in rest:
        return
    made = told(
        "flow-build",
        "create a flow with a webhook",
        "a URL that runs operations",
        FLOWS,
        "create",
        "trigger",
        trigger,
        *names,
    )
    add = told(
        "flow-build", "add an operation that makes an administrator with the permissions `$full`, and call the flow",
        SIGN_IN, OPERATIONS, "create", "options", kind, *rest,
    )  # fmt: skip
    yield Move((made, add))


def rewrite_operation(actor: Actor) -> Iterator[Move]:
    """PATCH /operations/ID: its options (and type) say what the flow does, and with whose permissions."""
    world = actor.world
    if actor.send(OPERATIONS, "update", "options", FREE) is None:
        return
    known = [(flow, operation) for flow, operation in world.operations if _triggerable(actor, flow)]
    if world.operations and not known:
        return
    moves = []
    for flow, operation in known:
        found = _on_operation(actor, operation)
        if found is not None:
            what = f"the operation `{visible(operation.key)}` of the flow `{visible(flow.name)}`"
            moves.append(_rewritten(what, *found))
    if moves:
        yield min(moves, key=lambda move: rank(move.steps[0].confidence))
    if not known and actor.may(OPERATIONS, "update", "type"):
        unknown = actor.opening(OPERATIONS, "update", "options", {("id",): SOMEBODY})
        if unknown is not None:
            yield _rewritten(
                "an operation of a running flow, if there is one", replace(unknown, confidence=Confidence.LOW)
            )


def _rewritten(what: str, opening: Opening, knows: Knowledge | None = None) -> Move:
    change = told(
        "operation-rewrite", f"turn {what} into one that makes an administrator with the permissions `$full`",
        "any request as administrator", OPERATIONS, "update", "options", opening, knows,
    )  # fmt: skip
    run = told("operation-rewrite", "trigger the flow", SIGN_IN, OPERATIONS, "update", "options", opening, knows)
    return Move((change, run))


def _triggerable(actor: Actor, flow: Flow) -> bool:
    """Whether the flow runs, or can be made to."""
    if flow.status == "active" and flow.trigger in _TRIGGERS:
        return True
    known: Known = {("id",): flow.id, ("trigger",): flow.trigger, ("status",): flow.status}
    return (flow.status == "active" or actor.opening(FLOWS, "update", "status", known) is not None) and (
        flow.trigger in _TRIGGERS or actor.opening(FLOWS, "update", "trigger", known) is not None
    )


def _on_operation(actor: Actor, operation: Operation) -> tuple[Opening, Knowledge] | None:
    """The rows that let an operation be turned into one that writes items, and how its key is known."""
    known: Known = {
        ("id",): operation.id,
        ("key",): operation.key,
        ("type",): operation.type,
        ("flow",): operation.flow,
    }
    opening = actor.opening(OPERATIONS, "update", "options", known)
    if opening is not None and operation.type not in _WRITES_ITEMS:
        types = [actor.send(OPERATIONS, "update", "type", one) for one in _WRITES_ITEMS]
        other = actor.opening(OPERATIONS, "update", "type", known) if any(types) else None
        if other is None:
            return None
        rows = {id(row): row for row in (*opening.rows, *other.rows)}
        opening = Opening(tuple(rows.values()), weakest((opening.confidence, other.confidence)))
    return None if opening is None else (opening, actor.knows_operation(known))
