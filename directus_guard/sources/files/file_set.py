"""How a source says which files it reads: by name, by folder, and by what their text must hold.

A filter on the text may only skip a file that cannot be relevant: it must let every spelling through. That is why it
accepts any text with escapes, in which the words may be spelled otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.sources.files import signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.sources.files.repository import Repository

LOCK_FILES: Final = (
    "npm-shrinkwrap.json",  # npm prefers it to package-lock.json
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
)
"""What package managers write: megabytes that hold versions and nothing else. Only who names such a file gets it."""


class FileSet(Struct, frozen=True):
    """Files of a repository, by name, by folder and by text."""

    names: tuple[str, ...]
    """Patterns of the file name, in lower case; any case matches."""
    relevant: Callable[[str], bool] | None = None
    """What the text must hold; None: every file with such a name is read."""
    other: tuple[str, ...] = ()
    """Endings of paths that are left out; a whole name begins with `/`."""
    below: frozenset[str] = frozenset()
    """Folders, in lower case, one of which must be on the path; none: any folder."""
    holds: Callable[[bytes], bool] | None = None
    """What the file's first bytes must hold, for names that thousands of files have: such a file is not kept in memory."""
    snapshots: bool = False
    """Whether schema snapshots are meant. They are large, hold many words, and nothing that another source reads."""
    bare: bool = False
    """Whether only names without an ending are meant."""

    def named(self, repository: Repository) -> tuple[str, ...]:
        """The paths that match by name and folder, in order."""
        found = repository.named(*self.names)
        if self.bare:
            found = tuple(path for path in found if "." not in path.rpartition("/")[2])
        return tuple(path for path in found if not self._is_left_out(path) and self._is_below(path))

    def read(self, repository: Repository) -> Iterator[str]:
        """The paths whose text can be relevant, too."""
        for path in self.named(repository):
            if self.holds is not None and not repository.holds(path, self.holds):
                continue
            if self.relevant is None:
                yield path
                continue
            text = repository.text(path)
            if text is not None and self.relevant(text) and (self.snapshots or not signs.is_only_a_snapshot(text)):
                yield path

    def _is_left_out(self, path: str) -> bool:
        """Whether a path that matches by its name is not meant."""
        lower = path.lower()
        name = lower.rpartition("/")[2]
        return f"/{lower}".endswith(self.other) or (name in LOCK_FILES and name not in self.names)

    def _is_below(self, path: str) -> bool:
        return not self.below or not self.below.isdisjoint(path.lower().split("/")[:-1])


class Source(Struct, frozen=True):
    """A module of this package and the files it reads."""

    module: str
    files: tuple[FileSet, ...]

    def is_present(self, repository: Repository) -> bool:
        """Whether the repository has a file for it."""
        return any(True for _ in self._read(repository))

    def paths(self, repository: Repository) -> tuple[str, ...]:
        """Every file it reads, in order."""
        return tuple(sorted(set(self._read(repository))))

    def _read(self, repository: Repository) -> Iterator[str]:
        return (path for files in self.files for path in files.read(repository))
