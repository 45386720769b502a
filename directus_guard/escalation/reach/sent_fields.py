"""The fields of an event's payload without which an operation has nothing to write, and who may send them.

What starts the flow is a write of the caller: `$trigger.payload` holds the fields that they sent, or that presets wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from directus_guard.directus.flows.data import all_sent, with_pins
from directus_guard.directus.flows.start import events_of, starting_permissions

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.state import AccessState

Sends: TypeAlias = "Callable[[str, str, str], bool]"
"""Whether an account may write a field of a collection by an action, or a preset writes it for them."""

_PAYLOAD: Final = ("$trigger", "payload")
_KEY: Final = "id"


def needed(step: FlowStep, does_nothing: Callable[[FlowStep], bool]) -> frozenset[str]:
    """The fields of the payload without any one of which an operation `does_nothing` that matters, or is not come to: conditions
    on the way name their values. Directus itself puts `id`, the key of a new item, into the payload (`createOne` in
    api/src/services/items.ts, 10 to 12)."""
    paths = [path for path in all_sent(step.inputs.values()) if path[:2] == _PAYLOAD and len(path) > len(_PAYLOAD)]
    names = dict.fromkeys(sorted(path[2] for path in paths))
    return frozenset(
        {*asked_for(step), *(name for name in names if does_nothing(_without(step, name, paths)))} - {_KEY}
    )


def asked_for(step: FlowStep) -> frozenset[str]:
    """The fields of the payload of which conditions on every way to an operation name the values."""
    return frozenset(path[2] for path, values in step.pins if path[:2] == _PAYLOAD and path[2:] and None not in values)


def _without(step: FlowStep, name: str, paths: list[tuple[str, ...]]) -> FlowStep:
    """The operation where the payload does not have a field."""
    pins = dict.fromkeys(path for path in paths if path[2] == name)
    return replace(step, inputs={option: with_pins(value, pins) for option, value in step.inputs.items()})


def may_send(state: AccessState, flow: Flow, names: frozenset[str], sends: Sends) -> bool:
    """Whether an account may start a flow by a write with these fields, as far as that is known.

    A flow that blocks runs before Directus asks for permissions, and may put other fields into the payload of those that
    run after the write.
    """
    if not names or flow.trigger != "event" or state.has_blocking_flows or None in events_of(flow):
        return True
    pairs = starting_permissions(flow, state.model.version)
    return any(all(sends(*pair, name) for name in names) for pair in pairs)


def sends_itself(attacker: Attacker) -> Sends:
    """What an account may write with the permissions that are stored."""

    def sends(collection: str, action: str, name: str) -> bool:
        grant = attacker.access.grant(collection, action)
        return grant.reaches(name) or name in grant.presets

    return sends
