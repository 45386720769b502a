"""Users that are made so that they cannot sign in yet, or with a harmless role, and changed with another permission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.escalation.account import Account
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.facts import Controls, Created, Dormant, Person
from directus_guard.escalation.reach.people import after, gain, made, on_person, role_keys
from directus_guard.escalation.requests.accounts import new_user
from directus_guard.escalation.requests.request import UPDATE, Request
from directus_guard.escalation.tables import FREE, NEW, ROLES, USERS
from directus_guard.escalation.telling import role_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Basis, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains

STATUSES: Final = ("active", "draft", "invited", "unverified", "suspended", "archived")


def dormant_users(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /users with whatever may be sent, where some account can change what comes of it."""
    if not closure.may_use(acting, USERS, "create"):
        return
    if not any(closure.is_allowed(USERS, "update", name) for name in ("role", "status")):
        return
    means = _means(closure, acting)
    statuses = list(_given_statuses(closure, acting))
    for role, given in given_roles(closure, acting):
        for status, sent in statuses:
            person = Person(Account(role=role), NEWCOMER, status)
            fact = Created(person) if means is None else Controls(person) if status == "active" else Dormant(person)
            if fact in closure.facts:
                continue
            does = f"create a user with {role_name(closure.state, role)}"
            where = USERS, "create", "role"
            gives = f"an account with {role_name(closure.state, role)} that can be changed"
            asked = new_user(
                person, with_role=given is not None, status=status if sent is not None else None,
                usable=isinstance(fact, Controls),
            )  # fmt: skip
            cause = closure.cause(acting, "new-user", does, gives, where, given, sent, means, requests=asked)
            yield from gain(fact, cause)


def wake(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /users/ID {"status": "active"} of such a user, whose token or password the attacker knows."""
    sleeping = [fact.person for fact, _ in closure.of_kind(Dormant)]
    if not sleeping or not closure.may_use(acting, USERS, "update"):
        return
    sent = closure.send(acting, USERS, "update", "status", "active")
    for person in sleeping if sent is not None else ():
        allowed = on_person(closure, acting, person, "status")
        for role in closure.roles_of(person) if allowed is not None else ():
            awake = Controls(Person(replace(person.account, role=role), person.key))
            does = "make the new user active"
            where = USERS, "update", "status"
            gives = f"an account with {role_name(closure.state, role)}"
            before = closure.roles_of(person)[role]
            causes = tuple(one for one in (closure.facts[Dormant(person)], before) if one is not None)
            evidence = None if allowed is None else after(allowed, causes)
            asked = (Request(USERS, UPDATE, {"status": "active"}, person, signs_in=awake.person),)
            cause = closure.cause(acting, "new-user", does, gives, where, evidence, sent, requests=asked)
            yield from gain(awake, cause)


def _means(closure: Closure, acting: UsableAccount) -> Basis | None:
    """What lets the attacker sign in as a user that it creates, once it is active."""
    token = closure.send(acting, USERS, "create", "token", FREE)
    return token or closure.send(acting, USERS, "create", "email", FREE)


def given_roles(closure: Closure, acting: UsableAccount) -> Iterator[tuple[str | None, Basis | None]]:
    """The roles that a new user can have: those that make a difference, and those that a validation or a preset names."""
    named = acting.attacker.access.grant(USERS, "create").payload_rules.named("role")
    named = closure.state.values_in_order(named)
    preset = acting.attacker.preset(USERS, "create", "role")
    others = [one for one in (*named, preset) if isinstance(one, str) and one in closure.state.roles]
    keys = tuple(dict.fromkeys((*role_keys(closure), *others)))
    sent = dict(closure.sends(acting, USERS, "create", "role", keys))
    for key in keys:
        given = sent.get(key)
        if given is None and key is not None and key == preset:
            given = closure.gives(acting, USERS, "create", "role", key)
        if given is not None:
            yield key, after(given, made(closure, key, ROLES)) if key == NEW else given
        elif key is None and closure.leaves_out(acting, USERS, "create", "role"):
            yield None, None


def _given_statuses(closure: Closure, acting: UsableAccount) -> Iterator[tuple[str, Basis | None]]:
    """The statuses that a new user can have, as far as rules tell them apart."""
    for status in STATUSES if closure.state.mentions("status") else STATUSES[:2]:
        given = closure.gives(acting, USERS, "create", "status", status)
        if given is not None:
            yield status, given
        elif status == "active" and closure.leaves_out(acting, USERS, "create", "status"):
            yield status, None
