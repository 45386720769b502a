"""Flows whose trigger, status, options or beginning are changed, and what they do for whoever may start them then.

An event that the server causes starts flows, too: then not even operations with the rights of the trigger are limited. What
makes an administrator at once in a way that can be written out is `driven_flows`' to find (`retrigger_flow`); here everything
counts. What writes a table of access counts like a permission (`through_flows`).
"""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.start import caused_events
from directus_guard.directus.tri import Tri
from directus_guard.escalation.evidence import KNOWN, Knowledge
from directus_guard.escalation.flow_answers import with_answers
from directus_guard.escalation.reach.changed_operations import variants
from directus_guard.escalation.reach.closure import VISITOR, Basis, Cause, Usable
from directus_guard.escalation.reach.driven_flows import (
    COST_OF_CHANGED_FLOW,
    anybody,
    driven_by_visitors,
    makes,
    may_use,
    registers,
    without_asking,
)
from directus_guard.escalation.reach.facts import ADMINISTRATOR, Altered, Carries, RegistrationOn, Retriggered
from directus_guard.escalation.reach.flows import changed_item, row_of_flow, started
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.through_flows import (
    FlowWrite,
    is_own,
    may_start,
    started_by_anybody,
    writes_of,
)
from directus_guard.escalation.requests.flows import change_flow
from directus_guard.escalation.state import ChangedFlow, EscalatingFlow
from directus_guard.escalation.tables import FLOWS, FREE, USERS
from directus_guard.escalation.telling import SIGN_IN, plan_step
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.start import ByItself, Caller
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.requests.request import Value
    from directus_guard.escalation.state import AccessState

Change: TypeAlias = "Retriggered | Altered"
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "trigger": (FREE, "webhook", "manual", "event"), "status": ("active",), "options": (), "operation": (),
}  # fmt: skip
"""The fields of a flow that decide who starts it and where it begins, with the values that matter; (): any, whatever a
validation says of it."""
_CALLED: Final = ("webhook", "event")
"""By hand nothing is sent that is not sent to a webhook."""
_OPTIONS: Final[Mapping[str, tuple[dict[str, Json], ...]]] = {
    "webhook": ({"method": "POST"},),
    "manual": ({"collections": [USERS], "requireSelection": False},),
    "event": tuple(
        {"type": "action", "scope": [f"items.{action}"], "collections": [collection]}
        for collection, action in (("(any collection)", "update"), (USERS, "update"), (USERS, "create"))
    ),
}
"""What lets most accounts start a flow, and send it most."""
_UNASKED: Final[dict[str, Json]] = {"type": "filter", "scope": ["items.update"], "collections": [USERS]}
"""An event that needs no permission."""


