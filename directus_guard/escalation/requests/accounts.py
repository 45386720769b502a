"""Requests about accounts: roles, tokens, passwords and addresses, new users, registration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.requests.request import (
    CREATE,
    INVITE,
    REGISTER,
    UPDATE,
    Chosen,
    Item,
    NewRow,
    Request,
    Requests,
    SomeAdministrator,
    Value,
)
from directus_guard.escalation.tables import NEW, ROLES, SETTINGS, USERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.escalation.reach.facts import Person

EMAIL: Final = Chosen("an e-mail address of their own")
ADDRESS: Final = Chosen("the e-mail address of an account")
PASSWORD: Final = Chosen("a password of their choice")
TOKEN: Final = Chosen("a static token of their choice")
WITH_PASSWORD: Final[Mapping[str, Value]] = {"email": EMAIL, "password": PASSWORD}
WITH_TOKEN: Final[Mapping[str, Value]] = {"token": TOKEN}
_CHOSEN: Final = {"token": TOKEN, "password": PASSWORD, "email": EMAIL}
_WAYS_IN: Final[tuple[Mapping[str, Value], ...]] = (WITH_PASSWORD, WITH_TOKEN, {"email": EMAIL})
"""What a new user is given, so that its maker can sign in: the last one by a mailed reset of the password."""


def role(key: str | None) -> Value:
    """A role in a payload, also one that the plan makes."""
    return NewRow(ROLES) if key == NEW else key


def set_role(person: Person, key: str | None) -> Requests:
    """PATCH /users/ID {"role": …}."""
    return (Request(USERS, UPDATE, {"role": role(key)}, person),)


def give_away(person: Person, key: str) -> Requests:
    """The same for a role of administrators, to whoever has that account, or gets it."""
    return (Request(USERS, UPDATE, {"role": role(key)}, person, signs_in=person, gives_away=True),)


def own_policies(person: Person, policy: Item) -> Requests:
    """PATCH /users/ID with a new row of the relation `policies`: beside the others, which sets `sort`, too; or as the only one."""
    forms: tuple[Value, Value] = ({"create": [{"policy": policy}]}, [{"policy": policy}])
    return tuple(Request(USERS, UPDATE, {"policies": form}, person) for form in forms)


def take_over(person: Person | None, name: str, *, inactive: bool = False) -> Requests:
    """PATCH /users/ID with a token, a password or an address; None: of some administrator."""
    body: dict[str, Value] = {name: _CHOSEN[name]}
    if inactive:
        body["status"] = "active"
    item: Item = SomeAdministrator() if person is None else person
    return (Request(USERS, UPDATE, body, item, signs_in=person),)


def new_user(person: Person, *, with_role: bool, status: str | None = None, usable: bool = True) -> Requests:
    """POST /users. `status`: where one is sent. `usable`: its maker can sign in as it is."""
    more: dict[str, Value] = {"role": role(person.account.role)} if with_role else {}
    if status is not None:
        more["status"] = status
    signs_in = person if usable else None
    made = [Request(USERS, CREATE, {**way, **more}, person, signs_in=signs_in) for way in _WAYS_IN]
    if not usable:
        return (*made, Request(USERS, CREATE, more, person))
    return (*made, Request(USERS, INVITE, {"email": EMAIL, **more}, person, signs_in=person))


def register(person: Person) -> Requests:
    """POST /users/register."""
    return (Request(USERS, REGISTER, {"email": EMAIL, "password": PASSWORD}, person, signs_in=person),)


def registration(values: Mapping[str, str | bool | None]) -> Requests:
    """PATCH /settings: the role of public registration, its switch."""
    body = {name: role(value) if isinstance(value, str) else value for name, value in values.items()}
    return (Request(SETTINGS, UPDATE, body),)
