"""Paths into Kubernetes manifests: the values of nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, MappingEntry, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.formats.yaml_document import Node


def items_of(node: Node | None) -> tuple[Node, ...]:
    """The items of a list, none of anything else."""
    return node.items if isinstance(node, Sequence) else ()


def entries_of(node: Node | None) -> tuple[MappingEntry, ...]:
    """The entries of a mapping, none of anything else."""
    return node.entries if isinstance(node, Mapping) else ()


def mappings(node: Node | None) -> Iterator[Mapping]:
    """The mappings of a list."""
    for item in items_of(node):
        if isinstance(item, Mapping):
            yield item


def at(node: Node | None, *path: str) -> Node | None:
    """The value at the path of keys, None without one."""
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def text_at(node: Node | None, *path: str) -> str:
    """The text at the path of keys, "" if there is none."""
    found = at(node, *path)
    return found.text if isinstance(found, Scalar) and not yaml_document.is_null(found) else ""


def number(node: Node | None) -> int | None:
    """A small natural number, None if it is not one."""
    if isinstance(node, Scalar) and node.text.isascii() and node.text.isdecimal() and len(node.text) <= 6:
        return int(node.text)
    return None
