"""TOML with exact positions: the standard library decides what is valid and what texts mean, tree-sitter where they stand."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard import limits
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files import signs
from directus_guard.sources.formats import syntax_tree
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.values import List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_DOTTED: Final = lazy_pattern(
    rf"""(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{limits.TOML_PARTS.number}}}"""
)
"""A key of so many parts: the standard library keeps each of its beginnings, so that 40 KB take gigabytes."""
_LINE: Final = lazy_pattern(r"at line (\d+)")


class TomlError(Exception):
    """The text is not TOML. `line` counts from 1, 0 if it is not known."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def document(repository: Repository, path: str) -> ObjectValue | None:
    """The root table of the file; None with a problem noted when it is not readable or not valid TOML."""
    text = repository.text(path)
    if text is None:
        return None
    try:
        return parse(path, text)
    except TomlError as error:
        incomplete = signs.is_broken_part(text)
        repository.problem(path, f"not valid TOML: {error}", error.line, incomplete=incomplete, broken=True)
        return None


def parse(path: str, text: str) -> ObjectValue:
    """The root table of `text`; `path` is only written into the locations. Raises `TomlError`."""
    text = text.removeprefix("\ufeff")
    if len(text) > limits.TOML.number:
        raise TomlError(limits.over(limits.TOML), 0)
    dotted = _DOTTED.search(text)
    if dotted is not None:
        raise TomlError(limits.over(limits.TOML_PARTS), text.count("\n", 0, dotted.start()) + 1)
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        # The library's message may quote a character of the text, never more; the kind of mistake is enough.
        raise TomlError("syntax error", int(line[1]) if line else text.count("\n") + 1) from None
    except RecursionError:
        raise TomlError("nested too deeply", 0) from None
    except ValueError:  # the interpreter refuses to read integers of more than 4,300 digits
        raise TomlError("a number has too many digits", 0) from None
    try:
        return _positioned(path, text)
    except RecursionError:
        raise TomlError("nested too deeply", 0) from None


def _positioned(path: str, text: str) -> ObjectValue:
    root = syntax_tree.parse("toml", text)
    wrong = syntax_tree.first_error(root)
    if wrong:
        raise TomlError("written in a way that is not understood", wrong)
    return _Builder(path, text).build(root)


class _Table(Struct):
    """A table that may still grow: `[a]`, `[a.b]` and dotted keys add to it."""

    location: Location
    entries: dict[str, tuple[Text, Value | _Table | list[_Table]]] = field(default_factory=dict)


class _Builder:
    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text
        self._positions = Positions(path, text)

    def build(self, root: Node) -> ObjectValue:
        top = _Table(Location(self._path))
        for node in root.named_children:
            if node.type == "pair":
                self._pair(top, node)
            elif node.type in ("table", "table_array_element"):
                keys = list(self._keys(node.named_children[0]))
                table = self._open(top, keys, node, again=node.type == "table_array_element")
                for child in node.named_children[1:]:
                    if child.type == "pair":
                        self._pair(table, child)
        return _frozen(top)

    def _open(self, top: _Table, keys: list[Text], node: Node, *, again: bool) -> _Table:
        table = self._inside(top, keys[:-1])
        place = syntax_tree.region(self._path, node)
        key, held = table.entries.get(keys[-1].text, (keys[-1], None))
        if again:
            tables = held if isinstance(held, list) else []
            tables.append(_Table(place))
            table.entries[key.text] = (key, tables)
            return tables[-1]
        if isinstance(held, _Table):
            return held
        opened = _Table(place)
        table.entries[key.text] = (key, opened)
        return opened

    @staticmethod
    def _inside(table: _Table, keys: list[Text]) -> _Table:
        """The table that the keys lead to; of a list of tables its last."""
        for key in keys:
            held = table.entries.get(key.text, (key, None))[1]
            if isinstance(held, list):
                held = held[-1]
            if not isinstance(held, _Table):
                held = _Table(key.location)
                table.entries[key.text] = (key, held)
            table = held
        return table

    def _pair(self, table: _Table, node: Node) -> None:
        name, held = (child for child in node.named_children if child.type != "comment")
        keys, value = list(self._keys(name)), self._value(held)
        self._inside(table, keys[:-1]).entries[keys[-1].text] = (keys[-1], value)

    def _keys(self, node: Node) -> Iterator[Text]:
        """The parts of a key; the grammar nests a dotted key to the left."""
        parts: list[Node] = []
        while node.type == "dotted_key":
            parts.append(node.named_children[-1])
            node = node.named_children[0]
        for part in (node, *reversed(parts)):
            written = self._text[part.start_byte : part.end_byte]
            if part.type == "quoted_key":
                yield Text(_decoded(written), TextKind.STRING, syntax_tree.region(self._path, part, 1))
            else:
                yield Text(written, TextKind.STRING, syntax_tree.region(self._path, part))

    def _value(self, node: Node) -> Value:
        """The value of a node. Its depth is bounded: the standard library has read the text by recursion, too."""
        written = self._text[node.start_byte : node.end_byte]
        place = syntax_tree.region(self._path, node)
        children = [child for child in node.named_children if child.type != "comment"]
        if node.type == "array":
            return List(tuple(self._value(child) for child in children), place)
        if node.type == "inline_table":
            table = _Table(place)
            for child in children:
                self._pair(table, child)
            return _frozen(table)
        if node.type == "string":
            return self._string(node, written)
        kind = {"boolean": TextKind.BOOLEAN, "integer": TextKind.NUMBER, "float": TextKind.NUMBER}.get(
            node.type, TextKind.STRING
        )
        return Text(_number(written) if kind is TextKind.NUMBER else written, kind, place)

    def _string(self, node: Node, written: str) -> Text:
        text = _decoded(written)
        if not written.startswith(('"""', "'''")):
            return Text(text, TextKind.STRING, syntax_tree.region(self._path, node, 1))
        start, end = node.start_byte + 3, node.end_byte - 3
        body = self._text[start:end]
        start += (
            2 if body.startswith("\r\n") else body.startswith("\n")
        )  # a line end right after the quotes does not count
        return Text(text, TextKind.STRING, self._positions.region(start, max(start, end)))


def _frozen(table: _Table) -> ObjectValue:
    entries = tuple(ObjectEntry(key, _frozen_value(held)) for key, held in table.entries.values())
    return ObjectValue(entries, table.location)


def _frozen_value(value: Value | _Table | list[_Table]) -> Value:
    if isinstance(value, _Table):
        return _frozen(value)
    if isinstance(value, list):
        return List(tuple(_frozen(table) for table in value), value[0].location)
    return value


def _decoded(written: str) -> str:
    """The text of a quoted string or key."""
    if "\\" not in written and not written.startswith(('"""', "'''")):
        return written[1:-1]
    return str(tomllib.loads(f"x={written}")["x"])


def _number(written: str) -> str:
    """A number as programs print it: `1_0` is 10, `0x1F` is 31."""
    value = tomllib.loads(f"x={written}")["x"]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))  # Go prints 1.0 as 1
    return str(value)
