"""The real exporters, and what they wrote as a scan reads it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from directus_guard.directus.masks import entry_json
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.lab.install import RELEASES, environment
from tests.lab.pull import edition

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.export import Export

CLI: Final = "@directus/cli@12.2.1"
SYNC: Final = "directus-sync@3.4.1"
SYNC_EXTENSION: Final = "directus-extension-sync@3.0.6"


def run(folder: Path, major: int, *command: str, **more: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env=environment(RELEASES[major]) | {"CI": "1"} | more,
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
