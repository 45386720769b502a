"""GitHub Actions workflows that start a Directus: service containers, `docker run`, `npx directus start`.

Only what is plainly written counts: `${{ … }}` and `$X` are unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from directus_guard.directus.deployment import Deployment, Known, Platform, PublishedPort, Unknown, Variable
from directus_guard.directus.recognise import is_directus_image
from directus_guard.secret import Secret
from directus_guard.sources import application, image_reference, registry, values, yaml_document
from directus_guard.sources.dockerfile_syntax import Positions
from directus_guard.sources.values import Object, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.deployment import Image, Value
    from directus_guard.finding import Location
    from directus_guard.sources.repository import Repository

_EXPRESSION: Final = re.compile(r"\$\{\{")
_SHELL_VARIABLE: Final = re.compile(r"\$[A-Za-z_{(]|`")
_HINT: Final = "ci"
_INHERITED: Final = "what the runner and earlier steps put into the environment is not in the workflow"


def read(repository: Repository) -> tuple[Deployment, ...]:
    """Every Directus that a workflow or a composite action starts, in the order of paths and positions."""
    found: list[Deployment] = []
    for path in registry.WORKFLOW.paths(repository):
        text = repository.text(path) or ""
        documents = yaml_document.documents(repository, path)
        root = values.from_yaml(documents[0]) if documents else None
        if isinstance(root, Object):
            found += _Workflow(path, text, root).deployments()
    return tuple(found)


class _Workflow:
    def __init__(self, path: str, text: str, root: Object) -> None:
        self._path, self._text, self._root = path, text.removeprefix("\ufeff"), root
        self._positions = Positions(path, self._text)
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", self._text))]

    def deployments(self) -> Iterator[Deployment]:
        jobs = self._root.object("jobs")
        shared = _environment(self._root.object("env"))
        for entry in jobs.entries if jobs else ():
            if isinstance(entry.value, Object):
                job = entry.value
                yield from self._services(entry.key.text, job)
                yield from self._steps(entry.key.text, job, (*shared, *_environment(job.object("env"))))
        runs = self._root.object("runs")
        if runs is not None:
            yield from self._steps("runs", runs, ())

    def _services(self, job: str, node: Object) -> Iterator[Deployment]:
        services = node.object("services")
        for entry in services.entries if services else ():
            service = entry.value
            written = service.get("image") if isinstance(service, Object) else None
            if not isinstance(service, Object) or not isinstance(written, Text):
                continue
            image = _image(written.text, written.location)
            variables = _environment(service.object("env"))
            if is_directus_image(image.repository) or (
                application.configures_directus(variables) and "SECRET" in {item.name for item in variables}
            ):
                open_ = (_OPTIONS,) if "env" in (service.text("options") or "") else ()
                yield Deployment(
                    name=f"{self._path}#{job}/{entry.key.text}",
                    platform=Platform.WORKFLOW,
                    location=entry.key.location,
                    variables=variables,
                    open=open_,
                    image=image,
                    version=image_reference.version(image),
                    hints=(_HINT, job, entry.key.text),
                    ports=tuple(_ports(service)),
                    consumed=frozenset({self._path}),
                )

    def _steps(self, job: str, node: Object, shared: tuple[Variable, ...]) -> Iterator[Deployment]:
        number = 0
        for step in node.objects("steps"):
            run = step.scalar("run")
            if run is None or "directus" not in run.text:
                continue
            given = (*shared, *_environment(step.object("env")))
            for command in self._docker_runs(run):
                number += 1
                yield self._from_command(f"{self._path}#{job}/run-{number}", job, command, given)
            if application.starts_directus(run.text):
                number += 1
                yield Deployment(
                    name=f"{self._path}#{job}/run-{number}",
                    platform=Platform.WORKFLOW,
                    location=run.location,
                    variables=given,
                    open=(_INHERITED,),
                    hints=(_HINT, job),
                    consumed=frozenset({self._path}),
                )

    def _from_command(self, name: str, job: str, command: _DockerRun, given: tuple[Variable, ...]) -> Deployment:
        outer = {variable.name: variable for variable in given}
        variables = tuple(_from_option(option, outer) for option in command.environment)
        return Deployment(
            name=name,
            platform=Platform.WORKFLOW,
            location=command.image.location,
            variables=variables,
            open=(_ENV_FILE,) if command.env_file else (),
            image=command.image,
            version=image_reference.version(command.image),
            hints=(_HINT, job),
            consumed=frozenset({self._path}),
        )

    def _docker_runs(self, run: Text) -> Iterator[_DockerRun]:
        """The `docker run` commands in the text of a `run` key, read where it stands in the file."""
        start, end = (
            self._offset(run.location.line, run.location.column),
            self._offset(run.location.end_line, run.location.end_column),
        )
        for match in _RUN.finditer(self._text, start, end):
            made = self._docker_run(match.end(), end)
            if made is not None:
                yield made

    def _offset(self, line: int, column: int) -> int:
        index = min(line - 1, len(self._line_starts) - 1)
        return min(self._line_starts[index] + column - 1, len(self._text))

    def _docker_run(self, start: int, end: int) -> _DockerRun | None:
        options: list[_Word] = []
        env_file = False
        given = _words(self._text, start, end)
        for word in given:
            name, equals, _ = word.text.partition("=")
            if name in ("-e", "--env") and not equals:
                following = next(given, None)
                if following is not None:
                    options.append(following)
            elif name == "--env":
                options.append(word.tail(len("--env=")))
            elif word.text.startswith("-e") and not word.text.startswith("--") and len(word.text) > 2:
                options.append(word.tail(2))
            elif name == "--env-file":
                env_file = True
                if not equals:
                    next(given, None)
            elif word.text.startswith("-"):
                if not equals and _takes_argument(word.text):
                    next(given, None)
            else:
                image = _image(word.text, self._positions.region(word.start, word.end))
                return (
                    _DockerRun(image, tuple(self._option(option) for option in options), env_file)
                    if is_directus_image(image.repository)
                    else None
                )
        return None

    def _option(self, word: _Word) -> _Option:
        name, equals, text = word.text.partition("=")
        place = self._positions.region(min(word.start + len(name) + len(equals), word.end), word.end)
        return _Option(name, text if equals else None, place, word.literal)


_OPTIONS: Final = "the service's `options` may set further variables"
_ENV_FILE: Final = "an `--env-file` is given to `docker run`"
_RUN: Final = re.compile(r"\b(?:docker|podman)[ \t]+(?:container[ \t]+)?(?:run|create)(?=[ \t\\])")
_FLAGS: Final = frozenset({"-d", "-i", "-t", "--rm", "--detach", "--interactive", "--tty", "--init", "--privileged", "--read-only", "-P",
                           "--publish-all", "--no-healthcheck", "--oom-kill-disable", "--sig-proxy", "-q", "--quiet"})  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class _Word:
    """A word of a command line without its quotes. `literal`: single quotes kept its `$` from the shell."""

    text: str
    start: int
    end: int
    literal: bool

    def tail(self, length: int) -> _Word:
        return _Word(self.text[length:], self.start + length, self.end, self.literal)


@dataclass(frozen=True, slots=True, repr=False)
class _Option:
    name: str
    text: str | None
    location: Location
    literal: bool


@dataclass(frozen=True, slots=True, repr=False)
class _DockerRun:
    image: Image
    environment: tuple[_Option, ...]
    env_file: bool


def _takes_argument(option: str) -> bool:
    """Whether an option of `docker run` without `=` takes the next word; letters like `-dit` are flags."""
    if option in _FLAGS:
        return False
    return option.startswith("--") or not set(option[1:]) <= set("ditPq")


def _words(text: str, start: int, end: int) -> Iterator[_Word]:
    """The words of one shell command from `start` on: up to an unescaped line end, `;`, `&`, `|` or a comment."""
    index = start
    while index < end:
        character = text[index]
        if character in " \t\r":
            index += 1
        elif character == "\\" and text[index + 1 : index + 3].lstrip("\r").startswith("\n"):
            index = text.index("\n", index) + 1
        elif character in "\n;&|#<>)":
            return
        else:
            word = _word(text, index, end)
            yield word
            index = max(word.end, index + 1) + (
                word.end < end and text[word.end] in "\"'" and not word.literal and False
            )
            index = _after(text, index, end)


def _after(text: str, index: int, end: int) -> int:
    """Past the closing quote of the word that ends at `index`."""
    while index < end and text[index] in "\"'":
        index += 1
    return index


def _word(text: str, start: int, end: int) -> _Word:
    parts: list[str] = []
    index, quote, literal, first = start, "", False, None
    last = start
    while index < end:
        character = text[index]
        if quote:
            if character == quote:
                quote = ""
            elif character == "\\" and quote == '"' and text[index + 1 : index + 2] in ('"', "\\", "$", "`"):
                index += 1
                parts.append(text[index])
                last = index + 1
            else:
                first = index if first is None else first
                parts.append(character)
                last = index + 1
        elif character in "\"'":
            quote = character
            literal = literal or character == "'"
        elif character in " \t\r\n;&|":
            break
        elif character == "\\":
            if text[index + 1 : index + 2] in ("\n", "\r"):
                break
            index += 1
            parts.append(text[index : index + 1])
            last = index + 1
        else:
            first = index if first is None else first
            parts.append(character)
            last = index + 1
        index += 1
    begin = start if first is None else first
    return _Word("".join(parts), begin, max(last, begin), literal)


def _image(text: str, location: Location) -> Image:
    if _EXPRESSION.search(text) or _SHELL_VARIABLE.search(text):
        known = re.split(r"\$", text, maxsplit=1)[0].rstrip(":@")
        return image_reference.parse(known, location, "it is worked out when the workflow runs")
    return image_reference.parse(text, location)


def _environment(node: Object | None) -> tuple[Variable, ...]:
    found = []
    for variable in values.variables(node, "workflow env"):
        known = variable.value.text.reveal() if isinstance(variable.value, Known) else ""
        value: Value = (
            Unknown("`${{ … }}` is worked out when the workflow runs") if _EXPRESSION.search(known) else variable.value
        )
        found.append(Variable(variable.name, value, variable.location, variable.origin))
    return tuple(found)


def _from_option(option: _Option, outer: dict[str, Variable]) -> Variable:
    """`-e A=b`, or `-e A`, which hands the step's own variable on."""
    if option.text is None:
        given = outer.get(option.name)
        if given is not None:
            return Variable(option.name, given.value, given.location, "docker run --env", (option.location,))
        return Variable(
            option.name, Unknown("it is handed on from the runner's environment"), option.location, "docker run --env"
        )
    computed = _EXPRESSION.search(option.text) or (not option.literal and _SHELL_VARIABLE.search(option.text))
    value: Value = Unknown("it is worked out when the workflow runs") if computed else Known(Secret(option.text))
    return Variable(option.name, value, option.location, "docker run --env")


def _ports(service: Object) -> Iterator[PublishedPort]:
    """`8055:8055` or `8055`; on the runner they are bound to every interface."""
    for item in service.items("ports"):
        if isinstance(item, Text):
            published, colon, target = item.text.rpartition(":")
            yield PublishedPort(target.split("/")[0], published if colon else "", "", item.location)
