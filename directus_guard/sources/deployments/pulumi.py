"""Pulumi: programs in YAML with the configuration of each stack, and what a stack's configuration holds in plain text.

`${name}` is a value of the configuration or of `variables`. What an encrypted value (`secure:`) holds is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.disclosure import is_secret_name
from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.deployments import application, containers, host_commands
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import values, yaml_document
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_REFERENCE: Final = lazy_pattern(r"\$\{([^{}\n]{1,200})\}")
_SAME: Final = ("fn::secret", "fn::toJSON", "fn::toBase64")
"""Functions that leave a value as it is, for what an environment makes of it."""
_MAX_DEPTH: Final = 60
_OUTSIDE: Final = "it is worked out when the stack is deployed"


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all programs for each of their stacks, in the order of paths."""
    programs = registry.PULUMI_PROGRAMS.named(repository)
    found: list[Deployment] = []
    for path in programs:
        stacks = _stacks(repository, application.folder(path))
        made = list(_containers(repository, path, stacks))
        found += made or _configured(repository, path, stacks)
    return tuple(found)


class _Stack(Unprinted, frozen=True, eq=False):
    path: str
    name: str
    config: Mapping[str, Value]


def _stacks(repository: Repository, folder: str) -> tuple[_Stack, ...]:
    paths = [path for path in registry.PULUMI_STACKS.named(repository) if application.folder(path) == folder]
    return tuple(_Stack(path, path.rpartition("/")[2].split(".")[1], _config(repository, path)) for path in paths)


def _root(repository: Repository, path: str) -> ObjectValue | None:
    documents = yaml_document.documents(repository, path)
    root = values.from_yaml(documents[0]) if documents else None
    return root if isinstance(root, ObjectValue) else None


def _config(repository: Repository, path: str) -> dict[str, Value]:
    """The configuration by its keys; those of the project are also there without its name."""
    root = _root(repository, path)
    held = root.object("config") if root is not None else None
    found: dict[str, Value] = {}
    for entry in held.entries if held is not None else ():
        value = _given(entry.value)
        found[entry.key.text] = value
        found[entry.key.text.rpartition(":")[2]] = value
    return found


def _given(value: Value) -> Value:
    """A value of the configuration: a default, an encrypted one, or the value itself."""
    if isinstance(value, ObjectValue):
        if value.get("secure") is not None:
            return ComputedValue("it is encrypted", value.location)
        default = value.get("default") or value.get("value")
        if isinstance(default, Text):
            return ComputedValue("a stack may give another", default.location, default.text, written=True)
        if value.get("type") is not None:
            return ComputedValue("it comes from outside the repository", value.location)
    return value


def _containers(repository: Repository, path: str, stacks: tuple[_Stack, ...]) -> Iterator[Deployment]:
    root = _root(repository, path)
    resources = root.object("resources") if root is not None else None
    if root is None or resources is None or not signs.concerns_directus(repository.text(path) or ""):
        return
    repository.belongs(path)
    variables = root.object("variables")
    own = {entry.key.text: _program(entry.value, 0) for entry in variables.entries} if variables is not None else {}
    defaults = _config(repository, path)
    for stack in stacks or (_Stack(path, "", {}),):
        scope = _Scope({**own, **defaults, **stack.config})
        for entry in resources.entries:
            label = "/".join(filter(None, (stack.name, entry.key.text)))
            body = _program(entry.value, 0)
            for made in containers.deployments(body, Platform.PULUMI, path, label, scope.resolve):
                yield replace(made, hints=(*made.hints, stack.name), consumed=made.consumed | {stack.path})


def _program(value: Value, depth: int) -> Value:
    """A value of a program, with its references as expressions."""
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, Text):
        return _text(value) if value.kind is TextKind.STRING and "${" in value.text else value
    if isinstance(value, List):
        return List(tuple(_program(item, depth + 1) for item in value.items), value.location)
    if isinstance(value, ObjectValue):
        if len(value.entries) == 1 and value.entries[0].key.text in _SAME:
            return _program(value.entries[0].value, depth + 1)
        entries = (ObjectEntry(entry.key, _program(entry.value, depth + 1)) for entry in value.entries)
        return ObjectValue(tuple(entries), value.location)
    return value


def _text(value: Text) -> Value:
    """`${name}`, or a text that takes in some."""
    parts: list[Value] = []
    index = 0
    for match in _REFERENCE.finditer(value.text):
        if match.start() > index:
            parts.append(Text(value.text[index : match.start()], TextKind.STRING, value.location))
        parts.append(ComputedValue(_OUTSIDE, value.location, source=match[1]))
        index = match.end()
    if not parts:
        return value
    if index < len(value.text):
        parts.append(Text(value.text[index:], TextKind.STRING, value.location))
    return parts[0] if len(parts) == 1 else ComputedValue(_OUTSIDE, value.location, parts=tuple(parts))


class _Scope:
    def __init__(self, values: Mapping[str, Value]) -> None:
        self._held = values

    def resolve(self, value: Value, depth: int = 0) -> Value:
        """The value behind a reference."""
        if not isinstance(value, ComputedValue) or depth > _MAX_DEPTH:
            return value
        if value.parts:
            return values.joined(value, lambda part: self.resolve(part, depth + 1))
        held = self._held.get(value.source) if value.source else None
        return value if held is None else self.resolve(held, depth + 1)


def _configured(repository: Repository, path: str, stacks: tuple[_Stack, ...]) -> Iterator[Deployment]:
    """The secrets in plain text of a project in another language that is about Directus, as parts of its deployments."""
    folder = application.folder(path)
    about = signs.names_directus(repository.text(path) or "") or any(
        signs.names_directus(repository.text(file) or "")
        for file in registry.PULUMI_CODE.named(repository)
        if application.is_below(application.folder(file), folder)
    )
    for stack in stacks:
        made = []
        for key, value in stack.config.items():
            name = host_commands.own_name(_CAPITAL.sub(r"_\1", key))
            named = about or "directus" in key.lower()
            if (
                ":" not in key
                and named
                and isinstance(value, Text)
                and signs.is_directus_variable(name)
                and is_secret_name(name)
            ):
                variable = values.variable(name, value, "configuration of the stack")
                made += [variable] if variable is not None else []
        if made:
            yield Deployment(
                name=f"{stack.path}#{application.plain(stack.name)}",
                platform=Platform.PULUMI,
                location=Location(stack.path),
                variables=tuple(made),
                gaps=(unseen("what else the program gives is not known"),),
                hints=(application.plain(stack.name),),
                consumed=frozenset({stack.path}),
                partial=True,
            )


_CAPITAL: Final = lazy_pattern(r"(?<=[a-z0-9])([A-Z])")
