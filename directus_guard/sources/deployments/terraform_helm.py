"""`helm_release` of Terraform: the values that it gives to a chart, as YAML, as objects and by `set`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import helm_releases
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue, Text, TextKind
from directus_guard.sources.formats.yaml_document import Mapping, MappingEntry, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.sources.formats.values import Value
    from directus_guard.sources.formats.yaml_document import Node

_MAX_DEPTH: Final = 50


def release(body: ObjectValue, resolve: Callable[[Value], Value]) -> helm_releases.Release:
    """The release of a block. `resolve` follows references to values written elsewhere."""
    given = [node for value in body.items("values") if (node := _document(value, resolve)) is not None]
    made = helm_releases.of_set(_set(body, resolve))
    names = [held.text if isinstance(held, Text) else "" for held in map(resolve, _named(body))]
    return helm_releases.Release(names[0], names[1], (*(node for node in given if isinstance(node, Mapping)), *made))


def _named(body: ObjectValue) -> tuple[Value, Value]:
    none = Text("", TextKind.NULL, body.location)
    return body.get("name") or none, body.get("chart") or none


def _set(body: ObjectValue, resolve: Callable[[Value], Value]) -> Iterator[tuple[str, Node]]:
    """Names and values of `set { … }` and `set = [{ … }]`."""
    for entry in body.entries:
        if entry.key.text in ("set", "set_sensitive"):
            for one in entry.value.items if isinstance(entry.value, List) else (entry.value,):
                name = one.text("name") if isinstance(one, ObjectValue) else None
                value = one.get("value") if isinstance(one, ObjectValue) else None
                if name is not None and value is not None:
                    yield name, _node(value, resolve, 0)


def _document(value: Value, resolve: Callable[[Value], Value]) -> Node | None:
    """One document of values: an object, or a here-document of YAML; None for what is neither."""
    held = resolve(value)
    if isinstance(held, ObjectValue):
        return _node(held, resolve, 0)
    pieces = held.parts if isinstance(held, ComputedValue) and held.call is None else (held,)
    place = held.location
    if place.line == place.end_line or not pieces:
        return None
    text = "".join(piece.text if isinstance(piece, Text) else _put_in(piece) for piece in pieces)
    lines = (" " * (place.column - 1) + line if line else line for line in text.split("\n"))
    try:
        found = yaml_document.parse(place.path, "\n" * (place.line - 1) + "\n".join(lines))
    except yaml_document.YamlError:
        return None
    return found[0] if found else None


def _node(value: Value, resolve: Callable[[Value], Value], depth: int) -> Node:
    """A value as YAML has it; what is not known is what Terraform puts in."""
    held = resolve(value)
    if isinstance(held, Text):
        return Scalar(held.text, plain=held.kind is not TextKind.STRING, tag="", location=held.location)
    if isinstance(held, ComputedValue) or depth > _MAX_DEPTH:
        return Scalar(_put_in(held), plain=False, tag="", location=held.location)
    if isinstance(held, List):
        return Sequence(tuple(_node(item, resolve, depth + 1) for item in held.items), held.location)
    entries = (
        MappingEntry(
            Scalar(entry.key.text, plain=False, tag="", location=entry.key.location),
            _node(entry.value, resolve, depth + 1),
        )
        for entry in held.entries
    )
    return Mapping(tuple(entries), held.location)


def _put_in(value: Value) -> str:
    """What takes the place of an expression: as long as it where a name begins it, so that columns stay right."""
    name = _ODD.sub("_", value.source) if isinstance(value, ComputedValue) else ""
    return f"${{{name}}}" if name[:1].isalpha() else "${value}"


_ODD: Final = lazy_pattern(r"[^\w.\[\]-]", re.ASCII)
