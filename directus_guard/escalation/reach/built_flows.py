"""Steps that make flows: what an operation with the permissions `$full` does, it does as administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.features import READS_LINKED_ROWS_FIRST
from directus_guard.escalation.evidence import Allowed, rank, weakest
from directus_guard.escalation.tables import ANY_ACCOUNT, FLOWS, FREE, OPERATIONS
from directus_guard.escalation.telling import SIGN_IN, StepSequence, plan_step
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.evidence import Knowledge, SendableValue
    from directus_guard.escalation.tables import Known

# --- flows -----------------------------------------------------------------------------------------------------------

_CALLED: Final = ("webhook", "manual")
_BY_ITSELF: Final = ("schedule", "event")
_TRIGGERS: Final = (*_CALLED, *_BY_ITSELF)
_WRITES_ITEMS: Final = ("item-create", "item-update")


def build_flow(attacker: Attacker) -> Iterator[StepSequence]:
    """POST /flows and /operations: an operation with `$full` acts as administrator, whoever made it.

    A flow starts with the operation whose key it names, and that operation names the flow: the attacker must choose or
    read keys (measured on 10, 11 and 12; without them every request succeeds, and nothing runs).
    """
    kind = next((sent for one in _WRITES_ITEMS if (sent := attacker.send(OPERATIONS, "create", "type", one))), None)
    names = [attacker.send(FLOWS, "create", "name", FREE)]
    names += [attacker.send(OPERATIONS, "create", name, FREE) for name in ("options", "flow", "key")]
    # Directus refuses an operation without a place in the drawing (measured).
    names += [_number(attacker, name) for name in ("position_x", "position_y")]
    started = _started(attacker)
    if kind is None or None in names or started is None or not _active(attacker):
        return
    does, trigger, linked = started
    made = plan_step(
        "flow-build", does, "a flow that runs operations", FLOWS, "create", "trigger", trigger, names[0], *linked
    )
    add = plan_step(
        "flow-build", "give it an operation that makes an administrator with the permissions `$full`, and let it run",
        SIGN_IN, OPERATIONS, "create", "options", kind, *names[1:],
    )  # fmt: skip
    yield StepSequence((made, add))


def _active(attacker: Attacker) -> bool:
    """Whether a new flow can be active, which it is where nothing is sent."""
    left_out = attacker.preset(FLOWS, "create", "status") is None and attacker.leaves_out(FLOWS, "create", "status")
    return left_out or attacker.gives(FLOWS, "create", "status", "active") is not None


def _number(attacker: Attacker, name: str) -> SendableValue | None:
    """A number for a field of a new operation, sent or by the preset."""
    preset = attacker.access.grant(OPERATIONS, "create").presets.get(name)
    return attacker.send(OPERATIONS, "create", name, 1) or (
        attacker.gives(OPERATIONS, "create", name, preset) if isinstance(preset, int) else None
    )


def _started(attacker: Attacker) -> tuple[str, SendableValue, list[Allowed | SendableValue | None]] | None:
    """How a new flow gets its first operation and is started: in words, by which trigger, by which rows."""
    some: Known = {("id",): ANY_ACCOUNT}
    flow: Allowed | SendableValue | None = attacker.send(FLOWS, "create", "id", FREE) or attacker.allowed(
        FLOWS, "read", "id", some
    )
    chosen = attacker.send(OPERATIONS, "create", "id", FREE)
    read = attacker.allowed(OPERATIONS, "read", "id", some)
    at_once = attacker.send(FLOWS, "create", "operation", FREE)
    later = attacker.allowed(FLOWS, "update", "operation", some) if flow is not None else None
    by_itself = _by_itself(attacker)
    called = next((sent for one in _CALLED if (sent := attacker.send(FLOWS, "create", "trigger", one))), None)
    linked = (chosen and (at_once or later)) or (read and later)
    if flow is not None and linked:
        if called is not None:
            return "create a flow with a webhook", called, [flow, chosen or read, at_once or later]
        if by_itself is not None:
            return "create a flow that starts by itself", by_itself, [flow, chosen or read, at_once or later]
    # Both in one request: the flow's key is not needed then. 12 looks at the operations first, as whoever asks.
    together = attacker.send(FLOWS, "create", "operations", FREE)
    if (
        chosen
        and at_once
        and together
        and by_itself is not None
        and (not READS_LINKED_ROWS_FIRST.of_major(attacker.major) or read)
    ):
        return "create a flow that starts by itself", by_itself, [together, chosen, at_once]
    return None


def _by_itself(attacker: Attacker) -> SendableValue | None:
    """A trigger that needs no call, but options: a schedule or an event."""
    sent = next((sent for one in _BY_ITSELF if (sent := attacker.send(FLOWS, "create", "trigger", one))), None)
    return sent if sent is not None and attacker.send(FLOWS, "create", "options", FREE) is not None else None


def rewrite_operation(attacker: Attacker) -> Iterator[StepSequence]:
    """PATCH /operations/ID: its options (and type) say what the flow does, and with whose permissions."""
    state = attacker.state
    if attacker.send(OPERATIONS, "update", "options", FREE) is None:
        return
    known = [(flow, operation) for flow, operation in state.operations if triggerable(attacker, flow)]
    if state.operations and not known:
        return
    sequences = []
    for flow, operation in known:
        found = _on_operation(attacker, operation)
        if found is not None:
            what = f"the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
            sequences.append(_rewritten(what, *found))
    if sequences:
        yield min(sequences, key=lambda sequence: rank(sequence.steps[0].confidence))
    if not known and attacker.may(OPERATIONS, "update", "type"):
        unknown = attacker.allowed(OPERATIONS, "update", "options", {("id",): ANY_ACCOUNT})
        if unknown is not None:
            yield _rewritten(
                "an operation of a running flow, if there is one", replace(unknown, confidence=Confidence.LOW)
            )


def _rewritten(what: str, allowed: Allowed, knows: Knowledge | None = None) -> StepSequence:
    change = plan_step(
        "operation-rewrite", f"turn {what} into one that makes an administrator with the permissions `$full`",
        "any request as administrator", OPERATIONS, "update", "options", allowed, knows,
    )  # fmt: skip
    run = plan_step("operation-rewrite", "trigger the flow", SIGN_IN, OPERATIONS, "update", "options", allowed, knows)
    return StepSequence((change, run))


def triggerable(attacker: Attacker, flow: Flow) -> bool:
    """Whether the flow runs, or can be made to."""
    if flow.status == "active" and (flow.trigger in _TRIGGERS or flow.id in attacker.state.started_flows):
        return True
    known: Known = {("id",): flow.id, ("trigger",): flow.trigger, ("status",): flow.status}
    return (flow.status == "active" or attacker.allowed(FLOWS, "update", "status", known) is not None) and (
        flow.trigger in _TRIGGERS or attacker.allowed(FLOWS, "update", "trigger", known) is not None
    )


def _on_operation(attacker: Attacker, operation: Operation) -> tuple[Allowed, Knowledge] | None:
    """The rows that let an operation be turned into one that writes items, and how its key is known."""
    known: Known = {
        ("id",): operation.id,
        ("key",): operation.key,
        ("type",): operation.type,
        ("flow",): operation.flow,
    }
    allowed = attacker.allowed(OPERATIONS, "update", "options", known)
    if allowed is not None and operation.type not in _WRITES_ITEMS:
        types = [attacker.send(OPERATIONS, "update", "type", one) for one in _WRITES_ITEMS]
        other = attacker.allowed(OPERATIONS, "update", "type", known) if any(types) else None
        if other is None:
            return None
        rows = {row.identity: row for row in (*allowed.rows, *other.rows)}
        allowed = Allowed(tuple(rows.values()), weakest((allowed.confidence, other.confidence)))
    return None if allowed is None else (allowed, attacker.knows_operation(known))
