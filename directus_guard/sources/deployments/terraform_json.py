"""Terraform's JSON syntax (`*.tf.json`) as the same blocks that HCL gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.formats import hcl_document, json_document
from directus_guard.sources.formats.hcl_document import HclBlock
from directus_guard.sources.formats.values import List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_LABELS: Final = {"resource": 2, "data": 2, "module": 1, "variable": 1, "locals": 0}
"""How many names the blocks have that are read."""
_COMMENT: Final = "//"
_MAX_DEPTH: Final = 100


def document(repository: Repository, path: str) -> tuple[HclBlock, ...]:
    """The blocks of the file; () with a problem noted when it is not readable or not valid JSON."""
    root = json_document.document(repository, path)
    return tuple(_blocks(path, root)) if isinstance(root, ObjectValue) else ()


def _blocks(path: str, root: ObjectValue) -> Iterator[HclBlock]:
    for entry in root.entries:
        labels = _LABELS.get(entry.key.text)
        if labels is not None:
            for names, body in _labelled(entry.value, labels, ()):
                made = _value(path, body, 0)
                if isinstance(made, ObjectValue):
                    yield HclBlock(entry.key.text, names, made)


def _labelled(value: Value, labels: int, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ObjectValue]]:
    """The bodies below so many names; a list may be anywhere in between."""
    if isinstance(value, List):
        for item in value.items:
            if isinstance(item, ObjectValue):
                yield from _labelled(item, labels, names)
    elif isinstance(value, ObjectValue) and labels:
        for entry in value.entries:
            if entry.key.text != _COMMENT:
                yield from _labelled(entry.value, labels - 1, (*names, entry.key.text))
    elif isinstance(value, ObjectValue):
        yield names, value


def _value(path: str, value: Value, depth: int) -> Value:
    """The value with its strings read as templates."""
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, Text):
        return hcl_document.template(path, value.text, value.location) if value.kind is TextKind.STRING else value
    if isinstance(value, List):
        return List(tuple(_value(path, item, depth + 1) for item in value.items), value.location)
    if isinstance(value, ObjectValue):
        entries = [
            ObjectEntry(entry.key, _value(path, entry.value, depth + 1))
            for entry in value.entries
            if entry.key.text != _COMMENT
        ]
        return ObjectValue(tuple(entries), value.location)
    return value
