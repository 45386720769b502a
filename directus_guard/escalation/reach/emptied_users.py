"""Flows that delete users whom their caller chooses, administrators too: whose instance it is then, is not followed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from directus_guard.directus.features import HAS_POLICIES
from directus_guard.directus.flows.data import ABSENT, NULL, KnownValue, carries, names_written
from directus_guard.directus.tri import Tri
from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.flow_writes import names_no_key
from directus_guard.escalation.reach.closure import Basis
from directus_guard.escalation.reach.driven_flows import gets_there, is_unchecked, steps_of
from directus_guard.escalation.reach.facts import ADMINISTRATOR
from directus_guard.escalation.reach.flows import may_ask
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.through_flows import has_more, may_start
from directus_guard.escalation.tables import FLOWS, USERS
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.data import Value
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState

_DOUBT: Final = Basis(Knowledge("", Confidence.LOW))


def empty_users(closure: Closure, acting: UsableAccount) -> Gains:
    """The start of a flow that deletes users whom its caller chooses, or all."""
    state, attacker = closure.state, acting.attacker
    if closure.level is not Confidence.LOW or not state.deleting_flows or not HAS_POLICIES.of_major(state.major):
        return
    for flow, operation in _emptying(state, public=acting.account.public):
        may = partial(closure.may_use, acting)
        if may_start(attacker, flow, may) and gets_there(attacker, flow, (operation.id,), may_ask(closure, acting)):
            key, name = escape_controls(operation.key), escape_controls(flow.name)
            does = f"start the flow `{name}`, whose operation `{key}` deletes users whom its caller chooses"
            where = FLOWS, "", None
            gives = "an instance without its users"
            yield from gain(ADMINISTRATOR, closure.cause(acting, "flow-drive", does, gives, where, _DOUBT))


def _emptying(state: AccessState, *, public: bool) -> tuple[tuple[Flow, Operation], ...]:
    """The operations that delete users whom callers with or without an account choose; worked out once."""
    if public not in state.emptying:
        found = dict.fromkeys(_found(state, public=public))
        operations = {one.id: (flow, one) for flow, one in state.operations}
        state.emptying[public] = tuple(operations[key] for key in found if key in operations)
    return state.emptying[public]


def _found(state: AccessState, *, public: bool) -> Iterator[str]:
    for step, by in steps_of(state, public=public):
        deletes = step.operation.type == "item-delete" and Tri.NO not in (step.reach, step.allowed)
        if by is None and deletes and has_more(step, unchecked=is_unchecked(step.flow, by)) and _are_chosen(step):
            yield step.operation.id


def _are_chosen(step: FlowStep) -> bool:
    """Whether an operation writes users whom the caller chooses, or all: it names none, and no query does."""
    collection, key, query = (step.inputs.get(name, ABSENT) for name in ("collection", "key", "query"))
    of_users = collection.value == USERS if isinstance(collection, KnownValue) else carries(collection) is not Tri.NO
    if not of_users or _is_chosen(key):
        return of_users
    return _is_empty(key) and (_is_empty(query) or _is_chosen(query))


def _is_chosen(value: Value) -> bool:
    return carries(value) is not Tri.NO or names_written(value)


def _is_empty(value: Value) -> bool:
    return value in (ABSENT, NULL, KnownValue({})) or names_no_key(value)
