"""Everything an attacker may send on small instances, simulated request by request until an account is an administrator's.

It knows nothing of what leads anywhere: each table, each row, each field with each value that the instance has, from each
account that was gained, to some depth. What it reaches must be reached by the closure (`escalation/reach`), too.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from directus_guard.escalation.account import Account
from directus_guard.escalation.plans.acceptance import Accepted, Outcome, attempt
from directus_guard.escalation.plans.state import SimulatedState, beginning
from directus_guard.escalation.reach.closure import VISITOR
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.request import CREATE, DELETE, REGISTER, START, UPDATE, Chosen, NewRow, Request
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import (
    ACCESS,
    FLOWS,
    ME,
    OPERATIONS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    SETTINGS,
    USERS,
)
from directus_guard.escalation.work import Work
from tests.support.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export

NEW: Final = "(new)"


def explore(
    export: Export, start: Principal, *, visitors: bool, attempts: int, depth: int = 5
) -> tuple[Request, ...] | None:
    """The requests that make an administrator; None if none were found. In breadth, with so many attempts, each way no longer
    than `depth`. `visitors`: whether visitors count, too."""
    state, persons, visiting = _beginning(export, start)
    visitors = visitors or visiting
    waiting: deque[tuple[SimulatedState, tuple[Request, ...]]] = deque([(state, ())])
    seen = {_content(state)}
    tried = 0
    while waiting:
        now, way = waiting.popleft()
        for request in _requests(now, persons, visitors=visitors):
            if tried == attempts:
                return None
            tried += 1
            outcome = attempt(now, request)
            if not isinstance(outcome, Accepted):
                continue
            if outcome.state.is_won:
                return (*way, outcome.request)
            content = _content(outcome.state)
            if content not in seen and len(way) + 1 < depth:
                seen.add(content)
                waiting.append((outcome.state, (*way, outcome.request)))
    return None


def _beginning(export: Export, start: Principal) -> tuple[SimulatedState, tuple[Person, ...], bool]:
    """The export as it is, the accounts that there are, and whether the attacker is a visitor."""
    access_state = AccessState(export, Work(10**12))
    account = access_state.account(start)
    first = VISITOR if account.public else Person(account, account.user or ME)
    held = [first] if not account.public else []
    others = [
        Person(access_state.account(one), one.id or "")
        for one in export.model.principals()
        if one.id in access_state.users_by_key
    ]
    persons = tuple(dict.fromkeys((*held, *others)))
    state = beginning(access_state, persons, frozenset(export.model.stored), (), ME)
    own = state.keys.get(first)
    return replace(state, usable=frozenset() if own is None else frozenset((own,))), persons, account.public


def answers(export: Export, start: Principal, *, then: int) -> Iterator[str]:
    """What becomes of each request that can be sent first, and of each that can be sent after some of those."""
    state, persons, visiting = _beginning(export, start)
    states = [state]
    for number in range(then + 1):
        if number == len(states):
            return
        for request in _requests(states[number], persons, visitors=visiting):
            outcome = attempt(states[number], request)
            yield f"{number} {request.method} {request.collection} {plain(request.item)} {plain(request.body)}: {_told(outcome)}"
            if isinstance(outcome, Accepted) and len(states) <= then:
                states.append(outcome.state)


def _told(outcome: Outcome) -> str:
    if not isinstance(outcome, Accepted):
        return outcome.reason
    parts = (
        outcome.confidence, outcome.notes, outcome.reasons, sorted(outcome.unknown), outcome.operation, outcome.permission,
        outcome.request.body, [row.identity for row in outcome.rows], outcome.state.is_won, len(outcome.then),
    )  # fmt: skip
    *tables, settings, usable = _content(outcome.state)
    return f"{plain(parts)} {tables} {settings} {plain(usable)}"


def _content(state: SimulatedState) -> tuple[object, ...]:
    tables = (
        state.roles, state.policies, state.attachments, state.permissions, state.users, state.flows, state.operations,
    )  # fmt: skip
    return (*(repr(sorted(table.items(), key=repr)) for table in tables), repr(state.settings), state.usable)


def _requests(state: SimulatedState, persons: tuple[Person, ...], *, visitors: bool) -> Iterator[Request]:
    new = tuple(one for one in state.keys if isinstance(one, Person) and one not in persons)
    senders = [one for one in (*persons, *new) if state.keys.get(one) in state.usable]
    for sender in (*senders, *((VISITOR,) if visitors else ())):
        if visitors:
            yield Request(FLOWS, START, by=sender)
        if sender == VISITOR:
            newcomer = Person(Account(), f"{NEW} {len(state.keys)}")
            yield Request(USERS, REGISTER, {"email": Chosen("an address")}, newcomer, sender, newcomer)
        attacker = state.attacker(sender)
        for collection in (USERS, ROLES, POLICIES, ACCESS, PERMISSIONS, SETTINGS, FLOWS, OPERATIONS):
            if attacker is None:
                continue
            for action in (UPDATE,) if collection == SETTINGS else (CREATE, UPDATE, DELETE):
                if attacker.access.grant(collection, action).rows:
                    for request in _of(state, collection, action):
                        yield replace(request, by=sender)


def _of(state: SimulatedState, collection: str, action: str) -> Iterator[Request]:
    if action == CREATE:
        for body in _new(state, collection):
            item: Any = Person(Account(), f"{NEW} {len(state.keys)}") if collection == USERS else NewRow(collection)
            if item not in state.keys:
                yield Request(collection, CREATE, body, item)
        return
    for key, row in state.table(collection).items():
        item = row if collection in (ACCESS, PERMISSIONS) and getattr(row, "location", None) is not None else key
        if action == DELETE:
            yield Request(collection, DELETE, {}, item)
        else:
            for body in _changes(state, collection):
                yield Request(collection, UPDATE, body, item)


def _changes(state: SimulatedState, collection: str) -> Iterator[dict[str, Any]]:
    """One or two fields, with every value that the instance has."""
    values = _values(state, collection)
    for name, given in values.items():
        yield from ({name: one} for one in given)
    pairs = {
        ACCESS: ("policy", "role"), PERMISSIONS: ("collection", "action"), USERS: ("token", "status"),
        FLOWS: ("trigger", "options"), OPERATIONS: ("type", "options"),
    }  # fmt: skip
    yield {}
    if collection in pairs:
        first, second = pairs[collection]
        yield from ({first: one, second: two} for one in values[first] for two in values[second])
    if collection == PERMISSIONS:
        yield {"collection": USERS, "action": "update", "fields": ["*"], "permissions": {}, "validation": {}}


def _new(state: SimulatedState, collection: str) -> Iterator[dict[str, Any]]:
    """New rows, complete and with less."""
    values = _values(state, collection)
    signs_in = {"email": Chosen("an address"), "password": Chosen("a password")}
    if collection == USERS:
        yield signs_in
        for role in values["role"]:
            yield {**signs_in, "role": role}
            yield {"role": role}
            yield {"role": role, "token": Chosen("a token")}
    elif collection == ROLES:
        yield {"name": Chosen("a name")}
        yield {"name": Chosen("a name"), "admin_access": True}
        yield from ({"name": Chosen("a name"), "parent": one} for one in values["parent"])
    elif collection == POLICIES:
        yield {"name": Chosen("a name")}
        yield {"name": Chosen("a name"), "admin_access": True}
    elif collection == ACCESS:
        for policy in values["policy"]:
            yield {"policy": policy}
            yield from ({"policy": policy, "role": one} for one in values["role"])
            yield from ({"policy": policy, "user": one} for one in values["user"])
    elif collection == PERMISSIONS:
        holder = "policy" if state.base.model.has_policies else "role"
        for where in values["collection"]:
            for action in values["action"]:
                row = {"collection": where, "action": action}
                for one in values[holder]:
                    yield {**row, "fields": ["*"], holder: one}
                yield {**row, "fields": ["*"]}
    elif collection == OPERATIONS:
        for flow in values["flow"]:
            yield {"key": Chosen("a key"), "flow": flow, **PROMOTES}


PROMOTES: Final[dict[str, Any]] = {
    "type": "item-update",
    "options": {
        "collection": USERS, "permissions": "$full", "key": ["{{$accountability.user}}"], "payload": {"role": "admin"},
    },
}  # fmt: skip
"""An operation that makes whoever starts it an administrator."""


def _values(state: SimulatedState, collection: str) -> dict[str, list[Any]]:
    """What a field may be given."""
    roles, policies, users = tuple(state.roles), tuple(state.policies), tuple(state.users)
    collections = dict.fromkeys(
        [USERS, ACCESS, PERMISSIONS, POLICIES, ROLES, *(row.collection for row in state.permissions.values())]
    )
    found: dict[str, dict[str, list[Any]]] = {
        USERS: {
            "role": [*roles, None], "token": [Chosen("a token")], "password": [Chosen("a password")],
            "email": [Chosen("an address")], "status": ["active"], "policies": [[{"policy": one}] for one in policies],
        },
        ROLES: {"parent": [*roles, None], "admin_access": [True], "name": [Chosen("a name")]},
        POLICIES: {"admin_access": [True], "name": [Chosen("a name")]},
        ACCESS: {"policy": [*policies], "role": [*roles, None], "user": [*users]},
        PERMISSIONS: {
            "collection": [*collections], "action": ["create", "update", "read", "delete"], "fields": [["*"]],
            "permissions": [{}], "validation": [{}], "policy": [*policies], "role": [*roles, None],
        },
        SETTINGS: {"public_registration": [True], "public_registration_role": [*roles, None]},
        FLOWS: {
            "status": ["active"], "trigger": ["webhook", "event"], "operation": [*state.operations],
            "options": [{"method": "POST"}, {"type": "action", "scope": ["items.update"], "collections": ["requests"]}],
        },
        OPERATIONS: {
            "type": ["item-update", "item-create"], "options": [PROMOTES["options"]], "flow": [*state.flows],
            "resolve": [*state.operations],
        },
    }  # fmt: skip
    return found[collection]
