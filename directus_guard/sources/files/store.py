"""Where the files of a scan lie: the interface of a folder on disk (`folder`) and of a tree in git's objects (`git`)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

PACKAGE_FOLDERS: Final = frozenset({"node_modules", "bower_components", ".venv", "venv", ".terraform"})
"""Folders of what others wrote: a file in one is read where something names it (`Store.has`), not found by its name."""

SKIPPED_FOLDERS: Final = PACKAGE_FOLDERS | {
    ".git", ".hg", ".svn", "__pycache__", ".next", ".nuxt", ".svelte-kit", ".cache", ".tox", ".mypy_cache",
    ".ruff_cache", ".pytest_cache",
}  # fmt: skip
"""Folders that are not walked. Those that programs fill are, if git tracks files in them."""


class Store(Protocol):
    """A folder's files, by their paths relative to it, with `/`."""

    @property
    def root(self) -> Path:
        """The folder, on disk; a tree of git is that folder as it was then."""

    def files(
        self, only: Sequence[Path], excluded: Callable[[str], bool], problem: Callable[[str, str], None]
    ) -> Iterator[str]:
        """Its files, in any order, those below skipped folders left out. `only`: files or folders to look at instead of
        everything. What could hide evidence (links that lead out) goes to `problem`."""

    def has(self, path: str) -> bool:
        """Whether there is a regular file, below a skipped folder too."""

    def open(self, path: str) -> BinaryIO:
        """The file's bytes, seekable. Raises `OSError` with the reason as `strerror`."""

    def tracked(self, path: str) -> bool:
        """Whether git tracks the file; True everywhere where there is no git."""

    def ignored(self, path: str) -> bool:
        """Whether the file is left out of the project: git does not track it, and a `.gitignore` names it."""

    def real(self, path: str) -> str:
        """The path of the file that a link leads to; of any other file its own."""


def is_text(path: str) -> bool:
    """Whether a name from the file system, or from git, is valid UTF-8."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def escaped(path: str) -> str:
    """The path by which a file is known here whose name is not valid UTF-8: other bytes are two hexadecimal digits."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def unescaped(path: str) -> str:
    """The path of that file as the file system and git name it."""
    if "\\x" not in path:
        return path
    return os.fsdecode(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), path.encode("utf-8", "surrogateescape")))


_ESCAPED: Final = lazy_pattern(rb"\\x([89a-f][0-9a-f])")


def is_evidence(name: str) -> bool:
    """Whether a link that is not followed could have hidden evidence, so that silence about it would be an all-clear."""
    name = name.lower()
    return ".env" in name or name.endswith((".yml", ".yaml", ".json", ".toml", ".tf", "dockerfile"))


NOT_TEXT: Final = (
    "the file name is not valid UTF-8, and another file has the name that it would be shown by; it was not read"
)
LEADS_OUT: Final = "symbolic link leads out of the scanned folder; it was not read"
LEADS_NOWHERE: Final = "symbolic link leads to no file; it was not read"
NOT_CHECKED_OUT: Final = "a git submodule that is not checked out: its files were not read"
