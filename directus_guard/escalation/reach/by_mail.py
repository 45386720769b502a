"""Accounts that are not active, and that a link in a mail makes active: invited ones, and those of registration.

`inviteUser` and `registerUser` of Directus mail that link again to whoever asks, without a permission, if the account is
`invited` and has the role that is sent, or is `unverified` and registration is on (services/users.js of 10.13.4, 11.17.4 and
12.4.1). No plan is made of it: the answer is *not evaluated*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.escalation.account import Account
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.dormant import STATUSES, given_roles
from directus_guard.escalation.reach.facts import Controls, Dormant, Mailed, Person, RegistrationOn
from directus_guard.escalation.reach.people import gain, on_person, people, whose_is
from directus_guard.escalation.tables import ANY_ACCOUNT, FREE, USERS
from directus_guard.escalation.telling import role_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Basis, Cause, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains

INVITED: Final = "invited"
UNVERIFIED: Final = "unverified"
_WHERE: Final = (USERS, "update", "email")


def _statuses(closure: Closure) -> tuple[str, ...]:
    """The statuses from which a link makes an account active."""
    settings = closure.state.export.settings
    values = settings.values if settings is not None else {}
    on = values.get("public_registration") is True or RegistrationOn() in closure.facts
    return (INVITED, UNVERIFIED) if on and values.get("public_registration_verify_email") is not False else (INVITED,)


def registers_unverified(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /users/register, where the address must be verified: until then others may change the account."""
    settings = closure.state.export.settings
    if settings is None or UNVERIFIED not in _statuses(closure) or not closure.is_allowed(USERS, "update"):
        return
    role = settings.values.get("public_registration_role")
    person = Person(Account(role=role if isinstance(role, str) else None), NEWCOMER, UNVERIFIED)
    if Mailed(person) not in closure.facts:
        gives = "an account that a link makes active"
        yield from gain(
            Mailed(person), closure.cause(acting, "public-registration", "register", gives, (USERS, "", None))
        )


def new_inactive_users(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /users with an address of the attacker's and such a status, sent or by a preset."""
    if not closure.may_use(acting, USERS, "create"):
        return
    address = closure.send(acting, USERS, "create", "email", FREE)
    statuses = [] if address is None else [(one, _given(closure, acting, one)) for one in _statuses(closure)]
    for status, given in statuses:
        for role, sent in given_roles(closure, acting) if given is not None else ():
            person = Person(Account(role=role), NEWCOMER, status)
            if Mailed(person) not in closure.facts:
                named = role_name(closure.state, role)
                does = f"create a user with {named} and the status `{status}`"
                gives = f"an account with {named} that a link makes active"
                where = USERS, "create", "email"
                cause = closure.cause(acting, "invite", does, gives, where, address, given, sent)
                yield from gain(Mailed(person), cause)


def _given(closure: Closure, acting: UsableAccount, status: str) -> Basis | None:
    return closure.gives(acting, USERS, "create", "status", status)


def addresses(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /users/ID {"email": …} of an account that is not active, or {"status": …} of one with the attacker's address."""
    if not closure.may_use(acting, USERS, "update"):
        return
    sent = closure.send(acting, USERS, "update", "email", FREE)
    for person in (*people(closure, acting), *_unknown(closure)):
        if person.status == "active":
            continue
        known = Dormant(person) in closure.facts
        reached = on_person(closure, acting, person, "email") if sent is not None and not known else None
        if not known and (reached is None or sent is None):
            continue
        before = (closure.facts[Dormant(person)],) if known else ()
        for status, basis in _given_on_update(closure, acting, person):
            waiting = replace(person, status=status)
            if Mailed(waiting) not in closure.facts:
                does = f"set the e-mail address of {whose_is(closure, acting, person)}, which is not active"
                gives = "an account that a link makes active"
                cause = closure.cause(acting, "take-over-email", does, gives, _WHERE, reached, sent, *basis)
                if cause is not None and before:
                    cause = replace(cause, before=(*cause.before, *(one for one in before if one is not None)))
                yield from gain(Mailed(waiting), cause)


def _unknown(closure: Closure) -> tuple[Person, ...]:
    """Administrators who were invited, of whom an export without all users says nothing."""
    state = closure.state
    return () if state.has_all_users else (Person(Account(role=state.admin_roles[0]), ANY_ACCOUNT, INVITED),)


def _given_on_update(
    closure: Closure, acting: UsableAccount, person: Person
) -> Iterator[tuple[str, tuple[Basis | None, ...]]]:
    """The statuses that an account has, or can be given, from which a link makes it active."""
    for status in _statuses(closure):
        if person.status == status:
            yield status, ()
            continue
        allowed = on_person(closure, acting, person, "status")
        sent = closure.send(acting, USERS, "update", "status", status)
        if allowed is not None and sent is not None:
            yield status, (allowed, sent)


def open_link(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /users/invite, which mails the link, or POST /users/register: whoever has the mailbox opens it."""
    for fact, mailed in closure.of_kind(Mailed):
        for role, given in _roles_of(closure, fact.person):
            awake = Controls(Person(replace(fact.person.account, role=role), fact.person.key))
            if awake in closure.facts:
                continue
            gives = f"an account with {role_name(closure.state, role)}"
            cause = closure.cause(acting, "invite", "open the link that makes the account active", gives, _WHERE)
            if cause is not None:
                before = [one for one in (mailed, given) if one is not None]
                yield from gain(awake, replace(cause, before=(*cause.before, *before)))


def _roles_of(closure: Closure, person: Person) -> Iterator[tuple[str | None, Cause | None]]:
    """The roles of an account, also those that it was given while it had another status."""
    yield from closure.roles_of(person).items()
    for status in () if person.key == NEWCOMER else STATUSES:
        other = replace(person, status=status)
        if other != person:
            yield from closure.roles_of(other).items()
