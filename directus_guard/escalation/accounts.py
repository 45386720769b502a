"""Steps on accounts: their roles, their tokens, passwords and addresses, new ones, registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.escalation.telling import (
    IS_ADMIN,
    SIGN_IN,
    WHOSE,
    Move,
    PlanStep,
    chosen_role,
    gain,
    knows_role,
    move,
    plan_step,
    role_name,
    whose,
)
from directus_guard.escalation.world import (
    ANONYMOUS,
    ANY_ACCOUNT,
    FREE,
    SETTINGS,
    USERS,
    Account,
    Knowledge,
    Opening,
    signing_in,
)
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.escalation.world import Actor, Known, Value

# --- roles of users --------------------------------------------------------------------------------------------------


def set_role(actor: Actor, account: Account, wanted: Sequence[str] | None = None) -> Iterator[Move]:
    """PATCH /users/me {"role": …}: works even where the answer is 403 (measured); or the same on another account."""
    world = actor.world
    opening = None if account.public else actor.on_user(account, "role")
    if opening is None:
        return
    kind = "own-role" if account == actor.account else "promote-user"
    roles = world.admin_roles if wanted is None else wanted
    for choice in actor.choices(USERS, "update", "role", roles, world.worthwhile_roles):
        to = chosen_role(world, choice)
        knows = knows_role(actor, choice)
        step = plan_step(
            kind, f"set the role of {whose(actor, account)} to {to}", gain(choice, f"an account with {to}"),
            USERS, "update", "role", opening, choice.value, knows,
        )  # fmt: skip
        yield move(world, (step,), choice, None if choice.admin else account.with_role(choice.keys[0]))


def promote_somebody(actor: Actor) -> Iterator[Move]:
    """Giving administration away: whoever has such an account, or can get one, becomes administrator."""
    for choice in actor.choices(USERS, "update", "role", actor.world.admin_roles, ()):
        if not choice.admin:
            return
        for accounts, reached in _reachable(actor, "role"):
            opening = replace(reached, confidence=Confidence.LOW)
            does = f"set the role of a user with {role_name(actor.world, accounts[0].role)} to the administrator role"
            gives = "an administrator, for whoever has that account"
            evidence = opening, choice.value, knows_role(actor, choice)
            yield Move((plan_step("promote-user", does, gives, USERS, "update", "role", *evidence),))
            return


def new_user(actor: Actor, wanted: Sequence[str] | None = None) -> Iterator[Move]:
    """POST /users, or POST /users/invite where only invited users may be created."""
    world = actor.world
    if not actor.rows(USERS, "create"):
        return
    way = sign_in(actor)
    if way is None:
        return
    kind, how, means = way
    roles = world.admin_roles if wanted is None else wanted
    found = False
    for choice in actor.choices(USERS, "create", "role", roles, world.worthwhile_roles):
        found = True
        to = chosen_role(world, choice)
        step = plan_step(
            kind, how.format(f" with {to}"), SIGN_IN if choice.admin else f"an account with {to}",
            USERS, "create", "role", choice.value, means, knows_role(actor, choice),
        )  # fmt: skip
        yield move(world, (step,), choice, None if choice.admin else Account(role=choice.keys[0]))
    if wanted is None:
        yield from _new_user_as_it_comes(actor, kind, how, means, pinned=found)


def _new_user_as_it_comes(actor: Actor, kind: str, how: str, means: Value, *, pinned: bool) -> Iterator[Move]:
    """A user without a role in the request: the preset's, or none."""
    world = actor.world
    preset = actor.access.grant(USERS, "create").presets.get("role")
    if isinstance(preset, str):
        if pinned or actor.gives(USERS, "create", "role", preset) is None:
            return
        admin = preset in world.admin_roles
        does = how.format("") + f"; the preset gives it {role_name(world, preset)}"
        step = plan_step(
            kind,
            does,
            SIGN_IN if admin else f"an account with {role_name(world, preset)}",
            USERS,
            "create",
            None,
            means,
        )
        yield Move((step,), None if admin else Account(role=preset))
    elif actor.leaves_out(USERS, "create", "role"):
        step = plan_step(kind, how.format(" without a role"), "an account of their own", USERS, "create", None, means)
        yield Move((step,), Account())


def sign_in(actor: Actor) -> tuple[str, str, Value] | None:
    """How one gets into a user that one creates: the kind of step, the sentence, the field that does it."""
    token = actor.send(USERS, "create", "token", FREE)
    email = actor.send(USERS, "create", "email", FREE)
    if token is None and email is None:
        return None
    active = actor.send(USERS, "create", "status", "active")
    preset = actor.access.grant(USERS, "create").presets.get("status", "active")
    if active or (preset == "active" and actor.leaves_out(USERS, "create", "status")):
        password = actor.send(USERS, "create", "password", FREE)
        if email is not None and password is not None:
            return "new-user", "create a user{0}", email
        if token is not None:
            return "new-user", "create a user{0} and a static token", token
        if email is not None:
            return "new-user", "create a user{0} and have a password reset mailed", email
    if email is not None and actor.send(USERS, "create", "status", "invited") and actor.may(USERS, "create", "role"):
        return "invite", "invite an e-mail address of their own{0}", email
    return None


# --- accounts of others ----------------------------------------------------------------------------------------------

TAKE_OVER: Final = (
    ("token", "take-over-token", "set the static token of {0}"),
    ("password", "take-over-password", "set the password of {0}"),
    ("email", "take-over-email", "set the e-mail address of {0} and have a password reset mailed"),
)


