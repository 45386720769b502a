"""What an adversary writes: for each system collection, the values that are to its advantage."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.lab.stored_rows import Database

Payload = dict[str, Any]

USERS: Final = "directus_users"
ROLES: Final = "directus_roles"
POLICIES: Final = "directus_policies"
ACCESS: Final = "directus_access"
PERMISSIONS: Final = "directus_permissions"
SETTINGS: Final = "directus_settings"
FLOWS: Final = "directus_flows"
OPERATIONS: Final = "directus_operations"
AUTHORITY: Final = (USERS, ROLES, POLICIES, ACCESS, PERMISSIONS, SETTINGS, FLOWS, OPERATIONS)
PUBLIC_POLICY: Final = "abf8a154-5b1c-4a46-ac9c-7300570f4f17"

MARK: Final = "evil"
"""What tokens, addresses and keys of the adversary begin with."""
PASSWORD: Final = "a password of the adversary"


class Known:
    """Everything that is in the database at this moment. `mine`: the keys of the adversary's users; `root`: the account by
    which the test looks on, which is left alone."""

    def __init__(self, database: Database, major: int, mine: Sequence[str], root: str) -> None:
        self.major, self.mine, self.root = major, tuple(mine), root
        self.old = major < 11

        def keys(table: str) -> list[str]:
            return [str(key) for (key,) in database.ask(f"SELECT id FROM {table} ORDER BY id")]

        self.users = [key for key in keys(USERS) if key != root]
        self.roles = keys(ROLES)
        if self.old:
            self.policies: list[str] = []
            self.access: list[tuple[str, str]] = []
            admin = database.ask(f"SELECT id FROM {ROLES} WHERE admin_access ORDER BY id")
            self.admin_policy = ""
        else:
            self.policies = keys(POLICIES)
            self.access = [(str(key), str(policy)) for key, policy in database.ask(f"SELECT id, policy FROM {ACCESS}")]
            admins = database.ask(
                f"SELECT policy, role FROM {ACCESS} JOIN {POLICIES} p ON p.id = policy WHERE p.admin_access AND role IS NOT NULL"
            )
            self.admin_policy = str(admins[0][0]) if admins else ""
            admin = [(admins[0][1],)] if admins else []
        self.admin_role = str(admin[0][0]) if admin else ""
        self.role_of: dict[str, str | None] = dict(database.ask(f"SELECT id, role FROM {USERS}"))
        self.permissions = keys(PERMISSIONS)
        self.flows = [(str(key), trigger, json.loads(options or "{}") or {}) for key, trigger, options in database.ask(
            f"SELECT id, trigger, options FROM {FLOWS} WHERE id != ? ORDER BY id", database.keeper)]  # fmt: skip
        self.operations = keys(OPERATIONS)
        self.evil_operations = [
            str(key) for (key,) in database.ask(f"SELECT id FROM {OPERATIONS} WHERE key LIKE ?", f"{MARK}%")
        ]
        tables = [name for (name,) in database.ask("SELECT collection FROM directus_collections ORDER BY collection")]
        self.items = {name: keys(name)[:2] for name in tables}
        self.fresh = uuid.uuid4().hex[:8]
        self._count = 0

    @property
    def me(self) -> str:
        """The adversary's first user, or somebody's."""
        return self.mine[0] if self.mine else (self.users[0] if self.users else "")

    @property
    def my_role(self) -> str | None:
        return self.role_of.get(self.me) if self.mine else None

    @property
    def my_roles(self) -> list[str]:
        """The adversary's own role first, then those of others."""
        own = [role for key in self.mine if (role := self.role_of.get(key))]
        return [*dict.fromkeys([*own, *(role for role in self.roles if role != self.admin_role)])]

    def token(self) -> str:
        """A new one each time."""
        self._count += 1
        return f"{MARK}-{self.fresh}-{self._count}"

    def email(self) -> str:
        return f"{self.token()}@example.com"

    def keys(self, collection: str) -> list[str]:
        """Rows that are worth writing to, the adversary's own first."""
        match collection:
            case "directus_users":
                return [*self.mine, *(key for key in self.users if key not in self.mine)]
            case "directus_roles":
                return [*self.my_roles, self.admin_role]
            case "directus_policies":
                return [key for key in self.policies if key != self.admin_policy]
            case "directus_access":
                return [key for key, _ in self.access]
            case "directus_permissions":
                return self.permissions
            case "directus_settings":
                return ["1"]
            case "directus_flows":
                return [key for key, _, _ in self.flows]
            case "directus_operations":
                return self.operations
        return self.items.get(collection, [])


