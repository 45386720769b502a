"""Requests about permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.escalation.requests.accounts import WITH_PASSWORD, WITH_TOKEN, role
from directus_guard.escalation.requests.request import CREATE, UPDATE, Chosen, NewRow, Request, Requests
from directus_guard.escalation.requests.rights import policy
from directus_guard.escalation.tables import ACCESS, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.access.records import Permission
    from directus_guard.escalation.requests.request import Item, Value
    from directus_guard.escalation.state import AccessState

ALL: Final = ["*"]
_TO_THEMSELVES: Final = ({"user": "$CURRENT_USER"}, {"role": "$CURRENT_ROLE"})


def holder(state: AccessState, key: str | None) -> dict[str, Value]:
    """Whose a permission is: a policy, on 10 a role (None: the public)."""
    if state.model.has_policies:
        return {} if key is None else {"policy": policy(key)}
    return {"role": role(key)}


def create(
    state: AccessState, key: str | None, collection: str, action: str, fields: str | tuple[str, ...] | None
) -> Requests:
    """POST /permissions: with these fields, or (all) with what its presets fill in; None: a preset gives the fields."""
    what: dict[str, Value] = {"collection": collection, "action": action, **holder(state, key)}
    bodies = [what if fields is None else {**what, "fields": _sent(fields)}]
    if fields == tuple(ALL):
        bodies += [{**what, "presets": one} for one in _presets(state, collection, action)]
    return tuple(Request(PERMISSIONS, CREATE, body, NewRow(PERMISSIONS)) for body in bodies)


def _sent(fields: str | tuple[str, ...]) -> Value:
    return fields if isinstance(fields, str) else list(fields)


def incomplete(
    state: AccessState, row: Permission, keys: Sequence[str | None], fields: str | tuple[str, ...] | None
) -> Requests:
    """POST /permissions of a row that is changed later, for any of the policies (10: roles). `fields` as above."""
    known = row.collection.startswith("directus_") or row.collection in state.tables
    collection: Value = row.collection if known else Chosen("any other collection")
    what: dict[str, Value] = {"collection": collection, "action": row.action}
    what |= {} if fields is None else {"fields": _sent(fields)}
    return tuple(Request(PERMISSIONS, CREATE, {**what, **holder(state, key)}, NewRow(PERMISSIONS)) for key in keys)


def change(
    state: AccessState, row: Permission, members: Mapping[str, Value], key: str | None, *, moves: bool
) -> Requests:
    """PATCH /permissions/ID. `row`: stored, or (without key and place) made. `moves`: it becomes another policy's (10: role's)."""
    body = {**members, **(holder(state, key) if moves else {})}
    item: Item = row if row.id is not None or row.location is not None else NewRow(PERMISSIONS)
    if "presets" not in body:
        return (Request(PERMISSIONS, UPDATE, body, item),)
    collection, action = (str(body.get(name, getattr(row, name))) for name in ("collection", "action"))
    presets = _presets(state, collection, action)
    return tuple(Request(PERMISSIONS, UPDATE, {**body, "presets": one}, item) for one in presets)


def _presets(state: AccessState, collection: str, action: str) -> tuple[Mapping[str, Value], ...]:
    """Presets that make an administrator of whoever may write to a collection at all."""
    role_key, policy_key = state.admin_roles[:1], state.admin_policies[:1]
    of_roles = [{"parent": key} for key in role_key] if state.model.has_policies else [{"admin_access": True}]
    if action == CREATE:
        # An empty payload is enough: everything that the new row has comes from here (measured on 10.13.4 and 11.17.4).
        whole: Mapping[str, Sequence[Mapping[str, Value]]] = {
            USERS: [{"role": key, **way} for key in role_key for way in (WITH_PASSWORD, WITH_TOKEN)],
            ACCESS: [{"policy": key, **to} for key in policy_key for to in _TO_THEMSELVES],
        }
        if collection in whole:
            return tuple(whole[collection])
    known: Mapping[str, Sequence[Mapping[str, Value]]] = {
        USERS: [*({"role": key} for key in role_key), WITH_TOKEN],
        ROLES: of_roles,
        POLICIES: [{"admin_access": True}],
        ACCESS: [{"policy": key} for key in policy_key],
        SETTINGS: [{"public_registration": True, "public_registration_role": key} for key in role_key],
    }
    return tuple(known.get(collection, ()))
