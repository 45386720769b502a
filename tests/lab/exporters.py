"""The real exporters, and what they wrote as a scan reads it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from directus_guard.directus.masks import entry_json
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab.install import environment
from tests.lab.pull import edition
from tests.support.programs import npm

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.export import Export
    from tests.lab.server import Server

_CLI: Final = "@directus/cli@12.2.1"
_SYNC: Final = "directus-sync@3.4.1"
_SYNC_EXTENSION: Final = "directus-extension-sync"
_SCHEMA_SYNC: Final = "directus-extension-schema-sync"
_SCHEMA_SYNC_VERSIONS: Final = {11: "3.0.8", 12: "4.0.0"}


def sync_extension() -> Path:
    """The extension that directus-sync needs in a server."""
    return npm(f"{_SYNC_EXTENSION}@3.0.6") / "node_modules" / _SYNC_EXTENSION


def schema_sync_extension(major: int) -> Path:
    """The extension that is schema-sync."""
    return npm(f"{_SCHEMA_SYNC}@{_SCHEMA_SYNC_VERSIONS[major]}") / "node_modules" / _SCHEMA_SYNC


def environment_sync(server: Server, folder: Path) -> None:
    """What Environment Sync writes of a server. It needs Directus 12.2."""
    program = str(npm(_CLI) / "node_modules" / ".bin" / "d6s")
    _run(server, folder, program, "profile", "add", "prod", "--url", server.url)
    _run(server, folder, program, "sync", "pull", "--from", "prod", "--all", "--json")


def directus_sync(server: Server, folder: Path) -> None:
    """What directus-sync writes of a server that has its extension."""
    program = str(npm(_SYNC) / "node_modules" / ".bin" / "directus-sync")
    _run(server, folder, program, "pull", "--directus-url", server.url, "--directus-token", server.token)


def schema_sync(server: Server, folder: Path) -> None:
    """What schema-sync writes of a server that has it, by the commands of docs/export.md."""
    server.cli("schema-sync", "install")
    server.cli("schema-sync", "export")
    shutil.move(server.folder / "schema-sync", folder / "schema-sync")


def _run(server: Server, folder: Path, *command: str) -> None:
    """Run an exporter in a folder of its own; it must succeed."""
    own = {"CI": "1", "DIRECTUS_PROD_TOKEN": server.token, "HOME": str(folder)}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env=environment(server.release) | own,
    )  # fmt: skip
    assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])


def exported(folder: Path, major: int) -> Export:
    """The one export in a folder, read as a scan does, for an instance without a licence."""
    (found,) = exports.read(Repository(folder), None, edition(major))
    return found


def access(export: Export) -> dict[str, list[dict[str, Json]]]:
    """What each principal may do, by name; who may do nothing is left out."""
    model = export.model
    told = {
        export.names[one]: [entry_json(entry, export.mask) for entry in model.of(one).entries()]
        for one in model.principals()
    }
    return {name: entries for name, entries in told.items() if entries}
