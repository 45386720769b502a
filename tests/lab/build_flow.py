"""Flows that tests make on a server, operation by operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.lab.server import Server


def build(server: Server, name: str, operations: Iterable[dict[str, Any]], **flow: Any) -> str:
    """A flow on the server, its first operation first; its key."""
    made = server.admin.post("/flows", {"name": name, "status": "active", "trigger": "webhook", "accountability": None,
                                        "options": {"method": "POST"}, **flow})  # fmt: skip
    keys: dict[str, str] = {}
    first = ""
    for index, one in enumerate(reversed(list(operations))):
        links = {end: keys[one[end]] for end in ("resolve", "reject") if one.get(end)}
        first = server.admin.post(
            "/operations",
            {"name": one["key"], "key": one["key"], "type": one["type"], "options": one["options"], "flow": made["id"],
             "position_x": 1 + 20 * index, "position_y": 1, **links},
        )["id"]  # fmt: skip
        keys[one["key"]] = first
    server.admin.patch(f"/flows/{made['id']}", {"operation": first})
    return str(made["id"])
