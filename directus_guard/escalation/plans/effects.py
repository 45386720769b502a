"""What is stored after a write that the server carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from msgspec.structs import replace

from directus_guard.directus.access.records import Access, Permission, Policy, Role, User
from directus_guard.directus.export import Settings
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.reach.field_lists import names_of
from directus_guard.escalation.tables import ACCESS, FLOWS, OPERATIONS, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.escalation.plans.state import Key, SimulatedState
    from directus_guard.escalation.requests.request import Item, Request

_REGISTRATION: Final = "public_registration_role"
T = TypeVar("T", bound="Role | Policy | Access | Permission | User | Flow | Operation")


def stored(state: SimulatedState, request: Request, written: Mapping[str, Json], key: Key) -> SimulatedState | str:
    """The state once a row is written; `key`: of the row that is there, None for a new one. A text: why it cannot be."""
    new = key is None
    if request.collection == USERS:
        return _user(state, request, written, key)
    if request.collection == SETTINGS:
        return _settings(state, written)
    chosen = written.get("id")
    held = (chosen if isinstance(chosen, str) else f"(new row {len(state.keys) + 1})") if new else key
    made = _ROWS[request.collection](state, held, written, new=new)
    if isinstance(made, Permission) and not new and state.access_state.is_refused(made):
        return "its item rule does not fit the fields of the collection"
    after = replace(state, **{_TABLES[request.collection]: {**state.table(request.collection), held: made}})
    if request.collection == FLOWS:
        after = replace(after, operations={**after.operations, **_nested_operations(after, str(held), written)})
    return replace(after, keys={**state.keys, request.item: str(held)}) if new else after


def _nested_operations(state: SimulatedState, flow: str, written: Mapping[str, Json]) -> dict[Key, Operation]:
    """The operations that a payload for a flow creates."""
    rows = [{**one, "flow": flow} for one in new_rows(written, "operations")]
    keys = [str(one.get("id") or f"(new operation {number})") for number, one in enumerate(rows)]
    return {key: _operation(state, key, one, new=True) for key, one in zip(keys, rows, strict=True)}


def deleted(state: SimulatedState, collection: str, key: Key) -> SimulatedState:
    """The state without a row, and without what goes with it."""
    after = replace(
        state, **{_TABLES[collection]: {one: row for one, row in state.table(collection).items() if one != key}}
    )
    if collection == POLICIES:
        attachments = {one: row for one, row in after.attachments.items() if row.policy != key}
        permissions = {one: row for one, row in after.permissions.items() if row.policy != key}
        return replace(after, attachments=attachments, permissions=permissions)
    return _without_role(after, key) if collection == ROLES else after


def _without_role(state: SimulatedState, key: Key) -> SimulatedState:
    """What goes with a role: its attachments (10: its permissions), the sessions of its users, the role of registration."""
    gone = {one for one, user in state.users.items() if user.role == key}
    settings = state.settings
    if settings is not None and settings.values.get(_REGISTRATION) == key:
        settings = replace(settings, values={**settings.values, _REGISTRATION: None})
    return replace(
        state,
        attachments={one: row for one, row in state.attachments.items() if row.role != key},
        permissions={one: row for one, row in state.permissions.items() if row.role != key},
        roles={one: replace(row, parent=None) if row.parent == key else row for one, row in state.roles.items()},
        users={
            one: replace(row, role=None, status="suspended") if one in gone else row for one, row in state.users.items()
        },
        usable=frozenset(one for one in state.usable if one not in gone),
        settings=settings,
    )


_TABLES = {
    ROLES: "roles", POLICIES: "policies", ACCESS: "attachments", PERMISSIONS: "permissions", USERS: "users",
    FLOWS: "flows", OPERATIONS: "operations",
}  # fmt: skip


def _key_of(value: Json) -> str | None:
    """The key that a foreign key is given, bare or as an object."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None


def _with(row: T, written: Mapping[str, Json], names: tuple[str, ...], foreign: tuple[str, ...] = ()) -> T:
    """The row with those members that were written."""
    changed: dict[str, object] = {name: written[name] for name in names if name in written}
    changed |= {name: _key_of(written[name]) for name in foreign if name in written}
    return replace(row, **changed)


