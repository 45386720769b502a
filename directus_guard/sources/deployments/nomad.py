"""Nomad: jobs in HCL and in JSON. A task's `env` block, and templates that Nomad reads as environment variables.

After Nomad's `client/taskenv`: template variables beat those of `env`, invalid characters of a name become `_`, and
`${NOMAD_…}`, `${attr.…}`, `${meta.…}` are filled in on the machine that runs the task.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Deployment, Known, Platform, Service, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, config_file, image_reference, manifest
from directus_guard.sources.files import registry
from directus_guard.sources.formats import hcl_document, holes, json_document, references, values
from directus_guard.sources.formats.hcl_scope import HclScope
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Image, Value as EnvironmentValue
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_FILE: Final = lazy_pattern(r'file\(\s*"([^"$\\]{1,300})"\s*\)\Z')
_RUNTIME: Final = lazy_pattern(r"\$\{([^{}]{1,200})\}")
_NAME: Final = lazy_pattern(r"[^A-Za-z0-9_.]")
_LEVANT: Final = "[["
_CONFIG_FILE: Final = "/directus/.env"
_MAX_SERVICES: Final = 100
"""Tasks of a job that are looked at as what is around Directus."""


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus tasks of all jobs, in the order of paths and tasks."""
    found: list[Deployment] = []
    for path in registry.NOMAD.paths(repository):
        manifest.belonging(repository, path)
        blocks: tuple[hcl_document.HclBlock, ...] = ()
        if path.lower().endswith(".json"):
            jobs = list(_json_jobs(json_document.document(repository, path)))
        else:
            blocks = hcl_document.document(repository, path)
            jobs = [("/".join(block.labels), block.body) for block in blocks if block.kind == "job"]
        scope = HclScope(blocks, "is given when the job is run")
        for label, job in jobs:
            found += _Job(repository, path, label, job, scope).deployments()
    return tuple(sorted(found, key=lambda item: item.name))


def _json_jobs(root: Value | None) -> Iterator[tuple[str, ObjectValue]]:
    """`{"Job": {…}}` as the API takes it, or `{"job": {"name": {…}}}` as HCL in JSON."""
    if not isinstance(root, ObjectValue):
        return
    api = root.object("Job") or (root if isinstance(root.get("TaskGroups"), List) else None)
    if api is not None:
        yield (api.text("ID") or api.text("Name") or ""), api
    for jobs in root.objects("job"):
        for entry in jobs.entries:
            for body in _bodies(entry.value):
                yield entry.key.text, body


def _bodies(value: Value) -> Iterator[ObjectValue]:
    if isinstance(value, ObjectValue):
        yield value
    elif isinstance(value, List):
        yield from (item for item in value.items if isinstance(item, ObjectValue))


class _Task(Struct, frozen=True):
    group: str
    name: str
    body: ObjectValue
    count: int | None


