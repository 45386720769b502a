"""`-` among the paths: a list of paths from the standard input."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.cli.errors import NothingFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

STDIN: Final = "-"


def with_listed(paths: Sequence[str]) -> tuple[str, ...]:
    """The paths, with those that the standard input lists in place of `-`. Raises `UsageError`, or
    `NothingFoundError` where the list is empty.

    The list has a path in each line, or a NUL byte after each, as `git ls-files -z` and `find -print0` write them.
    """
    if STDIN not in paths:
        return tuple(paths)
    listed = _listed(sys.stdin.buffer.read())
    found = tuple(dict.fromkeys(name for path in paths for name in (listed if path == STDIN else (path,))))
    if not found:
        raise NothingFoundError(
            "the list of paths on the standard input is empty, so nothing was read. To read the current folder, leave out `-`."
        )
    return found


def _listed(data: bytes) -> tuple[str, ...]:
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    paths = tuple(os.fsdecode(name) for name in names if name.strip())
    for path in paths:
        _refuse_missing(path)
    return paths


def _refuse_missing(path: str) -> None:
    if Path(path).exists():
        return
    if path.startswith('"') and path.endswith('"'):
        raise UsageError(
            f"standard input: {path} is a quoted name: end the names with NUL (git diff -z, git ls-files -z)"
        )
    raise UsageError(
        f"standard input: {path}: no such file or folder. Git leaves deleted files out with --diff-filter=d."
    )
