"""Permissions that are made incomplete or harmless with one permission, and completed with another one."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from directus_guard.directus.access.filters import Condition, conditions
from directus_guard.directus.access.records import Permission
from directus_guard.escalation.reach.facts import NewPermission
from directus_guard.escalation.reach.field_lists import NONE, new_lists
from directus_guard.escalation.reach.held_back import member_values
from directus_guard.escalation.reach.people import gain
from directus_guard.escalation.reach.permissions import (
    ELSEWHERE,
    actions_of,
    collections_of,
    deed,
    holder_name,
    holders_in_play,
)
from directus_guard.escalation.requests.permissions import incomplete
from directus_guard.escalation.tables import FREE, PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Basis, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState

_MOST_HOLDERS: Final = 10
"""For so many holders of a group the request is written out."""
_NAMED: Final[WeakKeyDictionary[AccessState, frozenset[object]]] = WeakKeyDictionary()


def incomplete_permissions(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /permissions with whatever may be sent, where some account can change what comes of it."""
    if not closure.may_use(acting, PERMISSIONS, "create"):
        return
    if not closure.is_allowed(PERMISSIONS, "update"):
        return
    lists = new_lists(closure, acting) or (NONE,)
    collections = [
        (ELSEWHERE if one == FREE else one, given) for one, given in _sendable(closure, acting, "collection")
    ]
    actions = list(_sendable(closure, acting, "action"))
    for group, given in _holders(closure, acting) if collections and actions else ():
        for (collection, what), (action, how), fields in product(collections, actions, lists):
            row = Permission(collection, action, fields=fields.names, policy=group[0], role=group[0])
            if NewPermission(row, group) in closure.facts:
                continue
            does = f"create a permission to {deed(row)} for {holder_name(closure.state, group[0])}"
            where = PERMISSIONS, "create", "collection"
            gives = "a permission that can be changed"
            asked = incomplete(closure.state, row, group[:_MOST_HOLDERS], fields.sent)
            cause = closure.cause(
                acting, "permission-create", does, gives, where, what, how, fields.basis, given, requests=asked
            )
            yield from gain(NewPermission(row, group), cause)


def _sendable(closure: Closure, acting: UsableAccount, name: str) -> Iterator[tuple[str, Basis]]:
    """The values that a new permission's collection or action can have."""
    decisive = (collections_of if name == "collection" else actions_of)(closure.state)
    for value in dict.fromkeys((*decisive, *member_values(closure, acting, "create", name))):
        given = closure.gives(acting, PERMISSIONS, "create", name, value)
        if given is not None:
            yield value, given


def _holders(closure: Closure, acting: UsableAccount) -> Iterator[tuple[tuple[str | None, ...], Basis | None]]:
    """The policies (10: roles) that a new permission can be for. Those that no rule on permissions tells apart are one group."""
    state = closure.state
    name = "policy" if state.model.has_policies else "role"
    every = state.in_order(one.id for one in (state.model.policies if state.model.has_policies else state.model.roles))
    keys = tuple(dict.fromkeys((*holders_in_play(closure, acting), *every)))
    named = tuple(key for key in keys if key is not None)
    given: dict[str | None, Basis | None] = dict(closure.gives_each(acting, PERMISSIONS, "create", name, named))
    if None in keys and closure.leaves_out(acting, PERMISSIONS, "create", name):
        given.setdefault(None, None)
    apart: set[object] = set()
    if state.mentions(name):
        apart = {*_named(state), *(holder for one in closure.current for holder in one.attacker.holders)}
    state.work.spend(len(given) + len(apart))
    alike = tuple(key for key in given if key not in apart)
    for group in (*((key,) for key in given if key in apart), *((alike,) if alike else ())):
        yield group, given[group[0]]


def _named(state: AccessState) -> frozenset[object]:
    """The values that rules on permissions compare with."""
    if state not in _NAMED:
        rules = (
            state.rule(row) for rows in state.model.stored.values() for row in rows if row.collection == PERMISSIONS
        )
        leaves = (leaf for rule in rules if rule is not None for leaf in conditions(rule))
        operands = (leaf.operand for leaf in leaves if isinstance(leaf, Condition))
        flat = (one for each in operands for one in (each if isinstance(each, tuple) else (each,)))
        _NAMED[state] = frozenset(one for one in flat if isinstance(one, str))
    return _NAMED[state]
