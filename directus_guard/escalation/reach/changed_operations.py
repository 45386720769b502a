"""Operations whose key or type is changed, and what their flows then do.

The key names the result: later operations find it in the flow's data, at the place of `$accountability`, `$trigger` or the
result of another operation, where it has such a name. The type decides what is done with the options. Changed options,
and another order of the operations, are other channels' to find.
"""

from __future__ import annotations

from itertools import chain, combinations
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.flows.data import texts_in
from directus_guard.directus.flows.templates import TemplateError, parse
from directus_guard.escalation.reach.built_flows import triggerable
from directus_guard.escalation.reach.facts import Altered
from directus_guard.escalation.reach.flows import row_of_operation
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.requests.flows import change_operation
from directus_guard.escalation.tables import OPERATIONS
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Operation
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState

_GIVEN: Final = frozenset({"$accountability", "$trigger", "$env"})
"""What a flow finds in its data from the beginning."""
_ANOTHER: Final = "another"
"""A key that no operation asks for: what asked for the former key finds nothing."""
_TYPES: Final = ("log", "transform")
"""A condition that is turned into one of them lets everything through; another operation does nothing, or hands on another result.
Those that read or write items are `other_operations`' to find."""


def alter_operations(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /operations/ID with another key or type, where that can matter to what the flow does."""
    state = closure.state
    if closure.level is not Confidence.LOW or not closure.may_use(acting, OPERATIONS, "update"):
        return
    for flow, operation in state.operations:
        if not triggerable(acting.attacker, flow):
            continue
        for name, values in (("key", _keys(state, operation)), ("type", _TYPES)):
            allowed = closure.allowed(acting, OPERATIONS, "update", name, row_of_operation(operation), operation.id)
            for value in values if allowed is not None else ():
                fact = Altered(flow.id, operation.id, name, value)
                if fact in closure.facts or value == getattr(operation, name):
                    continue
                given = closure.gives(acting, OPERATIONS, "update", name, value)
                if given is None:
                    continue
                does = f"change `{name}` of the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
                gives = "a flow that does more for whoever starts it"
                sent = (change_operation(operation.id, {name: value}),)
                where = OPERATIONS, "update", name
                cause = closure.cause(acting, "operation-rewrite", does, gives, where, allowed, given, requests=sent)
                yield from gain(fact, cause)


def _keys(state: AccessState, operation: Operation) -> tuple[str, ...]:
    """The keys that an operation can be given so that the others of its flow find its result, or find it no more."""
    others = [one for one in state.operations_of[operation.flow] if one.id != operation.id]
    reserved = _GIVEN | {one.key for one in others}
    named = {name for one in others for name in _roots(one.options, reserved)}
    return (*sorted(named - {operation.key, "$last"}), *((_ANOTHER,) if operation.key in named else ()))


def _roots(options: Json, reserved: frozenset[str]) -> Iterator[str]:
    """The names in a flow's data that options ask for: in templates, and in the filter of a condition."""
    for text in texts_in(options, keys=True):
        if text in reserved:
            yield text
        if "{{" in text:
            try:
                yield from (path[0] for path in parse(text).paths if path)
            except TemplateError:
                continue


def variants(operations: Sequence[Operation], changes: Iterable[Altered]) -> Iterator[tuple[Operation, ...]]:
    """The operations with one of the changes, or two."""
    each = tuple(changes)
    pairs = (pair for pair in combinations(each, 2) if len({(one.operation, one.name) for one in pair}) == len(pair))
    for made in chain(((one,) for one in each), pairs):
        yield tuple(_altered(one, made) for one in operations)


def _altered(operation: Operation, changes: tuple[Altered, ...]) -> Operation:
    members = {one.name: one.value for one in changes if one.operation == operation.id}
    return replace(operation, **members) if members else operation
