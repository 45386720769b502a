"""Real git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.support.cli import write
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com", "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


def git(folder: Path, *arguments: str, stdin: str = "") -> str:
    """What git prints."""
    run = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "-c", "core.fsync=none", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-C", str(folder), *arguments],
        check=True, capture_output=True, text=True, env=os.environ | _IDENTITY, input=stdin,
    )  # fmt: skip
    return run.stdout.strip()


def new_repository(folder: Path) -> Path:
    """An empty repository with the branch `main`, without git's fourteen examples of hooks."""
    for name, content in _empty_repository().items():
        path = folder / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in ("hooks", "info", "objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (folder / ".git" / name).mkdir(parents=True, exist_ok=True)
    return folder


@cache
def _empty_repository() -> Mapping[str, bytes]:
    """The files of a new repository: `git init` once, for hundreds of them."""
    with TemporaryDirectory() as folder:
        git(Path(folder), "init", "-q", "--template=", "-b", "main")
        made = Path(folder) / ".git"
        return {path.relative_to(made).as_posix(): path.read_bytes() for path in made.rglob("*") if path.is_file()}


def commit(folder: Path, files: Mapping[str, str | bytes] | None = None, *, remove: tuple[str, ...] = ()) -> str:
    """Write the files, commit everything, return the hash."""
    write(folder, files or {})
    for name in remove:
        (folder / name).unlink()
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "change")
    return _head(folder) or git(folder, "rev-parse", "HEAD")


def part_of_our_own(folder: Path, *paths: str) -> Path:
    """A repository with these files and folders of ours, as they are now: a checkout of all has thousands of examples."""
    new_repository(folder)
    for name in git(ROOT, "ls-files", "-z", "--", *paths).split("\0"):
        if name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
            (folder / name).chmod(0o644)
    commit(folder)
    return folder


def _head(folder: Path) -> str:
    """The commit of the branch that is checked out, where its files say it as plainly as git does after a commit."""
    made = folder / ".git"
    name = (made / "HEAD").read_text(encoding="utf-8").strip().removeprefix("ref: ") if made.is_dir() else ""
    branch = made / name
    return branch.read_text(encoding="utf-8").strip() if name.startswith("refs/") and branch.is_file() else ""
