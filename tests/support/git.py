"""Real git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.support.cli import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com", "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    run = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "-c", "core.fsync=none", "-C", str(folder), *arguments],
        check=True, capture_output=True, text=True, env=os.environ | _IDENTITY,
    )  # fmt: skip
    return run.stdout.strip()


def new_repository(folder: Path) -> Path:
    """An empty repository with the branch `main`, without git's fourteen examples of hooks."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "--template=", "-b", "main")
    for name in ("hooks", "info"):
        (folder / ".git" / name).mkdir(exist_ok=True)
    return folder


def commit(folder: Path, files: Mapping[str, str | bytes] | None = None, *, remove: tuple[str, ...] = ()) -> str:
    """Write the files, commit everything, return the hash."""
    write(folder, files or {})
    for name in remove:
        (folder / name).unlink()
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "change")
    return git(folder, "rev-parse", "HEAD")
