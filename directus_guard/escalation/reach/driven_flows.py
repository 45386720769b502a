"""Steps that drive the flows there are: a flow that acts with full access for whoever starts it.

What a flow does with what its caller sends is `directus/flows.py`'s to say; here it is asked whether that makes an
administrator.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.system_data import SYSTEM_COLLECTIONS
from directus_guard.directus.content import content_key
from directus_guard.directus.flows.data import (
    NULL,
    RELATED,
    KnownValue,
    all_stored_in,
    carries,
    is_chosen,
    is_secretive,
    is_selected,
    may_be_sent,
    texts_in,
    with_pins,
)
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.start import (
    ByItself,
    Caller,
    caused_events,
    events_of,
    starting_permissions,
)
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.escalation.account import ANONYMOUS
from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.flow_answers import (
    answered_writes,
    decides_whose_rights,
    gives_rights,
    with_answers,
)
from directus_guard.escalation.flow_requests import has_token, lends_token
from directus_guard.escalation.flow_secrets import (
    given_to_callers,
    hands_out_secrets,
    reads_sessions,
    signs_for_directus,
)
from directus_guard.escalation.flow_writes import WRITES, makes_administrator
from directus_guard.escalation.reach.sent_fields import may_send, needed, sends_itself
from directus_guard.escalation.requests.flows import change_flow
from directus_guard.escalation.state import EscalatingFlow
from directus_guard.escalation.tables import FILES, FLOWS, FREE, POLICIES, ROLES, SETTINGS, USERS
from directus_guard.escalation.telling import SIGN_IN, StepSequence, plan_step
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.directus.flows.templates import Path
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known as Row
    from directus_guard.escalation.telling import PlanStep


def drive_flow(attacker: Attacker, gets_to: Callable[[Flow, str], bool]) -> Iterator[StepSequence]:
    """A flow that writes with full access what its caller sends: the caller says who is administrator. `gets_to`: whether the
    account gets to an operation of a flow that it starts."""
    known = {} if attacker.account.public else driven_by_visitors(attacker.state)
    for drive in _drives(attacker, gets_to):
        if known.get(drive.flow.id) in (Tri.YES, drive.works):
            continue
        yield StepSequence((drive_step(attacker, drive),))


def driven_by_visitors(state: AccessState) -> Mapping[str, Tri]:
    """The flows that whoever has no account can drive as they are, and whether that is sure. As sure ones are reported for the
    public only."""
    visitor = state.attacker(ANONYMOUS)
    return {drive.flow.id: drive.works for drive in _drives(visitor, by_itself(visitor))}


def drive_step(attacker: Attacker, drive: EscalatingFlow) -> PlanStep:
    """The start of a flow that makes an administrator."""
    flow = drive.flow
    known: Row = {("id",): flow.id, ("trigger",): flow.trigger, ("status",): flow.status, ("name",): flow.name}
    step = plan_step(
        "flow-drive",
        _does(drive),
        SIGN_IN, FLOWS, "", None, _how_sure(drive.works), _address(attacker, flow, known),
    )  # fmt: skip
    allows = f"the {escape_controls(flow.trigger)} trigger of the flow `{escape_controls(flow.name)}`"
    return replace(step, permission=allows, location=drive.operation.location, operation=drive.operation.id)


def _does(drive: EscalatingFlow) -> str:
    """What is done, a sentence without its subject."""
    name = f"the flow `{escape_controls(drive.flow.name)}`"
    if drive.by_others:
        key = escape_controls(drive.operation.key)
        return f"wait until another person, or the clock, starts {name}: its operation `{key}` takes what was stored before"
    return f"start {name} so that its operation {_operation(drive)} makes an administrator"


def _operation(drive: EscalatingFlow) -> str:
    """The operation, and what it may do more than the caller."""
    more = "which sends a token" if drive.operation.type == "request" else "which has full access"
    return f"`{escape_controls(drive.operation.key)}`, {more},"


def retrigger_flow(attacker: Attacker) -> Iterator[StepSequence]:
    """PATCH /flows/ID: a flow that could be driven, if only its trigger, status, options or first operation were others."""
    if not attacker.rows(FLOWS, "update"):
        return
    driven = {drive.flow.id for drive in _drives(attacker, by_itself(attacker)) if drive.works is Tri.YES}
    for flow in attacker.state.flows:
        known: Row = {("id",): flow.id, ("trigger",): flow.trigger, ("status",): flow.status, ("name",): flow.name}
        if flow.id in driven or not _writes(attacker.state, flow):
            continue
        allowances = {
            name: allowed
            for name in _STEERING
            if (allowed := attacker.allowed(FLOWS, "update", name, known)) is not None
            and attacker.send(FLOWS, "update", name, FREE) is not None
        }
        found = [
            (changed, drive)
            for changed in _changed(attacker, flow, frozenset(allowances))
            if _difference(flow, changed) and (drive := _once_driven(attacker, changed)) is not None
        ]
        if not found:
            continue
        changed, drive = min(found, key=lambda pair: pair[1].works is not Tri.YES)
        names = _difference(flow, changed)
        does = (
            "give the flow `{0}` an active webhook"
            if changed.trigger == "webhook"
            else f"change {_listed(names)} of the flow `{{0}}`"
        )
        step = plan_step(
            "flow-trigger", does.format(escape_controls(flow.name)), "a flow that does what its caller sends",
            FLOWS, "update", names[0], *(allowances[name] for name in names), _address(attacker, flow, known),
        )  # fmt: skip
        does = f"start it so that its operation {_operation(drive)} makes an administrator"
        run = plan_step("flow-drive", does, SIGN_IN, FLOWS, "", None, _how_sure(drive.works))
        yield StepSequence(
            (
                step,
                replace(
                    run,
                    permission=f"the {escape_controls(changed.trigger)} trigger of the flow",
                    rows=step.rows,
                    operation=drive.operation.id,
                ),
            ),
            requests=((change_flow(flow.id, {name: getattr(changed, name) for name in names}),),),
        )


COST_OF_FLOW: Final = 50
"""What it costs to follow a flow, in questions: each configuration that is tried follows all that write."""
COST_OF_CHANGED_FLOW: Final = 60
"""What it costs to follow a flow as it is after a change, in questions."""
_STEERING: Final = ("trigger", "status", "options", "operation")
"""The fields of a flow that decide who starts it, and where it begins."""


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _once_driven(attacker: Attacker, changed: Flow) -> EscalatingFlow | None:
    """What an account makes of a changed flow; of one with a webhook worked out once for all who sign in, or do not."""
    state = attacker.state
    if changed.trigger != "webhook":
        caller = Caller(signed_in=not attacker.account.public, may=attacker.permits)
        return next(_driven(state, changed, caller), None)
    signed_in = not attacker.account.public
    key = (changed.id, content_key((changed.options.get("method"), changed.operation, signed_in)))
    if key not in state.retriggered:
        state.retriggered[key] = next(_driven(state, changed, anybody(signed_in=signed_in)), None)
    return state.retriggered[key]


def _changed(attacker: Attacker, flow: Flow, able: frozenset[str]) -> Iterator[Flow]:
    """What the flow can be made to, as far as its fields may be changed: active, with a webhook, with events or collections
    within the account's own permissions, beginning behind what stops it."""
    if flow.status != "active" and "status" not in able:
        return
    active = replace(flow, status="active")
    begins = [active]
    if "operation" in able:
        begins += [replace(active, operation=one.id) for owner, one in attacker.state.operations if owner.id == flow.id]
    for one in begins:
        if one != flow:
            yield one
        if one.trigger == "webhook" or "trigger" in able:
            options = {**one.options, "method": "POST"} if "options" in able else one.options
            yield replace(one, trigger="webhook", options=options)
        if "options" in able and one.trigger in ("event", "manual"):
            changes = _own_events(attacker) if one.trigger == "event" else _own_collections(attacker)
            yield from (replace(one, options={**one.options, **options}) for options in changes)


