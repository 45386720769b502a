"""The same few access rows in every format of export, and the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.sources import export_formats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Instance
    from directus_guard.sources.export_formats import ExportFormat
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
Tables = dict[str, list[dict[str, Any]]]
"""Rows by table."""


def environment_sync(data: Tables) -> Mapping[str, object]:
    files: dict[str, object] = {
        f"directus-{name}_0123456789abcdef.json": {
            "collection": f"directus_{name}",
            "primaryKey": "id",
            "records": rows,
        }
        for name, rows in data.items()
    }
    return {**files, "metadata.json": {"files": list(files), "incomplete": [], "source": "https://cms.example.com"}}


def directus_sync(data: Tables) -> Mapping[str, object]:
    for policy in data.get("policies", []):
        policy["roles"] = [{"role": row["role"], "sort": 1} for row in ACCESS if row["policy"] == policy["id"]]
    named = {
        name: [{**row, "_syncId": str(row.pop("id"))} for row in rows if "id" in row] for name, rows in data.items()
    }
    return {f"{name}.json": named[name] or data[name] for name in named if name != "access"}


def schema_sync(data: Tables) -> Mapping[str, object]:
    for row in [*data.get("permissions", []), *data.get("access", [])]:
        del row["id"]
    return {f"directus_{name}.json": rows for name, rows in data.items()}


def template(data: Tables) -> Mapping[str, object]:
    return {f"{name}.json": rows for name, rows in data.items()}


def answers(data: Tables) -> Mapping[str, object]:
    return {f"{name}.json": {"data": rows} for name, rows in data.items()}


EXPORTERS: Final[dict[str, tuple[str, Callable[[Tables], Mapping[str, object]], ExportFormat]]] = {
    "Environment Sync": ("directus/default/data", environment_sync, export_formats.ENVIRONMENT_SYNC),
    "directus-sync": ("directus-config/collections", directus_sync, export_formats.DIRECTUS_SYNC),
    "schema-sync": ("schema-sync/data", schema_sync, export_formats.SCHEMA_SYNC),
    "directus-template-cli": ("t/src", template, export_formats.TEMPLATE),
    "the API": ("dump", answers, export_formats.ANSWERS),
}
"""By name: the folder, how rows are written as its files, and the format that they are recognised as."""


def files_of(exporter: str, tables: Tables) -> dict[str, object]:
    """The files that an exporter writes, by path. `tables` is used up."""
    folder, write, _ = EXPORTERS[exporter]
    return {f"{folder}/{name}": content for name, content in write(tables).items()}


def about_access() -> Tables:
    """The rows above by table, to be changed."""
    tables = {"permissions": PERMISSIONS, "policies": POLICIES, "roles": ROLES, "access": ACCESS}
    return {name: [dict(row) for row in rows] for name, rows in tables.items()}


FORMATS: Final[dict[str, dict[str, object]]] = {
    exporter: files_of(exporter, about_access()) for exporter in EXPORTERS
} | {
    "one file": {"backup/permissions.json": about_access()},
    "one file of any name": {"backup/2024-11-01.json": about_access()},
    "one file, in full": {"backup/cms.json": {f"directus_{name}": rows for name, rows in about_access().items()}},
    "one file of answers": {"backup/rights.json": {name: {"data": rows} for name, rows in about_access().items()}},
}
"""The rows above as files: of each exporter, and of people who put all into one file."""
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