class _Job:
    def __init__(self, repository: Repository, path: str, label: str, body: ObjectValue, scope: HclScope) -> None:
        self._repository, self._path, self._label, self._body, self._scope = repository, path, label, body, scope
        self._tasks = tuple(self._find_tasks())

    def _find_tasks(self) -> Iterator[_Task]:
        for name, group in _labelled(self._body, "group", "TaskGroups"):
            count = values.count(group.text("count") or group.text("Count"))
            for task, body in _labelled(group, "task", "Tasks"):
                yield _Task(name, task, body, count)
        for task, body in _labelled(self._body, "task", "Tasks"):
            yield _Task("", task, body, None)

    def deployments(self) -> Iterator[Deployment]:
        for task in self._tasks:
            found = self._deployment(task)
            if found is not None:
                yield found

    def _deployment(self, task: _Task) -> Deployment | None:
        image = self._image(task)
        environment = _Environment(self._repository, self._path, self._scope, task.body)
        config = _config(task)
        words = [part.text for part in values.walk(config) if isinstance(part, Text)] if config else []
        if not (
            (image is not None and is_directus_image(image.repository))
            or application.configures_directus(environment.variables)
            or application.starts_directus(" ".join(words))
        ):
            return None
        label = "/".join(filter(None, (self._label, task.group, task.name)))
        namespace = self._body.text("namespace") or self._body.text("Namespace")
        by_command, taken_in = command_line.environment(words, task.body.location, self._repository)
        return Deployment(
            name=f"{self._path}#{label}",
            platform=Platform.NOMAD,
            location=task.body.location,
            variables=(*environment.variables, *by_command),
            config_file=environment.config_file(words),
            gaps=tuple(dict.fromkeys((*environment.gaps, *taken_in))),
            image=image,
            version=image_reference.version_of_value(image, _get_image(task), self._scope.resolve),
            hints=tuple(filter(None, (self._label, task.group, task.name, namespace))),
            services=tuple(self._neighbours(task)),
            replicas=task.count,
            consumed=frozenset({self._path, *environment.consumed}),
        )

    def _neighbours(self, task: _Task) -> Iterator[Service]:
        """The other tasks of the job."""
        return (service for other, service in self._services if other is not task)

    @cached_property
    def _services(self) -> list[tuple[_Task, Service]]:
        found: list[tuple[_Task, Service]] = []
        for task in self._tasks[:_MAX_SERVICES]:
            environment = _Environment(self._repository, self._path, self._scope, task.body)
            variables = tuple(environment.variables)
            found.append((task, Service(task.name, self._image(task), variables, (), task.body.location)))
        return found

    def _image(self, task: _Task) -> Image | None:
        config = _config(task)
        held = self._scope.resolve(config.get("image") or config) if config else None
        if isinstance(held, Text):
            if "${" in held.text or _LEVANT in held.text:
                known = re.split(r"\$\{|\[\[", held.text, maxsplit=1)[0]
                return image_reference.parse(known.rstrip(":@"), held.location, "it is filled in when the job runs")
            return image_reference.parse(held.text, held.location)
        if isinstance(held, ComputedValue):
            first = held.parts[0] if held.parts else None
            known = held.fallback or (first.text if isinstance(first, Text) else "")
            return image_reference.parse(
                known.rstrip(":@"), held.location, held.reason, from_fallback=held.fallback is not None
            )
        return None


def _labelled(body: ObjectValue, block: str, field: str) -> Iterator[tuple[str, ObjectValue]]:
    """The blocks of one kind with their labels: HCL, HCL in JSON (a label is a key), or the API's lists."""
    for entry in body.entries:
        if entry.key.text == block:
            if isinstance(entry.value, ObjectValue) and entry.value.labels:
                yield entry.value.labels[0], entry.value
            elif isinstance(entry.value, ObjectValue):
                for inner in entry.value.entries:
                    yield from ((inner.key.text, held) for held in _bodies(inner.value))
            elif isinstance(entry.value, List):
                for item in entry.value.items:
                    for inner in item.entries if isinstance(item, ObjectValue) else ():
                        yield from ((inner.key.text, held) for held in _bodies(inner.value))
        elif entry.key.text == field:
            yield from ((held.text("Name") or "", held) for held in _bodies(entry.value))


def _get_image(task: _Task) -> Value | None:
    config = _config(task)
    return config.get("image") if config is not None else None


def _config(task: _Task) -> ObjectValue | None:
    value = _get(task.body, "config", "Config")
    return next(_bodies(value), None) if value is not None else None


def _get(body: ObjectValue, *keys: str) -> Value | None:
    return next((value for key in keys if (value := body.get(key)) is not None), None)