def _own_events(attacker: Attacker) -> Iterator[dict[str, Json]]:
    """The events that an account can cause: within its permissions, and one for which it needs none."""
    for action in ("create", "update", "delete"):
        mine = next((name for name in attacker.access.collections(action) if not name.startswith("directus_")), None)
        if mine is not None:
            yield {"type": "action", "scope": [f"items.{action}"], "collections": [mine]}
    yield {"type": "filter", "scope": ["items.update"], "collections": [USERS]}


def _own_collections(attacker: Attacker) -> Iterator[dict[str, Json]]:
    mine = next((name for name in attacker.access.collections("read") if not name.startswith("directus_")), None)
    if mine is not None:
        yield {"collections": [mine]}


def _difference(flow: Flow, changed: Flow) -> list[str]:
    pairs = {
        "trigger": (flow.trigger, changed.trigger),
        "status": (flow.status, changed.status),
        "options": (flow.options, changed.options),
        "operation": (flow.operation, changed.operation),
    }
    return [name for name, (before, after) in pairs.items() if before != after]


def by_itself(attacker: Attacker) -> Callable[[Flow, str], bool]:
    """Whether an account gets to an operation of a flow that it starts with the permissions that are stored."""

    def may(collection: str, action: str) -> bool:
        return attacker.permits(collection, action) is not Tri.NO

    return lambda flow, operation: gets_there(attacker, flow, (operation,), may)