def path_of(collection: str) -> str:
    """Where a collection is served."""
    return f"/{collection.removeprefix('directus_')}" if collection.startswith("directus_") else f"/items/{collection}"


# --- payloads --------------------------------------------------------------------------------------------------------


def _admin_role_made(known: Known) -> Payload:
    return {"name": "mine", "admin_access": True} if known.old else {"name": "mine", "parent": known.admin_role}


def _users(known: Known, key: str) -> Iterator[Payload]:
    admin, policy = known.admin_role, known.admin_policy
    yield {}
    yield {"role": admin}
    yield {"role": {"id": admin}}
    yield {"role": _admin_role_made(known)}
    if not known.old:
        yield {"policies": [{"policy": policy}]}
        yield {"policies": {"create": [{"policy": {"id": policy}}], "update": [], "delete": []}}
        yield {"policies": [{"policy": {"name": "mine", "admin_access": True}}]}
        yield {"policies": []}
    yield {"token": known.token()}
    yield {"password": PASSWORD}
    yield {"password": PASSWORD, "status": "active"}
    yield {"email": known.email()}
    yield {"token": known.token(), "status": "active"}
    yield {"token": known.token(), "role": admin}
    yield {"status": "active"}
    yield {"provider": "default"}
    yield {"first_name": "x"}
    for role in [*known.my_roles[:5], None]:
        if role != known.role_of.get(key):
            yield {"role": role}


def _roles(known: Known, key: str) -> Iterator[Payload]:
    if known.old:
        yield {"admin_access": True}
    else:
        if key != known.admin_role:
            yield {"parent": known.admin_role}
            yield {"parent": {"id": known.admin_role}}
            for role in known.my_roles[:4]:
                if role != key:
                    yield {"parent": role}
            yield {"parent": None}
        yield {"policies": [{"policy": known.admin_policy}]}
        yield {"policies": [{"policy": {"name": "mine", "admin_access": True}}]}
        yield {"policies": {"create": [{"policy": known.admin_policy}], "update": [], "delete": []}}
    yield {"name": "x"}
    for user in known.mine[:2]:
        yield {"users": {"create": [], "update": [{"id": user, "role": key}], "delete": []}}
        yield {"users": {"create": [], "update": [{"id": user}], "delete": []}}
    yield {"users": {"create": [_new_user(known)], "update": [], "delete": []}}


def _new_user(known: Known, **more: object) -> Payload:
    return {"email": known.email(), "token": known.token(), "status": "active", **more}


def _policies(known: Known, _key: str) -> Iterator[Payload]:
    yield {"admin_access": True}
    yield {"name": "x"}
    yield {"app_access": True}
    yield {"ip_access": None}
    yield {"enforce_tfa": False}
    for user in known.mine[:2]:
        yield {"users": {"create": [{"user": user}], "update": [], "delete": []}}
    for role in known.my_roles[:2]:
        yield {"roles": {"create": [{"role": role}], "update": [], "delete": []}}
    yield {"permissions": {"create": [wide(USERS, "update")], "update": [], "delete": []}}


def _access(known: Known, key: str) -> Iterator[Payload]:
    if dict(known.access).get(key) == known.admin_policy:
        for user in known.mine[:2]:
            yield {"user": user}
        return
    for policy in [known.admin_policy, *(one for one in known.policies if one != known.admin_policy)]:
        yield {"policy": policy}
    yield {"policy": {"id": known.admin_policy}}
    yield {"policy": {"name": "mine", "admin_access": True}}
    for user in known.mine[:2]:
        yield {"user": user}
        yield {"user": user, "role": None, "policy": known.admin_policy}
        yield {"user": user, "policy": known.admin_policy}
    for role in known.my_roles[:3]:
        yield {"role": role}
        yield {"role": role, "user": None}
        yield {"role": role, "policy": known.admin_policy}
    yield {"role": None, "user": None}