class _Environment:
    """What one task is given, in the order of rising precedence."""

    def __init__(self, repository: Repository, path: str, scope: HclScope, task: ObjectValue) -> None:
        self._repository, self._path, self._scope = repository, path, scope
        self.variables: list[Variable] = []
        self.gaps: list[Gap] = []
        self.consumed: set[str] = set()
        self._files: dict[str, Value] = {}
        for entry in task.entries:
            if entry.key.text in ("env", "Env"):
                self.gaps += values.misread(scope.resolve(entry.value), entry.key.text, ObjectValue, List)
                for held in _bodies(scope.resolve(entry.value)) if not isinstance(entry.value, ComputedValue) else ():
                    self._take_block(held)
                if isinstance(scope.resolve(entry.value), ComputedValue):
                    self.gaps.append(unseen("the `env` of the task is worked out when the job is run"))
        for entry in task.entries:
            if entry.key.text in ("template", "Templates"):
                for held in _bodies(entry.value):
                    self._take_template(held)
            elif entry.key.text == "dynamic":
                self.gaps.append(unseen("a `dynamic` block adds templates or variables"))

    def _take_block(self, block: ObjectValue) -> None:
        for entry in block.entries:
            self._take(entry)

    def _take(self, entry: ObjectEntry) -> None:
        name = _NAME.sub("_", entry.key.text)
        value = self._scope.resolve(entry.value)
        made = values.variable(name, value, "env", lambda text: None if text.kind is TextKind.NULL else text.text)
        if made is None:
            return
        held = _at_runtime(made.value)
        if isinstance(value, ComputedValue) and isinstance(held, Unknown):
            held = replace(held, reason=_reason(value))
        self.variables.append(Variable(name, held, made.location, made.origin))

    def _take_template(self, template: ObjectValue) -> None:
        destination = template.text("destination") or template.text("DestPath") or ""
        data = self._data(template)
        if (template.text("env") or template.text("Envvars") or "").lower() == "true":
            if isinstance(data, Text):
                self.variables += self._lines(data)
            else:
                self.gaps.append(unseen("a template gives it variables that are not in the job file"))
        elif data is not None:
            self._files[destination] = data

    def _data(self, block: ObjectValue) -> Value | None:
        """The text of a template: with a mark in the place of what is put in from elsewhere."""
        value = _get(block, "data", "EmbeddedTmpl")
        value = self._scope.resolve(value) if value is not None else None
        if isinstance(value, ComputedValue) and value.parts and value.call is None:
            pieces = map(self._scope.resolve, value.parts)
            text = holes.joined(piece.text if isinstance(piece, Text) else None for piece in pieces)
            return Text(text, TextKind.STRING, value.location)
        file = _FILE.match(value.source) if isinstance(value, ComputedValue) else None
        path = self._repository.resolve(application.folder(self._path), file[1]) if file else None
        content = self._repository.text(path) if path is not None and path in self._repository else None
        if path is not None and content is not None:
            self.consumed.add(path)
            return Text(content, TextKind.STRING, Location(path, 1, 1, content.count("\n") + 1, 1))
        return value

    def _lines(self, data: Text) -> Iterator[Variable]:
        """The lines of a template that is read as an environment: what Consul Template fills in is unknown."""
        exact = data.location.end_line > data.location.line
        opened: list[str] = []
        for number, line in enumerate(data.text.split("\n")):
            conditional = _is_conditional(line, opened)
            plain = _CONTROL.sub("", line)
            found = _ASSIGNMENT.match(plain)
            if found is None:
                if "=" in plain and not plain.lstrip().startswith("#") and ("{{" in plain or holes.are_in(plain)):
                    self.gaps.append(unseen("a template makes up the names of further variables"))
                continue
            value, start, end = _unquoted(plain, found.end())
            shift = len(line) - len(plain) if plain and line.endswith(plain) else 0
            place = data.location
            if exact:
                row = place.line + number
                first = place.column + (start + shift if not _CONTROL.search(line) else 0)
                last = place.column + (end + shift if not _CONTROL.search(line) else len(line))
                place = Location(place.path, row, first, row, max(last, first))
            held: EnvironmentValue = Known(Secret(value))
            if "{{" in value or holes.are_in(value) or _LEVANT in value:
                held = Unknown("a template fills it in on the machine")
            elif conditional:
                held = Unknown("a template sets it under a condition")
            yield Variable(_NAME.sub("_", found[1]), held, place, "template")

    def config_file(self, words: list[str]) -> tuple[Variable, ...] | Unknown | None:
        """Directus' own `.env`, where a template of the task is mounted as that."""
        for word in words:
            source, colon, target = word.partition(":")
            if colon and target.split(":")[0] == _CONFIG_FILE:
                data = self._files.get(source) or self._files.get(source.removeprefix("./"))
                if not isinstance(data, Text) or "{{" in data.text or holes.are_in(data.text):
                    return Unknown("`/directus/.env` is filled in on the machine")
                found = config_file.parse(data.location.path, data.text, _CONFIG_FILE, "/directus/.env of the task")
                return (
                    found
                    if isinstance(found, Unknown)
                    else tuple(_moved(variable, data.location) for variable in found)
                )
        return None