def gets_there(attacker: Attacker, flow: Flow, operations: Sequence[str], may: Callable[[str, str], bool]) -> bool:
    """Whether an account gets to one of the operations of a flow that it starts, or another flow for it. `may`: what it is
    permitted."""
    runs = attacker.state.personal_runs
    found = any(runs.reaches(attacker.account, flow, operation, may) for operation in operations)
    return found or caused_by_flows(attacker, flow)


def _drives(attacker: Attacker, gets_to: Callable[[Flow, str], bool]) -> Iterator[EscalatingFlow]:
    """The flows an account can drive: what a flow does is worked out once, whether it starts for each account."""
    state = attacker.state
    public = attacker.account.public
    caller = Caller(
        signed_in=not public,
        role=None if attacker.account.role == FREE else attacker.account.role,
        may=attacker.permits,
    )
    started = set()
    for drive in escalating_flows(state, public=public):
        if not may_use(attacker, drive):
            continue
        if not (
            may_send(state, drive.flow, drive.sent, sends_itself(attacker)) or caused_by_flows(attacker, drive.flow)
        ):
            continue
        starts = state.export.flow_model.starts(drive.flow, caller)
        if starts is Tri.NO and caused_by_flows(attacker, drive.flow):
            starts = Tri.UNKNOWN
        if starts is not Tri.NO and any(gets_to(drive.flow, one) for one in (drive.operation.id, *drive.others)):
            started.add(drive.flow.id)
            yield replace(drive, works=all_of((drive.works, starts)))
    for drive in _not_asked_for(attacker):
        if drive.flow.id not in started:
            started.add(drive.flow.id)
            yield drive


def _not_asked_for(attacker: Attacker) -> Iterator[EscalatingFlow]:
    """The flows that an account makes use of without a request of its own that starts them."""
    state, public = attacker.state, attacker.account.public
    yield from _caused(state, public=public)
    yield from _started_by_flows(state, public=public)
    yield from _started_by_others(attacker)


def registers(state: AccessState) -> bool:
    """Whether public registration is on from the beginning."""
    settings = state.export.settings
    return settings is not None and settings.values.get("public_registration") is True


def _caused(state: AccessState, *, public: bool) -> Iterator[EscalatingFlow]:
    """The flows that the server starts for whoever registers, visits a page, or has it do something without a caller."""
    for by in caused_events(public=public, registers=registers(state)):
        yield from caused(state, by)


