"""Ansible's inventories, in YAML and as INI: the variables of hosts and groups that are written there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats.yaml_document import Mapping, Scalar

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from directus_guard.sources.formats.yaml_document import Node

_SECTION: Final = lazy_pattern(r"\[([^\]:]{1,200})(?::(vars|children))?\]")
_ASSIGNED: Final = lazy_pattern(
    r"(?<!\S)([A-Za-z_][A-Za-z0-9_]*)=(?:\"([^\"\\]*)\"|'([^']*)'|([^\s\"'#\\{]*|\{\{[^\n{}]*\}\}))(?=\s|#|\Z)"
)
"""A variable on the line of a host. Another way of quoting is not read."""
_SET: Final = lazy_pattern(
    r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?:\"([^\"\\]*)\"|'([^'\\]*)'|([^\s\"'].*?|))(?:(?<=[\"'])\s*#.*)?\s*\Z"
)
"""A variable of a group on its own line."""
_COMMENT: Final = lazy_pattern(r"(?<!\S)#")
_MAX_DEPTH: Final = 30

Written = tuple[str, str, "Node"]
"""Who has a variable (the file, and the group or host in it), its name and its value."""


def of_document(path: str, root: Mapping) -> Iterator[Written]:
    """The variables of an inventory in YAML."""
    for entry in root.entries:
        yield from _group(path, entry.key.text, entry.value, 0)


def _group(path: str, name: str, node: Node, depth: int) -> Iterator[Written]:
    if not isinstance(node, Mapping) or depth > _MAX_DEPTH:
        return
    for written in _entries(node.get("vars")):
        yield (_who(path, name), *written)
    hosts = node.mapping("hosts")
    for host in hosts.entries if hosts is not None else ():
        for written in _entries(host.value):
            yield (_who(path, host.key.text), *written)
    children = node.mapping("children")
    for child in children.entries if children is not None else ():
        yield from _group(path, child.key.text, child.value, depth + 1)


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    for entry in node.entries if isinstance(node, Mapping) else ():
        yield entry.key.text, entry.value


def of_text(path: str, text: str) -> Iterator[Written]:
    """The variables of an inventory as INI."""
    group, kind = "", None
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        written = line.strip()
        if not written or written[0] in "#;":
            continue
        section = _SECTION.match(written)
        if section is not None:
            group, kind = section[1], section[2]
        elif kind == "vars":
            found = _SET.match(line)
            if found is not None:
                yield (_who(path, group), *_value(path, number, found))
        elif kind is None:
            comment = _COMMENT.search(line)
            host = written.split()[0]
            for found in _ASSIGNED.finditer(
                line, line.find(host) + len(host), comment.start() if comment else len(line)
            ):
                yield (_who(path, host), *_value(path, number, found))


def _value(path: str, number: int, match: re.Match[str]) -> tuple[str, Scalar]:
    group = next(index for index in (2, 3, 4) if match[index] is not None)
    place = Location(path, number, match.start(group) + 1, number, match.end(group) + 1)
    return match[1], Scalar(match[group], plain=False, tag="", location=place)


def _who(path: str, name: str) -> str:
    return path if name in ("all", "") else f"{path}:{name}"
