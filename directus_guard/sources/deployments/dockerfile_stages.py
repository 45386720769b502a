"""The build stages of a Dockerfile: base images, arguments, environment, and what is copied and run."""

from __future__ import annotations

import json
import posixpath
from collections import ChainMap
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.directus.environment.deployment import Known, Unknown, Variable, VersionEvidence, VersionOrigin
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.versions import Version
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.deployments import application, image_reference
from directus_guard.sources.formats import dockerfile_syntax
from directus_guard.sources.formats.dockerfile_syntax import (
    BuildScope,
    Expansion,
    Instruction,
    Positions,
    Word,
    expand,
    words,
)
from directus_guard.sources.formats.traced import Piece, Traced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Image, Value
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.dockerfile_syntax import Heredoc


_INSTALLED: Final = lazy_pattern(r"(?:\A|[\s\"'])directus@([0-9a-z^~][0-9A-Za-z.^~-]{0,40})")
_REFERENCE: Final = lazy_pattern(
    r"[\"']?\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?-[^${}]*)?\}|([A-Za-z_][A-Za-z0-9_]*))[\"']?"
)
_FLAGS: Final = lazy_pattern(r"\s*(?:--[a-z]+(?:=\S*)?\s+)*")
_MAX_STAGES: Final = 100
_MAX_TEXT: Final = 4 * 1024 * 1024
"""Characters that all variables together may expand to; each may hold what Linux takes, many of them would fill memory."""
HOME: Final = "/directus"
"""The working folder of the official image (docs/model/environment.md#loading)."""
_SOMEWHERE: Final = "/(a folder that the Dockerfile does not name)"
"""Stands for the working folder of a base image that cannot be seen, or one that is given from outside."""


class CopyStep(Struct, frozen=True):
    """A COPY or ADD: what goes where. `stage` is the name in `--from`."""

    sources: tuple[Expansion, ...]
    target: Expansion
    stage: str | None
    exclude: tuple[str, ...]
    heredocs: tuple[Heredoc, ...]
    workdir: str
    location: Location


class RunStep(Struct, frozen=True):
    """A RUN: the text of its commands, and the same as a script that knows its places."""

    commands: str
    script: Traced
    workdir: str
    location: Location


