"""YAML with exact positions, resolved by the reader's own rules rather than PyYAML's.

libyaml's composer gives nodes with marks; no implicit tag is resolved here (`yes`, `012`, dates stay texts), because
Compose, Kubernetes and Helm each read scalars in their own way.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from directus_guard import limits
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files import signs
from directus_guard.sources.formats import templates

if TYPE_CHECKING:
    from collections import abc
    from collections.abc import Iterator

    import yaml

    from directus_guard.sources.files.repository import Repository


class Scalar(Struct, frozen=True, eq=False, gc=False):
    """A scalar. `plain`: written without quotes and not as a block, so that its text may mean null, a number, …"""

    text: str
    plain: bool
    tag: str
    location: Location


class Sequence(Struct, frozen=True, eq=False):
    """A list."""

    items: tuple[Node, ...]
    location: Location
    tag: str = ""


class MappingEntry(Struct, frozen=True, eq=False, gc=False):
    """A key and its value."""

    key: Scalar
    value: Node


class Mapping(Struct, frozen=True, eq=False):
    """A mapping with merge keys applied: own keys beat merged ones, and of one key written twice the last wins."""

    entries: tuple[MappingEntry, ...]
    location: Location
    duplicates: tuple[MappingEntry, ...] = ()
    """Entries that a later one with the same key replaced."""
    tag: str = ""

    def get(self, key: str) -> Node | None:
        """The value of `key`, or None."""
        for entry in self.entries:
            if entry.key.text == key:
                return entry.value
        return None

    def mapping(self, key: str) -> Mapping | None:
        """The value of `key` if it is a mapping."""
        value = self.get(key)
        return value if isinstance(value, Mapping) else None

    def sequence(self, key: str) -> Sequence | None:
        """The value of `key` if it is a list."""
        value = self.get(key)
        return value if isinstance(value, Sequence) else None

    def scalar(self, key: str) -> Scalar | None:
        """The value of `key` if it is a scalar other than null."""
        value = self.get(key)
        return value if isinstance(value, Scalar) and not is_null(value) else None

    def text(self, key: str) -> str | None:
        """The text of `key` if it is a scalar other than null."""
        scalar = self.scalar(key)
        return scalar.text if scalar else None

    def locate(self, key: str) -> Location:
        """The place of the key, or the mapping if it is not there."""
        for entry in self.entries:
            if entry.key.text == key:
                return entry.key.location
        return self.location


Node = Scalar | Sequence | Mapping


def is_null(node: Node | None) -> bool:
    """Whether a node is null: absent, `~`, `null`, or nothing written."""
    return node is None or (isinstance(node, Scalar) and node.plain and node.text in _NULLS)


_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})


def documents(repository: Repository, path: str) -> tuple[Node, ...]:
    """Every document of the file; () with a problem noted when it is not readable or not valid YAML."""
    text = repository.text(path)
    if text is None or templates.of_chart(repository, path, text):
        return ()
    try:
        found, left_out = read(path, text)
    except YamlError as error:
        incomplete = signs.is_broken_part(text)
        repository.problem(path, f"not valid YAML: {error}", error.line, incomplete=incomplete, broken=True)
        return ()
    repository.templated(path, left_out)
    return found


def read(path: str, text: str) -> tuple[tuple[Node, ...], tuple[int, ...]]:
    """All documents of a text that may be a template, and the lines of it that are left out. Raises `YamlError`."""
    if not templates.is_template(text):
        try:
            return parse(path, text), ()
        except YamlError:
            # Quotes inside of an expression (`"{{ x | default("y") }}"`) are YAML only once it is filled in.
            if "{{" not in text and not templates.has_bare_lines(text):
                raise
    if sum(map(text.count, ("{{", "{%", "{#", "<%"))) > limits.TEMPLATE_TAGS.number:
        raise YamlError(limits.over(limits.TEMPLATE_TAGS), 1)
    made = templates.plain(text)
    lower, kept = text.lower(), made.text.lower()
    if any(word in lower and word not in kept for word in ("directus", "apiversion")):
        made = templates.plain(text, whole=True)  # all of it is inside of a condition
    return parse(path, made.text), made.lines


class YamlError(Exception):
    """The text is not YAML that can be read safely. `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def parse(path: str, text: str) -> tuple[Node, ...]:
    """All documents of `text`; `path` is only written into the locations. Raises `YamlError`."""
    text = text.lstrip("\ufeff")
    try:
        return _parse(path, text)
    except YamlError:
        # In JSON a tab is white space everywhere; libyaml takes it in fewer places. A tab and a space are both one column wide.
        if "\t" not in text or text.lstrip()[:1] not in ("{", "["):
            raise
    return _parse(path, text.replace("\t", " "))


def _parse(path: str, text: str) -> tuple[Node, ...]:
    import yaml  # noqa: PLC0415 - 8 ms, and exports are JSON

    try:
        loader = yaml.CBaseLoader(text)
        try:
            return _Builder(path, text).build(iter(loader.get_event, None))
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        conflict = f"\n{text}".find(_CONFLICT)
        if conflict >= 0:
            raise YamlError("it has the marks of a merge conflict", text.count("\n", 0, conflict) + 1) from None
        mark = error.problem_mark or error.context_mark
        raise YamlError(error.problem or error.context or "syntax error", mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:
        raise YamlError(str(error).splitlines()[0], 1) from None


_CONFLICT: Final = "\n<<<<<<< "
"""How git marks where both sides of a merge changed the same lines."""


def block_text(lines: abc.Sequence[str], location: Location) -> tuple[int, int] | None:
    """The first line of a text written as a block (`|`) and the columns it is set in; None where it is written otherwise.

    Only in such a block every line of the text is kept as it is. `lines` are the file's.
    """
    header = lines[location.line - 1][location.column - 1 :] if location.line <= len(lines) else ""
    if not header.startswith("|"):
        return None
    for index in range(location.line, min(len(lines), location.end_line + 1)):
        line = lines[index].rstrip("\r")
        if line.strip(" "):
            return location.line + 1, len(line) - len(line.lstrip(" "))
    return None


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in document order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Mapping):
            stack.extend(entry.value for entry in reversed(current.entries))
        elif isinstance(current, Sequence):
            stack.extend(reversed(current.items))


class _Mark(Protocol):
    """A place in the text, counted from 0 (libyaml's and PyYAML's own marks alike)."""

    index: int
    line: int
    column: int


class _Open(Struct):
    """A collection whose end has not come yet. Items of a mapping alternate between keys and values."""

    event: yaml.CollectionStartEvent
    is_mapping: bool
    items: list[Node]
    size: int = 1
    """How many entries there are in it once its aliases are written out."""


class _Builder:
    """Builds our nodes from libyaml's events with a stack of its own: PyYAML's composer recurses in C and overflows.

    An anchored node is built once and shared, so an alias costs nothing; a node inside itself is refused.
    """

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._line_starts = _line_starts(text) if _OTHER_BREAKS.search(text) else None
        self._anchors: dict[str, Node | None] = {}
        self._sizes: dict[str, int] = {}
        self._read = 0
        self._added = 0
        """Entries that are written, and those that aliases and merge keys add."""

    def build(self, events: Iterator[yaml.Event]) -> tuple[Node, ...]:
        import yaml  # noqa: PLC0415 - imported already

        documents: list[Node] = []
        stack: list[_Open] = []
        scalar_event = yaml.ScalarEvent
        for event in events:
            size = 1
            if isinstance(event, scalar_event):  # as most events are
                self._read += 1
                node: Node = self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                if len(stack) >= limits.DEPTH.number:
                    raise YamlError("nested too deeply", self._position(event.start_mark)[0])
                if event.anchor:
                    self._anchors[event.anchor] = None
                stack.append(_Open(event, isinstance(event, yaml.MappingStartEvent), []))
                continue
            elif isinstance(event, yaml.CollectionEndEvent):
                size = stack[-1].size
                node = self._close(stack.pop(), event)
            elif isinstance(event, yaml.AliasEvent):
                node = self._alias(event)
                size = self._sizes[event.anchor or ""]
                self._add(size, self._position(event.start_mark)[0])
            else:
                if isinstance(event, yaml.DocumentStartEvent):
                    self._anchors.clear()
                continue
            if stack:
                stack[-1].size += size
            (stack[-1].items if stack else documents).append(node)
        return tuple(documents)

    def _close(self, opened: _Open, end: yaml.Event) -> Node:
        region = self._region(opened.event, end)
        node: Node
        if opened.is_mapping:
            node = self._mapping(opened.items, region, opened.event.tag or "")
        else:
            node = Sequence(tuple(opened.items), region, opened.event.tag or "")
        if opened.event.anchor:
            self._anchors[opened.event.anchor] = node
            self._sizes[opened.event.anchor] = opened.size
        return node

    def _add(self, number: int, line: int) -> None:
        """Count entries that are read once more. Raises `YamlError` for a document that grows past any memory."""
        self._added += number
        if self._added > limits.EXPANDED.number + self._read:
            raise YamlError("aliases and merge keys add too many entries", line)

    def _alias(self, event: yaml.AliasEvent) -> Node:
        anchor, line = event.anchor or "", self._position(event.start_mark)[0]
        if anchor not in self._anchors:
            raise YamlError("an alias has no anchor", line)
        node = self._anchors[anchor]
        if node is None:
            raise YamlError("an anchor contains itself", line)
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        region = self._region(event, event, quoted=event.style in ("'", '"'))
        node = Scalar(self._text(event), not event.style, event.tag or "", region)
        if event.anchor:
            self._anchors[event.anchor] = node
            self._sizes[event.anchor] = 1 + len(node.text) // _LONG
        return node

    def _text(self, event: yaml.ScalarEvent) -> str:
        """The scalar's text; what is tagged `!!binary` is decoded, as yaml.v3 does it even for keys."""
        text: str = event.value
        if event.tag != _BINARY:
            return templates.filled(text)
        import base64  # noqa: PLC0415 - few files have any
        import binascii  # noqa: PLC0415 - the same

        try:
            return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except binascii.Error:
            raise YamlError("a !!binary value is not base64", self._position(event.start_mark)[0]) from None

    def _mapping(self, items: list[Node], region: Location, tag: str) -> Mapping:
        own: dict[str, MappingEntry] = {}
        merged: dict[str, MappingEntry] = {}
        duplicates: list[MappingEntry] = []
        for key, value in zip(items[::2], items[1::2], strict=True):
            if not isinstance(key, Scalar):
                continue  # `? [a, b] : c` means nothing to any manifest we read
            if _is_merge(key):
                self._merge(value, merged)
            else:
                if key.text in own:
                    duplicates.append(own[key.text])
                own[key.text] = MappingEntry(key, value)
        return Mapping(tuple((merged | own).values()), region, tuple(duplicates), tag)

    def _merge(self, value: Node, merged: dict[str, MappingEntry]) -> None:
        """`<<: *a` or `<<: [*a, *b]`: the earlier mapping wins."""
        sources = value.items if isinstance(value, Sequence) else (value,)
        for source in sources:
            if isinstance(source, Mapping):
                self._add(len(source.entries), source.location.line)
                for entry in source.entries:
                    merged.setdefault(entry.key.text, entry)

    def _region(self, first: yaml.Event, last: yaml.Event, *, quoted: bool = False) -> Location:
        start, end = first.start_mark, last.end_mark
        if self._line_starts is None and start is not None and end is not None:  # as in most files
            line, column, end_line, end_column = start.line + 1, start.column + 1, end.line + 1, end.column + 1
        else:
            line, column = self._position(start)
            end_line, end_column = self._position(end)
        if quoted:
            return Location(self._path, line, column + 1, end_line, max(end_column - 1, 1))
        return Location(self._path, line, column, end_line, end_column)

    def _position(self, mark: _Mark | None) -> tuple[int, int]:
        """Line and column from 1; only a line feed ends a line. libyaml sets every mark; the type does not know."""
        if mark is None:
            return 1, 1
        if self._line_starts is None:
            return mark.line + 1, mark.column + 1
        line = bisect_right(self._line_starts, mark.index)
        return line, mark.index - self._line_starts[line - 1] + 1


_OTHER_BREAKS: Final = lazy_pattern("\r(?!\n)|[\x85\u2028\u2029]")
"""Line ends of YAML that other programs, and the reports, do not count."""
_LONG: Final = 100
"""Characters of a text that count as one entry more."""
_BINARY: Final = "tag:yaml.org,2002:binary"
_MERGE: Final = "tag:yaml.org,2002:merge"


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _is_merge(key: Scalar) -> bool:
    return key.text == "<<" and (key.tag == _MERGE or (key.plain and key.tag in ("", "!")))
