"""Requests about roles, policies and attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.requests.accounts import role
from directus_guard.escalation.requests.request import CREATE, DELETE, UPDATE, Chosen, Item, NewRow, Request, Requests
from directus_guard.escalation.tables import ACCESS, NEW, POLICIES, ROLES

if TYPE_CHECKING:
    from directus_guard.directus.access.records import Access
    from directus_guard.escalation.reach.facts import Person
    from directus_guard.escalation.requests.request import Value

NAME: Final = Chosen("a name of their choice")


def new_administrator_role(*, has_policies: bool) -> dict[str, Value]:
    """An object below a relation that makes a new role of administrators."""
    if not has_policies:
        return {"name": NAME, "admin_access": True}
    return {"name": NAME, "policies": [{"policy": new_administrator_policy()}]}


def new_administrator_policy() -> dict[str, Value]:
    """The same for a policy."""
    return {"name": NAME, "admin_access": True}


def policy(key: str) -> Item:
    """A policy in a payload or a path, also one that the plan makes."""
    return NewRow(POLICIES) if key == NEW else key


def new_role(**members: Value) -> Requests:
    """POST /roles."""
    return (Request(ROLES, CREATE, {"name": NAME, **members}, NewRow(ROLES)),)


def new_policy(**members: Value) -> Requests:
    """POST /policies."""
    return (Request(POLICIES, CREATE, {"name": NAME, **members}, NewRow(POLICIES)),)


def change_role(key: str, **members: Value) -> Requests:
    """PATCH /roles/ID."""
    return (Request(ROLES, UPDATE, members, NewRow(ROLES) if key == NEW else key),)


def change_policy(key: str, **members: Value) -> Requests:
    """PATCH /policies/ID."""
    return (Request(POLICIES, UPDATE, members, policy(key)),)


def _holder(holder: Person | str | None) -> dict[str, Value]:
    if holder is None:
        return {}
    return {"role": role(holder)} if isinstance(holder, str) else {"user": holder}


def attach(key: str, holder: Person | str | None) -> Requests:
    """POST /access; None: to the public."""
    return (Request(ACCESS, CREATE, {"policy": policy(key), **_holder(holder)}, NewRow(ACCESS)),)


def change_attachment(row: Access | None, key: str | None, holder: Person | str | None) -> Requests:
    """PATCH /access/ID: another policy, or (each None: as it is) another holder. `row`: None for one that the plan makes."""
    body = _holder(holder)
    if key is not None:
        body["policy"] = policy(key)
    return (Request(ACCESS, UPDATE, body, NewRow(ACCESS) if row is None else row),)


def change(collection: str, item: Item, name: str, values: tuple[Value, ...]) -> Requests:
    """PATCH of one field of any table, with any of the values."""
    return tuple(Request(collection, UPDATE, {name: value}, item) for value in values)


def delete(collection: str, item: Item) -> Requests:
    """DELETE of an item of any table."""
    return (Request(collection, DELETE, {}, item),)
