"""A flow as Directus runs it: who starts it, which operations they reach, with whose rights, and with what of their data.

Rests on `flows.js`, `operations/*` and `utils/construct-flow-tree.js` of `@directus/api` 21.0.2, 28.0.2, 35.2.0 and
39.2.1. Directus runs one operation after another; each ends well or badly and is followed by its `resolve` or `reject`.
A flow has no authentication of its own: a caller is stopped by an operation on the way that ends differently for them,
and it stops them only on that way (docs/model/flows.md#webhooks).
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.directus.content import content_key
from directus_guard.directus.features import MANUAL_NEEDS_READ, MANUAL_NEEDS_SIGN_IN, TEMPLATES_REJECT
from directus_guard.directus.flows import conditions
from directus_guard.directus.flows.conditions import BOTH, OPEN_QUESTION, REJECTS, RESOLVES, Ways
from directus_guard.directus.flows.data import (
    ABSENT,
    CREATED,
    NULL,
    RELATED,
    STORED,
    UNKNOWN_ENV,
    CallerInput,
    Computed,
    KnownValue,
    Pins,
    RecordValue,
    Value,
    all_sent,
    all_stored_in,
    as_object,
    carries,
    is_selected,
    may_prove,
    names_written,
    rendered,
    sent_paths,
    summary,
    texts_in,
)
from directus_guard.directus.flows.graph import Graph, graph_of
from directus_guard.directus.flows.operations import ALWAYS, ITEM_ACTIONS, JUDGED, TYPES, Ending, Running, perhaps
from directus_guard.directus.flows.pins import pinned
from directus_guard.directus.flows.reads import is_proven, reads_related
from directus_guard.directus.flows.rights import Rights, rights_of, surely_asks
from directus_guard.directus.flows.start import (
    ByItself,
    Caller,
    cannot_tell,
    causes_event,
    events_of,
    method,
    start_state,
)
from directus_guard.directus.flows.steps import Arrival, FlowRun, FlowStep, merge_states
from directus_guard.directus.flows.templates import TemplateError
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.directus.versions import NEWEST, Version
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.templates import Path


class FlowModel:
    """The flows of one export. `public_may` tells what the public is permitted, for operations with `$public`."""

    def __init__(
        self,
        flows: Sequence[Flow],
        operations: Sequence[Operation],
        *,
        version: Version = NEWEST,
        public_may: Callable[[str, str], Tri] = cannot_tell,
    ) -> None:
        self.flows: Final = tuple(flows)
        self.version: Final = version
        self.public_may: Final = public_may
        self._operations: Final[dict[str | None, dict[str, Operation]]] = {}
        for operation in operations:
            self._operations.setdefault(operation.flow, {})[operation.id] = operation
        self._graphs: Final[dict[str, Graph]] = {}
        self._runs: Final[dict[tuple[str, Caller, str], FlowRun]] = {}

    @cached_property
    def by_id(self) -> Mapping[str, Flow]:
        """Flows by their key."""
        return {flow.id: flow for flow in self.flows}

    def name_of(self, flow: Flow) -> str:
        """How a flow is called, safe to show: its name, with the beginning of its key where several have that name."""
        key = escape_controls(flow.id)[:80]
        name = escape_controls(flow.name)[:80] or key
        return f"{name} ({key[:8]})" if self._names[flow.name] > 1 else name

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(flow.name for flow in self.flows)

    @cached_property
    def orphan_operations(self) -> tuple[Operation, ...]:
        """Operations of flows that are not here."""
        return tuple(
            operation
            for flow, held in self._operations.items()
            if flow is None or flow not in self.by_id
            for operation in held.values()
        )

    @cached_property
    def names_environment(self) -> bool:
        """Whether templates or filters of some operation name `$env`."""
        return any(
            "$env" in text
            for held in self._operations.values()
            for one in held.values()
            for text in texts_in(one.options, keys=True)
        )

    @cached_property
    def started_by_operations(self) -> tuple[Flow, ...]:
        """The flows that operations of type `trigger` can start."""
        return tuple(flow for flow in self.flows if flow.trigger == "operation" and flow.status == "active")

    def graph(self, flow: Flow) -> Graph:
        """The operations of a flow, in order."""
        if flow.id not in self._graphs:
            self._graphs[flow.id] = graph_of(flow, self._operations.get(flow.id, {}))
        return self._graphs[flow.id]

    def external_call(self, flow: Flow) -> Operation | None:
        """An operation of a flow, or of one that it starts, which starts a flow that is not here."""
        waiting, seen = [flow], {flow.id}
        while waiting:
            for operation in self.graph(waiting.pop()).operations:
                target = operation.options.get("flow")
                if operation.type != "trigger" or not isinstance(target, str) or "{{" in target:
                    continue
                callee = self.by_id.get(target)
                if callee is None:
                    return operation
                if callee.id not in seen:
                    seen.add(callee.id)
                    waiting.append(callee)
        return None

    def starts(self, flow: Flow, caller: Caller) -> Tri:
        """Whether a caller can start a flow themselves, by a request."""
        if flow.status != "active":
            return Tri.NO
        if caller.by_itself is ByItself.OTHERS:
            return Tri.UNKNOWN
        if flow.trigger == "webhook":
            return Tri.YES if method(flow) in ("GET", "POST") else Tri.NO
        if flow.trigger == "manual":
            return self._starts_by_hand(flow, caller)
        if flow.trigger == "event":
            return causes_event(flow, caller, self.version)
        return Tri.NO

    def _starts_by_hand(self, flow: Flow, caller: Caller) -> Tri:
        collections = flow.options.get("collections")
        names = [collections] if isinstance(collections, str) else collections
        if not isinstance(names, (list, tuple)) or not names:
            return Tri.NO
        if not MANUAL_NEEDS_READ.of(self.version):
            return Tri.YES
        if not caller.signed_in and MANUAL_NEEDS_SIGN_IN.of(self.version):
            return Tri.NO
        return any_of(caller.may(name, "read") for name in names if isinstance(name, str))

    def run(self, flow: Flow, caller: Caller, environment: Value = UNKNOWN_ENV) -> FlowRun:
        """What a caller can make of a flow. `environment` is the value of `$env` (`environment_of`)."""
        key = (flow.id, caller, "" if environment is UNKNOWN_ENV else content_key(environment))
        if key not in self._runs:
            self._runs[key] = self._run(flow, caller, environment)
        return self._runs[key]

    def enter(
        self, flow: Flow, operation: Operation, caller: Caller, state: Arrival
    ) -> tuple[dict[str, Value], Ending]:
        """One operation by itself: what it works with, and how it ends."""
        return _Walk(self, flow, caller).operation(operation, state)

    def _run(self, flow: Flow, caller: Caller, environment: Value) -> FlowRun:
        starts = self.starts(flow, caller)
        broken = self.graph(flow).broken
        if starts is Tri.NO or broken:
            return FlowRun(flow, starts, (), broken)
        pending: dict[str, Arrival] = {flow.id: start_state(flow, caller, self.version, environment, starts)}
        entered: dict[str, Arrival] = {}
        steps: dict[str, tuple[FlowStep, ...]] = {}
        while pending:
            name, state = pending.popitem()
            before = entered.get(name)
            merged = state if before is None else merge_states([before, state])
            if before is not None and merged == before:
                continue
            entered[name] = merged
            current = self.by_id[name]
            steps[name], started = _Walk(self, current, caller).walk(merged)
            for callee, entry in started:
                pending[callee.id] = merge_states([pending[callee.id], entry]) if callee.id in pending else entry
        ordered = [*steps.pop(flow.id), *(step for name in sorted(steps) for step in steps[name])]
        return FlowRun(flow, starts, tuple(ordered))


class _Walk(Struct):
    """One pass through one flow."""

    model: FlowModel
    flow: Flow
    caller: Caller
    waiting: dict[str, list[Arrival]] = field(default_factory=dict)

    def walk(self, entry: Arrival) -> tuple[tuple[FlowStep, ...], list[tuple[Flow, Arrival]]]:
        """The steps, and the flows that they start, each with its state at the start."""
        graph = self.model.graph(self.flow)
        steps: list[FlowStep] = []
        started: list[tuple[Flow, Arrival]] = []
        if graph.broken or not graph.operations:
            return (), started
        self.waiting[graph.operations[0].id] = [entry]
        for operation in graph.operations:
            state = merge_states(self.waiting[operation.id])
            inputs, ending = self.operation(operation, state)
            steps.append(
                FlowStep(
                    self.flow,
                    operation,
                    state.reach,
                    ending.rights,
                    ending.allowed,
                    inputs,
                    state.tested,
                    state.doubt,
                    ending.ways,
                    ending.result,
                    state.pins,
                )
            )
            for callee, payload in ending.started:
                started.append((callee, state.handed_on(payload)))
            resolve, reject = graph.following[operation.id]
            failure = Computed(perhaps(any_of(map(carries, inputs.values()))), all_sent(inputs.values()))
            for successor, way, left, met in (
                (resolve, ending.ways.resolve, ending.result, True),
                (reject, ending.ways.reject, failure, False),
            ):
                if successor is not None:
                    tested = state.tested | self._tested(operation, inputs, state, met=met)
                    reach = all_of((state.reach, way))
                    doubt = state.doubt or ending.doubt if reach is Tri.UNKNOWN else ""
                    pins = state.pins | (self._pinned(operation, inputs, state) if met else frozenset())
                    further = Arrival(reach, state.with_result(operation.key, left), tested, doubt, pins)
                    self.waiting.setdefault(successor.id, []).append(further)
        return tuple(steps), started

    def _tested(
        self, operation: Operation, inputs: Mapping[str, Value], state: Arrival, *, met: bool
    ) -> frozenset[Path]:
        if operation.type != "condition" or not inputs:
            return frozenset()
        return conditions.tested(operation.options.get("filter"), state.data, self.model.version, met=met)

    def _pinned(self, operation: Operation, inputs: Mapping[str, Value], state: Arrival) -> Pins:
        if operation.type != "condition" or not inputs:
            return frozenset()
        return pinned(operation.options.get("filter"), state.data, self.model.version)

    def operation(self, operation: Operation, state: Arrival) -> tuple[dict[str, Value], Ending]:
        """What an operation works with, and how it ends."""
        try:
            inputs = {name: rendered(option, state.data) for name, option in operation.options.items()}
            return inputs, self._ending(operation, inputs, state)
        except TemplateError:
            return {}, Ending(REJECTS if TEMPLATES_REJECT.of(self.model.version) else Ways(Tri.NO, Tri.NO))

    def _ending(self, operation: Operation, inputs: Mapping[str, Value], state: Arrival) -> Ending:
        kind = operation.type
        if kind in ITEM_ACTIONS:
            return self._items(ITEM_ACTIONS[kind], inputs, state)
        if kind == "notification":
            rights = rights_of(inputs.get("permissions"))
            return Ending(
                BOTH, rights=rights, allowed=self._may(rights, KnownValue("directus_notifications"), "create")
            )
        if kind == "trigger":
            return self._trigger(operation, inputs)
        if kind not in TYPES:
            worst = any_of(map(carries, state.data.values()))
            values = state.data.values()
            result = Computed(perhaps(worst), all_sent(values), stored_in=all_stored_in(values))
            return Ending(OPEN_QUESTION, result, f"`{operation.key}` is an extension's operation (`{kind}`)")
        if kind in ALWAYS:
            return ALWAYS[kind]
        return JUDGED[kind](Running(operation, inputs, state, self.model.version))

    def _items(self, action: str, inputs: Mapping[str, Value], state: Arrival) -> Ending:
        rights = rights_of(inputs.get("permissions"))
        allowed = self._may(rights, inputs.get("collection", ABSENT), action)
        key, query = inputs.get("key", ABSENT), inputs.get("query", ABSENT)
        if action == "read":
            asked, collection = sent_paths(key) | sent_paths(query), inputs.get("collection", ABSENT)
            result: Value = Computed(
                selected=any(map(may_prove, asked)),
                chosen=bool(asked) and not is_proven(query, state.tested),
                stored_in=self._read_from(collection, query),
            )
            if names_written(key):
                # The item that started the flow is read again: it holds what the caller sent.
                result = CallerInput(("$trigger", "payload"))
        elif action == "create":
            result = CREATED
        else:
            result = key if carries(key) is not Tri.NO else STORED
        if allowed is Tri.YES:
            return Ending(BOTH, result, rights=rights)
        doubt = "it is not known whether the permissions of an operation on the way stop the caller"
        if allowed is Tri.NO and surely_asks(action, inputs):
            return Ending(REJECTS, result, rights=rights, allowed=allowed)
        return Ending(Ways(Tri.UNKNOWN, Tri.YES), result, doubt, rights=rights, allowed=allowed)

    def _read_from(self, collection: Value, query: Value) -> frozenset[str]:
        """The collections that items are read from; of one that is not known and not the caller's, those of the events.
        `RELATED`: those that relations lead to."""
        if isinstance(collection, KnownValue):
            related = (RELATED,) if reads_related(query) else ()
            return frozenset((collection.value, *related)) if isinstance(collection.value, str) else frozenset()
        if self.flow.trigger != "event" or carries(collection) is not Tri.NO:
            return frozenset()
        return frozenset(event[0] for event in events_of(self.flow) if event is not None)

    def _may(self, rights: Rights, collection: Value, action: str) -> Tri:
        """Whether rights permit an action on a collection at all."""
        if rights in (Rights.FULL, Rights.ROLE):
            return Tri.YES
        if rights is Rights.CANNOT_TELL:
            return Tri.UNKNOWN
        if isinstance(collection, KnownValue) and isinstance(collection.value, str):
            may = self.model.public_may if rights is Rights.PUBLIC else self.caller.may
            return may(collection.value, action)
        return Tri.UNKNOWN

    def _trigger(self, operation: Operation, inputs: Mapping[str, Value]) -> Ending:
        target = inputs.get("flow", ABSENT)
        unknown = (
            isinstance(target, KnownValue) and isinstance(target.value, str) and target.value not in self.model.by_id
        )
        if isinstance(target, KnownValue):
            callee = self.model.by_id.get(target.value) if isinstance(target.value, str) else None
            callees: tuple[Flow, ...]
            callees = () if callee is None or callee.trigger != "operation" or callee.status != "active" else (callee,)
        else:
            callees = self.model.started_by_operations
        payload = as_object(inputs.get("payload", NULL))
        if isinstance(operation.options.get("payload"), (list, tuple)) and isinstance(payload, RecordValue):
            payload = summary(payload.members.values())
        elif isinstance(payload, KnownValue) and isinstance(payload.value, list):
            payload = summary(map(KnownValue, payload.value))
        result = Computed(perhaps(carries(payload)), sent_paths(payload), selected=is_selected(payload))
        return Ending(
            RESOLVES, result if callees or unknown else NULL, started=tuple((callee, payload) for callee in callees)
        )
