"""The files of the image that a Dockerfile builds, followed through copies between stages."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import application, dockerfile_runs
from directus_guard.sources.deployments.dockerfile_stages import HOME, BuildStage, CopyStep, RunStep, stage_named
from directus_guard.sources.files.inner_file import InnerFile, Stretch, stretches
from directus_guard.sources.formats import dockerignore, holes
from directus_guard.sources.formats.dockerfile_syntax import Positions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.dockerfile_syntax import Expansion, Heredoc
    from directus_guard.sources.formats.traced import Traced


_MAX_STEPS: Final = 20_000
"""Copy instructions looked at while one file is searched through the stages."""


class ImageFile(Struct, frozen=True):
    """The place of the text of a file in the image."""

    path: str
    via: Location
    heredoc: Heredoc | None = None
    inner: InnerFile | None = None
    """The text, where instructions put it together."""
    rest: str = ""
    """Why it may hold more than that."""


class ImageFiles:
    """Which file of the repository is at a path of a build stage."""

    def __init__(self, repository: Repository, path: str, stages: list[BuildStage], context: str | None) -> None:
        """`path`: the Dockerfile. `context`: the folder the image is built from, None where it is not given."""
        self._repository, self._path, self._stages = repository, path, stages
        self._steps = _MAX_STEPS
        self._seen: dict[tuple[int, str], ImageFile | Unknown | None] = {}
        self._context = self._guessed_context(path) if context is None else context
        self._ignore = dockerignore.of(repository, path, self._context)

    def _guessed_context(self, path: str) -> str:
        wanted = [
            source.text
            for stage in self._stages
            for step in stage.steps
            if isinstance(step, CopyStep) and step.stage is None and not step.heredocs
            for source in step.sources
            if not source.reason and not _is_pattern(source.text) and "://" not in source.text
        ][:100]
        own = candidate = application.folder(path)
        while True:
            if all(self._is_there(candidate, source) for source in wanted):
                return candidate
            if not candidate:
                return own
            candidate = application.folder(candidate)

    def _is_there(self, context: str, source: str) -> bool:
        path = self._repository.resolve(context, source.lstrip("/") or ".")
        return path is not None and (path in self._repository or self._is_folder(path))

    def _is_folder(self, path: str) -> bool:
        if not path:
            return True
        index = bisect_left(self._repository.files, f"{path}/")
        return index < len(self._repository.files) and self._repository.files[index].startswith(f"{path}/")

    def at(self, index: int, target: str) -> ImageFile | Unknown | None:
        """What is at an absolute path of a stage: the last instruction that puts something there decides."""
        known = (index, target)
        if known not in self._seen:
            self._seen[known] = self._search(index, target)
        return self._seen[known]

    def _search(self, index: int, target: str) -> ImageFile | Unknown | None:
        written: list[Traced] = []
        current: int | None = index
        while current is not None:
            stage = self._stages[current]
            for step in reversed(stage.steps):
                self._steps -= 1
                if self._steps < 0:
                    return Unknown("the Dockerfile copies too much back and forth to be followed")
                if isinstance(step, RunStep):
                    effect = _effect(step.commands, target)
                    lines = dockerfile_runs.lines(step, target) if effect == "written" else ()
                    if effect == "removed":
                        return self._joined(target, written, None)
                    written[:0] = lines
                    found: ImageFile | Unknown | None = (
                        Unknown(f"a RUN instruction may write `{application.plain(target)}`")
                        if effect and not lines
                        else None
                    )
                else:
                    found = self._copied(step, target, current)
                if found is not None:
                    return self._joined(target, written, found)
            current = stage.parent
        return self._joined(target, written, None)

    def _joined(
        self, target: str, written: list[Traced], base: ImageFile | Unknown | None
    ) -> ImageFile | Unknown | None:
        """A file with the lines that commands add to it."""
        if not written:
            return base
        texts = [line for line in written if not holes.are_in(line.text)]
        rest = base.reason if isinstance(base, Unknown) else ""
        if len(texts) < len(written):
            rest = rest or f"a RUN instruction writes parts of `{application.plain(target)}` that are not known"
        if not texts and not isinstance(base, ImageFile):
            return Unknown(rest)
        beneath = self._text(base) if isinstance(base, ImageFile) else ()
        added = (run for line in texts for run in (*stretches(line, ""), Stretch("\n")))
        inner = InnerFile(f"{self._path}{target}", self._path, (*beneath, *added))
        read = base.path if isinstance(base, ImageFile) else self._path
        return ImageFile(read, written[0].location, inner=inner, rest=rest)

    def _text(self, file: ImageFile) -> Iterator[Stretch]:
        if file.heredoc is not None:
            yield Stretch(file.heredoc.text, place=file.via)
        else:
            text = self._repository.text(file.path) or ""
            yield Stretch(text, Positions(file.path, text))
            yield Stretch("\n")

    def _copied(self, copy: CopyStep, target: str, index: int) -> ImageFile | Unknown | None:
        name = target.rsplit("/", 1)[-1]
        place = copy.target.text
        if copy.target.reason:
            named = any(source.text.rsplit("/", 1)[-1] == name for source in copy.sources)
            return (
                Unknown(f"where the Dockerfile copies `{application.plain(name)}` to is given from outside")
                if named
                else None
            )
        full = posixpath.normpath(posixpath.join(copy.workdir, place))
        inside = full in (target, "/") or target.startswith(f"{full}/")
        if not inside:
            return None
        as_folder = place.endswith(("/", ".")) or len(copy.sources) > 1 or self._known_folder(full, copy)
        relative = "" if target == full else target[len(full.rstrip("/")) + 1 :]
        for source in reversed(copy.sources):
            found = self._from_source(copy, source, relative, index, as_folder=as_folder, name=name)
            if found is not None:
                return found
        return None

    @staticmethod
    def _known_folder(full: str, copy: CopyStep) -> bool:
        return full in (HOME, "/", copy.workdir) or copy.workdir.startswith(f"{full}/")

    def _from_source(
        self, copy: CopyStep, source: Expansion, relative: str, index: int, *, as_folder: bool, name: str
    ) -> ImageFile | Unknown | None:
        """What one source of a copy puts at `relative` below its target ("" = at the target itself)."""
        base = source.text.rstrip("/").rsplit("/", 1)[-1]
        is_file_there = relative == base if as_folder else not relative
        if source.reason:
            return (
                Unknown(f"which file is copied as `{application.plain(name)}` is given from outside")
                if is_file_there
                else None
            )
        if source.text.startswith("<<"):
            return self._heredoc(copy, source.text, relative, as_folder=as_folder)
        if "://" in source.text:
            return Unknown(f"`{application.plain(name)}` is fetched when the image is built") if is_file_there else None
        if copy.stage is not None:
            return self._from_stage(copy.stage, source.text, relative, index, is_file_there=is_file_there)
        return self._from_context(copy, source.text, relative, is_file_there=is_file_there)

    @staticmethod
    def _heredoc(copy: CopyStep, source: str, relative: str, *, as_folder: bool) -> ImageFile | None:
        for heredoc in copy.heredocs:
            if source.lstrip("<-").strip("\"'") == heredoc.name and relative == (heredoc.name if as_folder else ""):
                return ImageFile(copy.location.path, copy.location, heredoc)
        return None

    def _from_stage(
        self, name: str, source: str, relative: str, index: int, *, is_file_there: bool
    ) -> ImageFile | Unknown | None:
        stage = int(name) if name.isascii() and name.isdigit() and len(name) < 4 else stage_named(self._stages, name)
        if stage is None or stage >= index:
            # Another image: what lies in it cannot be seen, unless the file is named it is taken not to be there.
            return Unknown("it is copied from another image") if is_file_there and "/" in source else None
        root = posixpath.normpath(posixpath.join("/", source))
        if is_file_there:
            found = self.at(stage, root)
            if found is not None:
                return found
        return self.at(stage, posixpath.normpath(posixpath.join(root, relative))) if relative else None

    def _from_context(
        self, copy: CopyStep, source: str, relative: str, *, is_file_there: bool
    ) -> ImageFile | Unknown | None:
        start = source.lstrip("/") or "."
        if _is_pattern(start):
            return self._from_pattern(copy, start, relative)
        path = self._repository.resolve(self._context, start)
        if path is None:
            return None
        if is_file_there and (path in self._repository or not self._is_folder(path)):
            if path not in self._repository:
                return Unknown(f"`{application.plain(path)}`, which the Dockerfile copies, is not in the repository")
            return self._held(copy, path)
        below = f"{path}/{relative}".lstrip("/")
        return self._held(copy, below) if relative and below in self._repository else None

    def _from_pattern(self, copy: CopyStep, pattern: str, relative: str) -> ImageFile | None:
        """Wildcards in the last part of a source; they match files only."""
        parent, _, last = pattern.rpartition("/")
        folder = self._repository.resolve(self._context, parent or ".")
        if folder is None or _is_pattern(parent) or "/" in relative:
            return None
        if relative:
            path = f"{folder}/{relative}".lstrip("/")
            return self._held(copy, path) if path in self._repository and fnmatch.fnmatchcase(relative, last) else None
        matches = [path for path in self._repository.files if application.folder(path) == folder
                   and fnmatch.fnmatchcase(path.rsplit("/", 1)[-1], last)]  # fmt: skip
        return self._held(copy, matches[0]) if len(matches) == 1 else None

    def _held(self, copy: CopyStep, path: str) -> ImageFile | None:
        inside = path[len(self._context) + 1 :] if self._context else path
        name = path.rsplit("/", 1)[-1]
        left_out = any(fnmatch.fnmatchcase(inside, glob) or fnmatch.fnmatchcase(name, glob) for glob in copy.exclude)
        return None if left_out or self._ignore.excludes(inside) else ImageFile(path, copy.location)


def _is_pattern(text: str) -> bool:
    return any(character in text for character in "*?[")


_WRITERS: Final = frozenset(
    {"cp", "mv", "tee", "ln", "install", "sed", "touch", "curl", "wget", "envsubst", "dotenv", "truncate"}
)
_REMOVERS: Final = frozenset({"rm", "unlink"})


def _effect(commands: str, target: str) -> str:
    """Whether shell commands may write a file ("written") or take it away ("removed"); "" if they leave it alone."""
    name = target.rsplit("/", 1)[-1]
    if name not in commands:
        return ""
    mention = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    effect = ""
    for command in re.split(r"[;&|\n]+", commands):
        if not mention.search(command):
            continue
        programs = set(command.split())
        if ">" in command or programs & _WRITERS:
            effect = "written"
        elif programs & _REMOVERS:
            effect = "removed"
    return effect