def caused(state: AccessState, by: ByItself) -> tuple[EscalatingFlow, ...]:
    """The flows through which an event that the server causes makes an administrator; worked out once."""
    if by not in state.caused:
        events = [flow for flow in state.flows if flow.trigger == "event"]
        state.caused[by] = tuple(drive for flow in events for drive in _driven(state, flow, without_asking(by)))
    return state.caused[by]


def is_unchecked(flow: Flow, by_itself: ByItself | None) -> bool:
    """Whether operations with the rights of the trigger are not limited by those of the attacker."""
    return by_itself is not None and not (by_itself is ByItself.OTHERS and flow.trigger == "webhook")


def _is_started_by_others(state: AccessState, flow: Flow) -> bool:
    """Whether others start a flow that writes: with all rights, as an administrator may who starts it by hand or by what they
    write. A webhook has those of a visitor, whoever calls it."""
    if flow.trigger == "webhook":
        return _writes(state, flow)
    return flow.id in state.storing_flows | state.starting_flows


def without_asking(by: ByItself) -> Caller:
    """Whoever has the server cause an event without asking for a permission."""
    return replace(anybody(signed_in=False), by_itself=by)


def _started_by_flows(state: AccessState, *, public: bool) -> tuple[EscalatingFlow, ...]:
    """The flows that make an administrator of what other flows store with full access."""
    if public not in state.started_by_flows:
        flows = _listening_to_flows(state, public=public)
        state.work.spend(COST_OF_FLOW * len(flows))
        drives = (drive for flow in flows for drive in _driven(state, flow, without_asking(ByItself.FLOWS)))
        state.started_by_flows[public] = tuple(drives)
    return state.started_by_flows[public]


def _listening_to_flows(state: AccessState, *, public: bool) -> list[Flow]:
    """The flows whose events are writes of other flows, with what their caller sends."""
    listening = [flow for flow in state.flows if flow.trigger == "event" and flow.status == "active"]
    stored = {(name, action) for name, action, _ in stored_by_flows(state, public=public)} if listening else set()
    return [flow for flow in listening if not stored.isdisjoint(events_of(flow))]


def _started_by_others(attacker: Attacker) -> Iterator[EscalatingFlow]:
    """The flows that make an administrator of what the attacker stored before, whoever starts them, or when it is time."""
    state = attacker.state
    if ByItself.OTHERS not in state.caused:
        flows = [flow for flow in state.flows if _is_started_by_others(state, flow)]
        state.work.spend(COST_OF_FLOW * len(flows))
        caller = without_asking(ByItself.OTHERS)
        state.caused[ByItself.OTHERS] = tuple(drive for flow in flows for drive in _driven(state, flow, caller))
    for drive in state.caused[ByItself.OTHERS]:
        if may_use(attacker, drive):
            yield drive


class _EscalatingFlows:
    """The flows by which a caller makes an administrator. Each is followed once, when it is first asked for: for most
    questions one such flow is enough."""

    def __init__(self, state: AccessState, flows: Sequence[Flow], caller: Caller) -> None:
        self._state = state
        self._flows = flows
        self._caller = caller
        self._followed = 0
        self._found: list[EscalatingFlow] = []

    def __iter__(self) -> Iterator[EscalatingFlow]:
        index = 0
        while True:
            while index < len(self._found):
                yield self._found[index]
                index += 1
            if self._followed == len(self._flows):
                return
            # A flow that could not be followed to its end is followed again.
            self._found += tuple(_driven(self._state, self._flows[self._followed], self._caller))
            self._followed += 1


def escalating_flows(state: AccessState, *, public: bool) -> Iterable[EscalatingFlow]:
    """The flows through which an account that may start them makes an administrator; worked out once."""
    if public not in state.drives:
        lending = {
            one.flow
            for one in state.export.operations
            if has_token(one) or reads_sessions(one) or signs_for_directus(one)
        }
        writing = [
            flow for flow in state.flows if _writes(state, flow) or decides_whose_rights(flow) or flow.id in lending
        ]
        state.work.spend(COST_OF_FLOW * len(writing))
        state.drives[public] = _EscalatingFlows(state, writing, anybody(signed_in=not public))
    return state.drives[public]


