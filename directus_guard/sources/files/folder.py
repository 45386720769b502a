"""The files of a folder on disk: found once, never outside the folder."""

from __future__ import annotations

import errno
import os
import stat
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.sources.files.paths import open_regular
from directus_guard.sources.files.store import (
    LEADS_NOWHERE,
    LEADS_OUT,
    NOT_CHECKED_OUT,
    NOT_TEXT,
    PACKAGE_FOLDERS,
    SKIPPED_FOLDERS,
    escaped,
    is_evidence,
    is_text,
    unescaped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

    from directus_guard.sources.files.git import Ignored
    from directus_guard.sources.files.git_index import Index


class Folder:
    """A folder as the file system has it."""

    def __init__(self, root: Path) -> None:
        self.root: Final = Path(os.path.realpath(root))
        self._prefix: Final = len(str(self.root).rstrip("/")) + 1
        self._folders: dict[str, str] = {"": str(self.root)}
        self._starts: Sequence[Path] = ()
        """What of the folder is looked at; () = all."""
        self._links: Final[dict[str, str]] = {}
        """Links to files inside, by where they lead."""

    def files(
        self, only: Sequence[Path], excluded: Callable[[str], bool], problem: Callable[[str, str], None]
    ) -> Iterator[str]:
        """See `Store.files`. Links to files inside are those files; links to folders are not walked twice."""
        self._starts = [Path(os.path.realpath(start)) for start in only]
        for start in self._starts or (self.root,):
            yield from self._walk(start, excluded, problem)
        if any((folder / ".gitmodules").exists() for folder in (self.root, *self.root.parents)):
            for path in sorted(self._index.submodules) if self._index else ():
                if self._is_started(path) and self._is_empty(path) and not excluded(path):
                    problem(path, NOT_CHECKED_OUT)

    def _is_started(self, path: str) -> bool:
        """Whether a path lies below what is looked at."""
        return not self._starts or any((self.root / path).is_relative_to(start) for start in self._starts)

    def has(self, path: str) -> bool:
        """See `Store.has`."""
        target = os.path.realpath(self.root / path)
        return self._is_inside(target) and os.path.isfile(target)  # noqa: PTH113 - as in the walk

    def open(self, path: str) -> BinaryIO:
        """See `Store.open`. Follows no link that was swapped in, refuses what is no regular file."""
        path = self._on_disk(path)
        folder, _, name = path.rpartition("/")
        try:
            file = self._open(f"{self._real(folder)}/{name}")
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            target = os.path.realpath(self.root / path)
            if not self._is_inside(target):
                raise OSError(0, LEADS_OUT) from None
            file = self._open(target)  # a link to a file inside
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise OSError(0, "not a regular file; it was not read")
        return file

    @staticmethod
    def _open(path: str) -> BinaryIO:
        return open(path, "rb", opener=open_regular)

    def _real(self, folder: str) -> str:
        """The path of a folder without links, worked out once for all of its files."""
        if folder not in self._folders:
            above, _, name = folder.rpartition("/")
            real = f"{self._folders.get(above, '')}/{name}"
            # Below a folder that is known only its own name can be a link.
            if above not in self._folders or name in ("", ".", "..") or os.path.islink(real):  # noqa: PTH114 - hot path
                real = os.path.realpath(self.root / folder)
            if not self._is_inside(f"{real}/"):
                raise OSError(0, LEADS_OUT)
            self._folders[folder] = real
        return self._folders[folder]

    def tracked(self, path: str) -> bool:
        """See `Store.tracked`."""
        return self._index is None or path in self._index.files or unescaped(path) in self._index.files

    def ignored(self, path: str) -> bool:
        """See `Store.ignored`."""
        return not self.tracked(path) and (path in self._ignored or unescaped(path) in self._ignored)

    def real(self, path: str) -> str:
        """See `Store.real`."""
        return self._links.get(path, path)

    def _on_disk(self, path: str) -> str:
        """The path as the file system has it."""
        raw = unescaped(path)
        return path if raw == path or os.path.lexists(self.root / path) else raw

    def _is_inside(self, target: str) -> bool:
        return target.startswith(f"{str(self.root).rstrip('/')}/") and "/.git/" not in target[self._prefix - 1 :]

    def _is_filled_by_hand(self, path: str) -> bool:
        """Whether git tracks files in a folder that programs fill."""
        folder = path.rpartition("/")[2]
        return folder not in PACKAGE_FOLDERS and path in self._tracked_folders

    @cached_property
    def _tracked_folders(self) -> frozenset[str]:
        """The folders that are skipped by their names and hold files that git tracks."""
        found: set[str] = set()
        for path in self._index.files if self._index else ():
            parts = path.split("/")
            found.update("/".join(parts[:end]) for end in range(1, len(parts)) if parts[end - 1] in SKIPPED_FOLDERS)
        return frozenset(found)

    def _is_empty(self, path: str) -> bool:
        try:
            with os.scandir(self.root / path) as entries:
                return next(entries, None) is None
        except OSError:
            return True

    @cached_property
    def _index(self) -> Index | None:
        if not any((folder / ".git").exists() for folder in (self.root, *self.root.parents)):
            return None
        from directus_guard.sources.files import git_index  # noqa: PLC0415 - only where there is a work tree to ask about

        found = git_index.index(self.root)
        if found is None:
            from directus_guard.sources.files import git  # noqa: PLC0415 - starts a program, which few work trees need

            found = git.index(self.root)
        return found

    @cached_property
    def _ignored(self) -> Ignored:
        from directus_guard.sources.files import git  # noqa: PLC0415 - only where there is a work tree to ask about

        return git.ignored(self.root, self._starts)

    def _walk(self, start: Path, excluded: Callable[[str], bool], problem: Callable[[str, str], None]) -> Iterator[str]:
        if start.is_file():
            yield start.relative_to(self.root).as_posix()
            return
        stack = [str(start)]
        while stack:
            folder = stack.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError as error:
                problem(escaped(folder[self._prefix :]) or ".", f"folder is not readable: {error.strerror}")
                continue
            for entry in entries:
                path = entry.path[self._prefix :]
                if not is_text(path):
                    raw, path = path, escaped(path)
                    if self._on_disk(path) != raw:
                        problem(path, NOT_TEXT)
                        continue
                if excluded(path):
                    continue
                if entry.is_symlink():
                    yield from self._follow(entry, path, problem)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name == ".env":
                        problem(path, "a folder is where an environment file is expected")
                    if entry.name not in SKIPPED_FOLDERS or self._is_filled_by_hand(path):
                        stack.append(entry.path)
                else:
                    yield path

    def _follow(self, entry: os.DirEntry[str], path: str, problem: Callable[[str, str], None]) -> Iterator[str]:
        target = os.path.realpath(entry.path)
        if not self._is_inside(target):
            if is_evidence(entry.name):
                problem(path, LEADS_OUT)
        elif os.path.isfile(target):  # noqa: PTH113 - hot path over every entry of a monorepo
            self._links[path] = escaped(target[self._prefix :])
            yield path
        elif not os.path.isdir(target) and is_evidence(entry.name):  # noqa: PTH112 - as above
            problem(path, LEADS_NOWHERE)
