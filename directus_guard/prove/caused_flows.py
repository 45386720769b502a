"""The flows that the requests of a plan may start: where one of them does something else here, a failed plan tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.flows.operations import ITEM_ACTIONS
from directus_guard.directus.flows.start import events_of
from directus_guard.escalation.requests.request import CREATE, INVITE, LOGIN, REGISTER, RESET, START, TRACK, UPDATE
from directus_guard.prove.filling import inside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation import Path
    from directus_guard.escalation.requests.request import Request

_WRITES: Final = {REGISTER: CREATE, INVITE: CREATE, TRACK: UPDATE, RESET: UPDATE, LOGIN: UPDATE}

Event = tuple[str, str]


def caused(export: Export, path: Path) -> frozenset[str]:
    """The keys of the flows that a plan may start, be it by what another flow does."""
    model = export.flow_model
    resting = {step.operation for step in path.plan} - {None}
    waiting = [flow for flow in model.flows if any(one.id in resting for one in model.graph(flow).operations)]
    requests = [one for one in path.requests if one is not None]
    started = {one.item for one in requests if one.action == START and isinstance(one.item, str)}
    waiting += [flow for flow in model.flows if flow.id in started]
    events = [event for one in requests for event in _events(one)]
    waiting += _started_by(model.flows, events)
    found: set[str] = set()
    while waiting:
        flow = waiting.pop()
        if flow.id not in found:
            found.add(flow.id)
            for operation in model.graph(flow).operations:
                waiting += _started_within(model.flows, operation)
    return frozenset(found)


def _events(request: Request) -> Iterator[Event | None]:
    """What a request writes; None: whatever is within its body, which may be rows of other tables."""
    if request.action != START:
        yield request.collection, _WRITES.get(request.action, request.action)
        if any(isinstance(one, dict) for one in inside(*request.body.values())):
            yield None


def _started_by(flows: Collection[Flow], events: Collection[Event | None]) -> Iterator[Flow]:
    """The flows that one of these events starts, or an event that is none of a table, such as signing in."""
    for flow in flows:
        if flow.trigger == "event":
            starts = set(events_of(flow))
            if events and (None in starts or None in events or not starts.isdisjoint(events)):
                yield flow


def _started_within(flows: Collection[Flow], operation: Operation) -> Iterator[Flow]:
    """The flows that an operation starts, by name or by what it writes."""
    target = operation.options.get("flow" if operation.type == "trigger" else "collection")
    name = target if isinstance(target, str) and "{{" not in target else None
    if operation.type == "trigger":
        yield from (one for one in flows if one.trigger == "operation" and name in (None, one.id))
    elif operation.type in ITEM_ACTIONS and operation.options.get("emitEvents"):
        yield from _started_by(flows, [None if name is None else (name, ITEM_ACTIONS[operation.type])])