def wide(collection: str, action: str) -> Payload:
    """A permission without limits."""
    return {"collection": collection, "action": action, "fields": ["*"], "permissions": {}, "validation": {}}


_WORTH: Final = ((USERS, "update"), (USERS, "create"), (ACCESS, "create"), (ACCESS, "update"), (PERMISSIONS, "create"),
                 (PERMISSIONS, "update"), (SETTINGS, "update"), (POLICIES, "update"), (ROLES, "update"),
                 (FLOWS, "create"), (OPERATIONS, "create"))  # fmt: skip
"""The permissions that the adversary wants."""


def _worth(known: Known) -> list[tuple[str, str]]:
    return [pair for pair in _WORTH if not known.old or pair[0] not in (ACCESS, POLICIES)]


def _holders(known: Known) -> list[Payload]:
    if known.old:
        return [{"role": role} for role in [*known.my_roles, None]]
    return [{"policy": one} for one in known.policies if one != known.admin_policy]


def _permissions(known: Known, _key: str) -> Iterator[Payload]:
    yield {"fields": ["*"]}
    yield {"permissions": {}}
    yield {"permissions": None}
    yield {"validation": {}}
    yield {"validation": None}
    yield {"presets": {"role": known.admin_role}}
    if not known.old:
        yield {"presets": {"policy": known.admin_policy}}
        yield {"presets": {"admin_access": True}}
    for collection, action in _worth(known):
        yield {"collection": collection, "action": action}
        yield wide(collection, action)
    for name in dict.fromkeys(collection for collection, _ in _worth(known)):
        yield {"collection": name}
    for action in ("create", "update", "delete"):
        yield {"action": action}
    yield from _holders(known)


def _settings(known: Known, _key: str) -> Iterator[Payload]:
    yield {}
    yield {"public_registration": True}
    yield {"public_registration_role": known.admin_role}
    yield {"public_registration_role": {"id": known.admin_role}}
    yield {"public_registration": True, "public_registration_role": known.admin_role}
    yield {"public_registration_verify_email": False}
    yield {"public_registration_email_filter": None}
    for role in known.my_roles[:4]:
        yield {"public_registration_role": role}


def _operation(known: Known, **more: object) -> Payload:
    """An operation that makes an administrator."""
    token = known.token()
    made = _new_user(known, role=known.admin_role)
    options = {"collection": USERS, "permissions": "$full", "payload": made, "emitEvents": False}
    place = {"position_x": 1, "position_y": 1}
    return {"key": token.replace("-", "_"), "name": token, "type": "item-create", "options": options, **place, **more}


def _flows(known: Known, key: str) -> Iterator[Payload]:
    webhook = {"trigger": "webhook", "status": "active", "options": {"method": "POST"}}
    yield {"status": "active"}
    yield {"trigger": "webhook"}
    yield {"options": {"method": "POST"}}
    yield webhook
    for operation in [*known.evil_operations, *known.operations]:
        yield {"operation": operation}
        yield {"operation": operation, **webhook}
    yield {"operation": _operation(known, flow=key, id=str(uuid.uuid4()))}


def _operations(known: Known, _key: str) -> Iterator[Payload]:
    made = _operation(known)
    yield {"type": made["type"], "options": made["options"]}
    yield {"options": made["options"]}
    yield {"options": {**made["options"], "key": [known.me], "payload": {"role": known.admin_role}}}
    for operation in known.evil_operations:
        yield {"resolve": operation}
        yield {"reject": operation}
    for flow, _, _ in known.flows:
        yield {"flow": flow}


def facts(known: Known) -> Payload:
    """Each fact under its name, and under the names that flows of careful and of careless people ask for."""
    return {
        "role": known.admin_role, "parent": known.admin_role, "policy": known.admin_policy, "user": known.me, "key": known.me,
        "keys": [known.me], "token": known.token(), "email": known.email(), "password": PASSWORD, "status": "active",
        "admin_access": True, "collection": USERS, "action": "update", "fields": ["*"], "first_name": "x", "name": "mine",
        "public_registration": True, "public_registration_role": known.admin_role, "title": known.admin_role, "note": known.me,
        **({} if known.old else {"policies": [{"policy": known.admin_policy}]}),
    }  # fmt: skip


