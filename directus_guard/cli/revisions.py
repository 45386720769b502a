"""Revisions that a command names, and files as they have them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from directus_guard import limits
from directus_guard.cli.errors import UsageError
from directus_guard.cli.named_paths import below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from directus_guard.limits import Limit
    from directus_guard.sources.files.git import Revision, Tree


def resolved(folder: Path, name: str) -> Revision:
    """The commit that is the base."""
    from directus_guard.sources.files.git import resolve

    with git_errors():
        return resolve(folder, name)


@contextmanager
def git_errors() -> Iterator[None]:
    """A revision that cannot be read is a usage error: the message says what to fetch."""
    from directus_guard.sources.files.git import GitError

    try:
        yield
    except GitError as error:
        raise UsageError(str(error)) from None


def tree_of(revision: Revision, folder: Path) -> Tree:
    """A folder of the work tree as the revision has it."""
    return revision.tree(os.path.relpath(os.path.realpath(folder), revision.top))


def text_of(path: Path, most: Limit = limits.OWN_FILE) -> str:
    """The text of a file that an option names. `most`: how large it may be. Raises `UsageError`."""
    try:
        with path.open("rb") as file:
            data = _bounded(file, path, most)
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not readable: {error}") from None


def _bounded(file: BinaryIO, path: Path, most: Limit) -> bytes:
    data = file.read(most.number + 1)
    if len(data) > most.number:
        raise UsageError(f"{path}: {limits.over(most)}")
    return data


def committed(path: Path, revision: Revision) -> str | Path | None:
    """The text of a file at a revision, None if it has none there. The path itself if it lies outside the work tree:
    no change of the repository can touch it. Raises `UsageError` for one that is too large."""
    relative = below(path, revision.top)
    if relative is None:
        return path
    # Links are those of the revision: a change may have put one in the place of the file.
    tree = revision.tree()
    if not tree.has(relative):
        return None
    with tree.open(relative) as file:
        return _bounded(file, path, limits.OWN_FILE).decode("utf-8-sig", "replace")
