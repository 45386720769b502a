"""Bicep: containers of Azure's resources, and those that a module is given as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Platform
from directus_guard.sources.deployments import containers
from directus_guard.sources.files import registry
from directus_guard.sources.formats import bicep_document, values
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all files, in the order of paths and places."""
    return tuple(
        made
        for path in registry.BICEP.paths(repository)
        for block in bicep_document.document(repository, path)
        for made in containers.deployments(block.body, Platform.AZURE, path, block.name, _Secrets(block.body).resolve)
    )


class _Secrets:
    """The secrets of a container app, which its variables take by their names (`secretRef`)."""

    def __init__(self, body: ObjectValue) -> None:
        self._lists: Final = {
            entry.value
            for value in values.walk(body)
            if isinstance(value, ObjectValue)
            for entry in value.entries
            if entry.key.text == "secrets"
        }
        self._held: Final[dict[str, Value]] = {}
        for one in self._lists:
            for item in one.items if isinstance(one, List) else ():
                name = item.text("name") if isinstance(item, ObjectValue) else None
                held = item.get("value") if isinstance(item, ObjectValue) else None
                if name is not None and held is not None:
                    self._held[name] = held

    def resolve(self, value: Value) -> Value:
        """The value. A reference to a secret becomes the secret, and the list of secrets is left out: it sets no variables."""
        if value in self._lists:
            return List((), value.location)
        name = value.text("secretRef") if isinstance(value, ObjectValue) else None
        if name in self._held and isinstance(value, ObjectValue):
            kept = tuple(entry for entry in value.entries if entry.key.text == "name")
            key = Text("value", TextKind.STRING, value.location)
            return ObjectValue((*kept, ObjectEntry(key, self._held[name])), value.location)
        return values.joined(value, lambda part: part) if isinstance(value, ComputedValue) else value
