"""git, asked for what it knows: what it tracks, and the files of a revision, read from its objects.

Nothing is checked out and nothing is written. Repositories are hostile, their `.git` included: git runs in a surrounding of
its own (`git_surrounding`), starts no other program, and never asks a remote for objects that a partial clone has left there.
"""

from __future__ import annotations

import io
import os
import subprocess
import weakref
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files import git_surrounding
from directus_guard.sources.files.git_index import Index
from directus_guard.sources.files.paths import work_tree_of
from directus_guard.sources.files.store import (
    LEADS_OUT,
    NOT_TEXT,
    PACKAGE_FOLDERS,
    escaped,
    is_evidence,
    is_text,
    unescaped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import BinaryIO

TIMEOUT: Final = 120
MAX_BYTES: Final = 256 * 1024 * 1024 + 1
"""Of one file; the rest of a larger one is not read. One more than any reader takes."""
_MOST_LINKS: Final = 40
"""As many as Linux follows."""
_COMMIT: Final = lazy_pattern(r"[0-9a-f]{40,64}\Z")


class GitError(Exception):
    """A revision cannot be read. The message tells what to do."""


class Revision(Struct, frozen=True):
    """A commit, and the name it was asked for by. `top` is the root of its work tree."""

    top: Path
    name: str
    commit: str

    def __str__(self) -> str:
        short = self.commit[:10]
        return short if self.commit.startswith(self.name) else f"{self.name} ({short})"

    @property
    def parents(self) -> tuple[str, ...]:
        """The parents that the commit itself names, also those that a shallow clone cuts off."""
        header = _run(self.top, "cat-file", "commit", self.commit).partition(b"\n\n")[0]
        return tuple(line[7:].decode() for line in header.split(b"\n") if line.startswith(b"parent "))

    def read(self, path: str) -> bytes | None:
        """The content of one file, by its path from the root of the work tree; None if the revision has none."""
        found = _git(self.top, "cat-file", "blob", f"{self.commit}:{path}")
        return found.stdout if found.returncode == 0 else None

    def tree(self, folder: str = "") -> Tree:
        """Its files below a folder, given by its path from the root of the work tree; none where there is no such folder."""
        return Tree(self, "" if folder == "." else folder)

    def has(self, folder: str) -> bool:
        """Whether there is such a folder."""
        kind = _git(self.top, "cat-file", "-t", f"{self.commit}:{folder}")
        return kind.stdout.strip() == b"tree"


def resolve(folder: Path, name: str) -> Revision:
    """The commit that `name` (a branch, a tag, `HEAD~1`, a hash …) means in the work tree that holds `folder`.

    Raises `GitError`: no git, no work tree, no such revision, or one that this clone does not reach.
    """
    top = top_of(folder)
    if not name or name.startswith("-") or not name.isprintable():
        raise GitError(f"`{name}` is no git revision; expected a branch, a tag, a commit or something like `HEAD~1`")
    found = _git(top, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    commit = found.stdout.decode().strip()
    if found.returncode or not _COMMIT.match(commit):
        raise GitError(f"the git revision `{name}` is not in this clone. {_advice(top, name)}")
    return Revision(top, name, commit)


def _advice(top: Path, name: str) -> str:
    if is_shallow(top):
        return (
            "The clone is shallow: fetch more of the history (in actions/checkout set `fetch-depth: 2` for the first"
            " parent of a pull request, `fetch-depth: 0` for any revision; elsewhere `git fetch --unshallow`)."
        )
    remote = f"origin/{name}"
    if _git(top, "rev-parse", "--verify", "--quiet", f"{remote}^{{commit}}").returncode == 0:
        return f"Did you mean `{remote}`?"
    return "Fetch it first, or name one of `git branch --all`."


def merge_base(top: Path, first: str, other: str) -> str | None:
    """The best common ancestor of two commits; None if the clone has none."""
    found = _git(top, "merge-base", first, other)
    return found.stdout.decode().strip() or None if found.returncode == 0 else None


def is_shallow(folder: Path) -> bool:
    """Whether the clone's history is cut off."""
    return _git(folder, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def top_of(folder: Path) -> Path:
    """The root of the work tree that holds `folder`. Raises `GitError`."""
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.returncode:
        raise GitError(_no_work_tree(folder))
    return Path(os.path.realpath(os.fsdecode(found.stdout.rstrip(b"\n"))))


def default_branch(top: Path) -> str:
    """The branch that the remote calls its default, else the one that is checked out; "" = neither is known."""
    try:
        for name in ("refs/remotes/origin/HEAD", "HEAD"):
            found = _git(top, "symbolic-ref", "--quiet", "--short", name)
            if found.returncode == 0:
                return os.fsdecode(found.stdout.strip()).removeprefix("origin/")
    except GitError:
        pass
    return ""


def remote_address(top: Path) -> str:
    """The address of the remote `origin`; "" = there is none."""
    found = _git(top, "config", "--no-includes", "--get", "remote.origin.url")
    return os.fsdecode(found.stdout.strip()) if found.returncode == 0 else ""


def _no_work_tree(folder: Path) -> str:
    return f"{folder} is in no git work tree, so no revision of it can be read"


def index(folder: Path) -> Index | None:
    """What git says that it tracks below `folder`; None without git or outside a work tree. Ask `git_index` first."""
    try:
        found = _git(folder, "ls-files", "-z", "--stage")
    except GitError:
        return None
    if found.returncode:
        return None
    entries = [entry.partition(b"\t") for entry in found.stdout.split(b"\0") if entry]
    submodules = frozenset(os.fsdecode(name) for header, _, name in entries if header.startswith(_SUBMODULE))
    return Index(frozenset(os.fsdecode(name) for _, _, name in entries) - submodules, submodules)


_SUBMODULE: Final = b"160000 "


class Ignored(Struct, frozen=True):
    """The files that git neither tracks nor would add, by the `.gitignore` files alone."""

    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str) or not (self.files or self.folders):
            return False
        parts = path.split("/")
        return path in self.files or any("/".join(parts[:length]) in self.folders for length in range(1, len(parts)))


def ignored(folder: Path, starts: Sequence[Path] = ()) -> Ignored:
    """What `.gitignore` files leave out below `folder`, by paths relative to it. `starts`: what of it is looked at.

    Nothing below a start that is itself left out, which the user has named, and nothing without git.
    """
    below = {start if start.is_dir() else start.parent for start in starts} or {folder}
    parts = [_ignored(start, start.relative_to(folder).as_posix()) for start in below]
    return Ignored(
        frozenset().union(*(part.files for part in parts)), frozenset().union(*(part.folders for part in parts))
    )


def _ignored(folder: Path, name: str) -> Ignored:
    """What is left out below one folder; paths begin with its name."""
    prefix = "" if name == "." else f"{name}/"
    try:
        found = _git(
            folder, "ls-files", "-z", "--others", "--ignored", "--exclude-per-directory=.gitignore", "--directory"
        )
    except GitError:
        return Ignored()
    names = [os.fsdecode(name) for name in found.stdout.split(b"\0") if name]
    if found.returncode or "./" in names:
        return Ignored()
    folders = frozenset(prefix + name.rstrip("/") for name in names if name.endswith("/"))
    return Ignored(frozenset(prefix + name for name in names if not name.endswith("/")), folders)


class Tree:
    """A folder as a revision has it (a `Store`). Asks git for the list of files once, and for contents in one process."""

    def __init__(self, revision: Revision, folder: str = "") -> None:
        self.revision: Final = revision
        self.root: Final = revision.top / folder
        self._folder: Final = folder

    def files(
        self, only: Sequence[Path], excluded: Callable[[str], bool], problem: Callable[[str, str], None]
    ) -> Iterator[str]:
        """See `Store.files`. Submodules are other repositories: they are named, not read."""
        starts = [PurePosixPath(os.path.relpath(os.path.realpath(path), self.root)).as_posix() for path in only]
        below = tuple(f"{start}/" for start in starts if start != ".")
        chosen = not starts or "." in starts
        for path, (mode, _) in self._entries.items():
            if not (chosen or path in starts or path.startswith(below)) or excluded(path):
                continue
            if not is_text(path):
                problem(escaped(path), NOT_TEXT)
            elif PACKAGE_FOLDERS.isdisjoint(path.split("/")[:-1]):
                if mode == "160000":
                    problem(path, "a git submodule: its files are not part of the revision, so they were not read")
                elif mode != "120000" or self._target(path) in self._entries:
                    yield path
                elif self._target(path) is None and is_evidence(path):
                    problem(path, LEADS_OUT)

    def has(self, path: str) -> bool:
        """See `Store.has`."""
        target = self._target(path)
        return target is not None and self._entries.get(target, _NO_FILE)[0] not in _NO_FILES

    def open(self, path: str) -> BinaryIO:
        """See `Store.open`. Raises `GitError` for what a partial clone has left at its remote."""
        target = self._target(path)
        entry = self._entries.get(target) if target is not None else None
        if entry is None or entry[0] in _NO_FILES:
            raise OSError(0, "not a regular file; it was not read")
        return io.BytesIO(self._content(entry[1]))

    def tracked(self, path: str) -> bool:
        """See `Store.tracked`."""
        return path in self._entries

    def ignored(self, path: str) -> bool:  # noqa: ARG002 - the interface
        """See `Store.ignored`."""
        return False

    def real(self, path: str) -> str:
        """See `Store.real`."""
        return self._target(path) or path

    @cached_property
    def _entries(self) -> Mapping[str, tuple[str, str]]:
        """Mode and object of every file."""
        treeish = f"{self.revision.commit}:{self._folder}"
        if self._folder and not self.revision.has(self._folder):
            return {}
        found: dict[str, tuple[str, str]] = {}
        for entry in _run(self.revision.top, "ls-tree", "-r", "-z", treeish).split(b"\0"):
            header, _, name = entry.partition(b"\t")
            if name:
                mode, _, name_of_object = header.decode().split(" ")
                found[os.fsdecode(name)] = (mode, name_of_object)
        return {_known_by(path, found): entry for path, entry in found.items()}

    @cached_property
    def _links(self) -> Mapping[str, str]:
        """Where the links lead, as they say it."""
        links = ((path, object_) for path, (mode, object_) in self._entries.items() if mode == "120000")
        return {path: escaped(os.fsdecode(self._content(object_))) for path, object_ in links}

    def _target(self, path: str) -> str | None:
        """The path that is meant by one that may hold links; None if it leads out of the folder, or in a circle."""
        links = self._links
        if not links:
            return path
        left = path.split("/")[::-1]
        done: list[str] = []
        followed = 0
        while left:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not done:
                    return None
                done.pop()
                continue
            link = links.get("/".join((*done, part)))
            if link is None:
                done.append(part)
                continue
            followed += 1
            if link.startswith("/") or followed > _MOST_LINKS:
                return None
            left += link.split("/")[::-1]
        return "/".join(done)

    def _content(self, name_of_object: str) -> bytes:
        """A blob, its first `MAX_BYTES` at most."""
        process = self._batch
        requests, answers = process.stdin, process.stdout
        if requests is None or answers is None:
            raise GitError(f"`{self.revision}` cannot be read: git was started without pipes")
        try:
            requests.write(f"{name_of_object}\n".encode())
            requests.flush()
            header = answers.readline().split()
            if len(header) != 3:
                raise GitError(
                    f"`{self.revision}`: not all of its files are in this clone. Fetch them: no `filter` in actions/checkout,"
                    " no `--filter` with git clone"
                )
            size = int(header[2])
            data = answers.read(min(size, MAX_BYTES))
            if size <= MAX_BYTES:
                answers.read(1)
            else:
                _end(process)
                del self._batch
        except OSError as error:
            raise GitError(f"`{self.revision}` cannot be read: {error.strerror}") from None
        return data

    @cached_property
    def _batch(self) -> subprocess.Popen[bytes]:
        top = self.revision.top
        process = subprocess.Popen(
            _command(top, ("cat-file", "--batch")),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git_surrounding.environ(top),
        )
        weakref.finalize(self, _end, process)
        return process


_NO_FILE: Final = ("120000", "")
_NO_FILES: Final = ("120000", "160000")
"""The modes of links and submodules."""


def _known_by(path: str, paths: Mapping[str, object]) -> str:
    """The path by which a file of a revision is known: its own, or one that says it with escapes, if none has that."""
    shown = path if is_text(path) else escaped(path)
    return path if shown in paths or unescaped(shown) != path else shown


def _end(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.kill()
    process.wait()


def _run(folder: Path, *arguments: str) -> bytes:
    """What git prints. Raises `GitError` if it fails."""
    found = _git(folder, *arguments)
    if found.returncode:
        lines = found.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git {arguments[0]} failed in {folder}: {lines[-1] if lines else found.returncode}")
    return found.stdout


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """One call. Raises `GitError` where git cannot be started, or where no work tree holds the folder."""
    top = work_tree_of(folder)
    if top is None:
        raise GitError(_no_work_tree(folder))
    try:
        return subprocess.run(
            _command(folder, arguments),
            capture_output=True,
            check=False,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
            env=git_surrounding.environ(top),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise GitError(f"git {arguments[0]} failed: {error}") from None


def _command(folder: Path, arguments: Sequence[str]) -> list[str]:
    program = git_surrounding.program()
    if program is None:
        raise GitError("git is not installed; it is needed to read revisions")
    return [program, *git_surrounding.OPTIONS, "-C", str(folder), *arguments]
