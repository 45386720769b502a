"""What an instance says about access over its API, as the model reads it: plain answers of REST in a folder."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.records import Edition
from directus_guard.directus.access.schema import Schema
from directus_guard.directus.versions import Version
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository

if TYPE_CHECKING:
    from directus_guard.directus.export import Export
    from tests.lab.server import Server

KINDS: Final = ("roles", "permissions", "users", "flows", "operations", "settings")
FROM_11: Final = ("policies", "access")


def kinds(major: int) -> tuple[str, ...]:
    """The endpoints that tell about access."""
    return (*KINDS, *FROM_11) if major >= 11 else KINDS


def save(server: Server, folder: Path) -> None:
    """Write each answer to a file of its own, as `curl` would."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in kinds(server.major):
        answer = server.ask("GET", f"/{kind}?limit=-1", token=server.token)
        (folder / f"{kind}.json").write_text(answer.text, encoding="utf-8")


def edition(major: int) -> Edition:
    """The lab has no licence: 12 is the Core edition."""
    return Edition.CORE if major >= 12 else Edition.LICENSED


def pulled(server: Server, *, snapshot: bool = False) -> Export:
    """The export that the instance's answers make. `snapshot`: with the data model."""
    with tempfile.TemporaryDirectory(prefix="directus-guard-") as folder:
        save(server, Path(folder))
        if snapshot:
            answer = server.ask("GET", "/schema/snapshot", token=server.token)
            (Path(folder) / "snapshot.json").write_text(answer.text, encoding="utf-8")
        (found,) = exports.read(Repository(Path(folder)), Version.parse(server.version), edition(server.major))
    return on_sqlite(found)


def on_sqlite(export: Export) -> Export:
    """The export where it is known at least which database the server has."""
    return export if export.schema is not None else replace(export, schema=ON_SQLITE)


ON_SQLITE: Final = Schema(vendor="sqlite", broken=True)
"""Of the data model it is only known which database the server has: it compares keys as texts."""


def roles_of_users(server: Server) -> dict[str, str | None]:
    """Every user and its role, as JSON says."""
    users: list[dict[str, str | None]] = json.loads(
        server.ask("GET", "/users?limit=-1&fields=id,role", token=server.token).text
    )["data"]
    return {str(user["id"]): user["role"] for user in users}
