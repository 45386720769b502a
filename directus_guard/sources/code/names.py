"""Names of JavaScript and TypeScript: what they are declared as, where they come from and where they are used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.code.syntax import bare, is_method_object, key_text, nodes, up
from directus_guard.sources.formats import syntax_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.formats.syntax_tree import Grammar


MAX_DEPTH: Final = 24
MAX_TEXT: Final = 4000


class _Name(Struct, frozen=True):
    """What a name was declared as (the declaration and the value), and its place, in the order of the text."""

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
_INSIDE_NAME: Final = lazy_pattern(r"[\w$]")


class Names:
    """One text in JavaScript or TypeScript, and the names it declares, imports and uses."""

    def __init__(self, text: str, grammar: Grammar, place: Callable[[int, int], Location], *, base: int = 0) -> None:
        """`text`: a file, or a part of one that begins at `base` of it. `place` makes a region of the file from offsets in it."""
        self._text, self._place, self._base = text, place, base
        self._grammar: Final[Grammar] = grammar
        self._names_asked: dict[str, _Name] = {}

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
            block = up(declaration, "statement_block", "program") or self._root
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
        is_one = declarator is not None and declarator.type == "variable_declarator"
        name = declarator.child_by_field_name("name") if declarator is not None and is_one else None
        for use in self._named(self._written(name)) if name is not None and name.type == "identifier" else ():
            if use != name and not is_method_object(use):
                yield use

    def _member(self, node: Node, key: str) -> Node | None:
        for child in node.named_children:
            if child.type == "pair" and key_text(child, self._text) == key:
                return child.child_by_field_name("value")
            if child.type == "shorthand_property_identifier" and self._written(child) == key:
                return self._declared(key, child) or child
        return None

    def _written(self, node: Node) -> str:
        return self._text[node.start_byte : min(node.end_byte, node.start_byte + MAX_TEXT)]

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
