"""How a caller gets to an operation of a flow: each way by itself, with what the flow holds on that way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.flows.data import UNKNOWN_ENV, Computed
from directus_guard.directus.flows.start import start_state
from directus_guard.directus.flows.steps import FlowStep
from directus_guard.directus.tri import Tri, all_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.flows.data import Value
    from directus_guard.directus.flows.model import FlowModel
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.start import Caller
    from directus_guard.directus.flows.steps import Arrival

MOST_VISITED: Final = 300
"""So many operations are looked at for one flow, each once for every way to it."""


class Passage(Struct, frozen=True):
    """An operation that is passed on the way, what the flow held there, and whether it ended well."""

    operation: Operation
    data: Mapping[str, Value]
    met: bool


class Route(Struct, frozen=True):
    """An operation, and one way to it."""

    step: FlowStep
    passages: tuple[Passage, ...]


class _At(Struct, frozen=True):
    flow: Flow
    operation: Operation
    state: Arrival
    passages: tuple[Passage, ...]


def routes(model: FlowModel, flow: Flow, caller: Caller) -> Iterator[Route]:
    """The operations that a caller reaches in a flow, and in those that it starts, shorter ways first."""
    first = model.graph(flow).operations
    starts = model.starts(flow, caller)
    if not first or starts is Tri.NO or model.graph(flow).broken:
        return
    waiting = [_At(flow, first[0], start_state(flow, caller, model.version, UNKNOWN_ENV, starts), ())]
    for _ in range(MOST_VISITED):
        if not waiting:
            return
        at = waiting.pop(0)
        inputs, ending = model.enter(at.flow, at.operation, caller, at.state)
        tested: frozenset[tuple[str, ...]] = frozenset()
        yield Route(
            FlowStep(
                at.flow,
                at.operation,
                at.state.reach,
                ending.rights,
                ending.allowed,
                inputs,
                tested,
                ends=ending.ways,
                result=ending.result,
            ),
            at.passages,
        )
        for callee, payload in ending.started:
            begins = model.graph(callee).operations
            if begins and not model.graph(callee).broken:
                passed = Passage(at.operation, at.state.data, met=True)
                waiting.append(_At(callee, begins[0], at.state.handed_on(payload), (*at.passages, passed)))
        following = zip(model.graph(at.flow).following[at.operation.id], (True, False), strict=True)
        for successor, met in following:
            way = ending.ways.resolve if met else ending.ways.reject
            if successor is None or way is Tri.NO:
                continue
            left = ending.result if met else Computed(Tri.UNKNOWN)
            state = replace(
                at.state,
                reach=all_of((at.state.reach, way)),
                data=at.state.with_result(at.operation.key, left),
            )
            passed = Passage(at.operation, at.state.data, met=met)
            waiting.append(_At(at.flow, successor, state, (*at.passages, passed)))
