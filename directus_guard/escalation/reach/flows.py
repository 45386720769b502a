"""Writes on flows and operations: what runs, and with whose rights."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.flows.start import starting_permissions
from directus_guard.escalation.evidence import Knowledge, rank
from directus_guard.escalation.flow_writes import WRITES
from directus_guard.escalation.reach.built_flows import build_flow, rewrite_operation, triggerable
from directus_guard.escalation.reach.closure import Basis, Cause
from directus_guard.escalation.reach.driven_flows import (
    drive_flow,
    drive_step,
    escalating_flows,
    gets_there,
    retrigger_flow,
)
from directus_guard.escalation.reach.facts import ADMINISTRATOR
from directus_guard.escalation.reach.sent_fields import may_send
from directus_guard.escalation.requests import flows as requests
from directus_guard.escalation.requests.request import UPDATE, Request
from directus_guard.escalation.tables import ANY_ACCOUNT, FLOWS, FREE, OPERATIONS, PERMISSIONS
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.reach.sent_fields import Sends
    from directus_guard.escalation.requests.request import Requests, Value
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known
    from directus_guard.escalation.telling import StepSequence


def of_flows(closure: Closure, acting: UsableAccount) -> Gains:
    """Flows that are built, rewritten, started or driven."""
    for sequence in _sequences(closure, acting):
        if all(rank(step.confidence) <= rank(closure.level) for step in sequence.steps):
            *first, last = sequence.steps
            before = acting.before
            for index, step in enumerate(first):
                sent = sequence.requests[index] if sequence.requests else ()
                before = (Cause(step, before, sent_by(acting, sent)),)
            yield ADMINISTRATOR, Cause(last, before, started(acting, loose=_is_loose(sequence)))
    yield from _new_operation(closure, acting)
    yield from _changed_operation(closure, acting)
    yield from _with_gained_rows(closure, acting)
    yield from _driven_with_gained_rows(closure, acting)
    yield from _built_by_two(closure, acting)


def _built_by_two(closure: Closure, acting: UsableAccount) -> Gains:
    """A flow of one account, and its operation of another one."""
    if not closure.may_use(acting, FLOWS, "create", "operation"):
        return
    for other in closure.current:
        if other.person != acting.person and closure.may_use(other, OPERATIONS, "create", "options"):
            yield from _built(closure, acting, other)


def _sequences(closure: Closure, acting: UsableAccount) -> Iterator[StepSequence]:
    def gets_to(flow: Flow, operation: str) -> bool:
        return gets_there(acting.attacker, flow, (operation,), may_ask(closure, acting))

    yield from build_flow(acting.attacker)
    yield from rewrite_operation(acting.attacker)
    yield from drive_flow(acting.attacker, gets_to)
    yield from retrigger_flow(acting.attacker)


def may_ask(closure: Closure, acting: UsableAccount) -> Callable[[str, str], bool]:
    """What an account is permitted by now, for operations with its rights: any, where permissions can be made."""
    if any(closure.is_allowed(PERMISSIONS, action) for action in ("create", "update")):
        return lambda _collection, _action: True
    return partial(closure.may_use, acting)


def sends(closure: Closure, acting: UsableAccount) -> Sends:
    """What an account may write by now."""

    def allowed(collection: str, action: str, name: str) -> bool:
        return closure.may_use(acting, collection, action, name) or name in closure.presets(acting, collection, action)

    return allowed


def _is_loose(sequence: StepSequence) -> bool:
    return len(sequence.steps) > 1 and not sequence.requests


def sent_by(acting: UsableAccount, sent: Requests) -> Requests:
    """Requests with who sends them."""
    return tuple(replace(one, by=acting.person) for one in sent)


def started(acting: UsableAccount, *, loose: bool = False) -> Requests:
    """The start of a flow."""
    return requests.start(acting.person, loose=loose)


def row_of_operation(operation: Operation) -> Known:
    """What is known of a row of directus_operations."""
    return {
        ("id",): operation.id,
        ("key",): operation.key,
        ("type",): operation.type,
        ("flow",): operation.flow,
    }


def row_of_flow(flow: Flow) -> Known:
    """What is known of a row of directus_flows."""
    return {("id",): flow.id, ("trigger",): flow.trigger, ("status",): flow.status, ("name",): flow.name}


def _new_operation(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /operations, and its key where a flow begins or another operation goes on: it acts with the permissions `$full`."""
    if not closure.may_use(acting, OPERATIONS, "create"):
        return
    given = [
        next(
            (
                sent
                for kind in ("item-create", "item-update")
                if (sent := closure.send(acting, OPERATIONS, "create", "type", kind))
            ),
            None,
        )
    ]
    given += [closure.send(acting, OPERATIONS, "create", name, FREE) for name in ("options", "flow", "key")]
    chosen = closure.send(acting, OPERATIONS, "create", "id", FREE)
    read = closure.allowed(acting, OPERATIONS, "read", "id", {("id",): ANY_ACCOUNT}, ANY_ACCOUNT)
    key = chosen or read or Basis(Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM))
    if any(one is None for one in given):
        return
    kind = next(one for one in WRITES if closure.send(acting, OPERATIONS, "create", "type", one))
    for collection, name, known, item, does in links(closure, acting):
        allowed = closure.allowed(acting, collection, "update", name, known, item)
        sent = closure.send(acting, collection, "update", name, FREE, relation=True)
        if allowed is None or sent is None:
            continue
        flow = item if collection == FLOWS else str(known["flow",])
        operation = requests.new_operation(acting.attacker, kind, flow)
        made = closure.cause(
            acting, "flow-build", _MAKES, "an operation that no flow runs yet", (OPERATIONS, "create", "type"), *given, key,
            requests=sent_by(acting, (operation,)),
        )  # fmt: skip
        link = Request(collection, UPDATE, {name: requests.operation_key(acting.attacker)}, item, acting.person)
        where = collection, "update", name
        linked = closure.cause(acting, "flow-build", does, ANYTHING, where, allowed, sent, requests=(link,))
        if made is not None and linked is not None:
            after = replace(linked, before=(*linked.before, made))
            yield ADMINISTRATOR, starting(acting, after, "start the flow")


