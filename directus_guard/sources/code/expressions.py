"""Expressions of JavaScript and TypeScript as pieces: what is written down of the text they make. Nothing is executed.

A hole has the names that stand there and what those were declared as or imported from. How far names are followed is
bounded: names that stand for names many times over grow beyond any bound.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.sources.code.pieces import Hole, Text
from directus_guard.sources.formats import syntax_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.code.pieces import Piece
    from directus_guard.sources.formats.syntax_tree import Grammar

MAX_DEPTH: Final = 24
MOST_STEPS: Final = 2000
"""Expressions that are followed for one word …"""
MOST_STEPS_OF_ALL: Final = 300_000
"""… and for one text: names that stand for names many times over grow beyond any bound."""
MAX_UP: Final = 100
_MAX_TEXT: Final = 4000
_COMPARES: Final = frozenset({
    "includes", "indexOf", "startsWith", "endsWith", "match", "split", "replace", "replaceAll", "test", "search", "get", "has",
    "delete", "getItem", "removeItem", "log", "error", "warn", "info", "debug",
})  # fmt: skip
"""Methods that look for a text or print it: no address is built."""
CLIENTS: Final = re.compile(r"\b(?:createDirectus|Directus|DirectusSDK|customEndpoint)\b")
_SPACE: Final = re.compile(r"\s+")
INSIDE: Final = ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression",
                  "type_assertion")  # fmt: skip


class _Name(Struct, frozen=True):
    """What a name was declared as (the declaration and the value), and where it stands, in the order of the text."""

    declared: list[tuple[Node, Node]]
    used: list[Node]

    def add(self, node: Node) -> None:
        """Note an identifier."""
        self.used.append(node)
        parent = node.parent
        if parent is None or parent.child_by_field_name("name") != node:
            return
        if parent.type == "variable_declarator":
            value = parent.child_by_field_name("value")
            if value is not None:
                self.declared.append((parent, value))
        elif parent.type == "function_declaration":
            self.declared.append((parent, parent))


_MOST_SEARCHES: Final = 40
_INSIDE_NAME: Final = re.compile(r"[\w$]")


class Expressions:
    """One text in JavaScript or TypeScript: a file, or a part of one that begins at `base` of it.

    `place` makes a region of the file from offsets in it; `outer` is the script whose names the text may use.
    """

    def __init__(
        self,
        text: str,
        grammar: Grammar,
        place: Callable[[int, int], Location],
        *,
        base: int = 0,
        outer: Expressions | None = None,
        attribute: str | None = None,
    ) -> None:
        self._text, self._place, self._base, self._outer = text, place, base, outer
        self._attribute = attribute
        self._grammar: Final[Grammar] = grammar
        self._names_asked: dict[str, _Name] = {}
        self._steps = 0
        self._most = 0

    # --- pieces -------------------------------------------------------------------------------------------------------

    def _pieces(
        self, node: Node | None, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None = None
    ) -> list[Piece]:
        """An expression as pieces. Of alternatives the one with `focus` counts; `given` stands for names."""
        self._steps += 1
        if node is None or depth > MAX_DEPTH or self._steps > self._most:
            return [Hole(())]
        kind = node.type
        if kind == "string":
            return [Text(self._text[node.start_byte + 1 : node.end_byte - 1][:_MAX_TEXT])]
        if kind == "template_string":
            return self._template(node, focus, depth, given)
        if kind in INSIDE and node.named_children:
            return self._pieces(node.named_children[0], focus, depth + 1, given)
        if kind == "binary_expression":
            return self._binary(node, focus, depth, given)
        if kind == "ternary_expression":
            first, second = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
            return self._pieces(second if holds(second, focus) else first, focus, depth + 1, given)
        if kind == "identifier":
            return self._name(node, focus, depth, given)
        if kind in ("member_expression", "subscript_expression"):
            return self._member_pieces(node, focus, depth, given)
        if kind == "call_expression":
            return self._call(node, focus, depth, given)
        if kind == "new_expression":
            return self._new(node, focus, depth, given)
        return [Hole(())]

    def _template(
        self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None
    ) -> list[Piece]:
        pieces: list[Piece] = []
        at = node.start_byte + 1
        for child in node.named_children:
            if child.type == "template_substitution":
                pieces.append(Text(self._text[at : child.start_byte]))
                inner = [item for item in child.named_children if item.type != "comment"]
                pieces += self._pieces(inner[0], focus, depth + 1, given) if inner else []
                at = child.end_byte
        return [*pieces, Text(self._text[at : node.end_byte - 1])]

    def _binary(
        self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None
    ) -> list[Piece]:
        operator = node.child_by_field_name("operator")
        sign = self._written(operator) if operator is not None else ""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if sign == "+":
            # `a + b + c + …` nests to the left, as deep as it is long
            operands = []
            at: Node | None = node
            while at is not None and at.type == "binary_expression":
                operands.append(at.child_by_field_name("right"))
                at = at.child_by_field_name("left")
            operands.append(at)
            return [
                piece for item in reversed(operands[-200:]) for piece in self._pieces(item, focus, depth + 1, given)
            ]
        if sign == "&&" or holds(right, focus):
            return self._pieces(right, focus, depth + 1, given)
        if sign not in ("||", "??"):
            return [Hole(())]
        first = self._pieces(left, focus, depth + 1, given)
        if all(isinstance(piece, Text) for piece in first) and "".join(
            piece.text for piece in first if isinstance(piece, Text)
        ):
            return first
        if len(first) > 1:
            return first
        second = self._pieces(right, focus, depth + 1, given)
        names = tuple(name for piece in (*first, *second) if isinstance(piece, Hole) for name in piece.names)
        literals = tuple(item for piece in (*first, *second) if isinstance(piece, Hole) for item in piece.literals)
        fallback = self._literal(right) if right is not None else None
        if fallback is not None and all(isinstance(piece, Text) for piece in second):
            text = "".join(piece.text for piece in second if isinstance(piece, Text))
            literals = (*literals, (text, fallback.start_byte + 1, fallback.end_byte - 1))
        return [Hole(names, literals)]

    def _name(self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        name = self._written(node)
        if given and name in given:
            return given[name]
        declared = self._declared(name, node)
        if declared is None:
            outer = self._outer.named_outside(name, depth + 1) if self._outer is not None else None
            return outer or [Hole((name, *self._imported.get(name, ())))]
        pieces = self._pieces(declared, focus, depth + 1, given)
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            return [Hole((name, *pieces[0].names), pieces[0].literals)]
        return pieces

    def named_outside(self, name: str, depth: int) -> list[Piece] | None:
        """What a name of this script stands for, seen from a part of the same file."""
        declared = self._name_of(name).declared
        self._most = self._steps + MOST_STEPS
        if not declared:
            imported = self._imported.get(name)
            return [Hole((name, *imported))] if imported else None
        pieces = self._pieces(declared[0][1], None, depth + 1)
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            return [Hole((name, *pieces[0].names), pieces[0].literals)]
        return pieces

    def _member_pieces(
        self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None
    ) -> list[Piece]:
        held, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if held is not None and name is not None:
            if self._written(name) in ("href", "value"):
                inner = self._pieces(held, focus, depth + 1, given)
                if any(isinstance(piece, Text) for piece in inner):
                    return inner
            declared = self._declared(self._written(held), held) if held.type == "identifier" else None
            if declared is not None and bare(declared).type == "object":
                value = self._member(bare(declared), self._written(name))
                if value is not None:
                    return self._pieces(value, focus, depth + 1, given)
        return [Hole(self._names(node))]

    def _names(self, node: Node) -> tuple[str, ...]:
        """An expression as it is written, and what the name it begins with was declared as or imported from."""
        written = _SPACE.sub("", self._written(node))[:200]
        head = re.match(r"[\w$]+", written)
        if head is None:
            return (written,)
        declared = self._declared(head[0], node)
        more: tuple[str, ...] = self._imported.get(head[0], ())
        if declared is None and self._outer is not None:
            more += self._outer.outer_names(head[0])
        if declared is not None:
            text = _SPACE.sub("", self._written(bare(declared)))
            if CLIENTS.match(text.removeprefix("new")) or re.match(r"[\w$.?!()\[\]'\"]{1,120}\Z", text):
                more += (text[:200],)
        return (written, *more)

    def outer_names(self, name: str) -> tuple[str, ...]:
        """What a name was declared as or imported from, for a part of the same file."""
        declared = self._name_of(name).declared
        if not declared:
            return self._imported.get(name, ())
        return (_SPACE.sub("", self._written(bare(declared[0][1])))[:200],)

    def _call(self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        function = node.child_by_field_name("function")
        if function is None:
            return [Hole(())]
        name, arguments = self._written(function), arguments_of(node)
        if function.type == "member_expression":
            held, method = function.child_by_field_name("object"), self._written(function.named_children[-1])
            if method in ("toString", "trim", "trimEnd", "replace", "replaceAll", "toJSON", "slice"):
                return self._pieces(held, focus, depth + 1, given)
            if method == "concat":
                return [piece for item in (held, *arguments) for piece in self._pieces(item, focus, depth + 1, given)]
            if method == "join" and held is not None and held.type == "array":
                return self._joined(held, arguments, focus, depth, given)
            if method == "stringify" and arguments and name != "JSON.stringify":
                return self._query(arguments[0])
        elif name == "String" and arguments:
            return self._pieces(arguments[0], focus, depth + 1, given)
        elif function.type == "identifier":
            body = self._body(function)
            if body is not None:
                pieces = self._pieces(body, focus, depth + 1, given)
                if any(isinstance(piece, Text) and "/" in piece.text for piece in pieces):
                    return pieces
        return [Hole(self._names(function))]

    def _joined(
        self, held: Node, arguments: Sequence[Node], focus: Node | None, depth: int,
        given: Mapping[str, list[Piece]] | None,
    ) -> list[Piece]:  # fmt: skip
        between = self._pieces(arguments[0], focus, depth + 1, given) if arguments else [Text(",")]
        pieces: list[Piece] = []
        for index, item in enumerate(child for child in held.named_children if child.type != "comment"):
            pieces += [*(between if index else []), *self._pieces(item, focus, depth + 1, given)]
        return pieces

    def _new(self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        made = node.child_by_field_name("constructor")
        name, arguments = self._written(made) if made is not None else "", arguments_of(node)
        if name.endswith("URLSearchParams") and arguments:
            return self._query(arguments[0])
        if name.endswith("URL") and arguments:
            pieces = self._pieces(arguments[0], focus, depth + 1, given)
            if len(arguments) > 1 and not (
                pieces and isinstance(pieces[0], Text) and re.match(r"[a-z]+://", pieces[0].text)
            ):
                base = self._pieces(arguments[1], focus, depth + 1, given)
                return [*base, Text("/"), *pieces]
            return pieces
        return [Hole((name,))] if CLIENTS.search(name) else [Hole(())]

    def _query(self, node: Node) -> list[Piece]:
        """The text that an object becomes as a query."""
        if node.type == "identifier":
            declared = self._declared(self._written(node), node)
            node = bare(declared) if declared is not None else node
        if node.type != "object":
            return [Hole(())]
        has = "access_token" in [key_text(child, self._text) for child in node.named_children]
        return [Text("access_token="), Hole(())] if has else [Hole(())]

    # --- names --------------------------------------------------------------------------------------------------------

    @cached_property
    def _root(self) -> Node:
        """The syntax tree, which few files need."""
        return syntax_tree.parse(self._grammar, self._text)

    @cached_property
    def _index(self) -> Mapping[str, _Name]:
        """Every name, in one pass over the whole tree."""
        found: dict[str, _Name] = {}
        for node in nodes(self._root):
            if node.type == "identifier":
                found.setdefault(self._written(node), _Name([], [])).add(node)
        return found

    def _name_of(self, name: str) -> _Name:
        """What is known of one name. The first few names are searched for in the text, which costs less than a pass."""
        known = self._names_asked.get(name)
        if known is None:
            if len(self._names_asked) < _MOST_SEARCHES and name.isidentifier() and name.isascii():
                known = self._searched(name)
            else:
                known = self._index.get(name) or _Name([], [])
            self._names_asked[name] = known
        return known

    def _searched(self, name: str) -> _Name:
        found = _Name([], [])
        start, length = self._text.find(name), len(name)
        while start >= 0:
            end = start + length
            if not _INSIDE_NAME.match(self._text, end) and not (start and _INSIDE_NAME.match(self._text, start - 1)):
                node = self._root.descendant_for_byte_range(start, end)
                if node is not None and node.type == "identifier" and node.end_byte - node.start_byte == length:
                    found.add(node)
            start = self._text.find(name, end)
        return found

    @cached_property
    def _imported(self) -> Mapping[str, tuple[str, ...]]:
        """The module each imported name comes from."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self._root.named_children:
            source = node.child_by_field_name("source") if node.type == "import_statement" else None
            if source is not None:
                module = f"from {self._written(source)[:100]}"
                for name in nodes(node):
                    if name.type == "identifier":
                        found[self._written(name)] = (self._written(name), module)
        return found

    def _named(self, name: str) -> Sequence[Node]:
        """Every place with that name (few: it bounds the work)."""
        return self._name_of(name).used[:50]

    def _declared(self, name: str, use: Node) -> Node | None:
        """The value of the declaration in the nearest block around a use; None for parameters and the like."""
        best: Node | None = None
        size = -1
        for declaration, value in self._name_of(name).declared[:50]:
            block = up(declaration.parent or declaration, "statement_block", "program", "function_body") or self._root
            if declaration.start_byte <= use.start_byte < declaration.end_byte and value is not declaration:
                continue  # a name in its own declaration
            if block.start_byte <= use.start_byte < block.end_byte and block.start_byte > size:
                best, size = value, block.start_byte
        return best

    def _body(self, function: Node) -> Node | None:
        """The expression a function of this text returns, where it has one only."""
        declared = self._declared(self._written(function), function)
        body = declared.child_by_field_name("body") if declared is not None else None
        if body is None:
            return None
        if body.type != "statement_block":
            return body
        returned = [node for node in nodes(body) if node.type == "return_statement" and node.named_children]
        return returned[0].named_children[0] if len(returned) == 1 else None

    def _uses(self, value: Node) -> Iterator[Node]:
        """Where the name is used that a value was declared with."""
        declarator = value.parent
        if declarator is None or declarator.type != "variable_declarator":
            return
        name = declarator.child_by_field_name("name")
        if name is None or name.type != "identifier":
            return
        for use in self._named(self._written(name)):
            if use.start_byte != name.start_byte and not is_method_object(use):
                yield use

    def _member(self, node: Node, key: str) -> Node | None:
        for child in node.named_children:
            if child.type == "pair" and key_text(child, self._text) == key:
                return child.child_by_field_name("value")
            if child.type == "shorthand_property_identifier" and self._written(child) == key:
                return self._declared(key, child) or child
        return None

    def _written(self, node: Node) -> str:
        return self._text[node.start_byte : min(node.end_byte, node.start_byte + _MAX_TEXT)]

    def _literal(self, node: Node) -> Node | None:
        """The text that a name was declared as."""
        node = bare(node)
        for _ in range(MAX_DEPTH):
            if node.type in ("string", "template_string"):
                return node
            if node.type != "identifier":
                return None
            declared = self._declared(self._written(node), node)
            if declared is None:
                return None
            node = bare(declared)
        return None


