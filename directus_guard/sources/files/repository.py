"""The files of what is scanned, a folder or a revision of it: found once, read at most once, never outside the folder.

Files that are written inside of others (`InnerFile`) are found, read and named like all others. What is said about them is
said of the file that holds them.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec.structs import replace

from directus_guard import deadline
from directus_guard.finding import Location, Problem
from directus_guard.limits import DEPLOYMENTS, Budgets, OverBudgetError, over
from directus_guard.progress import Stage, step
from directus_guard.sources.files import globs, signs
from directus_guard.sources.files.file_names import FileNames
from directus_guard.sources.files.folder import Folder
from directus_guard.sources.files.store import SKIPPED_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    from directus_guard.sources.files.inner_file import InnerFile
    from directus_guard.sources.files.store import Store

Result = TypeVar("Result")
Other = TypeVar("Other")

MAX_BYTES: Final = 16 * 1024 * 1024
"""A manifest or `.env` larger than this is not read; exports have their own reader."""

_SEARCHED: Final = 4 * 1024 * 1024
"""Bytes of a file that are searched by `holds`."""

_SMALL: Final = 16 * 1024
"""Bytes of a file that is kept as it was read."""

_KEPT: Final = 32 * 1024 * 1024
"""Bytes of all files that are kept so."""

_FIRST: Final = 64 * 1024
"""Bytes read at first: to ask for the largest file costs as much memory, each time."""


class Repository:
    """The scanned files. Reading trouble is collected in `problems`, never raised."""

    def __init__(
        self, root: Path | Store, only: Sequence[Path] = (), exclude: Sequence[str] = (), *, debug: bool = False
    ) -> None:
        """List the files of a folder, or of another store.

        `only`: files or folders below it to look at instead of everything; `exclude`: globs on paths. `debug`: a bug in
        a source is raised by `attempt`.
        """
        self._debug: Final = debug
        self._store: Final[Store] = Folder(root) if isinstance(root, Path) else root
        self.root: Final = self._store.root
        self.problems: Final[list[Problem]] = []
        self.troubles = 0
        """How often `problem` was called: by it a source sees whether a file gave trouble, also noted before."""
        self.left_out: Final[set[str]] = set()
        """Files that would have started a deployment if git did not ignore them."""
        self.inner: Final[dict[str, InnerFile]] = {}
        """Files that are written inside of others, by their paths; not among `files`."""
        self._hidden: set[str] = set()
        self._found: Final[dict[tuple[str, ...], tuple[str, ...]]] = {}
        """What `named` found before."""
        self._exclude = tuple(exclude)
        self._texts: dict[str, str | None] = {}
        self._lines: dict[str, list[str]] = {}
        self._belonging: set[str] = set()
        self._problems: set[Problem] = set()
        """What `problem` noted, to find it again."""
        self.budgets: Final = Budgets()
        self._in_part: set[Problem] = set()
        """Problems of files that were read in part: what is left out is not evaluated, the run is complete."""
        self.templates: Final[dict[str, tuple[int, ...]]] = {}
        """Manifests with template lines, and how many."""
        self._held: dict[Callable[[bytes], bool], dict[str, bool]] = {}
        self._small: Final[dict[str, bytes]] = {}
        """Small files that were read: each is asked for several tests and for its text."""
        self._room = _KEPT
        self._asked: Final = frozenset(Path(os.path.realpath(path)) for path in only)
        self.named_folders: Final = tuple(sorted(self._folders_asked_for()))
        """The folders that were named, and those of named files, from the root: their names say nothing of what is in them."""
        self._names: Final = frozenset(self._store.files(only, self._excluded, self.problem))
        self.files: Final[tuple[str, ...]] = tuple(sorted(self._names))

    def _folders_asked_for(self) -> Iterator[str]:
        for path in self._asked:
            folder = path.parent if path.is_file() else path
            if folder != self.root and folder.is_relative_to(self.root):
                yield folder.relative_to(self.root).as_posix()

    def above(self, names: Sequence[str]) -> Iterator[str]:
        """Files of these names in the folders above those that were named to be scanned."""
        folders = {
            "/".join(parts[:end])
            for parts in (name.split("/") for name in self.named_folders)
            for end in range(1, len(parts))
        }
        yield from (path for folder in sorted(folders) for name in names if self._store.has(path := f"{folder}/{name}"))

    def __contains__(self, path: object) -> bool:
        return path in self._names or path in self.inner or (isinstance(path, str) and self._is_aside(path))

    def _is_aside(self, path: str) -> bool:
        """Whether the path is that of a file below a folder that is not walked: there where something names it."""
        below_skipped = not SKIPPED_FOLDERS.isdisjoint(path.split("/")[:-1])
        return below_skipped and not self._excluded(path) and self._store.has(path)

    def hold(self, files: Iterable[InnerFile]) -> None:
        """Take in files that are written inside of others. Of two with one path the first counts."""
        for file in files:
            self.inner.setdefault(file.path, file)
            self._texts.setdefault(file.path, file.text)
        self._forget()

    def hide(self, path: str) -> None:
        """Do not find a file by its name any more: a template is read where it is filled in."""
        self._hidden.add(path)
        self._forget()

    def _forget(self) -> None:
        self._found.clear()
        self.__dict__.pop("_file_names", None)

    def outside(self, place: Location) -> tuple[Location, Location | None]:
        """Where a place of an inner file is written in a file of its own, and where that text is taken in, if elsewhere."""
        taken: Location | None = None
        while (file := self.inner.get(place.path)) is not None:
            place, elsewhere = file.outside(place)
            taken = taken or elsewhere
        return place, None if taken is None else self.outside(taken)[0]

    def holders(self, path: str) -> frozenset[str]:
        """The file in which an inner one is written, and those that give parts of it; of any other its own path."""
        file = self.inner.get(path)
        if file is None:
            return frozenset({path})
        return self.holders(file.holder).union(*map(self.holders, file.beside - {file.holder}))

    def holder(self, path: str) -> str:
        """The file in which an inner one is written; of any other its own path."""
        while (file := self.inner.get(path)) is not None:
            path = file.holder
        return path

    def problem(
        self,
        path: str,
        message: str,
        line: int = 0,
        *,
        incomplete: bool = False,
        broken: bool = False,
        others: bool = False,
    ) -> None:
        """Note that `path` could not be read (wholly), once per message. `Problem` says what the others mean."""
        self.troubles += 1
        if path in self.inner:
            place, _ = self.outside(Location(path, max(line, 1)))
            path, line = place.path, place.line if line else 0
        noted = Problem(path, message, line, incomplete or path in self._belonging, broken, others)
        other = replace(noted, incomplete=not noted.incomplete)
        if noted in self._problems or (other.incomplete and other in self._problems):
            return
        if other in self._problems:
            self._problems.discard(other)
            self.problems.remove(other)
        self._problems.add(noted)
        self.problems.append(noted)

    def further_deployments(self, path: str) -> None:
        """Note that a file has more deployments than any does, and only the first were judged."""
        said = f"{over(DEPLOYMENTS)}; the others were not evaluated"
        self.problem(path, said, incomplete=True, others=True)

    def aside(self, path: str, message: str, line: int) -> None:
        """Note a part of a file that was not read and that, as far as is known, is not about Directus."""
        place, _ = self.outside(Location(path, line))
        self._part(Problem(place.path, message, place.line))

    def out_of_time(self, what: str) -> None:
        """Note what the run had no time left for."""
        self._part(Problem(".", f"{deadline.NO_TIME}: {what}", incomplete=True, out_of_time=True))

    def _part(self, noted: Problem) -> None:
        if noted not in self._in_part:
            self._in_part.add(noted)
            self.problems.append(noted)

    def attempt(self, what: str, read: Callable[[], Result], otherwise: Other) -> Result | Other:
        """What `read` gives. Where it fails inside, a problem says so (never a value), and the rest can go on."""
        try:
            with deadline.guarded(deadline.TimeShare.READ):
                return read()
        except deadline.TimeOverError:
            self.out_of_time(f"{what} not read")
            return otherwise
        except OverBudgetError as error:
            self.problem(".", f"{what}: {error}; the rest was not read", incomplete=True)
            return otherwise
        except (RecursionError, MemoryError):
            self.problem(".", f"{what}: something is nested too deeply, or too large; it was not read", incomplete=True)
            return otherwise
        except Exception as error:
            if self._debug:
                raise
            bug = f"a bug in directus-guard ({type(error).__name__}); run again with --debug and report the traceback"
            self.problem(".", f"{what}: this is {bug}", incomplete=True)
            return otherwise

    def within(self, path: str, read: Callable[[], Result], otherwise: Other) -> Result | Other:
        """What `read` gives; where it costs more than a limit allows, a problem of the file says so."""
        try:
            return read()
        except OverBudgetError as error:
            self.problem(path, f"{error}; it was not evaluated", incomplete=True, broken=True)
            return otherwise

    def templated(self, path: str, lines: Sequence[int]) -> None:
        """Keep the lines of a manifest that a template may leave out, repeat or add: they are not evaluated."""
        if lines:
            self.templates.setdefault(path, tuple(lines))

    def note_template(self, path: str) -> None:
        """Note what is not evaluated of a template. Of most templates nothing is said: they are of other programs."""
        lines = self.templates[path]
        subject = f"{len(lines)} lines of a template are" if len(lines) > 1 else "a line of a template is"
        place, _ = self.outside(Location(path, lines[0]))
        self._part(Problem(place.path, f"{subject} not evaluated; the plain part was read", place.line))

    def belongs(self, path: str) -> None:
        """Note that `path` is part of a Directus project: whatever cannot be read of it makes the run incomplete."""
        path = self.holder(path)
        if path in self._belonging:
            return
        self._belonging.add(path)
        self.problems[:] = [
            replace(noted, incomplete=True) if noted.path == path and noted not in self._in_part else noted
            for noted in self.problems
        ]
        self._problems = set(self.problems)

    def named(self, *patterns: str) -> tuple[str, ...]:
        """Paths whose file name matches one of the patterns (in lower case; any case matches), in order."""
        if patterns not in self._found:
            self._found[patterns] = self._file_names.paths(patterns)
        return self._found[patterns]

    @cached_property
    def _file_names(self) -> FileNames:
        return FileNames(path for path in (*self.files, *self.inner) if path not in self._hidden)

    def text(self, path: str) -> str | None:
        """The file's text, or None with a problem noted when it is not readable text of acceptable size.

        The text keeps its line ends, and a byte order mark is kept too: positions are those of the file.
        """
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def peek(self, path: str) -> str | None:
        """The text of a file of code, not kept: few of the many files matter. What is not UTF-8 is replaced."""
        if path in self._texts and self._texts[path] is not None:
            return self._texts[path]
        text = self._read(path, errors="replace")
        if text and text.count("\ufffd") * _LEGIBLE > len(text):
            self.problem(path, "not text in any encoding that is known here; it was not searched")
            return None
        if text and "\ufffd" in text:
            self.problem(path, "not valid UTF-8; what is legible was searched", broken=True)
        return text

    def keep(self, path: str, text: str) -> None:
        """Keep a text that `peek` gave: findings in it are shown with their line."""
        self._texts[path] = text

    def holds(self, path: str, test: Callable[[bytes], bool]) -> bool:
        """Whether the first bytes of a file pass a test. The file is not kept, and no trouble with it is noted."""
        known = self._held.setdefault(test, {})
        if path not in known:
            known[path] = self._search(path, test)
        return known[path]

    def _search(self, path: str, test: Callable[[bytes], bool]) -> bool:
        if path in self.inner:
            return test(self.inner[path].text.encode())
        try:
            return test(self._bytes(path, _SEARCHED, keep=True))
        except OSError:
            return False

    def _bytes(self, path: str, further: int, *, keep: bool) -> bytes:
        """`_first_bytes`, those of a small file kept: it is asked for several tests, and for its text."""
        data = self._small.get(path)
        if data is None:
            data = self._first_bytes(path, further)
            if keep and len(data) <= min(_SMALL, self._room):
                self._small[path] = data
                self._room -= len(data)
        return data

    def _first_bytes(self, path: str, further: int) -> bytes:
        """What a file begins with. `further`: how much is read of one that is longer than most."""
        with self._store.open(path) as file:
            data = file.read(_FIRST)
            return data + file.read(further) if len(data) == _FIRST else data

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file, () where there is no text."""
        if path not in self._lines:
            text = self.text(path) if path in self else None
            self._lines[path] = text.split("\n") if text is not None else []
        return self._lines[path]

    @contextmanager
    def binary(self, path: str) -> Iterator[BinaryIO | None]:
        """The file opened for reading bytes, or None with a problem noted; the caller bounds what it reads."""
        if path in self.inner:
            yield BytesIO(self.inner[path].text.encode())
            return
        step(Stage.READING)
        try:
            file = self._store.open(path)
        except OSError as error:
            self.problem(path, _refusal(error), broken=True)
            yield None
            return
        with file:
            yield file

    def read_texts(self) -> dict[str, str]:
        """The texts read so far, by path; an inner file's is in the one of its holder."""
        return {path: text for path, text in self._texts.items() if text is not None and path not in self.inner}

    def tracked(self, path: str) -> bool:
        """Whether git tracks the file; True everywhere when the folder is no git work tree."""
        return self._store.tracked(self.holder(path))

    def ignored(self, path: str) -> bool:
        """Whether the file is left out of the project: git does not track it, and a `.gitignore` names it.

        It starts no deployment, unless the user names it. What a deployment names, as its `env_file`, is read all the same.
        """
        path = self.holder(path)
        if self._store.ignored(path) and self.root / path not in self._asked:
            self.left_out.add(path)
        return path in self.left_out

    def real(self, path: str) -> str:
        """The path of the file that a link leads to; of any other file its own."""
        return self._store.real(path)

    def is_second_name(self, path: str) -> bool:
        """Whether the path is a link to a file that has a path of its own here."""
        real = self.real(path)
        return real != path and (real in self._names or real in self.inner)

    def resolve(self, base: str, relative: str) -> str | None:
        """The repository path of `relative` seen from the folder `base` ("" = root); None if it leaves the repository.

        Seen from an inner file it is one that the same file holds, or one beside the file that holds it.
        """
        if self.inner and (holder := self._holding(base)):
            own = self._below(holder if relative.startswith("/") else base, relative.lstrip("/"))
            if own is not None and own in self.inner:
                return own
            return self.resolve(holder.rpartition("/")[0], relative)
        return None if relative.startswith("/") else self._below(base, relative)

    def _holding(self, folder: str) -> str:
        """The file that holds what is in a folder, "" for a folder that is one."""
        while folder and folder not in self._names:
            folder = folder.rpartition("/")[0]
        return folder

    @staticmethod
    def _below(base: str, relative: str) -> str | None:
        parts: list[str] = [part for part in base.split("/") if part]
        for part in PurePosixPath(relative).parts:
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part != ".":
                parts.append(part)
        return "/".join(parts)

    def _excluded(self, path: str) -> bool:
        return bool(self._exclude) and globs.covering(self._exclude).match(path) is not None

    def _read(self, path: str, errors: str = "strict") -> str | None:
        step(Stage.READING)
        try:
            # Of the many files of code, whose text is not kept either, few are asked for again.
            data = self._bytes(path, MAX_BYTES + 1 - _FIRST, keep=errors == "strict")
            if data and not data.strip(b"\0"):
                self.problem(path, "holds no text; it was not read", broken=True)
            elif len(data) > MAX_BYTES:
                message = f"larger than {MAX_BYTES // 2**20} MiB; it was not read"
                self.problem(path, message, incomplete=_names_directus(data), broken=True)
            elif data.startswith(LFS_POINTER):
                self.problem(path, NOT_FETCHED)
            else:
                return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", errors)
        except UnicodeDecodeError as error:
            message = f"not valid UTF-8 (byte {error.start + 1})"
            self.problem(path, message, incomplete=_names_directus(data), broken=True)
        except OSError as error:
            self.problem(path, _refusal(error), broken=True)
        return None


def _names_directus(data: bytes) -> bool:
    """Whether bytes that are no text name Directus, in any encoding that keeps the letters of ASCII; encrypted ones do not."""
    return not data.startswith(_ENCRYPTED) and signs.names_directus(data.replace(b"\0", b"").decode("latin-1"))


_LEGIBLE: Final = 10
"""Of so many characters one may be illegible in a text of another encoding; a file with more is no text."""
_ENCRYPTED: Final = b"\0GITCRYPT\0"
"""How a file begins that git-crypt has encrypted."""
LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
NOT_FETCHED: Final = (
    "stored with Git LFS and not fetched (`git lfs pull`; in actions/checkout `lfs: true`); it was not read"
)


def _refusal(error: OSError) -> str:
    return f"not readable: {error.strerror}" if error.errno else error.strerror or "not readable"
