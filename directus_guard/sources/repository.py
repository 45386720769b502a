"""The files of the scanned folder: found once, read at most once, never outside the folder."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from bisect import bisect_left
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from directus_guard.finding import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

MAX_BYTES: Final = 16 * 1024 * 1024
"""A manifest or `.env` larger than this is not read; exports have their own reader."""

_SKIPPED_FOLDERS: Final = frozenset({
    ".git", ".hg", ".svn", "node_modules", "bower_components", ".venv", "venv", "__pycache__", ".terraform",
    ".next", ".nuxt", ".svelte-kit", ".cache", ".tox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
})  # fmt: skip

_WILD: Final = re.compile(r"[*?\[]")


class Repository:
    """The scanned folder (or single files of it). Reading trouble is collected in `problems`, never raised."""

    def __init__(self, root: Path, only: Sequence[Path] = (), exclude: Sequence[str] = ()) -> None:
        """Walk `root`. `only`: files or folders below it to look at instead of everything; `exclude`: globs on paths."""
        self.root: Final = Path(os.path.realpath(root))
        self.problems: Final[list[Problem]] = []
        self._exclude = tuple(exclude)
        self._texts: dict[str, str | None] = {}
        self._lines: dict[str, list[str]] = {}
        found: set[str] = set()
        for start in only or (self.root,):
            self._walk(start, found)
        self.files: Final[tuple[str, ...]] = tuple(sorted(found))
        self._names: Final = frozenset(found)

    def __contains__(self, path: object) -> bool:
        return path in self._names

    def problem(self, path: str, message: str, line: int = 0) -> None:
        """Note that `path` could not be read (wholly), once per message."""
        noted = Problem(path, message, line)
        if noted not in self.problems:
            self.problems.append(noted)

    def named(self, *patterns: str) -> tuple[str, ...]:
        """Paths whose file name matches one of the shell patterns (case-insensitive), in order."""
        names: set[str] = set()
        for pattern in patterns:
            candidates = self._candidates(pattern)
            if candidates:
                matches = re.compile(fnmatch.translate(pattern)).match
                names.update(name for name in candidates if matches(name))
        return tuple(sorted(path for name in names for path in self._by_name[name]))

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[str]]:
        """Paths by their file name in lower case."""
        found: dict[str, list[str]] = {}
        for path in self.files:
            found.setdefault(path.rpartition("/")[2].lower(), []).append(path)
        return found

    @cached_property
    def _sorted_names(self) -> Sequence[str]:
        return sorted(self._by_name)

    @cached_property
    def _by_ending(self) -> Mapping[str, Sequence[str]]:
        """File names by what follows their last dot."""
        found: dict[str, list[str]] = {}
        for name in self._by_name:
            found.setdefault(name.rpartition(".")[2], []).append(name)
        return found

    def _candidates(self, pattern: str) -> Sequence[str]:
        """The names that can match a shell pattern, by its fixed end or beginning: most files of a monorepo cannot."""
        ending = pattern.rpartition(".")[2]
        if "." in pattern and ending and not _WILD.search(ending):
            return self._by_ending.get(ending, ())
        beginning = _WILD.split(pattern, maxsplit=1)[0]
        if not beginning:
            return self._sorted_names
        first = bisect_left(self._sorted_names, beginning)
        return self._sorted_names[first : bisect_left(self._sorted_names, beginning + chr(0x10FFFF))]

    def text(self, path: str) -> str | None:
        """The file's text, or None with a problem noted when it is not readable text of acceptable size.

        The text keeps its line ends, and a byte order mark is kept too: positions are those of the file.
        """
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file, () where there is no text."""
        if path not in self._lines:
            text = self.text(path) if path in self else None
            self._lines[path] = text.split("\n") if text is not None else []
        return self._lines[path]

    @contextmanager
    def binary(self, path: str) -> Iterator[BinaryIO | None]:
        """The file opened for reading bytes, or None with a problem noted; the caller bounds what it reads."""
        try:
            file = open(os.path.realpath(self.root / path), "rb", opener=_open_regular)  # noqa: SIM115 - closed below
        except OSError as error:
            self.problem(path, f"not readable: {error.strerror}")
            yield None
            return
        with file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            if not regular:
                self.problem(path, "not a regular file; it was not read")
            yield file if regular else None

    def read_texts(self) -> dict[str, str]:
        """The texts read so far, by path."""
        return {path: text for path, text in self._texts.items() if text is not None}

    def tracked(self, path: str) -> bool:
        """Whether git tracks the file; True everywhere when the folder is no git work tree."""
        tracked = self._tracked
        return tracked is None or path in tracked

    def resolve(self, base: str, relative: str) -> str | None:
        """The repository path of `relative` seen from the folder `base` ("" = root); None if it leaves the repository."""
        if relative.startswith("/"):
            return None
        parts: list[str] = [part for part in base.split("/") if part]
        for part in PurePosixPath(relative).parts:
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part != ".":
                parts.append(part)
        return "/".join(parts)

    def _walk(self, start: Path, found: set[str]) -> None:
        start = Path(os.path.realpath(start))
        if start.is_file():
            found.add(start.relative_to(self.root).as_posix())
            return
        stack = [str(start)]
        prefix = len(str(self.root).rstrip("/")) + 1
        while stack:
            folder = stack.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError as error:
                self.problem(folder[prefix:] or ".", f"folder is not readable: {error.strerror}")
                continue
            for entry in entries:
                path = entry.path[prefix:]
                if not _printable(path):
                    self.problem(ascii(path)[1:-1], "the file name is not valid UTF-8; it was not read")
                elif self._excluded(path):
                    continue
                elif entry.is_symlink():
                    self._follow(entry, path, found)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name == ".env":
                        self.problem(path, "a folder stands where an environment file is expected")
                    if entry.name not in _SKIPPED_FOLDERS:
                        stack.append(entry.path)
                else:
                    found.add(path)

    def _follow(self, entry: os.DirEntry[str], path: str, found: set[str]) -> None:
        """A link to a file inside the repository is that file; links to folders are not walked (they would be seen twice)."""
        target = os.path.realpath(entry.path)
        if not target.startswith(f"{str(self.root).rstrip('/')}/"):
            if _interesting(entry.name):
                self.problem(path, "symbolic link leads out of the scanned folder; it was not read")
        elif os.path.isfile(target):  # noqa: PTH113 - hot path over every entry of a monorepo
            found.add(path)

    def _excluded(self, path: str) -> bool:
        return any(
            fnmatch.fnmatchcase(path, glob) or fnmatch.fnmatchcase(path, f"{glob.rstrip('/')}/*")
            for glob in self._exclude
        )

    def _read(self, path: str) -> str | None:
        try:
            return self._decode(path)
        except OSError as error:
            self.problem(path, f"not readable: {error.strerror}")
        except UnicodeDecodeError as error:
            self.problem(path, f"not valid UTF-8 (byte {error.start + 1})")
        return None

    def _decode(self, path: str) -> str | None:
        """Open without following a link that was swapped in, refuse what is no regular file, read at most MAX_BYTES."""
        with open(os.path.realpath(self.root / path), "rb", opener=_open_regular) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                self.problem(path, "not a regular file; it was not read")
                return None
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            self.problem(path, f"larger than {MAX_BYTES // 2**20} MiB; it was not read")
            return None
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16")
        return data.decode("utf-8")

    @cached_property
    def _tracked(self) -> frozenset[str] | None:
        """Paths in git's index, relative to the root; None without git or outside a work tree."""
        if not any((folder / ".git").exists() for folder in (self.root, *self.root.parents)):
            return None
        command = [
            "git",
            "-c",
            "safe.directory=*",
            "-c",
            "core.fsmonitor=false",
            "-C",
            str(self.root),
            "ls-files",
            "-z",
            "--cached",
        ]
        import subprocess  # noqa: PLC0415 - only where there is a work tree to ask about

        try:
            listing = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
        except (OSError, subprocess.SubprocessError):
            return None
        return frozenset(os.fsdecode(name) for name in listing.split(b"\0") if name)


def _open_regular(path: str, flags: int) -> int:
    """Never block on a FIFO or device that stands where a file should."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _printable(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _interesting(name: str) -> bool:
    """Whether a dangling link could have hidden evidence, so that silence about it would be an all-clear."""
    name = name.lower()
    return ".env" in name or name.endswith((".yml", ".yaml", ".json", ".toml", ".tf", "dockerfile"))