def _user(state: SimulatedState, request: Request, written: Mapping[str, Json], key: Key) -> SimulatedState | str:
    new = key is None
    held = f"(a new user {len(state.keys) + 1})" if new else str(key)
    user = User(held, status="active") if new else state.users[key]
    user = _with(user, written, ("status", "provider"), ("role",))
    attachments = dict(state.attachments)
    for one in new_attachments(written):
        row = Access(_key_of(one.get("policy")) or "", user=held, id=f"(new row {len(attachments)})")
        attachments[row.id] = row
    state = replace(state, attachments=attachments)
    signs_in = request.signs_in is not None or {"token", "password", "email"} & written.keys()
    if request.signs_in is not None and user.status != "active" and request.action != "invite":
        return "the account is not active"
    keys: dict[Item, str] = {**state.keys, request.item: held} if isinstance(request.item, Person) else dict(state.keys)
    usable = (
        state.usable | {held} if signs_in and (user.status == "active" or request.action == "invite") else state.usable
    )
    if request.action == "invite":
        user = replace(user, status="active")
    if user.status not in ("active", None):
        # Whoever is not active is signed out, by a preset too.
        usable = usable - {held}
    return replace(state, users={**state.users, held: user}, keys=keys, usable=usable)


def new_attachments(written: Mapping[str, Json]) -> tuple[Mapping[str, Json], ...]:
    """The rows of directus_access that a payload for a user creates."""
    return new_rows(written, "policies")


def new_rows(written: Mapping[str, Json], name: str) -> tuple[Mapping[str, Json], ...]:
    """The rows that a payload creates below a relation."""
    held = written.get(name)
    rows = held.get("create") if isinstance(held, dict) else held
    return tuple(one for one in rows if isinstance(one, dict)) if isinstance(rows, list) else ()


def _settings(state: SimulatedState, written: Mapping[str, Json]) -> SimulatedState:
    values = dict(written)
    if _REGISTRATION in values:
        values[_REGISTRATION] = _key_of(values[_REGISTRATION])
    settings = state.settings or Settings({}, state.base.location)
    return replace(state, settings=replace(settings, values={**settings.values, **values}))


def _role(state: SimulatedState, key: Key, written: Mapping[str, Json], *, new: bool) -> Role:
    row = Role(str(key)) if new else state.roles[key]
    return _with(row, written, ("name", "admin_access", "app_access"), ("parent",))


def _policy(state: SimulatedState, key: Key, written: Mapping[str, Json], *, new: bool) -> Policy:
    row = Policy(str(key)) if new else state.policies[key]
    return _with(row, written, ("name", "admin_access", "app_access"))


def _attachment(state: SimulatedState, key: Key, written: Mapping[str, Json], *, new: bool) -> Access:
    row = Access("", id=str(key)) if new else state.attachments[key]
    return _with(row, written, (), ("policy", "role", "user"))


def _permission(state: SimulatedState, key: Key, written: Mapping[str, Json], *, new: bool) -> Permission:
    row = Permission("", "", id=str(key)) if new else state.permissions[key]
    names = ("collection", "action", "permissions", "validation", "presets")
    changed = _with(row, written, names, ("policy", "role"))
    fields = written.get("fields")
    return replace(changed, fields=names_of(fields)) if isinstance(fields, (list, tuple, str)) else changed


def _flow(state: SimulatedState, key: Key, written: Mapping[str, Json], *, new: bool) -> Flow:
    row = Flow(str(key), "", "active", "", {}, None, state.base.location) if new else state.flows[key]
    return _with(row, written, ("name", "status", "trigger", "options"), ("operation",))


def _operation(state: SimulatedState, key: Key, written: Mapping[str, Json], *, new: bool) -> Operation:
    row = Operation(str(key), "", "", None, {}, None, None, state.base.location) if new else state.operations[key]
    return _with(row, written, ("key", "type", "options"), ("flow", "resolve", "reject"))


_ROWS: dict[str, Callable[..., Role | Policy | Access | Permission | Flow | Operation]] = {
    ROLES: _role, POLICIES: _policy, ACCESS: _attachment, PERMISSIONS: _permission, FLOWS: _flow,
    OPERATIONS: _operation,
}  # fmt: skip
