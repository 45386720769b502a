"""What a caller can make of a flow: the state that arrives at an operation, the step there, and the run of them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.flows.conditions import BOTH, Ways
from directus_guard.directus.flows.data import ABSENT, STORED, Pins, Value, carries, join
from directus_guard.directus.tri import Tri, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.rights import Rights
    from directus_guard.directus.flows.templates import Path


class FlowStep(Struct, frozen=True):
    """One operation in a run: whether the caller gets there, and what it works with."""

    flow: Flow
    operation: Operation
    reach: Tri
    rights: Rights | None
    """None: it acts on no items."""
    allowed: Tri
    """Whether these rights permit what it does at all."""
    inputs: Mapping[str, Value]
    """Its options after the templates were rendered; {} where they cannot be."""
    tested: frozenset[Path]
    """Paths of the caller's data that conditions tested on every way to here."""
    doubt: str = ""
    """Why `reach` is not known, a clause."""
    ends: Ways = BOTH
    """How it can end for the caller."""
    result: Value = STORED
    """What it leaves behind where it ends well."""
    pins: Pins = frozenset()
    """Paths of the caller's data that have one of few values on every way to here, with these values."""

    def takes(self, *options: str) -> Tri:
        """Whether data of the caller is in one of these options."""
        return any_of(carries(self.inputs[name]) for name in options if name in self.inputs)


class FlowRun(Struct, frozen=True):
    """What one caller can make of one flow, and of the flows that it starts."""

    flow: Flow
    starts: Tri
    """Whether the caller can start it."""
    steps: tuple[FlowStep, ...]
    """In order; those of the flow itself first."""
    broken: str = ""

    @property
    def own(self) -> tuple[FlowStep, ...]:
        """Without the flows that it starts."""
        return tuple(step for step in self.steps if step.flow is self.flow)


class Arrival(Struct, frozen=True):
    """What arrives at an operation: whether the caller gets there, and the data so far."""

    reach: Tri
    data: dict[str, Value]
    tested: frozenset[Path]
    doubt: str
    pins: Pins = frozenset()

    def with_result(self, key: str, result: Value) -> dict[str, Value]:
        """The data after an operation left a result under its key."""
        return {**self.data, key: result, "$last": result}

    def handed_on(self, payload: Value) -> Arrival:
        """What arrives at a flow that an operation starts with a payload."""
        kept = {key: self.data[key] for key in ("$accountability", "$env")}
        return replace(self, data={**kept, "$trigger": payload, "$last": payload})


def merge_states(states: Sequence[Arrival]) -> Arrival:
    """Where several ways come together. Those that the caller cannot take say nothing of what arrives."""
    states = [state for state in states if state.reach is not Tri.NO] or states
    if len(states) == 1:
        return states[0]
    first = states[0]
    data: dict[str, Value] = dict(first.data)
    tested, pins = first.tested, first.pins
    for state in states[1:]:
        for key in data.keys() | state.data.keys():
            here, there = data.get(key, ABSENT), state.data.get(key, ABSENT)
            if here is not there:  # most of what two ways bring along came before they parted
                data[key] = join(here, there)
        tested &= state.tested
        pins &= state.pins
    reach = any_of(state.reach for state in states)
    doubt = next((state.doubt for state in states if state.reach is reach), "")
    return Arrival(reach, data, tested, "" if reach is not Tri.UNKNOWN else doubt, pins)