# --- the tree --------------------------------------------------------------------------------------------------------


def nodes(root: Node) -> Iterator[Node]:
    """Every named node below, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.named_children))


def up(node: Node | None, *kinds: str) -> Node | None:
    """The node or the nearest above it of these kinds, within reach."""
    for _ in range(MAX_UP):
        if node is None or node.type in kinds:
            return node
        node = node.parent
    return None


def bare(node: Node) -> Node:
    """Without the parentheses and types around it."""
    while node.type in INSIDE and node.named_children:
        node = node.named_children[0]
    return node


def holds(node: Node | None, focus: Node | None) -> bool:
    """Whether one expression is, or is part of, another."""
    return (
        node is not None
        and focus is not None
        and node.start_byte <= focus.start_byte
        and focus.end_byte <= node.end_byte
    )


_PARTS: Final = frozenset({
    "template_string", "template_substitution", "ternary_expression", *INSIDE,
})  # fmt: skip


def whole_of(node: Node) -> Node:
    """The largest expression of which a text is a part."""
    for _ in range(MAX_UP):
        parent = node.parent
        if parent is None:
            break
        if parent.type in _PARTS and parent.child_by_field_name("condition") != node:
            node = parent
        elif parent.type == "binary_expression":
            operator = parent.child_by_field_name("operator")
            if operator is None or operator.type not in ("+", "||", "??", "&&"):
                break
            if operator.type in ("||", "??", "&&") and parent.child_by_field_name("left") == node:
                break
            node = parent
        elif (
            parent.type == "member_expression"
            and parent.parent is not None
            and parent.parent.type == "call_expression"
            and parent.child_by_field_name("object") == node
        ) and (parent.named_children[-1].text or b"") in (b"toString", b"concat", b"join", b"trim"):
            node = parent.parent
        elif parent.type == "array" and parent.parent is not None and parent.parent.type == "member_expression":
            node = parent
        elif parent.type == "arguments" and (call := parent.parent) is not None:
            made = call.child_by_field_name("constructor") or call.child_by_field_name("function")
            name = (made.text or b"") if made is not None else b""
            if name not in (b"URL", b"window.URL", b"String", b"encodeURI") and not name.endswith(b".concat"):
                break
            node = call
        else:
            break
    return node


def is_key(node: Node) -> bool:
    """Whether a node is the name of a member of an object."""
    return node.parent is not None and node.parent.type == "pair" and node.parent.child_by_field_name("key") == node


def named_key(node: Node) -> Node | None:
    """The node of a quoted key (`"access_token": …`), else None."""
    string = up(node, "string")
    return string if string is not None and is_key(string) else None


def call_of_first(node: Node) -> Node | None:
    """The call whose first argument a text is."""
    string = up(node, "string", "template_string")
    arguments = string.parent if string is not None else None
    if arguments is None or arguments.type != "arguments" or arguments.parent is None:
        return None
    first = arguments_of(arguments.parent)
    return arguments.parent if first and first[0] == string else None


def compares(literal: Node) -> bool:
    """Whether a text is only looked for, or printed."""
    arguments = literal.parent
    if arguments is None or arguments.type != "arguments" or arguments.parent is None:
        return False
    function = arguments.parent.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return False
    method = function.named_children[-1].text or b""
    return method.decode("utf-8", "replace") in _COMPARES


def is_method_object(node: Node) -> bool:
    """Whether a name stands before `.set(…)` and the like."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "member_expression"
        and (parent.named_children[-1].text or b"") in (b"set", b"append", b"delete", b"get", b"has", b"searchParams")
    )


def arguments_of(call: Node) -> list[Node]:
    """What a call hands over."""
    held = call.child_by_field_name("arguments")
    return [child for child in held.named_children if child.type != "comment"] if held is not None else []


def key_text(pair: Node, text: str) -> str:
    """The name of a member, without quotes."""
    key = pair.child_by_field_name("key") if pair.type == "pair" else pair
    return text[key.start_byte : key.end_byte].strip("\"'`") if key is not None else ""
