"""Files that a person or a workflow names, kept from what a repository has put in their place: links, and git's folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_GIT: Final = ".git"
_DEVICES: Final = ("/dev/", "/proc/")
"""Folders of the system, where a link such as `/dev/stdout` is what it should be."""
_MEMORY: Final = "/dev/shm/"  # noqa: S108 - nothing is written there
"""Files of any user: it may hold a repository, or a link that someone else has put there."""


def below(path: Path, folder: Path) -> str | None:
    """The path from a folder on, as it is written: no link in it is followed. None if it lies elsewhere."""
    written, real = _written(path), os.path.realpath(folder)
    for above in reversed(written.parents):
        if os.path.realpath(above) == real:
            return written.relative_to(above).as_posix()
    return None


def refuse_led_out(path: Path, folder: Path, what: str) -> None:
    """Raise `UsageError` for a file of the folder that a link leads out of it, or into git's own files. A file that is
    named elsewhere is who runs this' own choice.
    """
    if below(path, folder) is None:
        return
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(folder)) or _is_gits(real):
        raise UsageError(f"{what}: {path} is a link that leads out of {folder}; it is not followed")


def refuse_unsafe(path: Path, what: str) -> None:
    """Raise `UsageError` for a file that must not be written: one of git's, which would decide what git does, and one
    that links of a repository have put elsewhere. Nothing is created.
    """
    written, parent = _written(path), Path(os.path.realpath(path.parent))
    if _is_devices(written):
        return
    if is_gits(path):
        raise UsageError(f"{what}: {path} is a file of git's; name another")
    if os.path.islink(path) and not _is_special(path):  # noqa: PTH114 - false for a name that is too long
        raise UsageError(f"{what}: {path} is a link; name the file that it leads to")
    for top in _repositories(written):
        if not parent.is_relative_to(os.path.realpath(top)):
            raise UsageError(f"{what}: {path}: a link leads out of {top}; it is not followed")


def open_new(path: str, flags: int) -> int:
    """Open a file to write it, for `open(opener=…)`: a link that was put in its place meanwhile is not followed."""
    return os.open(path, flags if _is_devices(_written(Path(path))) else flags | os.O_NOFOLLOW, 0o666)


def _is_devices(written: Path) -> bool:
    return str(written).startswith(_DEVICES) and not str(written).startswith(_MEMORY)


def _written(path: Path) -> Path:
    """The whole path, with `..` taken away and no link followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links


def _repositories(path: Path) -> Iterator[Path]:
    """The folders above that have a `.git`, and the current one."""
    here = Path.cwd()
    if path.is_relative_to(here):
        yield here
    yield from (above for above in path.parents if os.path.lexists(above / _GIT))


def _is_special(path: Path) -> bool:
    """Whether it is a pipe, a device or a socket."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def is_gits(path: Path) -> bool:
    """Whether a path is one of git's, as it is written or as links lead."""
    return any(
        map(_is_gits, (_written(path), Path(os.path.realpath(path.parent), path.name), Path(os.path.realpath(path))))
    )


def _is_gits(path: Path) -> bool:
    """Whether a path is, or lies in, git's own folder, however that is called: `.GIT` is the same on some disks, and a
    submodule, a linked work tree or a bare repository has it elsewhere. A work tree may lie in such a folder.
    """
    if _spelled(path.name) == _GIT:
        return True
    for above in path.parents:
        if os.path.lexists(above / _GIT):
            return False
        if _spelled(above.name) == _GIT or _is_git_folder(above):
            return True
    return False


def _is_git_folder(folder: Path) -> bool:
    def has(*names: str) -> bool:
        return all(os.path.lexists(folder / name) for name in names)

    return has("HEAD", "objects", "refs") or has("HEAD", "commondir")


def _spelled(part: str) -> str:
    """A name as a disk compares it that has no upper case, and passes over characters without a look of their own."""
    if part.isascii():
        return part.lower()
    import unicodedata

    return "".join(letter for letter in part if unicodedata.category(letter) != "Cf").casefold()
