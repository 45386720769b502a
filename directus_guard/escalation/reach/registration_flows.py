"""Flows that registration starts, once it is switched on: what they write is not asked for, whatever their rights are.

Where it is on already, `driven_flows` and `through_flows` follow them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.directus.flows.start import ByItself
from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.flow_answers import with_answers
from directus_guard.escalation.reach.closure import Cause, Usable
from directus_guard.escalation.reach.driven_flows import caused, registers, without_asking
from directus_guard.escalation.reach.facts import ADMINISTRATOR, Carries, RegistrationOn
from directus_guard.escalation.reach.flows import started
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.through_flows import writes_of
from directus_guard.escalation.requests import accounts
from directus_guard.escalation.tables import FLOWS, SETTINGS
from directus_guard.escalation.telling import SIGN_IN, plan_step
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.reach.through_flows import FlowWrite
    from directus_guard.escalation.state import AccessState


def switch_on(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /settings {"public_registration": true}."""
    fact = RegistrationOn()
    if fact in closure.facts or registers(closure.state) or not closure.may_use(acting, SETTINGS, "update"):
        return
    name = "public_registration"
    allowed = closure.allowed(acting, SETTINGS, "update", name, {("id",): 1}, "1")
    sent = closure.send(acting, SETTINGS, "update", name, value=True)
    if allowed is not None and sent is not None:
        where, asked = (SETTINGS, "update", name), accounts.registration({name: True})
        does = "switch on public registration"
        cause = closure.cause(acting, "registration-role", does, "registration", where, allowed, sent, requests=asked)
        yield from gain(fact, cause)


def drive(closure: Closure, acting: UsableAccount) -> Gains:
    """An administrator, made by a flow that registration starts."""
    on = closure.facts.get(RegistrationOn())
    if on is None or not acting.account.public or closure.level is not Confidence.LOW:
        return
    for drives in caused(closure.state, ByItself.REGISTRATION):
        yield ADMINISTRATOR, _register(acting, on, drives.flow, drives.operation, SIGN_IN)


def writes(closure: Closure, acting: UsableAccount) -> Iterator[tuple[Carries, Usable]]:
    """The rows that visitors have by the flows that registration starts."""
    on = closure.facts.get(RegistrationOn())
    if on is None or not acting.account.public or closure.level is not Confidence.LOW:
        return
    for write in _writes(closure.state):
        fact = Carries(acting.account, write.content, own=False)
        if fact not in closure.facts:
            start = _register(
                acting, on, write.flow, write.operation, f"what it may {write.action} in {write.collection}"
            )
            yield fact, Usable(write.row(closure.state.major, own=False), start, carried_out=True)


def _register(acting: UsableAccount, on: Cause, flow: Flow, operation: Operation, gives: str) -> Cause:
    does = f"register, which starts the flow `{escape_controls(flow.name)}`"
    step = plan_step("flow-drive", does, gives, FLOWS, "", None, Knowledge("", Confidence.LOW), account=acting.account)
    step = replace(step, location=operation.location, operation=operation.id)
    return Cause(step, (*acting.before, on), started(acting) if gives == SIGN_IN else ())


def _writes(state: AccessState) -> tuple[FlowWrite, ...]:
    """What the flows write that registration starts; worked out once."""
    if state.registration_writes is None:
        caller = without_asking(ByItself.REGISTRATION)
        runs = [state.export.flow_model.run(flow, caller) for flow in state.flows if flow.trigger == "event"]
        found = (
            one
            for run in runs
            for step in with_answers(run.steps, ByItself.REGISTRATION)
            for one in writes_of(state, step, public=True, unchecked=True)
        )
        state.registration_writes = tuple({one.content: one for one in found}.values())
    return state.registration_writes