_WORD: Final = lazy_pattern(r"\{\{-?\s*(if|range|with|end)\b")
_CONTROL: Final = lazy_pattern(r"\{\{-?\s*(?:if|range|with|end|else|/\*)[^{}]{0,400}\}\}")
_ASSIGNMENT: Final = lazy_pattern(r"[ \t]*(?:export )?[ \t]*([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=")


def _is_conditional(line: str, opened: list[str]) -> bool:
    """Whether a line of a template, or a part of it, only counts under a condition. `opened`: the actions still open."""
    conditional = any(word != "with" for word in opened)
    for word in _WORD.findall(line):
        if word == "end":
            del opened[-1:]
        else:
            opened.append(word)
            conditional = conditional or word != "with"
    return conditional


def _moved(variable: Variable, data: Location) -> Variable:
    """A variable of a text inside the job file, at its place in the file."""
    if data.end_line == data.line:
        return application.at(variable, data)
    place = variable.location
    shift = data.column - 1
    location = Location(
        data.path,
        data.line + place.line - 1,
        place.column + shift,
        data.line + place.end_line - 1,
        place.end_column + shift,
    )
    return application.at(variable, location)


def _unquoted(line: str, start: int) -> tuple[str, int, int]:
    """The value of a line as hashicorp/go-envparse reads it, and its place.

    Quotes may stand anywhere, only in double quotes a backslash escapes, and `#` outside of quotes begins a comment.
    """
    text, quote, index, last = [], "", start, 0
    first: int | None = None
    end = start
    while index < len(line):
        character = line[index]
        if quote == '"' and character == "\\" and index + 1 < len(line):
            index += 1
            text.append({"n": "\n", "t": "\t", "r": "\r"}.get(line[index], line[index]))
        elif quote and character == quote:
            quote = ""
            index += 1
            continue
        elif not quote and character in "\"'":
            quote = character
            index += 1
            continue
        elif not quote and character == "#":
            break
        elif not quote and character in " \t\r" and first is None:
            index += 1
            continue
        else:
            text.append(character)
        first = index if first is None else first
        if quote or character not in " \t\r":
            last, end = len(text), index + 1
        index += 1
    return "".join(text[:last]), start if first is None else first, end


def _at_runtime(value: EnvironmentValue) -> EnvironmentValue:
    text = value.text.reveal() if isinstance(value, Known) else ""
    if _LEVANT in text or "{{" in text:
        return Unknown("it is filled in before the job is run")
    found = _RUNTIME.search(text)
    return Unknown(f"Nomad fills in `${{{references.shown(found[1])}}}`") if found else value


def _reason(value: ComputedValue) -> str:
    """Why an expression is not known, in Nomad's words."""
    if value.variable:
        return value.reason
    if value.source.startswith(("NOMAD_", "attr.", "meta.", "node.", "env[")):
        return f"Nomad fills in `${{{references.shown(value.source)}}}`"
    return "it is worked out when the job is run"
