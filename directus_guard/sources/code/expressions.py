"""Expressions of JavaScript and TypeScript as pieces: what is written down of the text they make. Nothing is executed.

A hole has the names that stand there and what those were declared as or imported from. How far names are followed is
bounded: names that stand for names many times over grow beyond any bound.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.code.names import MAX_DEPTH, MAX_TEXT, Names
from directus_guard.sources.code.pieces import Hole, WrittenText
from directus_guard.sources.code.syntax import INSIDE, arguments_of, bare, holds, key_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.code.pieces import Piece
    from directus_guard.sources.code.traces import ModuleReader
    from directus_guard.sources.formats.syntax_tree import Grammar


MOST_STEPS: Final = 2000
"""Expressions that are followed for one word …"""
MOST_STEPS_OF_ALL: Final = 300_000
"""… and for one text: names that stand for names many times over grow beyond any bound."""
CLIENTS: Final = lazy_pattern(r"\b(?:createDirectus|Directus|DirectusSDK|customEndpoint)\b")
_SPACE: Final = lazy_pattern(r"\s+")


class Surroundings(Struct, frozen=True, eq=False):
    """The surroundings of a text. `outer`: the script whose names it may use. `attribute`: that of the markup whose value it is.
    `modules`: the other files of the repository, where imports are followed."""

    outer: Expressions | None = None
    attribute: str | None = None
    modules: ModuleReader | None = None


NOTHING_AROUND: Final = Surroundings()


class Expressions(Names):
    """What the expressions of one text say, as far as it can be known."""

    def __init__(
        self,
        text: str,
        grammar: Grammar,
        place: Callable[[int, int], Location],
        *,
        base: int = 0,
        around: Surroundings = NOTHING_AROUND,
    ) -> None:
        super().__init__(text, grammar, place, base=base)
        self._outer, self._attribute, self._modules = around.outer, around.attribute, around.modules
        self._steps = self._most = self._depth = 0

    def _pieces(
        self, node: Node | None, focus: Node | None, given: Mapping[str, list[Piece]] | None = None
    ) -> list[Piece]:
        """An expression as pieces. Of alternatives the one with `focus` counts; `given` has values of names."""
        self._steps += 1
        if node is None or self._depth > MAX_DEPTH or self._steps > self._most:
            return [Hole(())]
        self._depth += 1
        try:
            return self._pieces_of(node, focus, given)
        finally:
            self._depth -= 1

    def _pieces_of(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        kind = node.type
        if kind == "string":
            return [WrittenText(self._text[node.start_byte + 1 : node.end_byte - 1][:MAX_TEXT])]
        if kind == "template_string":
            return self._template(node, focus, given)
        if kind in INSIDE and node.named_children:
            return self._pieces(bare(node), focus, given)
        if kind == "binary_expression":
            return self._binary(node, focus, given)
        if kind == "ternary_expression":
            first, second = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
            return self._pieces(second if holds(second, focus) else first, focus, given)
        if kind in ("identifier", "shorthand_property_identifier"):
            return self._name(node, focus, given)
        if kind in ("member_expression", "subscript_expression"):
            return self._member_pieces(node, focus, given)
        if kind == "call_expression":
            return self._call(node, focus, given)
        if kind == "new_expression":
            return self._new(node, focus, given)
        return [Hole(())]

    def _template(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        pieces: list[Piece] = []
        at = node.start_byte + 1
        for child in node.named_children:
            if child.type == "template_substitution":
                pieces.append(WrittenText(self._text[at : child.start_byte]))
                inner = [item for item in child.named_children if item.type != "comment"]
                pieces += self._pieces(inner[0], focus, given) if inner else []
                at = child.end_byte
        return [*pieces, WrittenText(self._text[at : node.end_byte - 1])]

    def _binary(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
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
            return [piece for item in reversed(operands[-200:]) for piece in self._pieces(item, focus, given)]
        if sign == "&&" or holds(right, focus):
            return self._pieces(right, focus, given)
        if sign not in ("||", "??"):
            return [Hole(())]
        first = self._pieces(left, focus, given)
        if all(isinstance(piece, WrittenText) for piece in first) and "".join(
            piece.text for piece in first if isinstance(piece, WrittenText)
        ):
            return first
        if len(first) > 1:
            return first
        second = self._pieces(right, focus, given)
        names = tuple(name for piece in (*first, *second) if isinstance(piece, Hole) for name in piece.names)
        literals = tuple(item for piece in (*first, *second) if isinstance(piece, Hole) for item in piece.literals)
        fallback = self._literal(right) if right is not None else None
        if fallback is not None and all(isinstance(piece, WrittenText) for piece in second):
            text = "".join(piece.text for piece in second if isinstance(piece, WrittenText))
            literals = (*literals, (text, fallback.start_byte + 1, fallback.end_byte - 1))
        bases = tuple(item for piece in (*first, *second) if isinstance(piece, Hole) for item in piece.bases)
        return [Hole(names, literals, bases)]

    def _name(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        name = self._written(node)
        if given and name in given:
            return given[name]
        declared = self._declared(name, node)
        if declared is None:
            outer = self._outer.named_outside(name) if self._outer is not None else None
            return outer or [Hole((name, *self._imported.get(name, ())))]
        pieces = self._pieces(declared, focus, given)
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            return [Hole((name, *pieces[0].names), pieces[0].literals, pieces[0].bases)]
        return pieces

    def named_outside(self, name: str) -> list[Piece] | None:
        """The value of a name of this script, seen from a part of the same file."""
        declared = self._name_of(name).declared
        self._most = self._steps + MOST_STEPS
        if not declared:
            imported = self._imported.get(name)
            return [Hole((name, *imported))] if imported else None
        pieces = self._pieces(declared[0][1], None)
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            return [Hole((name, *pieces[0].names), pieces[0].literals, pieces[0].bases)]
        return pieces

    def _member_pieces(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        held, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if held is not None and name is not None:
            if self._written(name) in ("href", "value"):
                inner = self._pieces(held, focus, given)
                if any(isinstance(piece, WrittenText) for piece in inner):
                    return inner
            declared = self._declared(self._written(held), held) if held.type == "identifier" else None
            if declared is not None and bare(declared).type == "object":
                value = self._member(bare(declared), self._written(name))
                if value is not None:
                    return self._pieces(value, focus, given)
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

    def _call(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        function = node.child_by_field_name("function")
        if function is None:
            return [Hole(())]
        name, arguments = self._written(function), arguments_of(node)
        if function.type == "member_expression":
            held, method = function.child_by_field_name("object"), self._written(function.named_children[-1])
            if method in ("toString", "trim", "trimEnd", "replace", "replaceAll", "toJSON", "slice"):
                return self._pieces(held, focus, given)
            if method == "concat":
                return [piece for item in (held, *arguments) for piece in self._pieces(item, focus, given)]
            if method == "join" and held is not None and held.type == "array":
                return self._joined(held, arguments, focus, given)
            if method == "stringify" and arguments and name != "JSON.stringify":
                return self._query(arguments[0])
        elif name in ("String", "encodeURI") and arguments:
            return self._pieces(arguments[0], focus, given)
        elif function.type == "identifier":
            body = self._body(function)
            if body is not None:
                pieces = self._pieces(body, focus, given)
                if any(isinstance(piece, WrittenText) and "/" in piece.text for piece in pieces):
                    return pieces
        return [Hole(self._names(function))]

    def _joined(
        self, node: Node, arguments: Sequence[Node], focus: Node | None,
        given: Mapping[str, list[Piece]] | None,
    ) -> list[Piece]:  # fmt: skip
        between = self._pieces(arguments[0], focus, given) if arguments else [WrittenText(",")]
        pieces: list[Piece] = []
        for index, item in enumerate(child for child in node.named_children if child.type != "comment"):
            pieces += [*(between if index else []), *self._pieces(item, focus, given)]
        return pieces

    def _new(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        made = node.child_by_field_name("constructor")
        name, arguments = self._written(made) if made is not None else "", arguments_of(node)
        if name.endswith("URLSearchParams") and arguments:
            return self._query(arguments[0])
        if name.endswith("URL") and arguments:
            pieces = self._pieces(arguments[0], focus, given)
            if len(arguments) > 1 and not (
                pieces and isinstance(pieces[0], WrittenText) and re.match(r"[a-z]+://", pieces[0].text)
            ):
                base = self._pieces(arguments[1], focus, given)
                return [*base, WrittenText("/"), *pieces]
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
        return [WrittenText("access_token="), Hole(())] if has else [Hole(())]
