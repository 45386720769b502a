"""Projects whose pages are large: every role on every collection, hundreds of findings."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final

from tests.support.cli import write
from tests.support.examples import EXAMPLES

if TYPE_CHECKING:
    from pathlib import Path

ACTIONS: Final = ("create", "read", "update", "delete", "share")
RULES: Final[tuple[Any, ...]] = (
    None,
    {"status": {"_eq": "published"}},
    {"user_created": {"_eq": "$CURRENT_USER"}},
    {"_and": [{"status": {"_in": ["draft", "review"]}}, {"user_created": {"_eq": "$CURRENT_USER"}}]},
)
FIELDS: Final = (["*"], ["id", "title", "status"], ["id", "title", "body", "status", "user_created"])


def crowded(root: Path, roles: int, collections: int, *, filled: float = 0.7) -> Path:
    """An export of so many principals, public among them, each with its own policy; `filled`: of all cells, those with a row."""
    choose = random.Random(15)
    names = [f"Role {number:03}" for number in range(1, roles)]
    held = {name: name.lower().replace(" ", "-") for name in names}
    permissions: list[dict[str, Any]] = []
    for policy in ("public", *held.values()):
        for number in range(collections):
            for action in ACTIONS:
                if choose.random() < filled and (policy != "public" or action == "read"):
                    permissions.append(_row(choose, len(permissions) + 1, policy, f"collection_{number:03}", action))
    if names:
        editing = _row(choose, len(permissions) + 1, held[names[0]], "directus_users", "update")
        permissions.append(editing | {"fields": ["role"], "permissions": None, "validation": None})
    tables: dict[str, list[dict[str, Any]]] = {
        "roles": [{"id": key, "name": name, "icon": "x", "parent": None} for name, key in held.items()],
        "policies": [
            {
                "id": key,
                "name": name,
                "admin_access": key == "role-002",
                "app_access": True,
                "enforce_tfa": True,
                "ip_access": None,
            }
            for name, key in {"$t:public_label": "public", **held}.items()
        ],
        "access": [
            {"id": "a0", "policy": "public", "role": None, "user": None, "sort": 1},
            *({"id": f"a-{key}", "policy": key, "role": key, "user": None, "sort": 1} for key in held.values()),
        ],
        "permissions": permissions,
    }
    return write(root, {f"directus/{name}.json": json.dumps(rows, indent=1) for name, rows in tables.items()})


def _row(choose: random.Random, number: int, policy: str, collection: str, action: str) -> dict[str, Any]:
    validation = {"status": {"_in": ["draft"]}} if action == "create" and choose.random() < 0.2 else None
    return {
        "id": number, "policy": policy, "collection": collection, "action": action,
        "permissions": None if action == "create" else choose.choice(RULES), "validation": validation, "presets": None, "fields": choose.choice(FIELDS),
    }  # fmt: skip


def many_findings(root: Path, projects: int = 21) -> Path:
    """The flawed project under examples/, so many times."""
    flawed = EXAMPLES / "flawed"
    files = {path.name: path.read_bytes() for path in flawed.iterdir() if path.is_file()}
    return write(root, {f"site-{number}/{name}": data for number in range(projects) for name, data in files.items()})


def blog(root: Path) -> Path:
    """A small export with what a matrix can show: rules, payloads, an administrator, and an editor who can become one."""
    own = {"author": {"_eq": "$CURRENT_USER"}}
    published = {"status": {"_eq": "published"}}
    rows: list[tuple[str, str, str, Any, list[str]]] = [
        ("public", "articles", "read", published, ["id", "title", "body", "date_published"]),
        ("public", "authors", "read", None, ["id", "name", "portrait"]),
        ("public", "comments", "read", published, ["*"]),
        ("public", "comments", "create", None, ["article", "text"]),
        ("author", "articles", "create", None, ["title", "body", "status"]),
        ("author", "articles", "read", {"_or": [published, own]}, ["*"]),
        ("author", "articles", "update", own, ["title", "body", "status"]),
        ("author", "authors", "read", None, ["*"]),
        ("author", "comments", "read", None, ["*"]),
        ("author", "comments", "delete", {"article": own}, ["*"]),
        *(("editor", name, action, None, ["*"]) for name in ("articles", "authors", "comments") for action in ACTIONS),
        ("editor", "newsletter", "read", None, ["*"]),
        ("editor", "directus_users", "update", None, ["first_name", "last_name", "avatar", "role"]),
        ("support", "newsletter", "read", {"confirmed": {"_eq": True}}, ["id", "email", "confirmed"]),
        ("support", "newsletter", "delete", None, ["*"]),
        ("support", "comments", "read", None, ["*"]),
        ("support", "comments", "update", published, ["status"]),
    ]  # fmt: skip
    names = {"author": "Author", "editor": "Editor", "support": "Support", "admin": "Administrator"}
    tables: dict[str, list[dict[str, Any]]] = {
        "roles": [{"id": key, "name": name, "icon": "x", "parent": None} for key, name in names.items()],
        "policies": [
            {"id": key, "name": name, "admin_access": key == "admin", "app_access": True, "enforce_tfa": True, "ip_access": None}
            for key, name in {"public": "$t:public_label", **names}.items()
        ],
        "access": [
            {"id": f"a-{key}", "policy": key, "role": None if key == "public" else key, "user": None, "sort": 1}
            for key in ("public", *names)
        ],
        "permissions": [
            {"id": number, "policy": policy, "collection": collection, "action": action, "permissions": rule,
             "validation": None, "presets": None, "fields": fields}
            for number, (policy, collection, action, rule, fields) in enumerate(rows, start=1)
        ],
    }  # fmt: skip
    return write(root, {f"directus/{name}.json": json.dumps(table, indent=2) for name, table in tables.items()})