def take_over(actor: Actor) -> Iterator[Move]:
    """Another user's token, password or e-mail address: an administrator's, or that of an account that can go on from there."""
    world = actor.world
    for name, kind, does in TAKE_OVER:
        sent = actor.send(USERS, "update", name, FREE)
        if sent is None:
            continue
        opening = actor.on_administrator(name)
        if opening is not None:
            step = plan_step(
                kind, does.format("an administrator"), "the administrator's account",
                USERS, "update", name, opening, sent, actor.knows_administrator(), _second_factor(actor, name),
            )  # fmt: skip
            yield Move((step,))
            continue
        for accounts, reached in _reachable(actor, name):
            whom = f"a user with {WHOSE if len(accounts) > 1 else role_name(world, accounts[0].role)}"
            step = plan_step(kind, does.format(whom), f"the account of {whom}", USERS, "update", name, reached, sent)
            further = world.further(accounts)
            if further:
                yield Move((step,), further[0], further if len(accounts) > 1 else ())
            promote = _promote(actor, accounts[0])
            if promote is not None:
                named = role_name(world, accounts[0].role)
                yield Move(
                    (
                        replace(step, does=step.does.replace(WHOSE, named), gives=step.gives.replace(WHOSE, named)),
                        promote,
                    )
                )


def _second_factor(actor: Actor, name: str) -> Knowledge | None:
    """A password alone does not pass a second factor; a static token does."""
    if name == "token" or not actor.world.all_have_second_factors:
        return None
    return Knowledge("every known administrator has a second factor, which must be passed too", Confidence.MEDIUM)


def _promote(actor: Actor, account: Account) -> PlanStep | None:
    """The role of an account that was just taken over."""
    world = actor.world
    opening = actor.opening(USERS, "update", "role", world.row_of_user(account.user or ANY_ACCOUNT, account.role))
    if opening is None:
        return None
    for choice in actor.choices(USERS, "update", "role", world.admin_roles, ()):
        if choice.admin:
            does = "set that user's role to the administrator role"
            evidence = opening, choice.value, knows_role(actor, choice)
            return plan_step("promote-user", does, IS_ADMIN, USERS, "update", "role", *evidence)
    return None


def _reachable(actor: Actor, name: str) -> Iterator[tuple[tuple[Account, ...], Opening]]:
    """The accounts of others whose row may be updated with a field.

    Accounts that no rule tells apart are asked for once: roles are many, what rules name is little.
    """
    world = actor.world
    alike, apart = world.told_apart([row.permission for row in actor.rows(USERS, "update", name)], actor)
    for accounts in (alike, *((account,) for account in apart)):
        if accounts and accounts != (actor.account,):
            known = {**world.row_of_user(accounts[0].user or ANY_ACCOUNT, accounts[0].role), **signing_in(name)}
            opening = actor.opening(USERS, "update", name, known)
            if opening is not None:
                yield accounts, opening


# --- registration ----------------------------------------------------------------------------------------------------


def register(actor: Actor) -> Iterator[Move]:
    """POST /users/register, where it is on: the role is the settings', whatever the request says."""
    settings = actor.world.export.settings
    if not actor.account.public or settings is None or settings.values.get("public_registration") is not True:
        return
    role = settings.values.get("public_registration_role")
    role = role if isinstance(role, str) else None
    admin = role in actor.world.admin_roles
    step = replace(
        plan_step(
            "public-registration", "register", IS_ADMIN if admin else f"an account with {role_name(actor.world, role)}",
            SETTINGS, "", None, _filter(actor),
        ),
        permission="`public_registration` of directus_settings",
        location=settings.location,
    )  # fmt: skip
    yield Move((step,), None if admin else Account(role=role))


def _filter(actor: Actor) -> Knowledge:
    """Whether any address may register: a filter, with verified addresses, asks for a mailbox that passes it."""
    values = actor.world.export.settings.values if actor.world.export.settings else {}
    filtered = not is_unrestricted(values.get("public_registration_email_filter"))
    if not filtered:
        return Knowledge()
    if values.get("public_registration_verify_email") is False:
        return Knowledge("with an address that passes the filter; it is not verified")
    return Knowledge("with an address that passes the filter", Confidence.MEDIUM)


def registration_role(actor: Actor, wanted: Sequence[str] | None = None) -> Iterator[Move]:
    """PATCH /settings, then POST /users/register. The mail is one's own, so its verification is no obstacle."""
    world = actor.world
    known: Known = {("id",): 1}
    opening = actor.opening(SETTINGS, "update", "public_registration_role", known)
    if opening is None:
        return
    values = world.export.settings.values if world.export.settings else {}
    switch: Opening | None = None
    if values.get("public_registration") is not True:
        switch = actor.opening(SETTINGS, "update", "public_registration", known)
        if switch is None or actor.send(SETTINGS, "update", "public_registration", True) is None:
            return
    free = actor.opening(SETTINGS, "update", "public_registration_email_filter", known) is not None
    roles = world.admin_roles if wanted is None else wanted
    for choice in actor.choices(SETTINGS, "update", "public_registration_role", roles, world.worthwhile_roles):
        to = chosen_role(world, choice)
        turn = plan_step(
            "registration-role", f"make {to} the role of public registration" + (", and switch it on" if switch else ""),
            f"registration with {to}",
            SETTINGS, "update", "public_registration_role", opening, switch, choice.value, knows_role(actor, choice),
        )  # fmt: skip
        enter = plan_step(
            "public-registration", "register", SIGN_IN if choice.admin else f"an account with {to}",
            SETTINGS, "update", "public_registration_role", opening, None if free else _filter(actor), actor=ANONYMOUS,
        )  # fmt: skip
        yield move(world, (turn, enter), choice, None if choice.admin else Account(role=choice.keys[0]))
