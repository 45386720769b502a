"""Paths of a repository: where they start, and how far folders lie apart."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def work_tree_of(folder: Path) -> Path | None:
    """The top of the git work tree that holds a folder, as git finds it; None outside of one. git itself is not run."""
    folder = folder.resolve()
    return next((above for above in (folder, *folder.parents) if _is_git(above / ".git")), None)


def _is_git(place: Path) -> bool:
    """Whether a `.git` is the folder of a repository, or the file that a worktree or a submodule has in its place."""
    try:
        if place.is_file():
            with place.open("rb") as file:
                return file.read(8) == b"gitdir: "
        return (place / "HEAD").exists() or (place / "HEAD").is_symlink()
    except OSError:
        return False


def open_regular(path: str, flags: int) -> int:
    """An opener that never blocks on a FIFO or a device in the place of a file, and follows no link there."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def distance(path: str, other: str) -> int:
    """How many steps lead from one folder to the other, up and down; 0 = the same folder."""
    first, second = ([part for part in folder.split("/") if part] for folder in (path, other))
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    return len(first) + len(second) - 2 * common