def change_flows(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /flows/ID of a flow that writes items: one of the fields that decide who starts it."""
    state = closure.state
    if not closure.may_use(acting, FLOWS, "update"):
        return
    for flow in state.flows:
        for name, values in _VALUES.items():
            fact = Retriggered(flow.id, name)
            if fact in closure.facts or flow.id not in state.item_flows or (name, flow.status) == ("status", "active"):
                continue
            allowed = closure.allowed(acting, FLOWS, "update", name, row_of_flow(flow), flow.id)
            if allowed is None:
                continue
            given = (closure.send(acting, FLOWS, "update", name, value) for value in values)
            sent = next((one for one in given if one is not None), None if values else Basis(KNOWN))
            if sent is None:
                continue
            does = f"change `{name}` of the flow `{escape_controls(flow.name)}`"
            where = FLOWS, "update", name
            gives = "a flow that does more for whoever starts it"
            asked = tuple(change_flow(flow.id, {name: value}) for value in _sent(flow, name))
            cause = closure.cause(acting, "flow-trigger", does, gives, where, allowed, sent, requests=asked)
            yield from gain(fact, cause)


def _sent(flow: Flow, name: str) -> tuple[Json, ...]:
    """What a field is changed to, so that a webhook starts the flow, or what starts it now."""
    if name == "options":
        called = (_OPTIONS["webhook"][0], *([_UNASKED] if flow.trigger == "event" else _OPTIONS.get(flow.trigger, ())))
        return tuple({**flow.options, **options} for options in called)
    return ({"trigger": "webhook", "status": "active"}.get(name, flow.operation),)


def start_changed_flows(closure: Closure, acting: UsableAccount) -> Iterator[tuple[Carries, Usable]]:
    """The rows that an account has by flows that were changed so that it may start them."""
    state, account = closure.state, acting.account
    others = () if account.public or VISITOR in closure.persons() else started_by_anybody(state)
    for flow, causes in _startable(closure, acting):
        for write in _changed(closure, acting, flow, causes).writes:
            own = is_own(state, write, account)
            fact = Carries(account, write.content, own)
            if fact not in closure.facts and write.operation.id not in others:
                gives = f"what it may {write.action} in {write.collection}"
                start = _start(closure, acting, flow, write.operation, gives, causes)
                yield fact, Usable(write.row(state.major, own=own and not account.public), start, carried_out=True)


def drive_changed_flows(closure: Closure, acting: UsableAccount) -> Gains:
    """An administrator, made by a flow that was changed so that an account may start it."""
    for flow, causes in _startable(closure, acting):
        for drive in _changed(closure, acting, flow, causes).drives:
            if may_use(acting.attacker, drive):
                yield ADMINISTRATOR, _start(closure, acting, flow, drive.operation, SIGN_IN, causes)


def give_webhooks(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /flows/ID with permissions that the attacker was given: an active webhook, in one request."""
    state = closure.state
    gained = any(one.cause is not None for one in closure.usable(acting, FLOWS, "update"))
    if not gained and not closure.has_changed(FLOWS):
        return
    for flow in state.flows:
        hook: Value = {**flow.options, "method": "POST"}
        webhook: dict[str, Value] = {"trigger": "webhook", "status": "active", "options": hook}
        able = frozenset(Retriggered(flow.id, name) for name in webhook)
        if once_changed(state, flow, able, (), public=acting.account.public).drives:
            does = f"give the flow `{escape_controls(flow.name)}` an active webhook"
            yield from changed_item(closure, acting, ("flow-trigger", does), FLOWS, row_of_flow(flow), webhook)


def _startable(closure: Closure, acting: UsableAccount) -> Iterator[tuple[Flow, Mapping[Change, Cause]]]:
    """The flows of which fields can be changed so that an account may start them, or do more for whoever starts them, with
    what makes each change."""
    changes = _changes(closure) if closure.level is Confidence.LOW else {}
    may = partial(closure.may_use, acting)
    known = driven_by_visitors(closure.state) if changes and not acting.account.public else ()
    for flow in closure.state.flows if changes else ():
        causes = changes.get(flow.id)
        if causes is not None and flow.id not in known:
            active = replace(flow, status="active")
            started_otherwise = not {one.name for one in causes}.isdisjoint(("trigger", "options"))
            if started_otherwise or may_start(acting.attacker, active, may):
                yield flow, causes


def _changes(closure: Closure) -> Mapping[str, Mapping[Change, Cause]]:
    """What can be changed of each flow. The operations of a flow that others start count for those, too."""
    changes: dict[str, dict[Change, Cause]] = {}
    for fact, cause in closure.of_kind(Retriggered):
        changes.setdefault(fact.flow, {})[fact] = cause
    for altered, cause in closure.of_kind(Altered):
        starting = closure.state.starting_flows if altered.flow in closure.state.started_flows else ()
        for flow in dict.fromkeys((altered.flow, *starting)):
            changes.setdefault(flow, {})[altered] = cause
    return changes


def _start(
    closure: Closure,
    acting: UsableAccount,
    flow: Flow,
    operation: Operation,
    gives: str,
    causes: Mapping[Change, Cause],
) -> Cause:
    does = f"start the flow `{escape_controls(flow.name)}`, which was changed"
    doubt = Knowledge("", Confidence.LOW)
    step = plan_step("flow-drive", does, gives, FLOWS, "", None, doubt, account=acting.account)
    step = replace(step, location=operation.location, operation=operation.id)
    on = closure.facts.get(RegistrationOn()) if acting.account.public else None
    before = (*acting.before, *causes.values(), *(() if on is None else (on,)))
    return Cause(step, before, started(acting) if gives == SIGN_IN else ())


def _unasked(closure: Closure, acting: UsableAccount) -> tuple[ByItself, ...]:
    """The events that the server causes for an account, or (registration, once it is on) for a visitor."""
    on = registers(closure.state) or RegistrationOn() in closure.facts
    return caused_events(public=acting.account.public, registers=on)


def _changed(closure: Closure, acting: UsableAccount, flow: Flow, causes: Mapping[Change, Cause]) -> ChangedFlow:
    """What a flow does for an account, once these changes are made."""
    account = acting.account
    # Without other operations, its conditions on the role are the same as before.
    altered = any(isinstance(one, Altered) for one in causes)
    role = account.role if altered and account.role != FREE else None
    able, unasked = frozenset(causes), _unasked(closure, acting)
    return once_changed(closure.state, flow, able, unasked, public=account.public, role=role)


def once_changed(
    state: AccessState,
    flow: Flow,
    able: frozenset[Change],
    unasked: tuple[ByItself, ...],
    *,
    public: bool,
    role: str | None = None,
) -> ChangedFlow:
    """What a flow does for callers with or without an account, once these changes are made; worked out once. `role`: the
    caller's, where conditions are to be judged for it."""
    key = (flow.id, able, unasked, public, role)
    if key not in state.changed_flows:
        writes: dict[tuple[object, ...], FlowWrite] = {}
        drives: dict[tuple[object, ...], EscalatingFlow] = {}
        others = [one for one in state.export.flows if one.id != flow.id]
        altered = sorted(
            (one for one in able if isinstance(one, Altered)), key=lambda one: (one.operation, one.name, one.value)
        )
        fields = frozenset(one.name for one in able if isinstance(one, Retriggered))
        held = (*((state.export.operations,) if fields else ()), *variants(state.export.operations, altered))
        for changed, operations in product(_variants(state, flow, fields), held):
            model = FlowModel([*others, changed], operations, version=state.model.version)
            acts = bool(altered) or changed.id in state.acting_flows | state.deleting_flows | state.starting_flows
            callers = (*((replace(anybody(signed_in=not public), role=role),) * acts), *_causing(changed, unasked))
            for caller in callers:
                state.work.spend(COST_OF_CHANGED_FLOW)
                unchecked = caller.by_itself is not None
                for step in with_answers(model.run(changed, caller).steps, caller.by_itself):
                    made, stored_in = makes(state, step, unchecked=unchecked)
                    if Tri.NO not in (step.reach, made):
                        drive = EscalatingFlow(flow, step.operation, made, stored_in=stored_in)
                        drives[step.operation.id, stored_in] = drive
                    # Only how sure they are would tell those of two variants apart.
                    for one in writes_of(state, step, public=public, unchecked=unchecked):
                        low = replace(one, confidence=Confidence.LOW)
                        writes[low.content] = low
        state.changed_flows[key] = ChangedFlow(tuple(writes.values()), tuple(drives.values()))
    return state.changed_flows[key]


def _causing(changed: Flow, unasked: tuple[ByItself, ...]) -> tuple[Caller, ...]:
    """The server, where it starts a changed flow without asking for a permission."""
    return tuple(map(without_asking, unasked)) if changed.trigger == "event" else ()


def _variants(state: AccessState, flow: Flow, able: frozenset[str]) -> Iterator[Flow]:
    """What a flow can be made to."""
    if flow.status != "active" and "status" not in able:
        return
    active = replace(flow, status="active")
    begins = [active]
    if "operation" in able:
        begins += [replace(active, operation=one.id) for owner, one in state.operations if owner.id == flow.id]
    for one in begins:
        for trigger in dict.fromkeys((one.trigger, *(_CALLED if "trigger" in able else ()))):
            made = replace(one, trigger=trigger)
            yield made
            for options in _OPTIONS.get(trigger, ()) if "options" in able else ():
                yield replace(made, options={**one.options, **options})
