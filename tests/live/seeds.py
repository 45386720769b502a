"""What the servers of these tests are filled with."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from tests.lab.server import row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.lab.server import Server

PLANTED: Final = "PLANTEDQXZJ7394WVKB"
"""A secret that must reach no output."""


def flawed(server: Server) -> None:
    """A flawed project: a public collection, an escalating role, a flow and a setting with secrets."""
    admin = server.admin
    fields = [{"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}},
              {"field": "title", "type": "string", "schema": {}, "meta": {}}]  # fmt: skip
    for name in ("articles", "drafts"):
        admin.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": fields})
        admin.post(f"/items/{name}", [{"title": "one"}, {"title": "two"}])
    server.grant_public([row("articles", "read")])
    server.actor([row("directus_users", "update")], app=True)
    flow = admin.post(
        "/flows", {"name": "hook", "trigger": "webhook", "status": "active", "options": {"method": "GET"}}
    )
    request = {
        "url": "https://api.example.com",
        "method": "GET",
        "headers": [{"header": "Authorization", "value": f"Bearer {PLANTED}"}],
    }
    operation = admin.post("/operations", {"flow": flow["id"], "key": "call", "name": "call", "type": "request",
                                           "position_x": 1, "position_y": 1, "options": request})  # fmt: skip
    admin.patch(f"/flows/{flow['id']}", {"operation": operation["id"]})


def many(server: Server, collections: int, permissions: int) -> None:
    """Collections and rows written straight into the database: over the API they would take minutes."""
    database = sqlite3.connect(server.folder / "data.db")
    for number in range(collections):
        name = f"table_{number:03}"
        database.execute(f"CREATE TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY, title TEXT)")
        database.execute("INSERT OR IGNORE INTO directus_collections (collection) VALUES (?)", (name,))
    policy = database.execute("SELECT policy FROM directus_permissions ORDER BY id LIMIT 1").fetchone()[0]
    rows: Iterable[tuple[str, str, str]] = (
        (policy, f"table_{number % collections:03}", ("read", "update", "delete", "create")[number // collections % 4])
        for number in range(permissions)
    )
    database.executemany(
        "INSERT INTO directus_permissions (policy, collection, action, permissions, fields) VALUES (?, ?, ?, '{}', '*')",
        rows,
    )
    database.commit()
    database.close()
    server.admin.post("/utils/cache/clear", {})
