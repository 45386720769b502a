"""Steps that make flows: what an operation with the permissions `$full` does, it does as administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.features import READS_LINKED_ROWS_FIRST
from directus_guard.escalation.evidence import Allowed, rank, weakest
from directus_guard.escalation.requests import flows
from directus_guard.escalation.tables import ANY_ACCOUNT, FLOWS, FREE, OPERATIONS
from directus_guard.escalation.telling import SIGN_IN, StepSequence, plan_step
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.evidence import Knowledge, SendableValue
    from directus_guard.escalation.requests.request import Requests, Value as PlacedValue
    from directus_guard.escalation.tables import Known
    from directus_guard.escalation.telling import PlanStep

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
    begun = _begun(attacker)
    if kind is None or None in names or begun is None or not _active(attacker):
        return
    does, trigger, linked = begun.does, begun.sent, begun.evidence
    made = plan_step(
        "flow-build", does, "a flow that runs operations", FLOWS, "create", "trigger", trigger, names[0], *linked
    )
    add = plan_step(
        "flow-build", "give it an operation that makes an administrator with the permissions `$full`, and let it run",
        SIGN_IN, OPERATIONS, "create", "options", kind, *names[1:],
    )  # fmt: skip
    run = replace(made, does="start it", gives=SIGN_IN, permission="the trigger of the flow", note="")
    yield _sequence(attacker, begun, (made, add, run))


def _sequence(attacker: Attacker, begun: _Beginning, steps: tuple[PlanStep, PlanStep, PlanStep]) -> StepSequence:
    """The steps that build a flow, with what is sent for each."""
    made, add, run = steps
    kind = next(one for one in _WRITES_ITEMS if attacker.send(OPERATIONS, "create", "type", one))
    active = attacker.leaves_out(FLOWS, "create", "status") and attacker.preset(FLOWS, "create", "status") is None
    more: dict[str, PlacedValue] = {} if active else {"status": "active"}
    key = flows.operation_key(attacker)
    if begun.together:
        (operation,) = (dict(flows.new_operation(attacker, kind, None).body),)
        operation.pop("flow")
        whole = flows.new_flow(attacker, begun.trigger, operation=key, operations=[operation], **more)
        return StepSequence((made, run), requests=((whole,),))
    flow = flows.new_flow(attacker, begun.trigger, **({} if begun.linked_later else {"operation": key}), **more)
    operation_ = flows.new_operation(attacker, kind, flow.item)
    requests = [(flow,), (operation_,)]
    if not begun.linked_later:
        return StepSequence((made, add, run), requests=tuple(requests))
    requests.append((flows.change_flow(flow.item, {"operation": key}),))
    link = replace(add, does="let the flow begin with that operation")
    add = replace(add, does=add.does.removesuffix(", and let it run"))
    return StepSequence((made, add, link, run), requests=tuple(requests))


class _Beginning(Struct, frozen=True):
    """How a new flow gets its first operation and is started: in words, by which trigger, by which rows."""

    does: str
    trigger: str
    sent: SendableValue
    evidence: list[Allowed | SendableValue | None]
    linked_later: bool = False
    together: bool = False


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


def _begun(attacker: Attacker) -> _Beginning | None:
    """How a new flow gets its first operation and is started."""
    some: Known = {("id",): ANY_ACCOUNT}
    flow: Allowed | SendableValue | None = attacker.send(FLOWS, "create", "id", FREE) or attacker.allowed(
        FLOWS, "read", "id", some
    )
    chosen = attacker.send(OPERATIONS, "create", "id", FREE)
    read = attacker.allowed(OPERATIONS, "read", "id", some)
    at_once = attacker.send(FLOWS, "create", "operation", FREE)
    later = attacker.allowed(FLOWS, "update", "operation", some) if flow is not None else None
    by_itself = _by_itself(attacker)
    called = _first(attacker, _CALLED)
    linked = (chosen and (at_once or later)) or (read and later)
    if flow is not None and linked:
        evidence = [flow, chosen or read, at_once or later]
        linked_later = not (chosen and at_once)
        for does, trigger in (("create a flow with a webhook", called), (_BY_ITSELF_DOES, by_itself)):
            if trigger is not None:
                return _Beginning(does, *trigger, evidence, linked_later)
    # Both in one request: the flow's key is not needed then. 12 looks at the operations first, as whoever asks.
    together = attacker.send(FLOWS, "create", "operations", FREE)
    if (
        chosen
        and at_once
        and together
        and by_itself is not None
        and (not READS_LINKED_ROWS_FIRST.of_major(attacker.major) or read)
    ):
        return _Beginning(_BY_ITSELF_DOES, *by_itself, [together, chosen, at_once], together=True)
    return None


_BY_ITSELF_DOES: Final = "create a flow that starts by itself"


def _first(attacker: Attacker, triggers: Sequence[str]) -> tuple[str, SendableValue] | None:
    """The first trigger that a new flow may be given."""
    pairs = ((one, attacker.send(FLOWS, "create", "trigger", one)) for one in triggers)
    return next(((one, sent) for one, sent in pairs if sent is not None), None)


def _by_itself(attacker: Attacker) -> tuple[str, SendableValue] | None:
    """A trigger that needs no call, but options: a schedule or an event."""
    found = _first(attacker, _BY_ITSELF)
    return found if found is not None and attacker.send(FLOWS, "create", "options", FREE) is not None else None


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
            sequences.append(_rewritten(attacker, what, (flow, operation), *found))
    if sequences:
        yield min(sequences, key=lambda sequence: rank(sequence.steps[0].confidence))
    if not known and attacker.may(OPERATIONS, "update", "type"):
        unknown = attacker.allowed(OPERATIONS, "update", "options", {("id",): ANY_ACCOUNT})
        if unknown is not None:
            what = "an operation of a running flow, if there is one"
            yield _rewritten(attacker, what, None, replace(unknown, confidence=Confidence.LOW))


def _rewritten(
    attacker: Attacker,
    what: str,
    which: tuple[Flow, Operation] | None,
    allowed: Allowed,
    knows: Knowledge | None = None,
) -> StepSequence:
    change = plan_step(
        "operation-rewrite", f"turn {what} into one that makes an administrator with the permissions `$full`",
        "any request as administrator", OPERATIONS, "update", "options", allowed, knows,
    )  # fmt: skip
    run = plan_step("operation-rewrite", "trigger the flow", SIGN_IN, OPERATIONS, "update", "options", allowed, knows)
    if which is None:
        return StepSequence((change, run))
    flow, operation = which
    kind = operation.type if operation.type in _WRITES_ITEMS else next(
        (one for one in _WRITES_ITEMS if attacker.send(OPERATIONS, "update", "type", one)), _WRITES_ITEMS[0]
    )  # fmt: skip
    body: dict[str, PlacedValue] = {} if kind == operation.type else {"type": kind}
    body["options"] = flows.options(attacker, kind)
    switches, sent = switched_on(flow, allowed)
    requests = [flows.change_operation(operation.id, body)]
    if kind != "item-create":
        # A new user can be made by a flow that others start, too.
        new: dict[str, PlacedValue] = {"type": "item-create", "options": flows.options(attacker, "item-create")}
        requests.append(flows.change_operation(operation.id, new))
    return StepSequence((change, *switches, run), requests=(tuple(requests), *sent))


def switched_on(flow: Flow, *evidence: Allowed | None) -> tuple[tuple[PlanStep, ...], tuple[Requests, ...]]:
    """The change of a flow that does not start as it is, with what is sent."""
    members: dict[str, PlacedValue] = {} if flow.status == "active" else {"status": "active"}
    if flow.trigger not in _TRIGGERS:
        members["trigger"] = "webhook"
    if not members:
        return (), ()
    does = f"change {' and '.join(f'`{name}`' for name in members)} of the flow `{escape_controls(flow.name)}`"
    step = plan_step("flow-trigger", does, "a flow that starts", FLOWS, "update", next(iter(members)), *evidence)
    return (step,), ((flows.change_flow(flow.id, members),),)


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