def steps_of(state: AccessState, *, public: bool) -> Iterator[tuple[FlowStep, ByItself | None]]:
    """What callers with or without an account make of the flows that write with more than their rights; and what starts such a
    flow without asking them for a permission."""
    writing = state.writing_flows | state.deleting_flows
    events = [flow for flow in state.flows if flow.trigger == "event"]
    flows: list[tuple[Flow, ByItself | None]] = []
    for flow in state.flows:
        written = flow.id in writing or (bool(writing) and flow.id in state.starting_flows)
        if written or decides_whose_rights(flow):
            flows.append((flow, None))
        if _is_started_by_others(state, flow):
            flows.append((flow, ByItself.OTHERS))
    flows += [(flow, ByItself.FLOWS) for flow in _listening_to_flows(state, public=public)]
    flows += [(flow, by) for by in caused_events(public=public, registers=registers(state)) for flow in events]
    for flow, by in flows:
        caller = anybody(signed_in=not public) if by is None else without_asking(by)
        yield from ((step, by) for step in with_answers(state.export.flow_model.run(flow, caller).steps, by))


def anybody(*, signed_in: bool) -> Caller:
    """Whoever starts a flow, with every permission."""
    return Caller(signed_in=signed_in, may=_anything)


def _anything(_collection: str, _action: str) -> Tri:
    """What an account may that has every permission. One function for all callers: what a flow does for equal ones is kept."""
    return Tri.YES


def _driven(state: AccessState, flow: Flow, caller: Caller) -> Iterator[EscalatingFlow]:
    """The first operation by which a caller of a flow makes an administrator."""
    unchecked = is_unchecked(flow, caller.by_itself)
    model = state.export.flow_model
    if model.by_id.get(flow.id) is not flow:
        state.work.spend(COST_OF_CHANGED_FLOW)
        others = [one for one in state.export.flows if one.id != flow.id]
        model = FlowModel([*others, flow], state.export.operations, version=state.model.version)
    steps = model.run(flow, caller).steps
    found = [EscalatingFlow(flow, one.operation, Tri.UNKNOWN, read_in=read) for one, read in hands_out_secrets(steps)]
    for own in steps:
        if (sure := any_of((gives_rights(state, own), lends_token(own)))) is not Tri.NO:
            found.append(EscalatingFlow(flow, own.operation, all_of((own.reach, sure))))
        for step in (own, *answered_writes(own, caller.by_itself)):
            made, stored_in = makes(state, step, unchecked=unchecked)
            answer = all_of((step.reach, made))
            if answer is not Tri.NO:
                sent = needed(step, lambda one: makes(state, one, unchecked=unchecked)[0] is Tri.NO)
                found.append(EscalatingFlow(flow, own.operation, answer, stored_in=stored_in, sent=sent))
    if found:
        best = min(found, key=lambda drive: (drive.works is not Tri.YES, bool(drive.stored_in), bool(drive.read_in)))
        more = tuple(one.operation.id for one in found if one is not best)
        sent = frozenset.intersection(*(one.sent for one in found))
        secrets = frozenset(one for step in steps for one in _asked_secrets(step))
        yield replace(best, others=more, by_others=caller.by_itself is ByItself.OTHERS, sent=sent, secrets=secrets)


def _asked_secrets(step: FlowStep) -> Iterator[tuple[str, str]]:
    """The collection and the fields by which an operation selects an item with a secret that its caller sends."""
    collection, query = step.operation.options.get("collection"), step.operation.options.get("query")
    if step.operation.type == "item-read" and isinstance(collection, str) and is_selected(step.result):
        yield from ((collection, name) for name in texts_in(query, keys=True) if is_secretive(name))


_MOST_VALUES: Final = 20


