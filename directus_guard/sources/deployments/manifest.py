"""One way to read a manifest of a hosting platform: JSON, TOML or YAML by its name, as values that know their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.finding import Location
from directus_guard.sources.formats import json_document, values, yaml_document
from directus_guard.sources.formats.values import ObjectValue

if TYPE_CHECKING:
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Text, Value

_TEMPLATE_MARKS: Final = ("{{", "{%", "[[", "<%")


def belonging(repository: Repository, path: str) -> None:
    """Note that a file that names Directus belongs to the project: what cannot be read of it makes the run incomplete.

    Of a file that is no text the name has to say it. A template that a tool fills in first is only named as a problem.
    """
    text = repository.text(path)
    named = path if text is None else text
    if "directus" in named.lower() and not any(mark in named for mark in _TEMPLATE_MARKS):
        repository.belongs(path)


def value(repository: Repository, path: str) -> Value | None:
    """What a file holds; None with a problem noted where it cannot be read. Of several YAML documents it is the first."""
    lower = path.lower()
    if lower.endswith(".toml"):
        from directus_guard.sources.formats import toml_document  # noqa: PLC0415 - few repositories have any

        return toml_document.document(repository, path)
    if lower.endswith(".json"):
        return json_document.document(repository, path)
    documents = yaml_document.documents(repository, path)
    return values.from_yaml(documents[0]) if documents else None


def inside(repository: Repository, text: Text, line: int, column: int, end_line: int, end_column: int) -> Location:
    """The place of a part of a text over several lines; the whole text where its lines do not stand as they are.

    Lines and columns count from 1 in the text.
    """
    block = yaml_document.block_text(repository.lines(text.location.path), text.location)
    if block is None:
        return text.location
    first, indent = block
    return Location(text.location.path, first + line - 1, indent + column, first + end_line - 1, indent + end_column)


def root(repository: Repository, path: str) -> ObjectValue | None:
    """What a file holds, if it is an object."""
    held = value(repository, path)
    return held if isinstance(held, ObjectValue) else None
