"""Whom a write may be about, and what lets it reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from directus_guard.escalation.attacker import signing_in
from directus_guard.escalation.evidence import Allowed, rank, weakest
from directus_guard.escalation.reach.closure import NEWCOMER, Basis
from directus_guard.escalation.reach.facts import Fact, Person
from directus_guard.escalation.rule_keys import named_keys
from directus_guard.escalation.tables import (
    ACCESS,
    ANY_ACCOUNT,
    FLOWS,
    FREE,
    NEW,
    OPERATIONS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    USERS,
)
from directus_guard.escalation.telling import policy_name, role_name
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Scalar
    from directus_guard.escalation.reach.closure import Cause, Causes, Closure, UsableAccount
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known

Gain: TypeAlias = "tuple[Fact, Cause]"
Gains: TypeAlias = "Iterator[Gain]"


def gain(fact: Fact, cause: Cause | None) -> Gains:
    """A fact, if something causes it."""
    if cause is not None:
        yield fact, cause


def people(closure: Closure, acting: UsableAccount) -> tuple[Person, ...]:
    """Whose records may be written to the attacker's advantage: their own accounts first, then those they could take over."""
    mine = [one for one in closure.persons() if not one.account.public]
    first = [acting.person] if acting.person in mine else []
    created = closure.created
    if not any(closure.is_allowed(USERS, "update", name) for name in ("token", "password", "email")):
        return tuple(dict.fromkeys([*first, *mine, *created]))
    found = tuple(dict.fromkeys([*first, *mine, *created, *_others(closure.state)]))
    closure.state.work.spend(len(found))
    return found


def _others(state: AccessState) -> tuple[Person, ...]:
    """Everybody else, as far as the export tells."""
    if not state.persons:
        others = [Person(one, one.user or ANY_ACCOUNT) for one in state.others]
        idle = [Person(one, one.user or ANY_ACCOUNT, status) for one, status in state.idle]
        state.persons = (*others, *idle)
    return state.persons


_GIVE_MORE: Final = (
    (ROLES, "update", "parent"),
    (ROLES, "update", "admin_access"),
    *((ACCESS, action, "role") for action in ("create", "update")),
)
_GIVE_MORE_WITHOUT_POLICIES: Final = ((PERMISSIONS, "create", None), (PERMISSIONS, "update", None))
"""What makes a role worth having that was not."""


def _may_give_more(closure: Closure) -> bool:
    """Whether any role can be given more by some account."""
    old = not closure.state.model.has_policies
    writes = (*_GIVE_MORE, *(_GIVE_MORE_WITHOUT_POLICIES if old else ()))
    return any(closure.is_allowed(*write) for write in writes)


def _starts_flows(closure: Closure) -> bool:
    """Whether what a role or policy may do on any collection may start a flow that matters, now or after a change."""
    changes = ((table, action) for table in (FLOWS, OPERATIONS) for action in ("create", "update"))
    state = closure.state
    return bool(state.acting_flows or state.deleting_flows) or any(closure.is_allowed(*change) for change in changes)


def _leaves_locks(closure: Closure) -> bool:
    """Whether an account keeps its rights, but not the validations and presets of its role, when it is given another role."""
    state = closure.state
    if not state.role_locks:
        return False
    own = any(one.account.policies or closure.has_policies_of_its_own(one) for one in closure.persons())
    return own and closure.is_allowed(USERS, "update")


def role_keys(closure: Closure) -> tuple[str | None, ...]:
    """`_role_keys`, as long as the closure is the same."""
    return closure.until_it_grows("role", lambda: _role_keys(closure))


def _role_keys(closure: Closure) -> tuple[str | None, ...]:
    """The roles that make a difference to whoever is given them: administrators' first; a new one, which no rule names;
    those with rows that decide who may do what, or that rules tell apart; all, where a role can be given more, its users
    may start flows that write with more than their rights, or whoever has it is without what another role held back; none."""
    state = closure.state
    known = {*state.worthwhile_roles, *state.distinguished_roles, *(closure.roles & state.roles.keys())}
    if _starts_flows(closure) or _may_give_more(closure) or _leaves_locks(closure):
        known.update(state.roles)
    else:
        changed = (row for policy in closure.policies for row in state.attachments.get(("policy", policy), ()))
        known.update(row.role for row in changed if row.role is not None)
    known -= {*state.admin_roles}
    new = (NEW,) if closure.made(ROLES) else ()
    state.work.spend(len(known))
    return (*state.admin_roles, *new, *state.in_order(known), None)


def policy_keys(closure: Closure) -> tuple[str, ...]:
    """`_policy_keys`, as long as the closure is the same."""
    return closure.until_it_grows("policy", lambda: _policy_keys(closure))


