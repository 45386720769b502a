"""The same few access rows in every format of export, and the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.sources.exports.attachments import Attachments

ROW: Final[dict[str, Any]] = {
    "collection": "posts",
    "action": "read",
    "permissions": {},
    "validation": None,
    "presets": None,
    "fields": ["*"],
}
POLICIES: Final = [
    {
        "id": "p1",
        "name": "Administrator",
        "admin_access": True,
        "app_access": True,
        "enforce_tfa": False,
        "ip_access": None,
    },
    {
        "id": "p2",
        "name": "Editor",
        "admin_access": False,
        "app_access": True,
        "enforce_tfa": False,
        "ip_access": "10.0.0.0/8,::1",
    },
    {
        "id": "p3",
        "name": "$t:public_label",
        "admin_access": False,
        "app_access": False,
        "enforce_tfa": False,
        "ip_access": None,
    },
]
ROLES: Final = [
    {"id": "r1", "name": "Administrator", "icon": "x", "parent": None},
    {"id": "r2", "name": "Editor", "icon": "x", "parent": None},
]
ACCESS: Final = [
    {"id": "a1", "policy": "p1", "role": "r1", "user": None, "sort": 1},
    {"id": "a2", "policy": "p2", "role": "r2", "user": None, "sort": 1},
    {"id": "a3", "policy": "p3", "role": None, "user": None, "sort": 1},
]
PERMISSIONS: Final = [{**ROW, "id": 1, "policy": "p2"}, {**ROW, "id": 2, "policy": "p3", "collection": "pages"}]
FORMATS: Final[dict[str, dict[str, object]]] = {
    "rest": {"dump/permissions.json": {"data": PERMISSIONS}, "dump/policies.json": {"data": POLICIES}, "dump/roles.json": {"data": ROLES}, "dump/access.json": {"data": ACCESS}},
    "template": {"t/src/permissions.json": PERMISSIONS, "t/src/policies.json": POLICIES, "t/src/roles.json": ROLES, "t/src/access.json": ACCESS},
    "schema-sync": {f"schema-sync/data/directus_{name}.json": rows for name, rows in (("permissions", PERMISSIONS), ("policies", POLICIES), ("roles", ROLES), ("access", ACCESS))},
    "environment sync": {
        f"directus/default/data/directus-{name}_0123456789abcdef.json": {"collection": f"directus_{name}", "primaryKey": "id", "records": rows}
        for name, rows in (("permissions", PERMISSIONS), ("policies", POLICIES), ("roles", ROLES), ("access", ACCESS))
    } | {
        "directus/default/data/metadata.json": {
            "files": [f"directus-{name}_0123456789abcdef.json" for name in ("permissions", "policies", "roles", "access")],
            "incomplete": [], "source": "https://cms.example.com",
        },
    },
    "one file": {"backup/permissions.json": {"permissions": PERMISSIONS, "policies": POLICIES, "roles": ROLES, "access": ACCESS}},
    "one file of any name": {"backup/2024-11-01.json": {"permissions": PERMISSIONS, "policies": POLICIES, "roles": ROLES, "access": ACCESS}},
    "one file, in full": {
        "backup/cms.json": {"directus_permissions": PERMISSIONS, "directus_policies": POLICIES, "directus_roles": ROLES, "directus_access": ACCESS},
    },
    "one file of answers": {
        "backup/rights.json": {"permissions": {"data": PERMISSIONS}, "policies": {"data": POLICIES}, "roles": {"data": ROLES}, "access": {"data": ACCESS}},
    },
    "directus-sync": {
        "directus-config/collections/permissions.json": [{**row, "id": None, "_syncId": str(row["id"])} for row in PERMISSIONS],
        "directus-config/collections/policies.json": [
            {**policy, "id": None, "_syncId": policy["id"], "roles": [{"role": role, "sort": 1}]}
            for policy, role in zip(POLICIES, ("r1", "r2", None), strict=True)
        ],
        "directus-config/collections/roles.json": [{**role, "id": None, "_syncId": role["id"]} for role in ROLES],
    },
}  # fmt: skip
USER: Final[dict[str, Any]] = {"id": "u1", "email": "a@example.com", "role": "r2", "status": "active"}
RULED: Final = {**ROW, "id": 3, "policy": "p2", "collection": "news", "permissions": {"status": {"_eq": "published"}}}


def policy(key: str, attachment: str, permissions: list[int], *, admin: bool = False) -> dict[str, Any]:
    return {
        "id": key, "name": key, "icon": "badge", "description": None, "ip_access": None, "enforce_tfa": True, "admin_access": admin,
        "app_access": True, "permissions": permissions, "users": [attachment], "roles": [attachment],
    }  # fmt: skip


def role(key: str, attachment: str, user: str) -> dict[str, Any]:
    return {"id": key, "name": key, "icon": "x", "description": None, "parent": None, "children": [],
            "policies": [attachment], "users": [user]}  # fmt: skip


def permission(key: int) -> dict[str, Any]:
    return {"id": key, "policy": "editor", "collection": f"posts{key}", "action": "read", "permissions": None, "validation": None,
            "presets": None, "fields": ["title"]}  # fmt: skip


def user(key: str, role_: str) -> dict[str, Any]:
    return {"id": key, "role": role_, "status": "active", "provider": "default", "token": None, "tfa_secret": "**********",
            "last_access": None, "policies": []}  # fmt: skip


TABLES: dict[str, list[dict[str, Any]]] = {
    "policies": [policy("editor", "a1", [1, 2]), policy("admin", "a0", [], admin=True)],
    "roles": [role("r1", "a1", "u1"), role("r0", "a0", "u0")],
    "access": [
        {"id": "a1", "role": "r1", "user": None, "policy": "editor", "sort": 1},
        {"id": "a0", "role": "r0", "user": None, "policy": "admin", "sort": 1},
    ],
    "permissions": [permission(1), permission(2)],
    "users": [user("u0", "r0"), user("u1", "r1")],
}
"""An export whose rows list the rows that refer to them, as the API answers them."""


def gaps_of(found: Export | Attachments | Instance, *, optional: bool = False) -> dict[str, str]:
    """The reasons of its gaps by their names: those that must not be, or the tables that may be left out."""
    return {gap.name: gap.reason for gap in found.gaps if gap.optional is optional}
