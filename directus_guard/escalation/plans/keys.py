"""How the attacker knows the keys that a request names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from directus_guard.directus.access.records import Access
from directus_guard.escalation.evidence import KNOWN, Knowledge, rank
from directus_guard.escalation.requests.request import INVITE, NewRow, SomeAdministrator
from directus_guard.escalation.tables import ACCESS, ANY_ACCOUNT, FLOWS, OPERATIONS, PERMISSIONS, POLICIES, ROLES, USERS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.plans.state import Key, SimulatedState
    from directus_guard.escalation.requests.request import Request

_Question: TypeAlias = "tuple[str, str, Callable[[Attacker], Knowledge]]"
"""A table, the key, and what an account knows of it."""

_NOT_TOLD: Final = Knowledge("they must first learn the new row's id, a random UUID", Confidence.MEDIUM)
READABLE: Final = (USERS, ROLES, POLICIES, ACCESS, FLOWS, OPERATIONS)
"""The tables that hold keys which requests name."""


def known_keys(state: SimulatedState, attacker: Attacker, request: Request, key: Key) -> dict[str, Knowledge]:
    """Where each key comes from that is none of their own: rows that a plan makes are known to whoever makes them."""
    questions = (*_of_item(state, request, key), *_of_body(state, request))
    found = {named: _surest(state, attacker, table, ask) for table, named, ask in questions}
    new = (one for one in (request.item, *request.body.values()) if isinstance(one, NewRow))
    # No other write than the one that makes the row can do without its key.
    return found | ({"": _NOT_TOLD} if any(_is_hidden(state, one) for one in new) else {})


def _is_hidden(state: SimulatedState, row: NewRow) -> bool:
    """Whether the key of a new row is known to no account of the attacker."""
    if state.keys.get(row) not in state.hidden or row.collection in state.readable:
        return False
    accounts = (state.attacker_of(key) for key in state.access_state.in_order(state.usable))
    return not any(one.allowed(row.collection, "read", "id", {("id",): ANY_ACCOUNT}) for one in accounts)


def _surest(state: SimulatedState, attacker: Attacker, table: str, ask: Callable[[Attacker], Knowledge]) -> Knowledge:
    """What some account of the attacker knows, whoever sends the request first."""
    first = ask(attacker)
    if rank(first.confidence) == 0:
        return first
    if table in state.readable:
        return KNOWN
    others = (ask(state.attacker_of(key)) for key in state.access_state.in_order(state.usable))
    return next((one for one in others if rank(one.confidence) == 0), first)


def _of_item(state: SimulatedState, request: Request, key: Key) -> Iterator[_Question]:
    item = request.item
    if isinstance(item, SomeAdministrator):
        yield USERS, "", lambda attacker: attacker.knows_administrator()
    elif request.collection == POLICIES and isinstance(item, str):
        yield POLICIES, item, lambda attacker: attacker.knows_policy(item)
    elif request.collection == ROLES and isinstance(item, str):
        yield ROLES, item, lambda attacker: attacker.knows_role(item)
    elif isinstance(item, Access) and request.collection == ACCESS:
        row = state.attachments[key]
        yield ACCESS, "", lambda attacker: attacker.knows_attachment(row)
    elif request.collection == OPERATIONS and key is not None:
        known = state.known(OPERATIONS, key)
        yield OPERATIONS, "", lambda attacker: attacker.knows_operation(known)
    elif request.collection == FLOWS and isinstance(item, str):
        flow = state.known(FLOWS, key)
        yield FLOWS, "", lambda attacker: attacker.knows_flow(flow)


def _of_body(state: SimulatedState, request: Request) -> Iterator[_Question]:
    made = set(state.keys.values())
    for name, value in request.body.items():
        if isinstance(value, str) and value not in made and request.action != INVITE:
            yield from _of_value(name, value)


def _of_value(name: str, value: str) -> Iterator[_Question]:
    if name in ("role", "parent", "public_registration_role"):
        yield ROLES, value, lambda attacker: attacker.knows_role(value)
    elif name == "policy":
        yield POLICIES, value, lambda attacker: attacker.knows_policy(value)


def instead_readable(
    state: SimulatedState, request: Request, accepts: Callable[[Mapping[str, Json]], bool], written: Mapping[str, Json]
) -> frozenset[str]:
    """The tables that a permission could be made to read first: then their keys are known."""
    if request.collection != PERMISSIONS or "collection" not in written or "action" not in written:
        return state.readable
    more = (table for table in READABLE if table not in state.readable)
    return state.readable | {table for table in more if accepts({"collection": table, "action": "read"})}
