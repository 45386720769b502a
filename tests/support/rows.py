"""Rows of an export: policies, permissions, flows, and the folder that holds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


POLICIES: Any = [
    {"id": name.lower(), "name": name, "icon": "x", "description": None, "admin_access": name == "Admin",
     "app_access": name != "Public", "enforce_tfa": name == "Admin", "ip_access": None}
    for name in ("Admin", "Editor", "Public")
]  # fmt: skip
ROLES: Any = [
    {"id": name, "name": name, "icon": "x", "description": None, "parent": None} for name in ("admins", "editors")
]
ACCESS: Any = [
    {"id": "1", "policy": "admin", "role": "admins", "user": None, "sort": 1},
    {"id": "2", "policy": "editor", "role": "editors", "user": None, "sort": 1},
    {"id": "3", "policy": "public", "role": None, "user": None, "sort": 1},
]


def permission(policy: str, collection: str, action: str, rule: Any = None, **more: Any) -> dict[str, Any]:
    return {"collection": collection, "action": action, "permissions": rule, "validation": None, "presets": None,
            "fields": ["*"], "policy": policy, **more}  # fmt: skip


def write(folder: Path, permissions: list[Any], **more: Any) -> Path:
    tables = {"policies": POLICIES, "roles": ROLES, "access": ACCESS} | more
    for name, rows in (("permissions", permissions), *tables.items()):
        (folder / f"{name}.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return folder


def flow(trigger: str = "webhook", **options: Any) -> list[Any]:
    return [{"id": "f", "name": "Orders", "icon": "x", "color": None, "description": None, "status": "active",
             "trigger": trigger, "accountability": "all", "options": {"method": "POST", **options}, "operation": "o0"}]  # fmt: skip


def operations(*given: tuple[str, Any]) -> list[Any]:
    return [
        {"id": f"o{n}", "name": f"o{n}", "key": f"o{n}", "type": kind, "position_x": n, "position_y": 1, "flow": "f",
         "options": options, "resolve": f"o{n + 1}" if n + 1 < len(given) else None, "reject": None}
        for n, (kind, options) in enumerate(given)
    ]  # fmt: skip


def create(permissions: str) -> tuple[str, Any]:
    return "item-create", {"collection": "orders", "permissions": permissions, "payload": {"n": 1}}
