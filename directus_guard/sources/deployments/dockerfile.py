"""Dockerfiles: the environment, the base image and the `.env` of the image that the last stage builds.

An `.env` copied to Directus' working folder beats every variable the container is given later (facts §1.1).
"""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
from bisect import bisect_left
from collections import ChainMap
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.directus.environment.deployment import (
    Deployment,
    Known,
    Platform,
    Unknown,
    Variable,
    VersionEvidence,
)
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, config_file, image_reference
from directus_guard.sources.files import registry
from directus_guard.sources.formats import dockerfile_syntax, dockerignore
from directus_guard.sources.formats.dockerfile_syntax import (
    Expansion,
    Instruction,
    Positions,
    Scope,
    Word,
    expand,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Image, Value
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.dockerfile_syntax import Heredoc

_INSTALLED: Final = re.compile(r"(?:\A|[\s\"'])directus@([0-9a-z^~][0-9A-Za-z.^~-]{0,40})")
_MAX_STAGES: Final = 100
_MAX_TEXT: Final = 4 * 1024 * 1024
"""Characters that all variables together may expand to; each may hold what Linux takes, many of them would fill memory."""
_MAX_STEPS: Final = 20_000
"""Copy instructions looked at while one file is searched through the stages."""
_HOME: Final = "/directus"
"""The working folder of the official image (facts §1.1)."""
_SOMEWHERE: Final = "/(a folder that the Dockerfile does not name)"
"""Stands for the working folder of a base image that cannot be seen, or one that is given from outside."""


class DockerfileFacts(Struct, frozen=True):
    """What the image of a Dockerfile's last stage brings along."""

    is_directus: bool
    image: Image | None
    """The image the last stage rests on, followed through the stages; None for `scratch`."""
    version: VersionEvidence | None
    variables: tuple[Variable, ...]
    """Its `ENV`, in order; what the base image itself sets is not among them."""
    config_file: tuple[Variable, ...] | Unknown | None
    location: Location
    consumed: frozenset[str]
    """Paths of the Dockerfile and of the environment file it copies."""
    by_command: tuple[Variable, ...] = ()
    """What its `CMD` and `ENTRYPOINT` set."""
    open: tuple[str, ...] = ()
    """Why there may be more variables."""


def read(repository: Repository) -> tuple[Deployment, ...]:
    """Every Dockerfile whose image is a Directus, in the order of paths; the caller drops those a manifest builds."""
    found: list[Deployment] = []
    for path in registry.DOCKERFILE.paths(repository):
        facts = describe(repository, path)
        if facts is None or not facts.is_directus:
            continue
        found.append(
            Deployment(
                name=path,
                platform=Platform.DOCKERFILE,
                location=facts.location,
                variables=facts.variables,
                config_file=facts.config_file,
                open=("what the container is given when it is started is not in the Dockerfile",),
                image=facts.image,
                version=facts.version,
                dockerfile=path,
                consumed=facts.consumed,
            )
        )
    return tuple(found)


def describe(
    repository: Repository,
    path: str,
    context: str | None = None,
    config_path: Value | None = None,
    target: str = "",
) -> DockerfileFacts | None:
    """The facts of one Dockerfile; None if it is not readable or has no `FROM`.

    `context` is the folder the image is built from. Without it, it is the nearest folder at or above the Dockerfile
    that has everything the Dockerfile copies. `config_path` is CONFIG_PATH as the container is given it at its start.
    `target`: the stage that is built, "" for the last.
    """
    text = repository.text(path)
    if text is None:
        return None
    return _Dockerfile(repository, path, text, context).facts(config_path, target)


def describe_text(
    repository: Repository, path: str, text: str, context: str, config_path: Value | None = None, target: str = ""
) -> DockerfileFacts | None:
    """The facts of a Dockerfile that is written inside of the file `path`; its places are those in `text`."""
    return _Dockerfile(repository, path, text, context).facts(config_path, target)


def builds_directus(repository: Repository, path: str | None) -> bool:
    """Whether there is a Dockerfile at `path` and its image is a Directus."""
    facts = describe(repository, path) if path is not None and path in repository else None
    return facts is not None and facts.is_directus


class _Copy(Struct, frozen=True):
    """A COPY or ADD: what goes where. `stage` is the name in `--from`."""

    sources: tuple[Expansion, ...]
    target: Expansion
    stage: str | None
    exclude: tuple[str, ...]
    heredocs: tuple[Heredoc, ...]
    workdir: str
    location: Location


class _Run(Struct, frozen=True):
    commands: str


class _Stage(Struct):
    name: str
    image: Image | None
    location: Location
    parent: int | None = None
    default_version: VersionEvidence | None = None
    complete: bool = False
    """Nothing comes from a base image that cannot be seen."""
    workdir: str = "/"
    arguments: dict[str, Value] = field(default_factory=dict)
    environment: dict[str, Value] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    steps: list[_Copy | _Run] = field(default_factory=list)
    installed: VersionEvidence | None = None
    starts: bool = False
    command: dict[str, str] = field(default_factory=dict)
    """`ENTRYPOINT` and `CMD`; each replaces the one before."""
    home: bool = False
    """Whether it rests on a Directus image."""


class _Held(Struct, frozen=True):
    """Where the text of a file in the image stands."""

    path: str
    via: Location
    heredoc: Heredoc | None = None


class _Dockerfile:
    def __init__(self, repository: Repository, path: str, text: str, context: str | None) -> None:
        self._repository, self._path, self._text = repository, path, text
        self._positions = Positions(path, text)
        self._instructions, self._escape = dockerfile_syntax.read(text)
        self._globals: dict[str, Value] = {}
        self._stages: list[_Stage] = []
        self._budget = _MAX_TEXT
        self._steps = _MAX_STEPS
        self._seen: dict[tuple[int, str], _Held | Unknown | None] = {}
        for instruction in self._instructions:
            self._take(instruction)
        self._context = self._guessed_context() if context is None else context
        self._ignore = dockerignore.of(repository, path, self._context)

    def facts(self, config_path: Value | None = None, target: str = "") -> DockerfileFacts | None:
        if not self._stages:
            return None
        number = self._stage_named(target) if target else None
        stages = self._stages if number is None else self._stages[: number + 1]
        stage = stages[-1]
        by_command, opened = command_line.environment(stage.command.values(), stage.location, self._repository)
        config, consumed = self._config_file(stage, config_path)
        directus = stage.home or stage.starts or application.configures_directus(stage.variables)
        version = image_reference.version(stage.image) or stage.default_version or stage.installed
        return DockerfileFacts(
            is_directus=directus,
            image=stage.image,
            version=version,
            variables=tuple(stage.variables),
            config_file=config,
            location=stage.location,
            consumed=consumed | {self._path},
            by_command=by_command,
            open=opened,
        )

    # --- instructions ---

    def _take(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._from(instruction)
        elif instruction.keyword == "ARG":
            self._arg(instruction)
        elif self._stages:
            stage = self._stages[-1]
            if instruction.keyword == "ENV":
                self._env(stage, instruction)
            elif instruction.keyword == "WORKDIR":
                self._workdir(stage, expand(instruction.text, self._scope(stage)))
            elif instruction.keyword in ("COPY", "ADD"):
                self._copy(stage, instruction)
            elif instruction.keyword in ("RUN", "CMD", "ENTRYPOINT"):
                self._run(stage, instruction)

    def _from(self, instruction: Instruction) -> None:
        given = [word for word in self._words(instruction) if not word.text.startswith("--")]
        if not given:
            return
        if len(self._stages) == _MAX_STAGES:
            self._repository.problem(self._path, f"more than {_MAX_STAGES} build stages; the others were not read")
        if len(self._stages) >= _MAX_STAGES:
            return
        name = given[2].text.lower() if len(given) > 2 and given[1].text.lower() == "as" else ""
        base = expand(given[0].text, Scope(self._globals, complete=True, escape=self._escape))
        region = self._region(instruction, given[0])
        parent = self._stage_named(base.text)
        if parent is not None:
            self._stages.append(self._child(name, parent))
            return
        if base.text == "scratch":
            self._stages.append(_Stage(name, None, region, complete=True))
            return
        image = image_reference.parse(base.text, region, base.reason, from_fallback=bool(base.reason and base.text))
        home = is_directus_image(image.repository)
        self._stages.append(
            _Stage(
                name,
                image,
                region,
                default_version=_default_version(image),
                workdir=_HOME if home else _SOMEWHERE,
                home=home,
            )
        )

    def _child(self, name: str, parent: int) -> _Stage:
        base = self._stages[parent]
        return _Stage(
            name, base.image, base.location, parent, base.default_version, base.complete, base.workdir,
            dict(base.arguments), dict(base.environment), list(base.variables),
            installed=base.installed, starts=base.starts, command=dict(base.command), home=base.home,
        )  # fmt: skip

    def _stage_named(self, name: str) -> int | None:
        name = name.lower()
        for index in range(len(self._stages) - 1, -1, -1):
            if self._stages[index].name == name and name:
                return index
        return None

    def _arg(self, instruction: Instruction) -> None:
        for word in self._words(instruction):
            name, equals, default = word.text.partition("=")
            reason = f"build argument `{application.plain(name)}` may be given from outside"
            if not self._stages:
                held = expand(default, Scope(self._globals, complete=True, escape=self._escape))
                fallback = held.text if held.has_fallback else None
                self._globals[name] = self._kept(Unknown(reason, None if fallback is None else Secret(fallback)))
                continue
            stage = self._stages[-1]
            if equals:
                held = expand(default, self._scope(stage))
                fallback = held.text if held.has_fallback else None
                stage.arguments[name] = self._kept(Unknown(reason, None if fallback is None else Secret(fallback)))
            else:
                stage.arguments[name] = self._globals.get(name, Unknown(reason, Secret("")))

    def _env(self, stage: _Stage, instruction: Instruction) -> None:
        scope = self._scope(stage)
        made = [
            Variable(
                name,
                self._kept(expand(word.text, scope).value),
                self._inner_region(instruction, word),
                "Dockerfile ENV",
            )
            for name, word in _assignments(instruction, self._escape)
        ]
        # All words of one instruction see the environment as it was before the instruction.
        for variable in made:
            stage.environment[variable.name] = variable.value
        stage.variables += made

    def _workdir(self, stage: _Stage, target: Expansion) -> None:
        stage.workdir = _SOMEWHERE if target.reason else posixpath.normpath(posixpath.join(stage.workdir, target.text))

    def _copy(self, stage: _Stage, instruction: Instruction) -> None:
        given = list(self._words(instruction))
        flags = [word.text for word in given if word.text.startswith("--")]
        given = given[len(flags) :]
        texts = [word.text for word in given]
        if texts and texts[0].startswith("["):
            texts = _json_words(instruction.text[given[0].start :]) or texts
        if len(texts) < 2:
            return
        scope = self._scope(stage)
        named = [flag.partition("=")[2] for flag in flags if flag.startswith("--from=")]
        stage.steps.append(
            _Copy(
                tuple(expand(text, scope) for text in texts[:-1]),
                expand(texts[-1], scope),
                named[-1] if named else None,
                tuple(flag.partition("=")[2] for flag in flags if flag.startswith("--exclude=")),
                instruction.heredocs,
                stage.workdir,
                self._positions.region(instruction.offset(0), instruction.offset(len(instruction.text))),
            )
        )

    def _run(self, stage: _Stage, instruction: Instruction) -> None:
        text = "\n".join((instruction.text, *(heredoc.text for heredoc in instruction.heredocs)))
        stage.starts = stage.starts or application.starts_directus(text)
        installed = _INSTALLED.search(instruction.text)
        if installed is not None:
            start, end = instruction.offset(installed.start(1)), instruction.offset(installed.end(1))
            region = self._positions.region(start, end)
            stage.installed = VersionEvidence(Version.parse(installed[1]), installed[1], region, "Dockerfile RUN")
        if instruction.keyword != "RUN":
            stage.command[instruction.keyword] = instruction.text
        else:
            stage.steps.append(_Run(text))

    # --- words and places ---

    def _words(self, instruction: Instruction) -> tuple[Word, ...]:
        return words(instruction, self._escape)

    def _scope(self, stage: _Stage) -> Scope:
        return Scope(ChainMap(stage.environment, stage.arguments), stage.complete, self._escape)

    def _kept(self, value: Value) -> Value:
        held = value.text if isinstance(value, Known) else value.fallback
        self._budget -= len(held.reveal()) if held else 0
        return value if self._budget >= 0 else Unknown("the Dockerfile's variables grow too long to be followed")

    def _region(self, instruction: Instruction, word: Word) -> Location:
        start = instruction.offset(word.start)
        return self._positions.region(
            start, max(start, instruction.offset(max(word.end - 1, word.start)) + (word.end > word.start))
        )

    def _inner_region(self, instruction: Instruction, word: Word) -> Location:
        """The word without the quotes that are around all of it."""
        quote = word.text[:1]
        if len(word.text) > 1 and quote in "\"'" and word.text.find(quote, 1) == len(word.text) - 1:
            word = Word(word.text[1:-1], word.start + 1, word.end - 1)
        return self._region(instruction, word)

    # --- files of the image ---

    def _guessed_context(self) -> str:
        wanted = [
            source.text
            for stage in self._stages
            for step in stage.steps
            if isinstance(step, _Copy) and step.stage is None and not step.heredocs
            for source in step.sources
            if not source.reason and not _is_pattern(source.text) and "://" not in source.text
        ][:100]
        own = candidate = application.folder(self._path)
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

    def _config_file(
        self, stage: _Stage, given: Value | None
    ) -> tuple[tuple[Variable, ...] | Unknown | None, frozenset[str]]:
        pointer = given or stage.environment.get("CONFIG_PATH")
        if isinstance(pointer, Unknown):
            return Unknown("CONFIG_PATH comes from outside the repository"), frozenset()
        name = pointer.text.reveal() if pointer else ".env"
        target = posixpath.normpath(posixpath.join(stage.workdir, name))
        held = self._at(len(self._stages) - 1, target)
        if held is None:
            missing = Unknown("the file that CONFIG_PATH names is not in the repository")
            return (missing if pointer else None), frozenset()
        if isinstance(held, Unknown):
            return held, frozenset()
        origin = f"`{application.plain(target)}` in the image"
        if held.heredoc is None:
            return application.config_variables(self._repository, held.path, target, origin, (held.via,))
        found = config_file.parse(self._path, held.heredoc.text, target, origin)
        made = found if isinstance(found, Unknown) else tuple(self._placed(held.heredoc, found))
        return made, frozenset({held.path})

    def _placed(self, heredoc: Heredoc, found: tuple[Variable, ...]) -> Iterator[Variable]:
        """Variables of a here-document with their places in the Dockerfile."""
        first = self._positions.region(heredoc.offset, heredoc.offset).line
        lines = self._text.split("\n")
        for item in found:
            line = first + item.location.line - 1
            written, kept = lines[line - 1].removesuffix("\r"), heredoc.text.split("\n")[item.location.line - 1]
            shift = max(len(written) - len(kept), 0)  # the tabs that `<<-` takes away
            location = Location(self._path, line, item.location.column + shift, line + item.location.end_line - item.location.line,
                                item.location.end_column + shift)  # fmt: skip
            value = item.value
            if not heredoc.quoted and isinstance(value, Known) and "$" in value.text.reveal():
                value = Unknown("its variables are replaced when the image is built")
            yield Variable(item.name, value, location, item.origin)

    def _at(self, index: int, target: str) -> _Held | Unknown | None:
        """What stands at an absolute path of a stage: the last instruction that puts something there tells."""
        known = (index, target)
        if known not in self._seen:
            self._seen[known] = None  # a stage never copies from itself; were it so, nothing would be found
            self._seen[known] = self._search(index, target)
        return self._seen[known]

    def _search(self, index: int, target: str) -> _Held | Unknown | None:
        current: int | None = index
        while current is not None:
            stage = self._stages[current]
            for step in reversed(stage.steps):
                self._steps -= 1
                if self._steps < 0:
                    return Unknown("the Dockerfile copies too much back and forth to be followed")
                if isinstance(step, _Run):
                    effect = _effect(step.commands, target)
                    if effect == "removed":
                        return None
                    found: _Held | Unknown | None = (
                        Unknown(f"a RUN instruction may write `{application.plain(target)}`") if effect else None
                    )
                else:
                    found = self._copied(step, target, current)
                if found is not None:
                    return found
            current = stage.parent
        return None

    def _copied(self, copy: _Copy, target: str, index: int) -> _Held | Unknown | None:
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
    def _known_folder(full: str, copy: _Copy) -> bool:
        return full in (_HOME, "/", copy.workdir) or copy.workdir.startswith(f"{full}/")

    def _from_source(
        self, copy: _Copy, source: Expansion, relative: str, index: int, *, as_folder: bool, name: str
    ) -> _Held | Unknown | None:
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
    def _heredoc(copy: _Copy, source: str, relative: str, *, as_folder: bool) -> _Held | None:
        for heredoc in copy.heredocs:
            if source.lstrip("<-").strip("\"'") == heredoc.name and relative == (heredoc.name if as_folder else ""):
                return _Held(copy.location.path, copy.location, heredoc)
        return None

    def _from_stage(
        self, name: str, source: str, relative: str, index: int, *, is_file_there: bool
    ) -> _Held | Unknown | None:
        stage = int(name) if name.isascii() and name.isdigit() and len(name) < 4 else self._stage_named(name)
        if stage is None or stage >= index:
            # Another image: what lies in it cannot be seen, unless the file is named it is taken not to be there.
            return Unknown("it is copied from another image") if is_file_there and "/" in source else None
        root = posixpath.normpath(posixpath.join("/", source))
        if is_file_there:
            found = self._at(stage, root)
            if found is not None:
                return found
        return self._at(stage, posixpath.normpath(posixpath.join(root, relative))) if relative else None

    def _from_context(self, copy: _Copy, source: str, relative: str, *, is_file_there: bool) -> _Held | Unknown | None:
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

    def _from_pattern(self, copy: _Copy, pattern: str, relative: str) -> _Held | None:
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

    def _held(self, copy: _Copy, path: str) -> _Held | None:
        inside = path[len(self._context) + 1 :] if self._context else path
        name = path.rsplit("/", 1)[-1]
        left_out = any(fnmatch.fnmatchcase(inside, glob) or fnmatch.fnmatchcase(name, glob) for glob in copy.exclude)
        return None if left_out or self._ignore.excludes(inside) else _Held(path, copy.location)


def _assignments(instruction: Instruction, escape: str) -> Iterator[tuple[str, Word]]:
    """Names and values of an ENV: `A=b C="d e"`, or the old form `A the rest of the line`."""
    given = words(instruction, escape)
    if not given:
        return
    if "=" not in given[0].text:
        rest = instruction.text[given[0].end :]
        start = given[0].end + len(rest) - len(rest.lstrip())
        if rest.strip():
            yield given[0].text, Word(instruction.text[start:], start, len(instruction.text))
        return
    for word in given:
        name, equals, value = word.text.partition("=")
        if equals and name:
            yield name, Word(value, word.start + len(name) + 1, word.end)


def _default_version(image: Image) -> VersionEvidence | None:
    """The version that is built when no build argument says otherwise."""
    if not image.unknown or not image.from_fallback:
        return None
    given = image_reference.version(image_reference.parse(image.reference, image.location))
    if given is None:
        return None
    return VersionEvidence(given.version, given.text, given.location, "default of a build argument")


def _json_words(text: str) -> list[str] | None:
    """The words of the JSON form of an instruction; None if it is not that form."""
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return items if isinstance(items, list) and all(isinstance(item, str) for item in items) else None


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
