"""How the attacker gets into accounts: new ones, those of others, and by registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.escalation.account import Account
from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.tables import FREE, SETTINGS, USERS
from directus_guard.escalation.telling import IS_ADMIN, StepSequence, plan_step, role_name
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.evidence import SendableValue


def sign_in(attacker: Attacker) -> tuple[str, str, SendableValue] | None:
    """How one gets into a user that one creates: the kind of step, the sentence, the field that does it."""
    token = attacker.send(USERS, "create", "token", FREE)
    email = attacker.send(USERS, "create", "email", FREE)
    if token is None and email is None:
        return None
    active = attacker.send(USERS, "create", "status", "active")
    preset = attacker.access.grant(USERS, "create").presets.get("status", "active")
    if active or (preset == "active" and attacker.leaves_out(USERS, "create", "status")):
        password = attacker.send(USERS, "create", "password", FREE)
        if email is not None and password is not None:
            return "new-user", "create a user{0}", email
        if token is not None:
            return "new-user", "create a user{0} and a static token", token
        if email is not None:
            return "new-user", "create a user{0} and have a password reset mailed", email
    if (
        email is not None
        and attacker.send(USERS, "create", "status", "invited")
        and attacker.may(USERS, "create", "role")
    ):
        return "invite", "invite an e-mail address of their own{0}", email
    return None


TAKE_OVER: Final = (
    ("token", "take-over-token", "set the static token of {0}"),
    ("password", "take-over-password", "set the password of {0}"),
    ("email", "take-over-email", "set the e-mail address of {0} and have a password reset mailed"),
)


def register(attacker: Attacker) -> Iterator[StepSequence]:
    """POST /users/register, where it is on: the role is the settings', whatever the request says."""
    settings = attacker.state.export.settings
    if not attacker.account.public or settings is None or settings.values.get("public_registration") is not True:
        return
    role = settings.values.get("public_registration_role")
    role = role if isinstance(role, str) else None
    admin = role in attacker.state.admin_roles
    step = replace(
        plan_step(
            "public-registration", "register", IS_ADMIN if admin else f"an account with {role_name(attacker.state, role)}",
            SETTINGS, "", None, _filter(attacker),
        ),
        permission="`public_registration` of directus_settings",
        location=settings.location,
    )  # fmt: skip
    yield StepSequence((step,), None if admin else Account(role=role))


def _filter(attacker: Attacker) -> Knowledge:
    """Whether any address may register: a filter, with verified addresses, asks for a mailbox that passes it."""
    values = attacker.state.export.settings.values if attacker.state.export.settings else {}
    filtered = not is_unrestricted(values.get("public_registration_email_filter"))
    if not filtered:
        return Knowledge()
    if values.get("public_registration_verify_email") is False:
        return Knowledge("with an address that passes the filter; it is not verified")
    return Knowledge("with an address that passes the filter", Confidence.MEDIUM)
