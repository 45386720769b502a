"""HCL (Terraform, OpenTofu) as values: attributes and blocks alike become entries; expressions become `ComputedValue`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats import syntax_tree
from directus_guard.sources.formats.values import Call, ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    import re

    from tree_sitter import Node

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_ESCAPES: Final = lazy_pattern(r"\\(?:([nrt\"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|(\$\$|%%)(?=\{)")
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


_SAME: Final = frozenset({"jsonencode", "yamlencode", "sensitive", "nonsensitive", "tostring", "trimspace", "tomap"})
"""Functions that leave a value as it is, for what an environment makes of it."""
_CALLS: Final = {
    "merge": Call.MERGE, "base64encode": Call.ENCODE, "base64gzip": Call.ENCODE, "file": Call.FILE, "templatefile": Call.TEMPLATE,
    "join": Call.JOIN, "replace": Call.REPLACE, "format": Call.FORMAT,
}  # fmt: skip
_MAX_LOOP: Final = 400
"""Characters of a loop that only turns an object into pairs."""
_PAIRS: Final = lazy_pattern(
    r"[\[{]\s*for\s+(\w+)\s*,\s*(\w+)\s+in\s+…\s*:\s*"
    r"(?:\{\s*\"?(?:name|key)\"?\s*[=:]\s*\1\s*,?\s*\"?value\"?\s*[=:]\s*(?:tostring\()?\2\)?\s*,?\s*\}"
    r"|\1\s*=>\s*(?:tostring\()?\2\)?|\"\$\{\1\}=\$\{\2\}\")\s*[\]}]"
)
"""`[for k, v in … : { name = k, value = v }]` and its like."""


class HclBlock(Unprinted, frozen=True, eq=False):
    """A block at the top of a file: `resource "docker_container" "cms" { … }`."""

    kind: str
    labels: tuple[str, ...]
    body: ObjectValue


def document(repository: Repository, path: str) -> tuple[HclBlock, ...]:
    """The blocks of the file; () with a problem noted when it is not readable or not valid HCL."""
    parsed = _file(repository, path)
    if parsed is None:
        return ()
    reader, root = parsed
    body = next((child for child in root.children if child.type == "body"), None)
    return tuple(reader.block(child) for child in (body.children if body else ()) if child.type == "block")


def attributes(repository: Repository, path: str) -> tuple[ObjectEntry, ...]:
    """The attributes at the top of the file; () with a problem noted when it is not readable or not valid HCL."""
    parsed = _file(repository, path)
    return parsed[0].body(parsed[1]).entries if parsed is not None else ()


def _file(repository: Repository, path: str) -> tuple[_Reader, Node] | None:
    parsed = syntax_tree.document(repository, path, "hcl", "HCL")
    return None if parsed is None else (_Reader(path, parsed[0]), parsed[1])


def template(path: str, text: str, place: Location) -> Value:
    """The value of a template, as Terraform reads a string of its JSON syntax. All of it is at one place."""
    if "${" not in text and "%{" not in text:
        return Text(text, TextKind.STRING, place)
    if text.startswith("${") and text.endswith("}"):
        alone = _parsed(path, f"x = ({text[2:-1]})", place)
        if alone is not None:
            return alone
    made = _parsed(path, f"x = <<{_END}\n{text}\n{_END}\n", place)
    if isinstance(made, Text):
        return Text(made.text[:-1], TextKind.STRING, place)
    if isinstance(made, ComputedValue) and made.parts:
        last = made.parts[-1]
        end = [Text(last.text[:-1], TextKind.STRING, place)] if isinstance(last, Text) else [last]
        return replace(made, parts=(*made.parts[:-1], *end))
    return ComputedValue("it is worked out by Terraform", place, source=text[:200])


_END: Final = "END_OF_THE_TEMPLATE"


def _parsed(path: str, text: str, place: Location) -> Value | None:
    """The value of the only attribute of a text, None where it is not valid."""
    root = syntax_tree.parse("hcl", text)
    if syntax_tree.first_error(root):
        return None
    attributes = [child for body in root.children if body.type == "body" for child in body.children]
    if len(attributes) != 1 or attributes[0].type != "attribute":
        return None
    return _Reader(path, text, place).value(attributes[0].children[-1])


class _Reader:
    """`place`: where everything is, for a text that is not the file's own."""

    def __init__(self, path: str, text: str, place: Location | None = None) -> None:
        self._path = path
        self._text = text
        self._place = place

    def _region(self, node: Node, inset: int = 0) -> Location:
        return syntax_tree.region(self._path, node, inset) if self._place is None else self._place

    def value(self, node: Node) -> Value:
        """The value of an expression."""
        return self._value(node, 0)

    def body(self, root: Node) -> ObjectValue:
        """The attributes and blocks of a whole file."""
        return self._body(root, 0)

    def _cut(self, node: Node) -> str:
        return self._text[node.start_byte : node.end_byte]

    def block(self, node: Node) -> HclBlock:
        kind, *labels = self._words(node)
        return HclBlock(kind, tuple(labels), self._body(node, 0))

    def _words(self, node: Node) -> list[str]:
        """The kind of a block and its labels."""
        words = [child for child in node.children if child.type in ("identifier", "string_lit")]
        return [self._cut(word).strip('"') for word in words]

    def _body(self, node: Node, depth: int) -> ObjectValue:
        """The attributes and blocks in a block, in their order; a kind of block may come more than once."""
        if depth >= syntax_tree.MAX_DEPTH:
            return ObjectValue((), syntax_tree.region(self._path, node), "it is nested too deeply to be read")
        entries: list[ObjectEntry] = []
        body = next((child for child in node.children if child.type == "body"), None)
        for child in body.children if body is not None else ():
            if child.type == "comment":
                continue
            name = child.children[0]
            key = Text(self._cut(name), TextKind.STRING, self._region(name))
            if child.type == "attribute":
                value = child.children[-1]
                entries.append(ObjectEntry(key, self._value(value, depth + 1)))
            elif key.text == "dynamic":
                entries.append(self._dynamic(child, key, depth))
            else:
                entries.append(ObjectEntry(key, self._body(child, depth + 1)))
        return ObjectValue(tuple(entries), self._region(node), labels=tuple(self._words(node)[1:]))

    def _dynamic(self, node: Node, key: Text, depth: int) -> ObjectEntry:
        """A `dynamic` block: the object it goes over where each entry only gives a name and a value, else unknown."""
        label = next(iter(self._words(node)[1:]), "")
        body = self._body(node, depth + 1)
        content, over, iterator = body.object("content"), body.get("for_each"), body.get("iterator")
        name = iterator.source if isinstance(iterator, ComputedValue) else label
        pieces = {
            entry.key.text: entry.value.source if isinstance(entry.value, ComputedValue) else ""
            for entry in (content.entries if content else ())
        }
        reason = "a `dynamic` block makes it"
        if over is not None and pieces == {"name": f"{name}.key", "value": f"{name}.value"}:
            made = ComputedValue(reason, key.location, source=label, parts=(over,), call=Call.PAIRS)
            return ObjectEntry(Text(label, TextKind.STRING, key.location), made)
        return ObjectEntry(key, ComputedValue(reason, key.location, source=label))

    def _value(self, node: Node, depth: int) -> Value:
        """One expression. Only what is written down is read: texts, numbers, booleans, lists, objects, a few functions."""
        place = self._region(node)
        if depth > syntax_tree.MAX_DEPTH:
            return ComputedValue("it is nested too deeply to be read", place)
        parts = [child for child in node.children if child.type != "comment"]
        if node.type == "expression" and len(parts) == 3 and self._cut(parts[0]) == "(":
            return self._value(parts[1], depth + 1)
        if node.type in ("expression", "literal_value", "collection_value", "template_expr") and len(parts) == 1:
            return self._value(parts[0], depth + 1)
        if node.type == "string_lit":
            return self._string(node)
        if node.type == "quoted_template":
            return self._pieces(node, node.start_byte + 1, node.end_byte - 1, depth)
        if node.type == "heredoc_template":
            return self._heredoc(node, depth)
        if node.type == "numeric_lit":
            return Text(self._cut(node), TextKind.NUMBER, place)
        if node.type == "bool_lit":
            return Text(self._cut(node), TextKind.BOOLEAN, place)
        if node.type == "null_lit":
            return Text("null", TextKind.NULL, place)
        if node.type == "tuple":
            return List(tuple(self._value(item, depth + 1) for item in parts if item.type == "expression"), place)
        if node.type == "object":
            return ObjectValue(tuple(self._elements(parts, depth)), place)
        made = self._made(node, parts, depth)
        return (
            ComputedValue("it is worked out by Terraform", place, source=self._cut(node)[:200])
            if made is None
            else made
        )

    def _made(self, node: Node, parts: list[Node], depth: int) -> Value | None:
        """What a call or a loop makes, as far as it can be followed; None for any other."""
        place, source = self._region(node), self._cut(node)[:200]
        if node.type == "function_call":
            name = self._cut(parts[0])
            arguments = next((child for child in parts if child.type == "function_arguments"), None)
            held = [child for child in arguments.children if child.type == "expression"] if arguments else []
            if name in _SAME and len(held) == 1:
                return self._value(held[0], depth + 1)
            if name in _CALLS and held:
                pieces = tuple(self._value(one, depth + 1) for one in held)
                return ComputedValue(
                    "it is worked out by Terraform", place, source=source, parts=pieces, call=_CALLS[name]
                )
        if node.type == "for_expr":
            intro = next(child for child in parts[0].children if child.type == "for_intro")
            over = next(child for child in intro.children if child.type == "expression")
            if _PAIRS.fullmatch(self._loop(parts[0], over)):
                pieces = (self._value(over, depth + 1),)
                return ComputedValue(
                    "it is worked out by Terraform", place, source=source, parts=pieces, call=Call.PAIRS
                )
        return None

    def _loop(self, node: Node, over: Node) -> str:
        """A loop as it is written, with `…` in the place of what it goes over."""
        start, end = node.start_byte, node.end_byte
        if end - start - (over.end_byte - over.start_byte) > _MAX_LOOP:
            return ""
        return self._text[start : over.start_byte] + "…" + self._text[over.end_byte : end]

    def _elements(self, parts: list[Node], depth: int) -> list[ObjectEntry]:
        entries: list[ObjectEntry] = []
        for part in parts:
            held = [child for child in part.children if child.type == "expression"]
            if part.type == "object_elem" and len(held) == 2:
                place = self._region(held[0])
                key = self._value(held[0], depth + 1)
                text = key.text if isinstance(key, Text) else self._cut(held[0])
                entries.append(ObjectEntry(Text(text, TextKind.STRING, place), self._value(held[1], depth + 1)))
        return entries

    def _pieces(self, node: Node, start: int, end: int, depth: int) -> Value:
        """A text with `${…}` in it. Alone, `"${x}"` is x itself."""
        place = self._region(node, 1)
        source = self._cut(node)[:200]
        pieces: list[Value] = []
        index = start
        for child in node.children:
            if child.type == "template_directive":
                return ComputedValue("it is worked out by Terraform", place, source=source)
            if child.type == "template_interpolation":
                pieces += self._literal(index, child.start_byte, place)
                held = next((part for part in child.children if part.type == "expression"), None)
                if held is None:
                    return ComputedValue("it is worked out by Terraform", place, source=source)
                pieces.append(self._value(held, depth + 1))
                index = child.end_byte
        pieces += self._literal(index, end, place)
        if len(pieces) == 1:
            return pieces[0]
        return ComputedValue("it is worked out by Terraform", place, source=source, parts=tuple(pieces))

    def _literal(self, start: int, end: int, place: Location) -> list[Value]:
        text = _ESCAPES.sub(_unescape, self._text[start:end])
        return [Text(text, TextKind.STRING, place)] if text else []

    def _heredoc(self, node: Node, depth: int) -> Value:
        """A here-document: its lines without the marks around them; `<<-` takes away what all lines are set in by."""
        start = self._text.find("\n", node.start_byte) + 1
        end = self._text.rfind("\n", 0, node.end_byte) + 1
        lines = self._text[start:end].split("\n")
        indent = _indent(lines) if self._cut(node).startswith("<<-") else 0
        first = node.start_point.row + 2
        place = self._place or Location(self._path, first, indent + 1, first + len(lines) - 1, 1)
        pieces: list[Value] = []
        index = start
        for child in node.children:
            if child.type == "template_directive":
                return ComputedValue("it is worked out by Terraform", place, source=self._cut(node)[:200])
            if child.type == "template_interpolation":
                pieces.append(Text(self._text[index : child.start_byte], TextKind.STRING, place))
                held = next((part for part in child.children if part.type == "expression"), None)
                if held is None:
                    return ComputedValue("it is worked out by Terraform", place)
                pieces.append(self._value(held, depth + 1))
                index = child.end_byte
        pieces.append(Text(self._text[index:end], TextKind.STRING, place))
        pieces = [
            Text(_dedent(piece.text, indent, whole=number == 0), TextKind.STRING, place)
            if isinstance(piece, Text) and piece.location is place
            else piece
            for number, piece in enumerate(pieces)
        ]
        if len(pieces) == 1:
            return pieces[0]
        return ComputedValue("it is worked out by Terraform", place, source=self._cut(node)[:200], parts=tuple(pieces))

    def _string(self, node: Node) -> Text:
        inner = self._cut(node)[1:-1]
        return Text(_ESCAPES.sub(_unescape, inner), TextKind.STRING, self._region(node, 1))


def _indent(lines: list[str]) -> int:
    """The spaces that every line begins with; empty lines do not count."""
    return min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)


def _dedent(text: str, indent: int, *, whole: bool) -> str:
    """A piece of a here-document without the indent of its lines; `whole`: it begins at the beginning of a line."""
    text = _MARKS.sub(lambda match: match[1], text)
    if not indent:
        return text
    first, *others = text.split("\n")
    kept = [first[indent:] if whole else first, *(line[indent:] for line in others)]
    return "\n".join(kept)


_MARKS: Final = lazy_pattern(r"([$%])\1(?=\{)")
"""`$${` and `%%{` write `${` and `%{`."""


def _unescape(match: re.Match[str]) -> str:
    if match[4]:
        return match[4][0]
    if match[1]:
        return _PLAIN[match[1]]
    point = int(match[2] or match[3], 16)
    return chr(point) if point < 0x110000 else "\ufffd"
