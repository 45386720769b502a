"""A YAML file as it is written: every node with its offsets and the collection that holds it. Nothing is resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator


class YamlNode(Struct, eq=False):
    """A node. `start` and `end` are offsets, quotes included; `first` and `last` count the events of the text."""

    kind: str
    """`scalar`, `map`, `seq` or `alias`."""
    start: int
    end: int
    first: int
    last: int
    parent: YamlNode | None
    text: str = ""
    style: str = ""
    """The quote, `|` or `>`; "" = plain. Of a collection `{` where it is written in brackets."""
    marked: bool = False
    """Whether it has an anchor or a tag."""
    children: list[YamlNode] = []
    """Of a mapping keys and values in turn."""

    @property
    def pairs(self) -> list[tuple[YamlNode, YamlNode]]:
        """The keys and values of a mapping, merge keys included."""
        return list(zip(self.children[::2], self.children[1::2], strict=True)) if self.kind == "map" else []

    @property
    def is_key(self) -> bool:
        """Whether it is a key of the mapping that holds it."""
        return self.parent is not None and any(key is self for key, _ in self.parent.pairs)

    @property
    def content(self) -> tuple[int, int]:
        """Where the text of a scalar begins and ends, quotes not included."""
        inset = 1 if self.style in ("'", '"') else 0
        return self.start + inset, self.end - inset

    def walk(self) -> Iterator[YamlNode]:
        """The node and all below it, as written."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    @property
    def leaf_end(self) -> int:
        """Where the last text of it ends. A block collection itself ends only where the next thing begins."""
        return max(
            (node.end for node in self.walk() if node.kind in ("scalar", "alias") or node.style == "{"),
            default=self.end,
        )


Shape = tuple[tuple[str, str, str], ...]
"""A text as a series of events without their places: kind, text, and anchor with tag."""


class YamlTree:
    """All nodes of a text. Raises `yaml.YAMLError` where it is no YAML."""

    def __init__(self, text: str) -> None:
        self.nodes: Final[list[YamlNode]] = []
        self._text: Final = text
        shape: list[tuple[str, str, str]] = []
        stack: list[YamlNode] = []
        for number, event in enumerate(yaml.parse(text, Loader=yaml.CBaseLoader)):
            shape.append(_shape(event))
            if isinstance(event, yaml.CollectionEndEvent):
                node = stack.pop()
                node.end, node.last = _index(event.end_mark), number
            elif isinstance(event, (yaml.NodeEvent,)):
                node = self._node(event, number, stack[-1] if stack else None)
                if isinstance(event, yaml.CollectionStartEvent):
                    stack.append(node)
        self.shape: Final[Shape] = tuple(shape)

    def _node(self, event: yaml.NodeEvent, number: int, parent: YamlNode | None) -> YamlNode:
        start, end = _index(event.start_mark), _index(event.end_mark)
        marked = event.anchor is not None or bool(getattr(event, "tag", None))
        node = YamlNode(_kind(event), start, end, number, number, parent, marked=marked, children=[])
        if isinstance(event, yaml.ScalarEvent):
            node.text, node.style = event.value, event.style or ""
        elif isinstance(event, yaml.CollectionStartEvent):
            node.style = "{" if event.flow_style else ""
        if parent is not None:
            parent.children.append(node)
        self.nodes.append(node)
        return node

    def scalar(self, spans: tuple[tuple[int, int], ...]) -> tuple[YamlNode, int] | None:
        """The scalar in which a span begins and ends with its text, and where in the file the span begins."""
        for start, end in spans:
            for node in self.nodes:
                first, last = node.content
                if node.kind == "scalar" and first <= start <= last and last == end:
                    return node, start
        return None


def _index(mark: object) -> int:
    index: int = getattr(mark, "index")  # noqa: B009 - the stubs do not know libyaml's marks
    return index


def _kind(event: yaml.NodeEvent) -> str:
    if isinstance(event, yaml.ScalarEvent):
        return "scalar"
    if isinstance(event, yaml.AliasEvent):
        return "alias"
    return "map" if isinstance(event, yaml.MappingStartEvent) else "seq"


def _shape(event: yaml.Event) -> tuple[str, str, str]:
    text = event.value if isinstance(event, yaml.ScalarEvent) else ""
    marks = f"{getattr(event, 'anchor', None) or ''} {getattr(event, 'tag', None) or ''}"
    return type(event).__name__, text, marks
