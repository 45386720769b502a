"""Flows that an account makes or changes with operations that write nothing: they answer tokens of sessions, or start a flow
that writes. No requests are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.flows.operations import ITEM_ACTIONS
from directus_guard.escalation.reach.built_flows import triggerable
from directus_guard.escalation.reach.facts import ADMINISTRATOR
from directus_guard.escalation.reach.flows import ANYTHING, links, row_of_operation, starting
from directus_guard.escalation.tables import ACCESS_TABLES, ANY_ACCOUNT, FLOWS, FREE, OPERATIONS
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.records import Operation
    from directus_guard.escalation.reach.closure import Basis, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState

_CALLED: Final = ("webhook", "manual")


def run_other_operations(closure: Closure, acting: UsableAccount) -> Gains:
    """Operations that read sessions with full access, or start a flow that writes, in a flow that the account can start."""
    if closure.level is Confidence.LOW:
        yield from _new(closure, acting)
        yield from _changed(closure, acting)
        yield from _turned(closure, acting)


def _types(state: AccessState) -> Iterator[str]:
    yield "item-read"
    if any(flow.trigger == "operation" and flow.id in state.acting_flows for flow in state.flows):
        yield "trigger"


def _new(closure: Closure, acting: UsableAccount) -> Gains:
    if not closure.may_use(acting, OPERATIONS, "create"):
        return
    given = [closure.send(acting, OPERATIONS, "create", name, FREE) for name in ("options", "flow", "key")]
    kinds = (closure.gives(acting, OPERATIONS, "create", "type", one) for one in _types(closure.state))
    kind = next((one for one in kinds if one is not None), None)
    place = next(_places(closure, acting), None) if kind is not None and None not in given else None
    if place is None:
        return
    does = "let a flow run an operation that tells tokens of sessions, or starts another flow"
    where = OPERATIONS, "create", "type"
    cause = closure.cause(acting, "flow-build", does, ANYTHING, where, *given, kind, *place)
    if cause is not None:
        yield ADMINISTRATOR, starting(acting, cause, "start the flow")


def _places(closure: Closure, acting: UsableAccount) -> Iterator[tuple[Basis, ...]]:
    """Where a new operation can run: in a new flow, or in one that there is."""
    active = closure.gives(acting, FLOWS, "create", "status", "active")
    runs = active is not None or closure.leaves_out(acting, FLOWS, "create", "status")
    first = [closure.send(acting, FLOWS, "create", name, FREE, relation=True) for name in ("operation", "operations")]
    first.append(closure.allowed(acting, FLOWS, "update", "operation", {("id",): ANY_ACCOUNT}, ""))
    begins = next((one for one in first if one is not None), None)
    for trigger in _CALLED:
        called = closure.gives(acting, FLOWS, "create", "trigger", trigger)
        if called is not None and runs and begins is not None:
            yield called, begins
    for collection, name, known, item, _ in links(closure, acting):
        allowed = closure.allowed(acting, collection, "update", name, known, item)
        sent = closure.send(acting, collection, "update", name, FREE, relation=True)
        if allowed is not None and sent is not None:
            yield allowed, sent


def _changed(closure: Closure, acting: UsableAccount) -> Gains:
    if not closure.may_use(acting, OPERATIONS, "update"):
        return
    kinds = tuple(_types(closure.state))
    for flow, operation in closure.state.operations:
        if not triggerable(acting.attacker, flow):
            continue
        options = _change(closure, acting, operation, "options", (FREE,))
        turned = () if operation.type in kinds else _change(closure, acting, operation, "type", kinds)
        if options is None or turned is None:
            continue
        does = f"have the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}` tell tokens of sessions"
        where = OPERATIONS, "update", "options"
        cause = closure.cause(acting, "operation-rewrite", does, ANYTHING, where, *options, *turned)
        if cause is not None:
            yield ADMINISTRATOR, starting(acting, cause, "start the flow")


def _turned(closure: Closure, acting: UsableAccount) -> Gains:
    """Operations on a table of access, with more than their caller's rights, that do something else there: only their type is
    changed."""
    if not closure.may_use(acting, OPERATIONS, "update", "type"):
        return
    for flow, operation in closure.state.operations:
        table = operation.options.get("collection")
        decides = table in ACCESS_TABLES or (isinstance(table, str) and "{{" in table)
        if not decides or operation.type not in ITEM_ACTIONS or not _has_rights(operation):
            continue
        others = tuple(one for one in ITEM_ACTIONS if one not in (operation.type, "item-read"))
        turned = _change(closure, acting, operation, "type", others) if triggerable(acting.attacker, flow) else None
        if turned is not None:
            key, name = escape_controls(operation.key), escape_controls(flow.name)
            does = f"have the operation `{key}` of the flow `{name}` write what it reads, or delete it"
            where = OPERATIONS, "update", "type"
            cause = closure.cause(acting, "operation-rewrite", does, ANYTHING, where, *turned)
            if cause is not None:
                yield ADMINISTRATOR, starting(acting, cause, "start the flow")


def _has_rights(operation: Operation) -> bool:
    """Whether an operation has other rights than those of its caller or of visitors."""
    return operation.options.get("permissions") not in (None, "", "$trigger", "$public")


def _change(
    closure: Closure, acting: UsableAccount, operation: Operation, name: str, values: tuple[str, ...]
) -> tuple[Basis, ...] | None:
    """What lets a field of an operation be given one of the values."""
    allowed = closure.allowed(acting, OPERATIONS, "update", name, row_of_operation(operation), operation.id)
    sent = (closure.send(acting, OPERATIONS, "update", name, one) for one in values if allowed is not None)
    found = next((one for one in sent if one is not None), None)
    return None if allowed is None or found is None else (allowed, found)