def _items(known: Known, _key: str) -> Iterator[Payload]:
    everything = facts(known)
    yield {"title": known.admin_role}
    yield {"title": known.me, "note": known.admin_role}
    yield {"title": known.token()}
    yield {"title": known.admin_role, "note": known.me, "data": everything}
    yield {"data": everything}
    yield {"author": known.me}


_CHANGES: Final = {USERS: _users, ROLES: _roles, POLICIES: _policies, ACCESS: _access, PERMISSIONS: _permissions,
                   SETTINGS: _settings, FLOWS: _flows, OPERATIONS: _operations}  # fmt: skip


def changes(known: Known, collection: str, key: str) -> list[Payload]:
    """What a row could be changed to, to the adversary's advantage."""
    return list(_CHANGES.get(collection, _items)(known, key))


def news(known: Known, collection: str) -> list[Payload]:
    """New rows to the adversary's advantage."""
    admin, policy = known.admin_role, known.admin_policy
    match collection:
        case "directus_users":
            roles: list[Payload] = [{"role": admin}, {"role": {"id": admin}}, {"role": _admin_role_made(known)}, {}]
            roles += [{"role": role} for role in known.my_roles]
            roles += [] if known.old else [{"policies": [{"policy": policy}]}]
            whole = [_new_user(known, **one) for one in roles]
            less = [{"email": known.email(), "password": PASSWORD, **one} for one in roles]
            less += [{"email": known.email(), **one} for one in roles[:2]]
            return [*whole, *less, *({"token": known.token(), **one} for one in roles), {}]
        case "directus_roles":
            given = [_admin_role_made(known), {"name": "mine", "users": [known.me]}, {"name": "mine"}]
            if not known.old:
                given += [{"name": "mine", "parent": {"id": admin}},
                          {"name": "mine", "policies": [{"policy": policy}], "users": [{"id": known.me}]}]  # fmt: skip
            return [*given, {**_admin_role_made(known), "users": [{"id": known.me}]}]
        case "directus_policies":
            made = {"name": "mine", "admin_access": True}
            return [made, {**made, "users": [{"user": known.me}]}, {**made, "roles": [{"role": role} for role in known.my_roles[:1]]},
                    {"name": "mine"}]  # fmt: skip
        case "directus_access":
            to: list[Payload] = (
                [{"user": key} for key in known.mine[:3]]
                + [{"role": role} for role in known.my_roles[:4]]
                + [{}, {"role": known.my_role, "user": None}]
            )
            policies: list[object] = [policy, {"id": policy}, {"name": "mine", "admin_access": True}, *known.policies]
            return [{"policy": one, **each} for one in policies for each in to]
        case "directus_permissions":
            presets = [{**wide(USERS, "update"), "presets": {"role": admin}}, {"collection": USERS, "action": "update", "presets": {"role": admin}},
                       {"collection": USERS, "action": "create", "presets": _new_user(known, role=admin)}]  # fmt: skip
            rows = [
                *(wide(*pair) for pair in _worth(known)),
                *presets,
                *({"collection": c, "action": a, "fields": ["*"]} for c, a in _worth(known)[:4]),
            ]
            # Left out, it is nobody's on 11 and 12, and the public's on 10.
            return [{**one, **each} for one in rows for each in [*_holders(known), *([{}] if known.old else [])]]
        case "directus_flows":
            flow, operation = str(uuid.uuid4()), str(uuid.uuid4())
            made = {
                "name": MARK,
                "status": "active",
                "trigger": "webhook",
                "accountability": "all",
                "options": {"method": "POST"},
            }
            first = _operation(known, id=operation)
            return [{**made, "id": flow, "operation": {**first, "flow": flow}}, {**made, "operations": [first], "operation": operation},
                    {**made, "operation": first}, *({**made, "operation": one} for one in known.evil_operations), made]  # fmt: skip
        case "directus_operations":
            return [_operation(known, flow=flow, id=str(uuid.uuid4())) for flow, _, _ in known.flows]
        case "directus_settings":
            return []
    return [{**one, "title": one.get("title", "x")} for one in _items(known, "")]
