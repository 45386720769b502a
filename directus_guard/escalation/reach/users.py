"""Writes on accounts: roles, tokens, passwords and addresses, new accounts, registration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.escalation.account import Account
from directus_guard.escalation.evidence import KNOWN, Knowledge, rank
from directus_guard.escalation.reach.closure import NEWCOMER, VISITOR, Basis, Cause
from directus_guard.escalation.reach.entrance import TAKE_OVER, register, sign_in
from directus_guard.escalation.reach.facts import ADMINISTRATOR, Controls, Created, HasRole, Person
from directus_guard.escalation.reach.people import (
    after,
    gain,
    made,
    on_administrator,
    on_person,
    people,
    role_keys,
    whose_is,
)
from directus_guard.escalation.reach.permissions import deletes
from directus_guard.escalation.requests import accounts, rights
from directus_guard.escalation.tables import ANY_ACCOUNT, CANNOT_SIGN_IN, FREE, NEW, ROLES, SETTINGS, USERS
from directus_guard.escalation.telling import IS_ADMIN, role_name
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.reach.closure import Closure, Usable, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.tables import Known


def set_roles(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /users/ID {"role": …}."""
    if not closure.may_use(acting, USERS, "update"):
        return
    sent = closure.sends(acting, USERS, "update", "role", role_keys(closure))
    for person in people(closure, acting) if sent else ():
        allowed = on_person(closure, acting, person, "role")
        for key, evidence in sent if allowed is not None else ():
            fact = HasRole(person, key)
            if fact in closure.facts or key == person.account.role:
                continue
            own = person == acting.person
            does = f"set the role of {whose_is(closure, acting, person)} to {role_name(closure.state, key)}"
            admin = key in closure.state.admin_roles
            gives = IS_ADMIN if admin else f"an account with {role_name(closure.state, key)}"
            where = USERS, "update", "role"
            value = after(evidence, made(closure, key, ROLES))
            yield from gain(
                fact,
                closure.cause(
                    acting, "own-role" if own else "promote-user", does, gives, where, allowed, value,
                    requests=accounts.set_role(person, key),
                ),
            )  # fmt: skip


