"""Extensions of Directus that a repository holds: package.json files with `directus:extension`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.instance import Extension, Sandbox
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value


def read(repository: Repository) -> tuple[Extension, ...]:
    """Every extension, in the order of its file."""
    found = []
    for path in registry.EXTENSIONS.paths(repository):
        root = json_document.document(repository, path)
        about = root.object("directus:extension") if isinstance(root, ObjectValue) else None
        if about is not None and isinstance(root, ObjectValue):
            sandbox = about.object("sandbox")
            found.append(
                Extension(
                    name=root.text("name") or path.rpartition("/")[0].rpartition("/")[2] or path,
                    type=about.text("type") or "",
                    sandbox=_sandbox(sandbox) if sandbox is not None else None,
                    location=sandbox.location if sandbox is not None else root.locate("directus:extension"),
                )
            )
    return tuple(found)


def _sandbox(value: ObjectValue) -> Sandbox:
    scopes = value.object("requestedScopes")
    request = scopes.object("request") if scopes is not None else None
    if request is None:
        return Sandbox(value.text("enabled") == "true")
    return Sandbox(value.text("enabled") == "true", _texts(request.items("urls")), _texts(request.items("methods")))


def _texts(values: tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(value.text for value in values if isinstance(value, Text))