def _policy_keys(closure: Closure) -> tuple[str, ...]:
    """The policies that make a difference to whoever is given them: administrators' first; a new one, which no rule names;
    all, where their holders may start flows that write with more than their rights."""
    state = closure.state
    known = {*state.worthwhile_policies, *closure.policies}
    if state.mentions("policies") or _starts_flows(closure):
        known.update(policy.id for policy in state.model.policies)
    known -= {*state.admin_policies, NEW}
    state.work.spend(len(known))
    return (*state.admin_policies, *((NEW,) if closure.made(POLICIES) else ()), *state.in_order(known))


def made(closure: Closure, key: str | None, collection: str) -> Causes:
    """What made the row, if it is a new one."""
    cause = closure.made(collection) if key == NEW else None
    return () if cause is None else (cause,)


def after(evidence: Basis, causes: Causes) -> Basis:
    """The evidence, once something else was brought about."""
    return Basis(evidence.what, (*evidence.before, *causes)) if causes else evidence


def on_person(closure: Closure, acting: UsableAccount, person: Person, name: str) -> Basis | None:
    """What lets an account's record be updated with a field; whatever role they can be given."""
    state = closure.state
    if person == acting.person:
        rows: list[tuple[Known, Confidence, Causes]] = [
            (known, sure, ()) for known, sure in acting.attacker.own_rows(acting.account)
        ]
    else:
        rows = [
            (state.row_of_user(person.key, role, person.status), Confidence.HIGH, () if cause is None else (cause,))
            for role, cause in closure.roles_of(person).items()
        ]
    found: list[Basis] = []
    for known, sure, causes in rows:
        evidence = closure.allowed(acting, USERS, "update", name, {**known, **signing_in(name)}, person.key)
        if evidence is not None and isinstance(evidence.what, Allowed):
            allowed = replace(evidence.what, confidence=weakest((evidence.confidence, sure)))
            found.append(Basis(allowed, (*evidence.before, *causes)))
    return min(found, key=lambda one: rank(one.confidence), default=None)


def on_administrator(closure: Closure, acting: UsableAccount, name: str) -> Basis | None:
    """What lets some administrator's record be updated with a field."""
    state = closure.state
    rules = [one.row.rule for one in closure.usable(acting, USERS, "update", name)]
    named = frozenset(key for rule in rules if rule is not None for key in named_keys(rule))
    found = [
        closure.allowed(acting, USERS, "update", name, {**known, **signing_in(name)}, str(known["id",]))
        for known in state.administrators(named)
    ]
    best = min((one for one in found if one is not None), key=lambda one: rank(one.confidence), default=None)
    return best or (None if state.has_all_users else _on_anybody_named(closure, acting, name, named))


def _on_anybody_named(closure: Closure, acting: UsableAccount, name: str, named: frozenset[Scalar]) -> Basis | None:
    """What lets a user be updated that a rule names, who may be an administrator for all that the export shows."""
    state = closure.state
    unknown = (key for key in state.values_in_order(named) if key not in state.users_by_key)
    rows = (state.row_of_user(str(key), FREE) for key in unknown)
    for known in rows:
        evidence = closure.allowed(acting, USERS, "update", name, {**known, **signing_in(name)}, str(known["id",]))
        if evidence is not None and isinstance(evidence.what, Allowed):
            return Basis(replace(evidence.what, confidence=Confidence.LOW), evidence.before)
    return None


def whose_is(closure: Closure, acting: UsableAccount, person: Person) -> str:
    """Somebody in a sentence."""
    if person == acting.person and person == closure.start:
        return "their own user"
    if person.key == NEWCOMER:
        return "the new user"
    return f"the user with {role_name(closure.state, person.account.role)}"


def roles_in_play(closure: Closure, acting: UsableAccount) -> tuple[str, ...]:
    """The roles of accounts that the attacker has or can get, and those they inherit from or can be made to; those of
    administrators, where a rule asks for the policies of a role."""
    found: dict[str, None] = dict.fromkeys(closure.state.admin_roles) if closure.state.mentions("policies") else {}
    for person in people(closure, acting):
        for role in closure.roles_of(person):
            found |= dict.fromkeys(closure.ancestors(role))
    return tuple(found)


def policy_title(state: AccessState, key: str) -> str:
    """A policy in a sentence, also one that the attacker made."""
    return "the new policy" if key == NEW else policy_name(state, key)


def by_preset(closure: Closure, acting: UsableAccount, collection: str, name: str) -> Basis | None:
    """What lets a new row have a field that a preset gives."""
    preset = acting.attacker.preset(collection, "create", name)
    return None if preset is None else closure.gives(acting, collection, "create", name, preset)