def as_tested(step: FlowStep) -> Iterator[FlowStep]:
    """An operation with what the conditions before it leave of its caller's choice: once for each of few values."""
    pins: dict[Path, tuple[str | None, ...]] = {}
    number = 1
    for path, values in sorted(step.pins, key=lambda pin: (pin[0], [one or "" for one in pin[1]])):
        if number * len(values) <= _MOST_VALUES and path not in pins:
            pins[path], number = values, number * len(values)
    for chosen in product(*pins.values()):
        known = dict(zip(pins, chosen, strict=True))
        inputs = {name: with_pins(value, known) for name, value in step.inputs.items()} if known else step.inputs
        yield replace(step, inputs=inputs, pins=frozenset())


def makes(state: AccessState, step: FlowStep, *, unchecked: bool) -> tuple[Tri, frozenset[str]]:
    """Whether an operation makes an administrator, and which collections' items it takes for that: those that the caller
    chooses, or wrote before (measured on 10.13.4 and 11.17.4)."""
    found = [_makes(state, one, unchecked=unchecked) for one in as_tested(step)]
    return min(found, key=lambda one: (one[0] is Tri.NO, one[0] is not Tri.YES, len(one[1])))


def _makes(state: AccessState, step: FlowStep, *, unchecked: bool) -> tuple[Tri, frozenset[str]]:
    sent = makes_administrator(state, step, unchecked=unchecked)
    if sent is not Tri.NO:
        return sent, frozenset()
    stored_in = all_stored_in(step.inputs.values())
    chosen = any(map(is_chosen, step.inputs.values()))
    for written in (*((frozenset[str](),) if chosen else ()), *((stored_in,) if stored_in else ())):
        inputs = {name: may_be_sent(value, written) for name, value in step.inputs.items()}
        made = makes_administrator(state, replace(step, inputs=inputs), unchecked=unchecked)
        if made is not Tri.NO:
            return made, written
    return Tri.NO, frozenset()


def caused_by_flows(attacker: Attacker, flow: Flow) -> bool:
    """Whether other flows, which store what an account sends, cause the event of a flow."""
    if flow.trigger != "event":
        return False
    events = {(name, action) for name, action, _ in stored_by_flows(attacker.state, public=attacker.account.public)}
    return not events.isdisjoint(starting_permissions(flow, attacker.state.model.version))


def may_use(attacker: Attacker, drive: EscalatingFlow) -> bool:
    """Whether an account may write what such a flow takes, or read by which secret it takes it, and read what it stores."""
    if drive.read_in and not any(attacker.rows(name, "read") for name in drive.read_in):
        return False
    return may_store(attacker, drive.stored_in, drive.operation.id) or any(
        _reads(attacker, *one) or one in handed_over(attacker, one) for one in drive.secrets
    )


def handed_over(attacker: Attacker, *asked: tuple[str, str]) -> frozenset[tuple[str, str]]:
    """Which of the fields of collections that are asked about flows hand to whoever starts them, without an account or with one;
    each worked out once."""
    state, public = attacker.state, attacker.account.public
    new = [one for one in asked if (public, one) not in state.given_fields]
    if new:
        names = {collection: frozenset(name for other, name in new if other == collection) for collection, _ in new}
        on = {one.flow for one in state.export.operations if str(one.options.get("collection")) in names}
        called = [flow for flow in state.flows if flow.id in on and flow.status == "active"]
        state.work.spend(COST_OF_FLOW * len(called))
        visitor = state.attacker(ANONYMOUS)
        runs = (state.export.flow_model.run(flow, anybody(signed_in=not public)) for flow in called)
        found = {
            pair
            for run in runs
            for pair in given_to_callers(run.steps, names, lambda collection: bool(visitor.rows(collection, "read")))
        }
        state.given_fields.update({(public, one): one in found for one in new})
    return frozenset(one for one in asked if state.given_fields[public, one])


