"""Flows that write a table of access, once their trigger, status, options or beginning are changed: whoever may start them then.

Flows that make an administrator at once are `driven_flows`' to change (`retrigger_flow`). Here it is all others: what they
write counts like a permission of whoever starts them (`through_flows`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.flows.model import FlowModel
from directus_guard.escalation.evidence import KNOWN, Knowledge, rank
from directus_guard.escalation.reach.closure import Basis, Cause, Usable
from directus_guard.escalation.reach.driven_flows import COST_OF_CHANGED_FLOW, anybody
from directus_guard.escalation.reach.facts import Carries, Retriggered
from directus_guard.escalation.reach.flows import row_of_flow
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.through_flows import FlowWrite, is_own, may_start, writes_of
from directus_guard.escalation.requests.flows import change_flow
from directus_guard.escalation.tables import FLOWS, FREE, USERS
from directus_guard.escalation.telling import plan_step
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Flow
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState

_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "trigger": (FREE, "webhook", "manual", "event"), "status": ("active",), "options": (), "operation": (),
}  # fmt: skip
"""The fields of a flow that decide who starts it and where it begins, with the values that matter; (): any, whatever a
validation says of it."""
_CALLED: Final = ("webhook", "manual", "event")
_OPTIONS: Final[Mapping[str, tuple[dict[str, Json], ...]]] = {
    "webhook": ({"method": "POST"},),
    "manual": ({"collections": [USERS], "requireSelection": False},),
    "event": tuple(
        {"type": "action", "scope": ["items.update"], "collections": [one]} for one in ("(any collection)", USERS)
    ),
}
"""What lets most accounts start a flow, and send it most."""
_UNASKED: Final[dict[str, Json]] = {"type": "filter", "scope": ["items.update"], "collections": [USERS]}
"""An event that needs no permission."""


def change_flows(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /flows/ID of a flow that writes a table of access: one of the fields that decide who starts it."""
    state = closure.state
    if not closure.may_use(acting, FLOWS, "update"):
        return
    for flow in state.flows if state.acting_flows or state.deleting_flows else ():
        for name, values in _VALUES.items():
            fact = Retriggered(flow.id, name)
            if fact in closure.facts or not _writes(state, flow) or (name, flow.status) == ("status", "active"):
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
            gives = "a flow that writes for whoever starts it"
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
    changes: dict[str, dict[str, Cause]] = {}
    for fact, cause in closure.facts.items():
        if isinstance(fact, Retriggered) and cause is not None:
            changes.setdefault(fact.flow, {})[fact.name] = cause
    state, account = closure.state, acting.account
    may = partial(closure.may_use, acting)
    for flow in state.flows if changes else ():
        causes = changes.get(flow.id, {})
        if causes.keys() <= {"status", "operation"} and not may_start(
            acting.attacker, replace(flow, status="active"), may
        ):
            continue
        for write in _writes_once_changed(state, flow, frozenset(causes), public=account.public) if causes else ():
            own = is_own(state, write, account)
            fact = Carries(account, write.content, own)
            if fact in closure.facts or rank(write.confidence) > rank(closure.level):
                continue
            does = f"start the flow `{escape_controls(flow.name)}`, which was changed"
            gives = f"what it may {write.action} in {write.collection}"
            doubt = Knowledge("", Confidence.LOW)
            step = plan_step("flow-drive", does, gives, FLOWS, "", None, doubt, account=account)
            step = replace(step, location=write.operation.location, operation=write.operation.id)
            row = write.row(state.major, own=own and not account.public)
            yield fact, Usable(row, Cause(step, (*acting.before, *causes.values())), carried_out=True)


def _writes(state: AccessState, flow: Flow) -> bool:
    elevated = state.writing_flows | state.deleting_flows
    return flow.id in elevated or flow.id in state.starting_flows


def _writes_once_changed(
    state: AccessState, flow: Flow, able: frozenset[str], *, public: bool
) -> tuple[FlowWrite, ...]:
    """What a flow writes for callers with or without an account, once these fields have the best values; worked out once."""
    key = (flow.id, able, public)
    if key not in state.changed_writes:
        found: dict[tuple[object, ...], FlowWrite] = {}
        others = [one for one in state.export.flows if one.id != flow.id]
        for changed in _variants(state, flow, able):
            state.work.spend(COST_OF_CHANGED_FLOW)
            model = FlowModel([*others, changed], state.export.operations, version=state.model.version)
            steps = model.run(changed, anybody(signed_in=not public)).steps
            writes = (one for step in steps for one in writes_of(state, step, public=public, unchecked=False))
            # Only how sure they are would tell those of two variants apart.
            low = (replace(one, confidence=Confidence.LOW) for one in writes)
            found |= {one.content: one for one in low}
        state.changed_writes[key] = tuple(found.values())
    return state.changed_writes[key]


def _variants(state: AccessState, flow: Flow, able: frozenset[str]) -> Iterator[Flow]:
    """What a flow can be made to."""
    if flow.status != "active" and "status" not in able:
        return
    active = replace(flow, status="active")
    begins = [active]
    if "operation" in able:
        begins += [replace(active, operation=one.id) for owner, one in state.operations if owner.id == flow.id]
    for one in begins:
        triggers = (one.trigger, *(_CALLED if "trigger" in able else ()))
        for trigger in dict.fromkeys(triggers):
            made = replace(one, trigger=trigger)
            yield made
            for options in _OPTIONS.get(trigger, ()) if "options" in able else ():
                yield replace(made, options={**one.options, **options})