_MAKES: Final = "create an operation that makes an administrator with the permissions `$full`"


def links(closure: Closure, acting: UsableAccount) -> Iterator[tuple[str, str, Known, str, str]]:
    """Where an operation can be put into a flow that runs: collection, field, item, its key, and a sentence."""
    state = closure.state
    for flow in state.flows:
        if triggerable(acting.attacker, flow):
            does = f"let the flow `{escape_controls(flow.name)}` begin with it"
            yield FLOWS, "operation", row_of_flow(flow), flow.id, does
    for flow, operation in state.operations:
        if triggerable(acting.attacker, flow):
            does = f"let it follow the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
            for name in ("resolve", "reject"):
                yield OPERATIONS, name, row_of_operation(operation), operation.id, does


def _with_gained_rows(closure: Closure, acting: UsableAccount) -> Gains:
    """Flows that are built or rewritten with permissions that the attacker was given."""

    def gained(collection: str, action: str) -> bool:
        changed = action == "update" and closure.has_changed(collection)
        return changed or any(one.cause is not None for one in closure.usable(acting, collection, action))

    if gained(OPERATIONS, "create") or gained(FLOWS, "create"):
        yield from _built(closure, acting, acting)
    if gained(OPERATIONS, "update"):
        for flow, operation in closure.state.operations:
            if triggerable(acting.attacker, flow):
                named = f"the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
                does = f"turn {named} into one that makes an administrator with the permissions `$full`"
                known = row_of_operation(operation)
                kind = operation.type if operation.type in WRITES else WRITES[0]
                body: dict[str, Value] = {"options": requests.options(acting.attacker, kind)}
                if kind != operation.type:
                    body = {"type": kind, **body}
                yield from changed_item(closure, acting, ("operation-rewrite", does), OPERATIONS, known, body)


def _driven_with_gained_rows(closure: Closure, acting: UsableAccount) -> Gains:
    """Flows that an account starts with a permission that it was given, or without a validation that was taken away."""
    attacker, state = acting.attacker, closure.state
    if not closure.unlocks and not closure.has_gained(acting):
        return
    for drive in escalating_flows(state, public=attacker.account.public):
        step = drive_step(attacker, drive)
        operations = (drive.operation.id, *drive.others)
        if rank(step.confidence) > rank(closure.level) or not gets_there(
            attacker, drive.flow, operations, may_ask(closure, acting)
        ):
            continue
        if not may_send(state, drive.flow, drive.sent, sends(closure, acting)):
            continue
        for collection, action in starting_permissions(drive.flow, state.model.version):
            for usable in closure.usable(acting, collection, action):
                _, taken = closure.locks(acting, collection, action, usable)
                if usable.cause is not None or taken:
                    before = (*acting.before, *usable.causes, *taken)
                    does = f"{step.does}, with what was changed"
                    yield ADMINISTRATOR, Cause(replace(step, does=does), before, started(acting))