def _reads(attacker: Attacker, collection: str, name: str) -> bool:
    """Whether an account can read a field of items that are not its own. Directus shows no value of those that it conceals."""
    if collection == USERS and name in _CONCEALED:
        return False
    return any(row.permission.permissions != _OWN for row in attacker.rows(collection, "read", name))


_CONCEALED: Final = ("token", "password", "tfa_secret")
_OWN: Final = {"id": {"_eq": "$CURRENT_USER"}}


def may_store(attacker: Attacker, collections: frozenset[str], operation: str) -> bool:
    """Whether an account may have written the items of `collections` that an operation takes: visitors themselves, others
    together with further accounts."""
    if not collections or any(attacker.rows(name, action) for name in collections for action in ("create", "update")):
        return True
    if RELATED in collections and _may_write_related(attacker, collections):
        return True
    stored = stored_by_flows(attacker.state, public=attacker.account.public)
    others = {name for name, _, storing in stored if storing != operation}
    if not collections.isdisjoint(others):
        return True
    return not attacker.account.public and not collections.isdisjoint(attacker.state.stored_by_some)


_LINKED: Final = (USERS, ROLES, POLICIES, FILES, SETTINGS)
"""The collections of Directus to which relations lead, and which projects give fields of their own."""


def _may_write_related(attacker: Attacker, collections: frozenset[str]) -> bool:
    """Whether an account may write items that relations of these collections lead to: where the data model is not known,
    those of any collection of the project."""
    state = attacker.state
    written = {one for action in ("create", "update") for one in attacker.access.collections(action)}
    if state.export.schema is None or not collections - {RELATED} <= state.export.schema.whole_collections:
        return any(one not in SYSTEM_COLLECTIONS or one in _LINKED for one in written)
    found, waiting = set[str](), set(collections)
    while waiting:
        found |= waiting
        pairs = ((one.collection, (one.related_collection, *one.allowed_collections)) for one in state.relations)
        linked = {name for left, right in pairs for name in (left, *right) if not waiting.isdisjoint((left, *right))}
        waiting = {one for one in linked if one is not None} - found
    return not written.isdisjoint(found)


def stored_by_flows(state: AccessState, *, public: bool) -> frozenset[tuple[str, str, str]]:
    """The collections in which flows store what their caller sends, the event that this is ("": none), and the operation.

    Visitors start flows with their own permissions, others also with those of further accounts.
    """
    if public not in state.stored_by_flows:
        visitor = Caller(signed_in=False, may=state.attacker(ANONYMOUS).permits)
        caller = visitor if public else anybody(signed_in=True)
        writing = [flow for flow in state.flows if _writes(state, flow)]
        state.work.spend(COST_OF_FLOW * len(writing))
        runs = (state.export.flow_model.run(flow, caller) for flow in writing)
        state.stored_by_flows[public] = frozenset(_stored(step) for run in runs for step in run.steps if _stores(step))
    return state.stored_by_flows[public]


def _stores(step: FlowStep) -> bool:
    return step.operation.type in WRITES and carries(step.inputs.get("payload", NULL)) is not Tri.NO


def _stored(step: FlowStep) -> tuple[str, str, str]:
    collection = step.inputs.get("collection", NULL)
    name = str(collection.value) if isinstance(collection, KnownValue) else ""
    silent = step.operation.options.get("emitEvents") is False
    return name, "" if silent else step.operation.type.removeprefix("item-"), step.operation.id


def _writes(state: AccessState, flow: Flow) -> bool:
    """Whether some operation of the flow, or of one that it may start, writes items with more than the caller's rights."""
    held = state.writing_flows
    return flow.id in held or (bool(held) and flow.id in state.starting_flows)


def _how_sure(works: Tri) -> Knowledge:
    return Knowledge("", Confidence.HIGH if works is Tri.YES else Confidence.LOW)


def _address(attacker: Attacker, flow: Flow, known: Row) -> Knowledge:
    """How the attacker knows which flow to start."""
    if flow.trigger not in ("webhook", "manual") or attacker.allowed(FLOWS, "read", "id", known):
        return Knowledge()
    return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)
