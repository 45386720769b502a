"""Writes on flows and operations: what runs, and with whose rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.evidence import Knowledge, rank
from directus_guard.escalation.reach.built_flows import build_flow, rewrite_operation, triggerable
from directus_guard.escalation.reach.closure import Basis, Cause
from directus_guard.escalation.reach.driven_flows import drive_flow, retrigger_flow
from directus_guard.escalation.reach.facts import ADMINISTRATOR
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.requests.request import START, Request
from directus_guard.escalation.tables import ANY_ACCOUNT, FLOWS, FREE, OPERATIONS
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.requests.request import Requests
    from directus_guard.escalation.tables import Known

_SEQUENCES: Final = (build_flow, rewrite_operation, drive_flow, retrigger_flow)


def of_flows(closure: Closure, acting: UsableAccount) -> Gains:
    """Flows that are built, rewritten, started or driven."""
    for channel in _SEQUENCES:
        for sequence in channel(acting.attacker):
            if all(rank(step.confidence) <= rank(closure.level) for step in sequence.steps):
                *first, last = sequence.steps
                before = acting.before
                for step in first:
                    before = (Cause(step, before),)
                yield ADMINISTRATOR, Cause(last, before, started(acting))
    yield from _new_operation(closure, acting)
    yield from _changed_operation(closure, acting)
    yield from _with_gained_rows(closure, acting)


def started(acting: UsableAccount) -> Requests:
    """The start of a flow."""
    return (Request(FLOWS, START, by=acting.person),)


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
    if not closure.usable(acting, OPERATIONS, "create"):
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
    does = "create an operation that makes an administrator with the permissions `$full`"
    made = closure.cause(
        acting, "flow-build", does, "an operation that no flow runs yet", (OPERATIONS, "create", "type"), *given, key
    )
    if made is None:
        return
    for collection, name, known, item, does in links(closure, acting):
        allowed = closure.allowed(acting, collection, "update", name, known, item)
        sent = closure.send(acting, collection, "update", name, FREE, relation=True)
        if allowed is not None and sent is not None:
            linked = closure.cause(acting, "flow-build", does, ANYTHING, (collection, "update", name), allowed, sent)
            if linked is not None:
                yield ADMINISTRATOR, Cause(linked.step, (made,), started(acting))


def links(closure: Closure, acting: UsableAccount) -> Iterator[tuple[str, str, Known, str, str]]:
    """Where an operation can be put into a flow that runs: collection, field, item, its key, and a sentence."""
    state = closure.state
    for flow in state.flows:
        if triggerable(acting.attacker, flow):
            does = f"let the flow `{escape_controls(flow.name)}` begin with it, and start the flow"
            yield FLOWS, "operation", row_of_flow(flow), flow.id, does
    for flow, operation in state.operations:
        if triggerable(acting.attacker, flow):
            does = f"let it follow the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
            for name in ("resolve", "reject"):
                yield OPERATIONS, name, row_of_operation(operation), operation.id, does


def _with_gained_rows(closure: Closure, acting: UsableAccount) -> Gains:
    """Flows that are built, rewritten or given another trigger with permissions that the attacker was given."""

    def gained(collection: str, action: str) -> bool:
        changed = action == "update" and closure.has_changed(collection)
        return changed or any(one.cause is not None for one in closure.usable(acting, collection, action))

    if gained(OPERATIONS, "create") or gained(FLOWS, "create"):
        fields = [(FLOWS, name, FREE) for name in ("id", "name", "operation")]
        fields += [(OPERATIONS, name, FREE) for name in ("id", "options", "flow", "key")]
        fields += [(FLOWS, "trigger", "webhook"), (OPERATIONS, "type", "item-create")]
        sent = [closure.send(acting, table, "create", name, value, relation=True) for table, name, value in fields]
        if None not in sent:
            does = (
                "build a flow with an operation that makes an administrator with the permissions `$full`, and start it"
            )
            where = FLOWS, "create", "trigger"
            cause = closure.cause(acting, "flow-build", does, ANYTHING, where, *sent, requests=started(acting))
            yield from gain(ADMINISTRATOR, cause)
    if gained(OPERATIONS, "update"):
        for flow, operation in closure.state.operations:
            if triggerable(acting.attacker, flow):
                named = f"the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
                does = f"turn {named} into one that makes an administrator with the permissions `$full`"
                known = row_of_operation(operation)
                yield from _changed(
                    closure, acting, ("operation-rewrite", does), OPERATIONS, known, ("type", "options")
                )
    if gained(FLOWS, "update"):
        for flow in closure.state.flows:
            if flow.id in closure.state.acting_flows:
                does = f"give the flow `{escape_controls(flow.name)}` an active webhook"
                names = ("trigger", "status", "options", "operation")
                yield from _changed(closure, acting, ("flow-trigger", does), FLOWS, row_of_flow(flow), names)


def _changed(
    closure: Closure,
    acting: UsableAccount,
    step: tuple[str, str],
    collection: str,
    known: Known,
    names: tuple[str, ...],
) -> Gains:
    """An item of which all these fields may be changed."""
    kind, does = step
    used: list[Basis | None] = []
    for name in names:
        used.append(closure.allowed(acting, collection, "update", name, known, str(known["id",])))
        used.append(closure.send(acting, collection, "update", name, FREE, relation=True))
    if None not in used:
        doubt = Basis(Knowledge("what it does then is not worked out", Confidence.MEDIUM))
        yield from gain(
            ADMINISTRATOR,
            closure.cause(
                acting, kind, does, ANYTHING, (collection, "update", names[0]), *used, doubt, requests=started(acting)
            ),
        )


ANYTHING: Final = "any request as administrator"
_LETS_THROUGH: Final = frozenset(
    {"condition", "transform", "json-web-token", "exec", "request", "item-read", "trigger"}
)
"""Operations that decide whether, or with which data, those behind them run."""


def _changed_operation(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /operations/ID where it only steers operations with full access: what they are given, or whether they run."""
    state = closure.state
    if not closure.usable(acting, OPERATIONS, "update"):
        return
    for flow, operation in state.operations:
        acts = flow.id in state.acting_flows or (operation.type == "trigger" and bool(state.acting_flows))
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
                (OPERATIONS, "update", name), allowed, sent, doubt, requests=started(acting),
            )  # fmt: skip
            if cause is not None:
                yield ADMINISTRATOR, cause
                return