class BuildStage(Struct):
    """One stage, as far as its instructions were read."""

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
    steps: list[CopyStep | RunStep] = field(default_factory=list)
    installed: VersionEvidence | None = None
    starts: bool = False
    command: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The words of `ENTRYPOINT` and `CMD`, or the text that a shell runs; each replaces the one before."""
    home: bool = False
    """Whether it rests on a Directus image."""


def stage_named(stages: list[BuildStage], name: str) -> int | None:
    """The index of the last stage of a name, None if there is none."""
    name = name.lower()
    for index in range(len(stages) - 1, -1, -1):
        if stages[index].name == name and name:
            return index
    return None


class StageReader:
    """Reads the instructions of a Dockerfile into its build stages, with the environment of each."""

    def __init__(
        self, repository: Repository, path: str, text: str, arguments: tuple[Variable, ...] | None = None
    ) -> None:
        """`arguments`: what the build is given, None if who builds it is not known."""
        self._repository, self._path, self._text = repository, path, text
        self._given = {one.name: one for one in arguments or ()}
        self._built = arguments is not None
        self._places: dict[str, Location] = {}
        """Where the value of each argument is written."""
        self.positions = Positions(path, text)
        self.stages: list[BuildStage] = []
        instructions, self._escape = dockerfile_syntax.read(text)
        self._globals: dict[str, Value] = {}
        self._budget = _MAX_TEXT
        for instruction in instructions:
            self._take(instruction)

    def _take(self, instruction: Instruction) -> None:
        if instruction.keyword == "FROM":
            self._from(instruction)
        elif instruction.keyword == "ARG":
            self._arg(instruction)
        elif self.stages:
            stage = self.stages[-1]
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
        if len(self.stages) == _MAX_STAGES:
            self._repository.problem(self._path, f"more than {_MAX_STAGES} build stages; the others were not read")
        if len(self.stages) >= _MAX_STAGES:
            return
        name = given[2].text.lower() if len(given) > 2 and given[1].text.lower() == "as" else ""
        base = expand(given[0].text, BuildScope(self._globals, complete=True, escape=self._escape))
        region = self._region(instruction, given[0])
        parent = stage_named(self.stages, base.text)
        if parent is not None:
            self.stages.append(self._child(name, parent))
            return
        if base.text == "scratch":
            self.stages.append(BuildStage(name, None, region, complete=True))
            return
        image = image_reference.parse(
            base.text, region, base.reason, from_fallback=bool(base.reason and base.text and base.has_fallback)
        )
        home = is_directus_image(image.repository)
        self.stages.append(
            BuildStage(
                name,
                image,
                region,
                default_version=self._version(image, given[0]),
                workdir=HOME if home else _SOMEWHERE,
                home=home,
            )
        )

    def _child(self, name: str, parent: int) -> BuildStage:
        base = self.stages[parent]
        return BuildStage(
            name, base.image, base.location, parent, base.default_version, base.complete, base.workdir,
            dict(base.arguments), dict(base.environment), list(base.variables),
            installed=base.installed, starts=base.starts, command=dict(base.command), home=base.home,
        )  # fmt: skip

    def _arg(self, instruction: Instruction) -> None:
        for word in self._words(instruction):
            name, equals, default = word.text.partition("=")
            reason = f"build argument `{application.plain(name)}` may be given from outside"
            stage = self.stages[-1] if self.stages else None
            arguments = self._globals if stage is None else stage.arguments
            if name in self._given:
                arguments[name] = self._given[name].value
                self._places[name] = self._given[name].location
            elif equals or stage is None:
                scope = (
                    BuildScope(self._globals, complete=True, escape=self._escape)
                    if stage is None
                    else self._scope(stage)
                )
                held = expand(default, scope)
                fallback = Secret(held.text) if held.has_fallback else None
                arguments[name] = self._kept(Unknown(reason, fallback, written=fallback))
                if equals:
                    written = Word(default, word.start + len(name) + 1, word.end)
                    self._places[name] = self._inner_region(instruction, written)
            else:
                arguments[name] = self._globals.get(name, Unknown(reason, Secret("")))

    def _env(self, stage: BuildStage, instruction: Instruction) -> None:
        scope = self._scope(stage)
        made = [
            self._variable(name, self._kept(expand(word.text, scope).value), instruction, word, stage)
            for name, word in _assignments(instruction, self._escape)
        ]
        # All words of one instruction see the environment as it was before the instruction.
        for variable in made:
            stage.environment[variable.name] = variable.value
        stage.variables += made

    def _variable(self, name: str, value: Value, instruction: Instruction, word: Word, stage: BuildStage) -> Variable:
        """The variable of an ENV; of one that only hands an argument on, the place where the argument's value is written."""
        region = self._inner_region(instruction, word)
        reference = _REFERENCE.fullmatch(word.text)
        argument = (reference[1] or reference[2]) if reference else ""
        if argument not in stage.arguments or argument in stage.environment or argument not in self._places:
            return Variable(name, value, region, "Dockerfile ENV")
        return Variable(name, value, self._places[argument], "Dockerfile ENV", (region,))

    def _version(self, image: Image, base: Word) -> VersionEvidence | None:
        """The version that is built: what a manifest gives for the arguments of `FROM`, else what their defaults make."""
        names = [one for match in _REFERENCE.finditer(base.text) if (one := match[1] or match[2]) in self._places]
        if not names or (image.unknown and not image.from_fallback):
            return None
        given = image_reference.version(image_reference.parse(image.reference, image.location))
        if given is None:
            return None
        by_manifest = [self._given[name] for name in names if name in self._given]
        place = self._places[names[-1]] if by_manifest else given.location
        origin = VersionOrigin.IMAGE_TAG if by_manifest else VersionOrigin.BUILD_ARGUMENT
        # A manifest that gives no argument builds with the default.
        known = self._built and not any(isinstance(one.value, Unknown) for one in by_manifest)
        reference = "" if by_manifest else given.reference
        return VersionEvidence(given.version, given.text, place, origin, reference, "" if known else image.unknown)

    def _workdir(self, stage: BuildStage, target: Expansion) -> None:
        stage.workdir = _SOMEWHERE if target.reason else posixpath.normpath(posixpath.join(stage.workdir, target.text))

    def _copy(self, stage: BuildStage, instruction: Instruction) -> None:
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
            CopyStep(
                tuple(expand(text, scope) for text in texts[:-1]),
                expand(texts[-1], scope),
                named[-1] if named else None,
                tuple(flag.partition("=")[2] for flag in flags if flag.startswith("--exclude=")),
                instruction.heredocs,
                stage.workdir,
                self.positions.region(instruction.offset(0), instruction.offset(len(instruction.text))),
            )
        )

    def _run(self, stage: BuildStage, instruction: Instruction) -> None:
        text = "\n".join((instruction.text, *(heredoc.text for heredoc in instruction.heredocs)))
        stage.starts = stage.starts or application.starts_directus(text)
        installed = _INSTALLED.search(instruction.text)
        if installed is not None:
            start, end = instruction.offset(installed.start(1)), instruction.offset(installed.end(1))
            region = self.positions.region(start, end)
            stage.installed = VersionEvidence(
                Version.parse(installed[1]), installed[1], region, VersionOrigin.INSTALLED
            )
        if instruction.keyword != "RUN":
            stage.command[instruction.keyword] = tuple(_json_words(instruction.text) or (instruction.text,))
        else:
            place = self.positions.region(instruction.offset(0), instruction.offset(len(instruction.text)))
            stage.steps.append(RunStep(text, self._script(instruction), stage.workdir, place))

    def _script(self, instruction: Instruction) -> Traced:
        """The commands of a RUN as a shell gets them; a here-document without a command is itself the script."""
        flags = _FLAGS.match(instruction.text)
        start = flags.end() if flags is not None else 0
        bodies = [tuple(self._lines(held)) for held in instruction.heredocs]
        if instruction.text.startswith("<<", start) and instruction.heredocs:
            return Traced(self.positions, [piece for body in bodies for piece in body])
        pieces = [Piece(text, offset, offset + len(text)) for text, offset in instruction.runs(start)]
        for held, body in zip(instruction.heredocs, bodies, strict=True):
            pieces += (Piece("\n", held.offset, held.offset), *body, Piece(f"{held.name}\n", held.offset, held.offset))
        return Traced(self.positions, pieces)

    def _lines(self, heredoc: Heredoc) -> Iterator[Piece]:
        """The lines of a here-document where the file has them: `<<-` takes tabs away."""
        offset = heredoc.offset
        for line in heredoc.text.splitlines(keepends=True):
            end = self._text.find("\n", offset) + 1 or len(self._text)
            yield Piece(line, max(end - len(line), offset), end)
            offset = end

    def _words(self, instruction: Instruction) -> tuple[Word, ...]:
        return words(instruction, self._escape)

    def _scope(self, stage: BuildStage) -> BuildScope:
        return BuildScope(ChainMap(stage.environment, stage.arguments), stage.complete, self._escape)

    def _kept(self, value: Value) -> Value:
        held = value.text if isinstance(value, Known) else value.fallback
        self._budget -= len(held.reveal()) if held else 0
        return value if self._budget >= 0 else Unknown("the Dockerfile's variables grow too long to be followed")

    def _region(self, instruction: Instruction, word: Word) -> Location:
        start = instruction.offset(word.start)
        return self.positions.region(
            start, max(start, instruction.offset(max(word.end - 1, word.start)) + (word.end > word.start))
        )

    def _inner_region(self, instruction: Instruction, word: Word) -> Location:
        """The word without the quotes that are around all of it."""
        quote = word.text[:1]
        if len(word.text) > 1 and quote in "\"'" and word.text.find(quote, 1) == len(word.text) - 1:
            word = Word(word.text[1:-1], word.start + 1, word.end - 1)
        return self._region(instruction, word)


def _assignments(instruction: Instruction, escape: str) -> Iterator[tuple[str, Word]]:
    """Names and values of an ENV: `A=b C="d e"`, or the old form `A the rest of the line`."""
    given = words(instruction, escape)
    if not given:
        return
    if "=" not in given[0].text:
        rest = instruction.text[given[0].end :].lstrip()
        if rest:
            yield given[0].text, Word(rest, len(instruction.text) - len(rest), len(instruction.text))
        return
    for word in given:
        name, equals, value = word.text.partition("=")
        if equals and name:
            yield name, Word(value, word.start + len(name) + 1, word.end)


def _json_words(text: str) -> list[str] | None:
    """The words of the JSON form of an instruction; None if it is not that form."""
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return items if isinstance(items, list) and all(isinstance(item, str) for item in items) else None
