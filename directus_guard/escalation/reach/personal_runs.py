"""What a flow does for one account: where conditions ask for the role of whoever starts it, or operations act with the rights
of whoever starts it.

All accounts are followed through a flow together, as one that may have any role and any permission (`driven_flows`). Here one
account is followed by itself, as far as that makes a difference.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from directus_guard.directus.flows.data import texts_in
from directus_guard.directus.flows.operations import ITEM_ACTIONS
from directus_guard.directus.flows.start import Caller, events_of
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.account import Account
    from directus_guard.escalation.state import AccessState

MOST_RUNS: Final = 1_000
"""So many runs of flows are followed for single accounts of one export; further ones are taken as everybody's."""
COST_OF_RUN: Final = 50
"""What it costs to follow one, in questions."""

Pair: TypeAlias = "tuple[str, str]"
May: TypeAlias = "Callable[[str, str], bool]"
"""Whether an account is permitted an action on a collection."""


class Personal(Struct, frozen=True):
    """What makes a difference between those who start a flow: their role, and what operations ask of their permissions."""

    role: bool
    asked: frozenset[Pair]


class PersonalRuns:
    """The runs of flows for single accounts; what is the same for several is followed once."""

    def __init__(self, state: AccessState) -> None:
        self._state = state
        self._personal: dict[str, Personal] = {}
        self._callers: dict[tuple[bool, str | None, frozenset[Pair], frozenset[Pair]], Caller] = {}
        self._reached: dict[tuple[str, Caller], frozenset[str]] = {}

    def reaches(self, account: Account, flow: Flow, operation: str, may: May) -> bool:
        """Whether an account that starts a flow may get to an operation, and be let do what that does."""
        if flow.trigger == "event" and None in events_of(flow):
            return True  # whoever signs in does so with the rights of a visitor; what reads an item is not known
        personal = self._of(flow)
        if not personal.role and not personal.asked:
            return True
        caller = self._caller(account, personal, may)
        key = (flow.id, caller)
        if key not in self._reached:
            if len(self._reached) >= MOST_RUNS:
                return True
            self._state.work.spend(COST_OF_RUN)
            steps = self._state.export.flow_model.run(flow, caller).steps
            self._reached[key] = frozenset(
                step.operation.id for step in steps if Tri.NO not in (step.reach, step.allowed)
            )
        return operation in self._reached[key]

    def _caller(self, account: Account, personal: Personal, may: May) -> Caller:
        permitted = frozenset(pair for pair in personal.asked if may(*pair))
        # A role of which nothing is stored may be given any key.
        role = account.role if personal.role and account.role in self._state.roles else None
        key = (account.public, role, personal.asked, permitted)
        if key not in self._callers:

            def answer(collection: str, action: str) -> Tri:
                if (collection, action) not in personal.asked:
                    return Tri.UNKNOWN
                return Tri.YES if (collection, action) in permitted else Tri.NO

            self._callers[key] = Caller(signed_in=not account.public, role=role, may=answer)
        return self._callers[key]

    @cached_property
    def _everything(self) -> Personal:
        """Of a flow that may start any other one."""
        return _personal(self._state.export.operations)

    def _of(self, flow: Flow) -> Personal:
        if flow.id not in self._personal:
            held = self._state.operations_of.get(flow.id, ())
            if any(one.type == "trigger" for one in held):
                return self._everything
            self._personal[flow.id] = _personal(held)
        return self._personal[flow.id]


def _personal(operations: Sequence[Operation]) -> Personal:
    role = any("$accountability" in text for one in operations for text in texts_in(one.options, keys=True))
    return Personal(role, frozenset(_asked(operations)))


def _asked(operations: Iterable[Operation]) -> Iterable[Pair]:
    """What operations with the rights of whoever starts the flow ask for, where that is written in them."""
    for one in operations:
        collection = "directus_notifications" if one.type == "notification" else one.options.get("collection")
        if one.options.get("permissions") not in (None, "", "$trigger") or not isinstance(collection, str):
            continue
        if one.type == "notification":
            yield collection, "create"
        elif one.type in ITEM_ACTIONS:
            yield collection, ITEM_ACTIONS[one.type]
