"""What git tracks, read from its index file without git: most scans start no program at all.

Only what git itself writes by default is read: versions 2 to 4 with SHA-1, of a repository or a linked worktree. Whatever
else there may be is left to git (`git.index`): a submodule, a split or sparse index, SHA-256, an index without its checksum,
a broken one.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.sources.files.paths import open_regular, work_tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class Index(Struct, frozen=True):
    """What git tracks below a folder, by paths relative to it."""

    files: frozenset[str]
    submodules: frozenset[str]


class _LeftToGitError(Exception):
    """The index has something that is not read here."""


_MOST_BYTES: Final = 64 * 1024 * 1024
"""Of the file, and of all paths in it: version 4 repeats the begin of a path for free."""
_MOST_OF_TEXT: Final = 1024 * 1024
"""Of the config, and of the files that name a folder."""
_CHECKSUM: Final = 20
_HEADER: Final = struct.Struct(">4sLL")
_ENTRY: Final = struct.Struct(">24xL32xH")
"""Of an entry before its name: the mode and the flags. Times, sizes and the object are not needed."""
_EXTENSION: Final = struct.Struct(">4sL")
_EXTENDED: Final = 0x4000
_LONG: Final = 0xFFF
"""What the flags say of the length of a path that is this long or longer."""
_SUBMODULE: Final = 0o160000


def index(folder: Path) -> Index | None:
    """What git tracks below `folder`; None where git has to be asked."""
    top = work_tree_of(folder)
    if top is None:
        return None
    data = _content(top / ".git")
    checksum = hashlib.sha1(data[:-_CHECKSUM], usedforsecurity=False).digest()
    if data[-_CHECKSUM:] != checksum:
        return None
    inside = os.path.relpath(os.path.realpath(folder), os.path.realpath(top))
    prefix = b"" if inside == "." else os.fsencode(inside) + b"/"
    files: set[str] = set()
    submodules: set[str] = set()
    try:
        for mode, name in _entries(data):
            if name.startswith(prefix):
                (submodules if mode == _SUBMODULE else files).add(os.fsdecode(name.removeprefix(prefix)))
    except (_LeftToGitError, struct.error, IndexError, ValueError):
        return None
    return Index(frozenset(files - submodules), frozenset(submodules))


def _content(git: Path) -> bytes:
    """The index of a `.git`, b"" where git decides what the index is."""
    try:
        own = _of_worktree(git) if git.is_file() else git
        if own is None:
            return b""
        common = git if own is git else own.parent.parent
        plain = (common / "objects").is_dir() and (common / "refs").is_dir()
        if not plain or b"[extensions" in _read(common / "config", _MOST_OF_TEXT).lower():
            return b""
        return _read(own / "index", _MOST_BYTES)
    except (OSError, ValueError):
        return b""


def _of_worktree(file: Path) -> Path | None:
    """The folder of a linked worktree in its repository, which the file `.git` names; None where it is something else.

    Each of the two must name the other, as `git worktree add` writes them (gitrepository-layout): a file alone could name
    the repository of anybody.
    """
    named = os.fsdecode(_read(file, _MOST_OF_TEXT)).removeprefix("gitdir: ").rstrip("\n")
    own = Path(named)
    linked = (
        own.is_absolute()
        and own.parent.name == "worktrees"
        and _read(own / "commondir", _MOST_OF_TEXT) == b"../..\n"
        and os.fsdecode(_read(own / "gitdir", _MOST_OF_TEXT)) == f"{os.path.realpath(file)}\n"
    )
    return own if linked else None


def _read(path: Path, most: int) -> bytes:
    """A regular file. Raises `OSError` and, where it is larger, `ValueError`."""
    with open(path, "rb", opener=open_regular) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError
    return data


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Mode and path of every entry. Raises for what git has to read."""
    signature, version, count = _HEADER.unpack_from(data)
    if signature != b"DIRC" or version not in (2, 3, 4):
        raise _LeftToGitError
    at = _HEADER.size
    end = len(data) - _CHECKSUM
    name = b""
    left = _MOST_BYTES
    for _ in range(count):
        start = at
        mode, flags = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size + (2 if flags & _EXTENDED else 0)
        if version == 4:
            removed, at = _number(data, at)
            if removed > len(name):
                raise _LeftToGitError
            stop = data.index(b"\0", at, end)
            name = name[: len(name) - removed] + data[at:stop]
            at = stop + 1
        else:
            stop = data.index(b"\0", at, end)
            name = data[at:stop]
            at = start + (stop - start + 8) // 8 * 8  # one to eight NUL bytes
        left -= len(name)
        if left < 0 or min(len(name), _LONG) != flags & _LONG:
            raise _LeftToGitError
        yield mode, name
    while at < end:
        kind, size = _EXTENSION.unpack_from(data, at)
        if not b"A" <= kind[:1] <= b"Z":  # the others change what the entries mean: split, sparse
            raise _LeftToGitError
        at += _EXTENSION.size + size
    if at != end:
        raise _LeftToGitError


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, as git writes how much of the last path is left out, and where it ends."""
    byte = data[at]
    value = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        value = (value + 1 << 7) | (byte & 0x7F)
    return value, at + 1
