"""Amazon ECS: task definitions as JSON, and in CloudFormation templates."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import containers
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document, values, yaml_document
from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all task definitions, in the order of paths."""
    return tuple(deployment for path in registry.ECS.paths(repository) for deployment in _file(repository, path))


def _file(repository: Repository, path: str) -> Iterator[Deployment]:
    text = repository.text(path) or ""
    root: Value | None
    if path.endswith(".json") or text.lstrip().startswith(("{", "[")):
        root = json_document.document(repository, path)
    else:
        documents = yaml_document.documents(repository, path)
        root = values.from_yaml(documents[0]) if documents else None
    for label, definitions in _definitions(root):
        yield from containers.deployments(definitions, Platform.ECS, path, label, partial(_parameter, root))


def _parameter(root: Value | None, value: Value) -> Value:
    """The default of the template's parameter that `!Ref X`, `{"Ref": "X"}` or `!Sub "${X}"` takes in; else the value."""
    name = value.text("Ref") if isinstance(value, ObjectValue) else None
    found = _REFERENCE.fullmatch(value.source) if isinstance(value, ComputedValue) else None
    name = found[1] or found[2] if found is not None else name
    parameters = root.object("Parameters") if name is not None and isinstance(root, ObjectValue) else None
    parameter = parameters.object(name) if parameters is not None and name is not None else None
    default = parameter.scalar("Default") if parameter is not None else None
    if default is None:
        return value if isinstance(value, ComputedValue) or name is None else ComputedValue(_REASON, value.location)
    return ComputedValue(_REASON, default.location, default.text, written=True)


_REFERENCE: Final = lazy_pattern(r"!Ref (\w+)|!Sub \$\{(\w+)\}")
_REASON: Final = "it is given to the template when it is deployed"


def _definitions(root: Value | None) -> Iterator[tuple[str, List]]:
    """The lists of container definitions, with the name of their task in the template."""
    if isinstance(root, List) and all(isinstance(item, ObjectValue) and item.get("image") for item in root.items):
        yield "", root
    if not isinstance(root, ObjectValue):
        return
    for holder in (root, root.object("taskDefinition")):
        held = holder.get("containerDefinitions") if holder else None
        if isinstance(held, List):
            yield "", held
    resources = root.object("Resources")
    for entry in resources.entries if resources else ():
        properties = entry.value.object("Properties") if isinstance(entry.value, ObjectValue) else None
        held = properties.get("ContainerDefinitions") if properties else None
        if isinstance(held, List):
            yield entry.key.text, held