def _built(closure: Closure, acting: UsableAccount, other: UsableAccount) -> Gains:
    """A flow that one account makes and another one, or the same, gives its operation: both with keys of their choice."""
    given = [(acting, FLOWS, name, FREE) for name in ("id", "name", "operation")]
    given += [(other, OPERATIONS, name, FREE) for name in ("id", "options", "flow", "key")]
    given += [(acting, FLOWS, "trigger", "webhook"), (other, OPERATIONS, "type", "item-create")]
    sent = [closure.send(who, table, "create", name, value, relation=True) for who, table, name, value in given]
    if None in sent:
        return
    flow, operation = requests.chosen_flow(other.attacker)
    does = "create a flow with a webhook"
    where = FLOWS, "create", "trigger"
    made = closure.cause(
        acting, "flow-build", does, "a flow that runs operations", where, *sent, requests=sent_by(acting, (flow,))
    )
    does = "give it an operation that makes an administrator with the permissions `$full`, and let it run"
    where = OPERATIONS, "create", "type"
    added = closure.cause(other, "flow-build", does, ANYTHING, where, *sent, requests=sent_by(other, (operation,)))
    if made is not None and added is not None:
        yield ADMINISTRATOR, starting(acting, replace(added, before=(*added.before, made)), "start it")


def starting(acting: UsableAccount, cause: Cause, does: str) -> Cause:
    """The start of a flow, after what was changed."""
    step = replace(cause.step, does=does, permission="the trigger of the flow", note="")
    return Cause(step, (cause,), started(acting))


def changed_item(
    closure: Closure,
    acting: UsableAccount,
    step: tuple[str, str],
    collection: str,
    known: Known,
    body: Mapping[str, Value],
) -> Gains:
    """An item of which all these fields may be changed."""
    kind, does = step
    used: list[Basis | None] = []
    for name in body:
        used.append(closure.allowed(acting, collection, "update", name, known, str(known["id",])))
        used.append(closure.send(acting, collection, "update", name, FREE, relation=True))
    if None not in used:
        sent = Request(collection, UPDATE, body, str(known["id",]))
        where = collection, "update", next(iter(body))
        cause = closure.cause(acting, kind, does, ANYTHING, where, *used, requests=sent_by(acting, (sent,)))
        if cause is not None:
            yield ADMINISTRATOR, starting(acting, cause, "start the flow")


ANYTHING: Final = "any request as administrator"
_LETS_THROUGH: Final = frozenset(
    {"condition", "transform", "json-web-token", "exec", "request", "item-read", "trigger"}
)
"""Operations that decide whether, or with which data, those behind them run."""


def _changed_operation(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /operations/ID where it only steers operations with full access: what they are given, or whether they run."""
    state = closure.state
    if not closure.may_use(acting, OPERATIONS, "update"):
        return
    for flow, operation in state.operations:
        elevated = state.acting_flows | state.deleting_flows
        acts = flow.id in elevated or (operation.type == "trigger" and bool(elevated))
        if not acts or not triggerable(acting.attacker, flow):
            continue
        names = (
            ("options", "resolve", "reject", "flow")
            if operation.type in _LETS_THROUGH
            else ("resolve", "reject", "flow")
        )
        for name in names:
            allowed = closure.allowed(acting, OPERATIONS, "update", name, row_of_operation(operation), operation.id)
            sent = closure.send(acting, OPERATIONS, "update", name, FREE) if allowed is not None else None
            if allowed is None or sent is None:
                continue
            doubt = Basis(Knowledge("what it steers has full access", Confidence.MEDIUM))
            does = f"change `{name}` of the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
            cause = closure.cause(
                acting, "operation-rewrite", does, "operations with full access, run with data of the attacker's choice",
                (OPERATIONS, "update", name), allowed, sent, doubt,
                requests=sent_by(acting, steered(state, flow, operation, name)),
            )  # fmt: skip
            if cause is not None:
                yield ADMINISTRATOR, starting(acting, cause, "start the flow")


def steered(state: AccessState, flow: Flow, operation: Operation, name: str) -> Requests:
    """What an operation may be changed to, so that one with full access runs with what the caller sends."""
    if name in ("resolve", "reject"):
        # What one operation goes on with in one of these fields, no other one does: the column is unique.
        taken = {operation.id, *(getattr(one, name) for _, one in state.operations)}
        free = [one.id for owner, one in state.operations if owner.id == flow.id and one.id not in taken]
        return tuple(requests.change_operation(operation.id, {name: key}) for key in free)
    whole = requests.WHOLE_PAYLOAD if flow.trigger == "event" else requests.WHOLE_BODY
    if name == "options" and operation.type == "condition":
        return (requests.change_operation(operation.id, {"options": {"filter": requests.ALWAYS}}),)
    if name == "options" and operation.type == "transform":
        return (requests.change_operation(operation.id, {"options": {"json": whole}}),)
    if name == "options" and operation.type == "trigger":
        writing = [one.id for one in state.flows if one.id in state.writing_flows]
        changes = ({"options": {"flow": key, "payload": whole}} for key in writing)
        return tuple(requests.change_operation(operation.id, one) for one in changes)
    # What `exec`, requests and reads hand on is not followed: there is no plan then.
    return ()
