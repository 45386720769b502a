"""Bicep (Azure) as values: what resources and modules are given. `var` and the defaults of `param` are followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats import syntax_tree
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    import re

    from tree_sitter import Node

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_ESCAPES: Final = lazy_pattern(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|([\s\S]))")
_LINE_END: Final = lazy_pattern(r"\A\r?\n")
"""Right after `'''` it does not belong to the text."""
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t"}
_REASON: Final = "it is worked out when it is deployed"
_DECLARED: Final = ("resource_declaration", "module_declaration")


class BicepBlock(Unprinted, frozen=True, eq=False):
    """A resource or a module: its symbolic name, its type or path, and what it is given."""

    name: str
    kind: str
    body: ObjectValue


def document(repository: Repository, path: str) -> tuple[BicepBlock, ...]:
    """The resources and modules of the file; () with a problem noted when it is not readable or not valid Bicep."""
    parsed = syntax_tree.document(repository, path, "bicep", "Bicep")
    if parsed is None:
        return ()
    text, root = parsed
    reader = _Reader(path, text, root)
    return tuple(block for child in root.children if child.type in _DECLARED for block in reader.blocks(child))


_MOST_FOLLOWED: Final = 50_000
"""Expressions that are read behind names: two names that hold each other twice would never end."""


class _Reader:
    def __init__(self, path: str, text: str, root: Node) -> None:
        self._path: Final = path
        self._text: Final = text
        self._following = 0
        """Names whose values are being worked out."""
        self._left = _MOST_FOLLOWED
        self._variables: Final[dict[str, Node]] = {}
        self._parameters: Final[dict[str, Node | None]] = {}
        for child in root.children:
            named = child.named_children
            if child.type == "variable_declaration" and len(named) > 1:
                self._variables[self._cut(named[0])] = named[-1]
            elif child.type == "parameter_declaration" and named:
                self._parameters[self._cut(named[0])] = named[-1] if self._has_default(child) else None

    @staticmethod
    def _has_default(declaration: Node) -> bool:
        return any(child.type == "=" for child in declaration.children)

    def _cut(self, node: Node) -> str:
        return self._text[node.start_byte : node.end_byte]

    def _computed(self, node: Node, reason: str = _REASON) -> ComputedValue:
        return ComputedValue(reason, syntax_tree.region(self._path, node), source=self._cut(node)[:200])

    def blocks(self, node: Node) -> list[BicepBlock]:
        """A declaration; one with a condition or a loop is read as if it were there once."""
        named = node.named_children
        if len(named) < 3:
            return []
        kind = self.value(named[1], 0)
        body = self._body(named[-1], 0)
        text = kind.text if isinstance(kind, Text) else ""
        return [BicepBlock(self._cut(named[0]), text, body)] if isinstance(body, ObjectValue) else []

    def _body(self, node: Node, depth: int) -> Value:
        """What `if (…) { }` and `[for x in y: { }]` hold."""
        if node.type in ("if_statement", "for_statement", "array") and depth < _MAX_NESTED:
            held = [child for child in node.named_children if child.type in ("object", "if_statement", "for_statement")]
            return self._body(held[-1], depth + 1) if held else self._computed(node)
        return self.value(node, depth)

    def value(self, node: Node, depth: int) -> Value:
        """The value of an expression."""
        place = syntax_tree.region(self._path, node)
        named = [child for child in node.named_children if child.type != "comment"]
        self._left -= self._following > 0
        if depth > syntax_tree.MAX_DEPTH or (self._following and self._left < 0):
            return self._computed(node, "it is nested too deeply to be read")
        if node.type == "parenthesized_expression" and len(named) == 1:
            return self.value(named[0], depth + 1)
        if node.type == "string":
            return self._string(node, depth)
        if node.type == "object":
            return ObjectValue(tuple(self._entries(named, depth)), place)
        if node.type == "array":
            if any(child.type == "for_statement" for child in named):
                return self._computed(node)
            return List(tuple(self.value(child, depth + 1) for child in named), place)
        if node.type in ("number", "boolean", "null"):
            kind = {"number": TextKind.NUMBER, "boolean": TextKind.BOOLEAN}.get(node.type, TextKind.NULL)
            return Text(self._cut(node), kind, place)
        if node.type == "identifier":
            return self._named(node, depth)
        if node.type == "call_expression" and named and self._cut(named[0]) in ("concat", "union"):
            return self._together(node, depth)
        return self._computed(node)

    def _named(self, node: Node, depth: int) -> Value:
        """What `var` says, or the default of `param`, which counts where no other value is given."""
        name = self._cut(node)
        if name in self._variables:
            return self._followed(self._variables[name], depth)
        given = self._computed(node, f"parameter `{name}` comes from outside the repository")
        default = self._parameters.get(name)
        held = self._followed(default, depth) if default is not None else None
        if isinstance(held, ObjectValue | List):
            return replace(held, computed=given.reason)
        if isinstance(held, Text) and held.kind is not TextKind.NULL and held.text:
            return replace(given, fallback=held.text, written=True, location=held.location)
        return given

    def _followed(self, node: Node, depth: int) -> Value:
        self._following += 1
        value = self.value(node, depth + 1)
        self._following -= 1
        return value

    def _together(self, node: Node, depth: int) -> Value:
        """The items or entries of all arguments; of what is not known there may be more."""
        arguments = next((child for child in node.named_children if child.type == "arguments"), None)
        held = [self.value(child, depth + 1) for child in arguments.named_children] if arguments is not None else []
        open_ = "" if all(isinstance(one, List | ObjectValue) for one in held) else _REASON
        place = syntax_tree.region(self._path, node)
        known = [one for one in held if isinstance(one, List | ObjectValue)]
        reason = open_ or next((one.computed for one in known if one.computed), "")
        lists = [one for one in known if isinstance(one, List)]
        if lists:
            return List(tuple(item for one in lists for item in one.items), place, reason)
        objects = [one for one in known if isinstance(one, ObjectValue)]
        entries = {entry.key.text: entry for one in objects for entry in one.entries}
        return ObjectValue(tuple(entries.values()), place, reason) if objects else self._computed(node)

    def _entries(self, properties: list[Node], depth: int) -> list[ObjectEntry]:
        entries: list[ObjectEntry] = []
        for one in properties:
            named = [child for child in one.named_children if child.type != "comment"]
            if one.type == "object_property" and len(named) == 2:
                written = self.value(named[0], depth + 1) if named[0].type == "string" else None
                text = written.text if isinstance(written, Text) else self._cut(named[0])
                key = Text(text, TextKind.STRING, syntax_tree.region(self._path, named[0]))
                entries.append(ObjectEntry(key, self.value(named[1], depth + 1)))
        return entries

    def _string(self, node: Node, depth: int) -> Value:
        inset = 3 if self._cut(node).startswith("'''") else 1
        place = syntax_tree.region(self._path, node, inset)
        pieces: list[Value] = []
        index = node.start_byte + inset
        holes = [child for child in node.named_children if child.type == "interpolation" and inset == 1]
        for hole in (*holes, None):
            text = self._text[index : node.end_byte - inset if hole is None else hole.start_byte]
            text = _ESCAPES.sub(_unescape, text) if inset == 1 else _LINE_END.sub("", text)
            pieces += [Text(text, TextKind.STRING, place)] if text else []
            if hole is not None:
                held = hole.named_children
                pieces.append(self.value(held[0], depth + 1) if held else self._computed(hole))
                index = hole.end_byte
        if all(isinstance(piece, Text) for piece in pieces):
            return Text("".join(piece.text for piece in pieces if isinstance(piece, Text)), TextKind.STRING, place)
        reason = next((piece.reason for piece in pieces if isinstance(piece, ComputedValue)), _REASON)
        return ComputedValue(reason, place, source=self._cut(node)[:200], parts=tuple(pieces))


_MAX_NESTED: Final = 4


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        point = int(match[1], 16)
        return chr(point) if point < 0x110000 else "\ufffd"
    return _PLAIN.get(match[2], match[2])
