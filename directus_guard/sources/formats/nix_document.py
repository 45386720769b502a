"""Nix as values: sets, lists and texts as they are written. What Nix works out is a `ComputedValue`.

A file is mostly one function that gives a set (a module of NixOS). Names of `let` are followed; of `lib.mkIf` and other
wrappers of the module system what they wrap counts, as if the condition held.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import syntax_tree
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_Scope = dict[str, "tuple[Node, _Scope]"]

_SET: Final = ("attrset_expression", "rec_attrset_expression", "let_attrset_expression")
_ESCAPES: Final = lazy_pattern(r"\\([\s\S])")
_PLAIN: Final = {"n": "\n", "r": "\r", "t": "\t"}
_INDENTED: Final = lazy_pattern(r"''(?:\\([\s\S])|(\$)|('))")
_REASON: Final = "it is worked out by Nix"


def document(repository: Repository, path: str) -> Value | None:
    """What the file gives; None with a problem noted when it is not readable or not valid Nix."""
    parsed = syntax_tree.document(repository, path, "nix", "Nix")
    if parsed is None:
        return None
    text, root = parsed
    whole = root.child_by_field_name("expression")
    return None if whole is None else _Reader(path, text).value(whole, {}, 0)


def _merged(sets: Sequence[ObjectValue], place: Location) -> ObjectValue:
    """The sets merged, and the sets inside them, as NixOS does it. Of other values with the same name the last counts."""
    given: dict[str, list[ObjectEntry]] = {}
    for one in sets:
        for entry in one.entries:
            given.setdefault(entry.key.text, []).append(entry)
    entries: list[ObjectEntry] = []
    for same in given.values():
        inner = [entry.value for entry in same if isinstance(entry.value, ObjectValue)]
        whole = len(inner) == len(same)
        entries.append(ObjectEntry(same[0].key, _merged(inner, inner[0].location)) if whole else same[-1])
    return ObjectValue(tuple(entries), place, next((one.computed for one in sets if one.computed), ""))


_MOST_FOLLOWED: Final = 50_000
"""Expressions that are read behind names: two names that hold each other twice would never end."""


class _Reader:
    """Values with the names that are known where they are written."""

    def __init__(self, path: str, text: str) -> None:
        self._path: Final = path
        self._text: Final = text
        self._following = 0
        """Names whose values are being worked out."""
        self._left = _MOST_FOLLOWED

    def _cut(self, node: Node) -> str:
        return self._text[node.start_byte : node.end_byte]

    def _computed(self, node: Node, reason: str = _REASON) -> ComputedValue:
        return ComputedValue(reason, syntax_tree.region(self._path, node), source=self._cut(node)[:200])

    def value(self, node: Node, scope: _Scope, depth: int) -> Value:
        """The value of an expression."""
        self._left -= self._following > 0
        if depth > syntax_tree.MAX_DEPTH or (self._following and self._left < 0):
            return self._computed(node, "it is nested too deeply to be read")
        kind, place = node.type, syntax_tree.region(self._path, node)
        inner = self._inner(node)
        if inner is not None:
            names = self._names(node, scope) if kind == "let_expression" else scope
            return self.value(inner, names, depth + 1)
        if kind in _SET:
            names = self._names(node, scope) if kind == "rec_attrset_expression" else scope
            return self._set(node, names, depth)
        if kind == "list_expression":
            return List(
                tuple(self.value(one, scope, depth + 1) for one in node.children_by_field_name("element")), place
            )
        if kind in ("string_expression", "indented_string_expression"):
            return self._string(node, scope, depth)
        if kind in ("integer_expression", "float_expression"):
            return Text(self._cut(node), TextKind.NUMBER, place)
        if kind == "variable_expression":
            return self._named(node, scope, depth)
        if kind == "apply_expression":
            return self._applied(node, scope, depth)
        if kind == "binary_expression":
            return self._joined(node, scope, depth)
        return (
            self._computed(node, f"`{self._cut(node)}` is worked out by Nix")
            if kind == "select_expression"
            else self._computed(node)
        )

    @staticmethod
    def _inner(node: Node) -> Node | None:
        """The expression that decides what another gives: the body of a function, of `let` and `with`, what is in parentheses."""
        if node.type in ("function_expression", "let_expression", "with_expression", "assert_expression"):
            return node.child_by_field_name("body")
        return node.child_by_field_name("expression") if node.type == "parenthesized_expression" else None

    def _names(self, node: Node, scope: _Scope) -> _Scope:
        """The names that `let` and `rec` add."""
        names = dict(scope)
        for binding in self._bindings(node):
            path = binding.child_by_field_name("attrpath")
            if path is not None and path.named_child_count == 1:
                names[self._cut(path).strip('"')] = syntax_tree.field(binding, "expression"), names
        return names

    @staticmethod
    def _bindings(node: Node) -> Iterator[Node]:
        for child in node.children:
            if child.type == "binding_set":
                yield from child.children_by_field_name("binding")

    def _set(self, node: Node, scope: _Scope, depth: int) -> ObjectValue:
        bound = [self._bound(binding, scope, depth) for binding in self._bindings(node)]
        return _merged(bound, syntax_tree.region(self._path, node))

    def _bound(self, binding: Node, scope: _Scope, depth: int) -> ObjectValue:
        """What one line of a set adds: `a.b = x;` or `inherit (y) a b;`."""
        place = syntax_tree.region(self._path, binding)
        if binding.type != "binding":
            listed = binding.child_by_field_name("attrs")
            names = [one for one in listed.children if one.type == "identifier"] if listed is not None else []
            own = binding.type == "inherit"
            return ObjectValue(
                tuple(
                    ObjectEntry(self._key(one), self._named(one, scope, depth) if own else self._computed(one))
                    for one in names
                ),
                place,
            )
        names = syntax_tree.field(binding, "attrpath").children_by_field_name("attr")
        written = list(takewhile(lambda one: "${" not in self._cut(one), names))
        value: Value = ObjectValue((), place, "Nix works out a name in it")
        if len(written) == len(names):
            value = self.value(syntax_tree.field(binding, "expression"), scope, depth + len(names))
        for name in reversed(written):
            value = ObjectValue((ObjectEntry(self._key(name), value),), place)
        return value if isinstance(value, ObjectValue) else ObjectValue((), place, _REASON)

    def _key(self, node: Node) -> Text:
        return Text(self._cut(node).strip('"'), TextKind.STRING, syntax_tree.region(self._path, node))

    def _named(self, node: Node, scope: _Scope, depth: int) -> Value:
        """The value of a name: `true`, `null`, or what `let` says."""
        name, place = self._cut(node), syntax_tree.region(self._path, node)
        if name in ("true", "false"):
            return Text(name, TextKind.BOOLEAN, place)
        if name == "null":
            return Text(name, TextKind.NULL, place)
        if name in scope:
            held, names = scope[name]
            self._following += 1
            value = self.value(held, names, depth + 1)
            self._following -= 1
            return value
        return self._computed(node, f"`{name}` is worked out by Nix")

    def _applied(self, node: Node, scope: _Scope, depth: int) -> Value:
        """A call: of a wrapper what it wraps; of any other function that is given a set or a list, that."""
        arguments: list[Node] = []
        while node.type == "apply_expression":
            arguments.append(syntax_tree.field(node, "argument"))
            node = syntax_tree.field(node, "function")
        name = self._cut(node).rpartition(".")[2]
        last = self.value(arguments[0], scope, depth + len(arguments))
        if name == "mkMerge" and isinstance(last, List):
            open_ = ObjectValue((), last.location, _REASON)
            return _merged([one if isinstance(one, ObjectValue) else open_ for one in last.items], last.location)
        if name in _WRAPPERS or isinstance(last, ObjectValue | List):
            return last
        return self._computed(node, f"`{self._cut(node)[:80]}` works it out")

    def _joined(self, node: Node, scope: _Scope, depth: int) -> Value:
        """`a // b` and `a ++ b`."""
        left, right = (self.value(syntax_tree.field(node, side), scope, depth + 1) for side in ("left", "right"))
        sign = self._cut(syntax_tree.field(node, "operator"))
        if sign == "//" and (isinstance(left, ObjectValue) or isinstance(right, ObjectValue)):
            return _over(left, right)
        if sign == "++" and (isinstance(left, List) or isinstance(right, List)):
            known = [one for one in (left, right) if isinstance(one, List)]
            items = tuple(item for one in known for item in one.items)
            return List(items, known[0].location, "" if len(known) > 1 else _REASON)
        return self._computed(node)

    def _string(self, node: Node, scope: _Scope, depth: int) -> Value:
        indented = node.type == "indented_string_expression"
        inset = 2 if indented else 1
        place = syntax_tree.region(self._path, node, inset)
        holes = [one for one in node.children if one.type == "interpolation"]
        pieces: list[Value] = []
        index = node.start_byte + inset
        for hole in (*holes, None):
            end = node.end_byte - inset if hole is None else hole.start_byte
            text = self._literal(self._text[index:end], indented=indented)
            pieces += [Text(text, TextKind.STRING, place)] if text else []
            if hole is not None:
                held = hole.child_by_field_name("expression")
                pieces.append(self._computed(hole) if held is None else self.value(held, scope, depth + 1))
                index = hole.end_byte
        if all(isinstance(piece, Text) for piece in pieces):
            text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
            return Text(_dedent(text) if indented else text, TextKind.STRING, place)
        first = next(piece for piece in pieces if not isinstance(piece, Text))
        reason = first.reason if isinstance(first, ComputedValue) else _REASON
        return ComputedValue(reason, place, source=self._cut(node)[:200], parts=tuple(pieces))

    @staticmethod
    def _literal(text: str, *, indented: bool) -> str:
        return _INDENTED.sub(_of_indented, text) if indented else _ESCAPES.sub(_unescape, text)


_WRAPPERS: Final = frozenset(
    {"mkIf", "mkForce", "mkDefault", "mkOverride", "mkVMOverride", "mkOptionDefault", "mkBefore", "mkAfter", "toString"}
)


def _over(left: Value, right: Value) -> ObjectValue:
    """`left // right`: the entries of both, of which those of the right win; what is not known may add to it."""
    known = [one for one in (left, right) if isinstance(one, ObjectValue)]
    entries = {entry.key.text: entry for one in known for entry in one.entries}
    computed = "" if len(known) > 1 else _REASON
    return ObjectValue(
        tuple(entries.values()),
        known[0].location,
        computed or next((one.computed for one in known if one.computed), ""),
    )


def _dedent(text: str) -> str:
    lines = text.split("\n")
    if not lines[0].strip(" "):
        lines = lines[1:]
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines)


def _unescape(match: re.Match[str]) -> str:
    return _PLAIN.get(match[1], match[1])


def _of_indented(match: re.Match[str]) -> str:
    return _PLAIN.get(match[1], match[1]) if match[1] else match[2] or "''"