def give_away(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /users/ID {"role": …} for others: whoever has such an account, or can get one, becomes administrator."""
    state = closure.state
    if rank(closure.level) < rank(Confidence.LOW) or not closure.may_use(acting, USERS, "update", "role"):
        return
    doubt = Basis(Knowledge("", Confidence.LOW))
    for key, evidence in closure.sends(acting, USERS, "update", "role", state.admin_roles):
        for account in state.others:
            person = Person(account, account.user or ANY_ACCOUNT)
            allowed = on_person(closure, acting, person, "role")
            if allowed is not None:
                does = f"set the role of a user with {role_name(state, account.role)} to {role_name(state, key)}"
                gives = "an administrator, for whoever has that account"
                cause = closure.cause(
                    acting, "promote-user", does, gives, (USERS, "update", "role"), allowed, evidence, doubt,
                    requests=accounts.give_away(person, key),
                )  # fmt: skip
                yield from gain(ADMINISTRATOR, cause)
                return


def take_over(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /users/ID {"token": …}, {"password": …}, {"email": …}."""
    for name, kind, does in TAKE_OVER:
        sent = closure.send(acting, USERS, "update", name, FREE) or _preset(closure, acting, name)
        if sent is None:
            continue
        where = USERS, "update", name
        allowed = on_administrator(closure, acting, name)
        if allowed is not None and _stays_administrator(closure, acting):
            gives = "the administrator's account"
            yield from gain(
                ADMINISTRATOR,
                closure.cause(
                    acting, kind, does.format("an administrator"), gives, where, allowed, sent,
                    requests=accounts.take_over(None, name),
                ),
            )  # fmt: skip
        yield from _others(closure, acting, (name, kind, does), sent)


def _stays_administrator(closure: Closure, acting: UsableAccount) -> bool:
    """Whether administrators whose records are changed are still administrators then: a preset may give them another role."""
    state = closure.state
    role = acting.attacker.preset(USERS, "update", "role")
    if not isinstance(role, str) or role in state.admin_roles or "role" not in closure.presets(acting, USERS, "update"):
        return True
    by_own_policy = any(row.user is not None and row.policy in state.admin_policies for row in state.model.access)
    return by_own_policy or bool(closure.sends(acting, USERS, "update", "role", state.admin_roles))


def _preset(closure: Closure, acting: UsableAccount, name: str) -> Basis | None:
    """A token or password that a preset sets: Directus tells an account its presets."""
    preset = closure.presets(acting, USERS, "update").get(name)
    return closure.send(acting, USERS, "update", name, preset) if name != "email" and isinstance(preset, str) else None


def _others(closure: Closure, acting: UsableAccount, way: tuple[str, str, str], sent: Basis) -> Gains:
    """The accounts of others, by one way in. Those that no rule tells apart are asked for once: roles are many."""
    name, kind, does = way
    where = USERS, "update", name
    alike: dict[bool, Basis | None] = {}
    for person in people(closure, acting):
        if Controls(person) in closure.facts:
            continue
        if closure.is_alike(acting, person, name):
            key = person.status == "active"
            if key not in alike:
                alike[key] = on_person(closure, acting, person, name)
            reached = alike[key]
        else:
            reached = on_person(closure, acting, person, name)
        active = _active(closure, acting, person) if reached is not None else None
        if reached is None or active is None:
            continue
        whom = whose_is(closure, acting, person)
        yield from gain(
            Controls(person),
            closure.cause(
                acting, kind, does.format(whom), f"the account of {whom}", where, reached, sent, *active,
                requests=accounts.take_over(person, name, inactive=bool(active)),
            ),
        )  # fmt: skip


def _active(closure: Closure, acting: UsableAccount, person: Person) -> tuple[Basis, ...] | None:
    """What makes an account active, if it is not; None if nothing does."""
    if person.status == "active":
        return ()
    allowed = on_person(closure, acting, person, "status")
    sent = closure.send(acting, USERS, "update", "status", "active")
    return None if allowed is None or sent is None else (allowed, sent)


_STATUSES: Final = ("active", "draft", "invited", "unverified", "suspended", "archived")
_SIGNS_IN: Final = ("token", "password", "email")


def new_users(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /users, with each role that may be sent."""
    rows = closure.usable(acting, USERS, "create")
    if not rows:
        return
    way = sign_in(acting.attacker)
    kind, how = (way[0], way[1]) if way is not None else ("new-user", "create a user{0}")
    gained = next((one for one in rows if one.cause is not None and _signs_in(one)), None)
    means = Basis(way[2]) if way is not None else None if gained is None else Basis(KNOWN, gained.causes)
    usable = means is not None
    statuses = () if usable else tuple(_statuses(closure, acting))
    keys = role_keys(closure)
    sendable = dict(closure.sends(acting, USERS, "create", "role", keys))
    preset = acting.attacker.preset(USERS, "create", "role")
    for key in keys:
        sent = sendable.get(key)
        if sent is None and key is not None and preset == key:
            sent = closure.gives(acting, USERS, "create", "role", key)
        if sent is None and not (key is None and closure.leaves_out(acting, USERS, "create", "role")):
            continue
        person = Person(Account(role=key), NEWCOMER)
        if Controls(person) in closure.facts:
            continue
        named = role_name(closure.state, key)
        evidence = None if sent is None else after(sent, made(closure, key, ROLES))
        where = USERS, "create", "role" if sent is not None else None
        does = how.format(f" with {named}")
        if usable:
            made_ = accounts.new_user(person, with_role=sent is not None)
            cause = closure.cause(
                acting, kind, does, f"an account with {named}", where, evidence, means, requests=made_
            )
            yield from gain(Controls(person), cause)
        for status, given in statuses:
            idle = replace(person, status=status)
            cause = closure.cause(
                acting, kind, does, f"a user with {named} that cannot sign in yet", where, evidence, given,
                requests=accounts.new_user(
                    idle, with_role=sent is not None, status=None if given is None else status, usable=False
                ),
            )  # fmt: skip
            yield from gain(Created(idle), cause)


def _signs_in(usable: Usable) -> bool:
    """Whether a user who is created by a row that was gained may sign in: a flow may give it a status with which that is
    refused."""
    if not any(map(usable.row.reaches, _SIGNS_IN)):
        return False
    pins = usable.row.permission.validation if usable.carried_out else None
    fixed = pins.get("_and") if isinstance(pins, Mapping) else None
    given = [{"status": {"_eq": status}} for status in CANNOT_SIGN_IN]
    return not isinstance(fixed, (list, tuple)) or not any(one in given for one in fixed)


def _statuses(closure: Closure, acting: UsableAccount) -> Iterator[tuple[str, Basis | None]]:
    """The statuses that a new user can have, as far as rules tell them apart."""
    for status in _STATUSES if closure.state.mentions("status") else _STATUSES[:2]:
        given = closure.gives(acting, USERS, "create", "status", status)
        left_out = status == "active" and closure.leaves_out(acting, USERS, "create", "status")
        if given is not None or left_out:
            yield status, None if left_out else given


def registers(closure: Closure, acting: UsableAccount) -> Gains:
    """POST /users/register, where it is on."""
    for sequence in register(acting.attacker):
        (step,) = sequence.steps
        account = sequence.target or Account(role=closure.state.admin_roles[0])
        if rank(step.confidence) <= rank(closure.level):
            person = Person(account, NEWCOMER)
            sent = accounts.register(person)
            yield Controls(person), Cause(step, acting.before, tuple(replace(one, by=acting.person) for one in sent))


def without_registration_role(closure: Closure, acting: UsableAccount) -> Gains:
    """DELETE /roles/ID of the role of public registration: whoever registers then has none, and the public's permissions."""
    settings = closure.state.export.settings
    role = settings.values.get("public_registration_role") if settings is not None else None
    person = Person(Account(role=None), NEWCOMER)
    if settings is None or not isinstance(role, str) or Controls(person) in closure.facts:
        return
    allowed = deletes(closure, acting, ROLES, closure.state.row_of_role(role))
    if allowed is None:
        return
    does = f"delete {role_name(closure.state, role)}, which is the role of public registration"
    gone = closure.cause(
        acting, "registration-role", does, "registration without a role", (ROLES, "delete", None), allowed,
        requests=rights.delete(ROLES, role),
    )  # fmt: skip
    turned: tuple[Basis | None, ...] = ()
    if settings.values.get("public_registration") is not True:
        turned = (
            closure.allowed(acting, SETTINGS, "update", "public_registration", {("id",): 1}, "1"),
            closure.send(acting, SETTINGS, "update", "public_registration", value=True),
        )
    if gone is None or None in turned:
        return
    enter = closure.cause(
        acting, "public-registration", "register", "an account without a role", (SETTINGS, "", None), *turned,
        requests=tuple(replace(one, by=VISITOR) for one in accounts.register(person)),
    )  # fmt: skip
    if enter is None:
        return
    before: tuple[Cause, ...] = (gone,)
    if turned:
        does = "switch on public registration"
        switch = closure.cause(
            acting, "registration-role", does, "registration", (SETTINGS, "update", "public_registration"), *turned,
            requests=accounts.registration({"public_registration": True}),
        )  # fmt: skip
        before = (gone, *(() if switch is None else (switch,)))
    yield Controls(person), replace(enter, before=before)


def settings_of_registration(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH /settings, then POST /users/register: its role, its switch, or both."""
    if not closure.may_use(acting, SETTINGS, "update"):
        return
    values = closure.state.export.settings.values if closure.state.export.settings else {}
    known: Known = {("id",): 1}

    def change(name: str, value: object) -> tuple[Basis, ...] | None:
        allowed = closure.allowed(acting, SETTINGS, "update", name, known, "1")
        sent = closure.send(acting, SETTINGS, "update", name, value, relation=name != "public_registration")
        return None if allowed is None or sent is None else (allowed, sent)

    switched: tuple[Basis, ...] | None = ()
    if values.get("public_registration") is not True:
        switched = change("public_registration", True)
    if switched is None:
        return
    present = values.get("public_registration_role")
    for key in role_keys(closure):
        person = Person(Account(role=key), NEWCOMER)
        chosen = () if key == present and switched else change("public_registration_role", key)
        if chosen is None or Controls(person) in closure.facts:
            continue
        named = role_name(closure.state, key)
        name = "public_registration_role" if chosen else "public_registration"
        does = (
            f"make {named} the role of public registration" + (", and switch it on" if switched else "")
            if chosen
            else f"switch on public registration, whose role is {named}"
        )
        evidence = [*chosen, *switched]
        if key == NEW and evidence:
            evidence[0] = after(evidence[0], made(closure, key, ROLES))
        switches: dict[str, str | bool | None] = {"public_registration_role": key} if chosen else {}
        if switched:
            switches["public_registration"] = True
        turn = closure.cause(
            acting, "registration-role", does, f"registration with {named}", (SETTINGS, "update", name), *evidence,
            requests=accounts.registration(switches),
        )  # fmt: skip
        if turn is not None:
            sent = tuple(replace(one, by=VISITOR) for one in accounts.register(person))
            where = SETTINGS, "update", name
            enter = closure.cause(
                acting, "public-registration", "register", f"an account with {named}", where, requests=sent
            )
            yield from gain(Controls(person), None if enter is None else _after_turning(enter, turn))


def _after_turning(enter: Cause, turn: Cause) -> Cause:
    return replace(enter, step=replace(enter.step, location=turn.place), before=(turn,))
