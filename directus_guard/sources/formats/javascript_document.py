"""What a JavaScript configuration file exports, as far as it is written down rather than computed. Nothing is executed.

Followed are literals, constants, spreads, `Object.assign` and texts put together from them; everything else is
`ComputedValue`, with the fallback that `process.env.X || "…"` names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import syntax_tree
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

MAX_CHARACTERS: Final = 1024 * 1024
"""A longer file is no configuration."""
_MAX_DEPTH: Final = 60
_MAX_ENTRIES: Final = 20_000
_MAX_TEXT: Final = 128 * 1024
"""Linux takes no longer text in an environment."""
_ESCAPE: Final = lazy_pattern(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|.))", re.DOTALL)
_SHORT: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
    "\n": "",
    "\r\n": "",
    "\r": "",
}
_FALSY: Final = {TextKind.STRING: "", TextKind.BOOLEAN: "false", TextKind.NUMBER: "0"}
_EXPORTS: Final = lazy_pattern(r"(?:module\.)?exports\Z")
_MEMBER: Final = lazy_pattern(r"(?:module\.)?exports\.([A-Za-z_$][\w$]*)\Z")
_SAFE: Final = lazy_pattern(r"[A-Za-z_$][\w$.]{0,80}\Z")


def document(repository: Repository, path: str) -> Value | None:
    """What the file exports; None with a problem noted when it is not readable, or exports nothing that can be seen."""
    text = repository.text(path)
    if text is None:
        return None
    if len(text) > MAX_CHARACTERS:
        repository.problem(path, f"larger than {MAX_CHARACTERS // 2**20} MiB: no configuration file", broken=True)
        return None
    text = text.removeprefix("\ufeff")
    root = syntax_tree.parse("javascript", text)
    wrong = syntax_tree.first_error(root)
    if wrong:
        repository.problem(path, "not valid JavaScript; what could be understood was read", wrong, broken=True)
    return _Reader(path, text, root).exported()


class _Reader:
    def __init__(self, path: str, text: str, root: Node) -> None:
        self._path, self._text, self._root = path, text, root
        self._constants: dict[str, Node] = {}
        self._values: dict[str, Value | None] = {}
        self._collect()

    def exported(self) -> Value | None:
        found: Value | None = None
        members: list[ObjectEntry] = []
        for statement in self._root.named_children:
            if statement.type == "export_statement":
                value = statement.child_by_field_name("value") or statement.child_by_field_name("declaration")
                found = self._value(value, 0) if value is not None else found
            elif statement.type == "expression_statement" and statement.named_children:
                assignment = statement.named_children[0]
                while assignment.type == "assignment_expression":
                    left, right = syntax_tree.field(assignment, "left"), syntax_tree.field(assignment, "right")
                    name = self._written(left)
                    member = _MEMBER.match(name)
                    if _EXPORTS.match(name):
                        found = self._value(_last(right), 0)
                    elif member:
                        members.append(
                            ObjectEntry(
                                Text(member[1], TextKind.STRING, self._place(left)), self._value(_last(right), 0)
                            )
                        )
                    assignment = right  # `module.exports = exports.x = …`
        if not members:
            return found
        if isinstance(found, ObjectValue):
            return ObjectValue((*found.entries, *members), self._place(self._root), found.computed)
        return ObjectValue(tuple(members), self._place(self._root), "" if found is None else _reason(found))

    def _collect(self) -> None:
        """Names that are declared once at the top and never assigned to."""
        for statement in self._root.named_children:
            declaration = statement
            if statement.type == "export_statement":
                declaration = statement.child_by_field_name("declaration") or statement
            if declaration.type not in ("lexical_declaration", "variable_declaration"):
                continue
            for declarator in declaration.named_children:
                name, value = declarator.child_by_field_name("name"), declarator.child_by_field_name("value")
                if name is not None and value is not None and name.type == "identifier":
                    self._constants[self._written(name)] = value
        stack = [self._root]
        while stack and self._constants:
            node = stack.pop()
            if node.type in ("assignment_expression", "augmented_assignment_expression", "update_expression"):
                target = syntax_tree.field(node, "argument" if node.type == "update_expression" else "left")
                # `a = …` and `a.b = …` alike: what `a` holds is no longer what was written at the top
                head = re.match(r"[\w$]+", self._written(target))
                self._constants.pop(head[0] if head else "", None)
            stack.extend(node.named_children)

    # --- values ---

    def _value(self, node: Node, depth: int) -> Value:
        """The value of an expression; `depth` bounds the recursion."""
        kind = node.type
        if depth > _MAX_DEPTH:
            return self._computed(node, "it is nested too deeply to be read")
        if kind in ("string", "template_string"):
            return self._string(node, depth)
        if kind == "number":
            return Text(_number(self._written(node)), TextKind.NUMBER, self._place(node))
        if kind in ("true", "false"):
            return Text(kind, TextKind.BOOLEAN, self._place(node))
        if kind in ("null", "undefined"):
            return Text("null", TextKind.NULL, self._place(node))
        if kind in ("identifier", "shorthand_property_identifier"):
            return self._name(node, depth)
        if kind == "object":
            return self._object(node, depth)
        if kind == "array":
            return self._array(node, depth)
        if kind == "parenthesized_expression" and len(node.named_children) == 1:
            return self._value(node.named_children[0], depth + 1)
        if kind == "unary_expression" and self._written(node)[:1] == "-" and node.named_children[-1].type == "number":
            return Text(f"-{_number(self._written(node.named_children[-1]))}", TextKind.NUMBER, self._place(node))
        if kind == "binary_expression":
            return self._binary(node, depth)
        if kind in ("member_expression", "subscript_expression"):
            return self._member(node, depth)
        if kind == "call_expression":
            return self._call(node, depth)
        return self._computed(node)

    def _name(self, node: Node, depth: int) -> Value:
        name = self._written(node)
        if name == "undefined":
            return Text("null", TextKind.NULL, self._place(node))
        if name not in self._values:
            self._values[name] = None  # until it is known, so that a constant in itself ends
            if name in self._constants:
                self._values[name] = self._value(self._constants[name], depth + 1)
        return self._values[name] or self._computed(node)

    def _object(self, node: Node, depth: int) -> ObjectValue:
        entries: dict[str, ObjectEntry] = {}
        computed = ""
        for child in node.named_children:
            if child.type == "spread_element":
                spread = self._value(child.named_children[0], depth + 1)
                if isinstance(spread, ObjectValue):
                    computed = computed or spread.computed
                    added: Iterable[ObjectEntry] = spread.entries
                else:
                    computed = computed or _reason(spread)
                    added = ()
            elif child.type == "comment":
                continue
            else:
                entry = self._entry(child, depth)
                computed = computed or ("" if entry else "a name is computed")
                added = (entry,) if entry else ()
            for entry in added:
                entries.pop(entry.key.text, None)
                entries[entry.key.text] = entry
        return ObjectValue(tuple(entries.values()), self._place(node), computed)

    def _entry(self, node: Node, depth: int) -> ObjectEntry | None:
        if node.type == "shorthand_property_identifier":
            return ObjectEntry(
                Text(self._written(node), TextKind.STRING, self._place(node)), self._value(node, depth + 1)
            )
        key, value = (
            node.child_by_field_name("key") or node.child_by_field_name("name"),
            node.child_by_field_name("value"),
        )
        if key is None:
            return None
        if key.type == "computed_property_name":
            held: Value = self._value(key.named_children[0], depth + 1)
        elif key.type in ("string", "number"):
            held = self._value(key, depth + 1)
        else:
            held = Text(self._written(key), TextKind.STRING, self._place(key))
        if not isinstance(held, Text):
            return None
        return ObjectEntry(held, self._computed(node) if value is None else self._value(value, depth + 1))

    def _array(self, node: Node, depth: int) -> List:
        items: list[Value] = []
        computed = ""
        for child in node.named_children:
            if child.type == "comment":
                continue
            if child.type != "spread_element":
                items.append(self._value(child, depth + 1))
                continue
            spread = self._value(child.named_children[0], depth + 1)
            if isinstance(spread, List) and len(items) + len(spread.items) <= _MAX_ENTRIES:
                items += spread.items
                computed = computed or spread.computed
            else:
                computed = computed or _reason(spread)
        return List(tuple(items), self._place(node), computed)

    def _string(self, node: Node, depth: int) -> Value:
        """A text. A template is known when everything put into it is."""
        parts: list[Value] = []
        for child in node.named_children:
            if child.type == "template_substitution":
                inner = [item for item in child.named_children if item.type != "comment"]
                parts.append(self._value(inner[0], depth + 1) if inner else self._computed(child))
            else:
                parts.append(Text(self._plain(child), TextKind.STRING, self._place(child)))
        return self._joined(node, parts, inset=1)

    def _plain(self, node: Node) -> str:
        return _ESCAPE.sub(_escape, self._written(node))

    def _joined(self, node: Node, parts: list[Value], inset: int = 0) -> Value:
        place = syntax_tree.region(self._path, node, inset)
        texts = [
            part.text if isinstance(part, Text) else part.fallback if isinstance(part, ComputedValue) else None
            for part in parts
        ]
        whole = "".join(text for text in texts if text is not None)
        if len(whole) > _MAX_TEXT:
            return ComputedValue("its text is longer than any environment takes", place)
        unknown = next((part for part in parts if not isinstance(part, Text)), None)
        if unknown is None:
            return Text(whole, TextKind.STRING, place)
        return ComputedValue(_reason(unknown), place, None if None in texts else whole)

    def _binary(self, node: Node, depth: int) -> Value:
        left, right = syntax_tree.field(node, "left"), syntax_tree.field(node, "right")
        sign = self._sign(node)
        if sign == "+":
            return self._sum(node, depth)
        if sign not in ("||", "??"):
            return self._computed(node)
        first, second = self._value(left, depth + 1), self._value(right, depth + 1)
        if isinstance(first, Text):
            falls = first.kind is TextKind.NULL or (sign == "||" and first.text == _FALSY[first.kind])
            return second if falls else first
        if isinstance(first, ComputedValue):
            used = (
                second.text
                if isinstance(second, Text)
                else second.fallback
                if isinstance(second, ComputedValue)
                else None
            )
            return ComputedValue(first.reason, second.location, used)
        return first

    def _sign(self, node: Node) -> str:
        return self._written(syntax_tree.field(node, "operator"))

    def _sum(self, node: Node, depth: int) -> Value:
        """A chain of `+`, which the grammar nests to the left, once for each text."""
        operands: list[Node] = []
        current = node
        while current.type == "binary_expression" and len(operands) < _MAX_ENTRIES:
            if self._sign(current) != "+":
                break
            operands.append(syntax_tree.field(current, "right"))
            current = syntax_tree.field(current, "left")
        operands.append(current)
        parts = [self._value(operand, depth + 1) for operand in reversed(operands)]
        if not any(isinstance(part, Text) and part.kind is TextKind.STRING for part in parts[:2]):
            return self._computed(node)  # numbers are added
        return self._joined(node, parts)

    def _member(self, node: Node, depth: int) -> Value:
        written = self._written(node)
        if written.startswith("process.env"):
            name = written.removeprefix("process.env").strip(".[]\"'`?")
            shown = f"`process.env.{name}`" if _SAFE.match(name) else "a variable of the process environment"
            return ComputedValue(f"{shown} comes from outside the repository", self._place(node), source=written[:200])
        held = self._value(syntax_tree.field(node, "object"), depth + 1)
        if not isinstance(held, ObjectValue) or held.computed:
            return self._computed(node)
        if node.type == "member_expression":
            return held.get(self._written(syntax_tree.field(node, "property"))) or self._computed(node)
        wanted = self._value(syntax_tree.field(node, "index"), depth + 1)
        return (held.get(wanted.text) if isinstance(wanted, Text) else None) or self._computed(node)

    def _call(self, node: Node, depth: int) -> Value:
        """`Object.assign` and `Object.freeze`; what other functions return is not known."""
        name = self._written(syntax_tree.field(node, "function"))
        given = [child for child in syntax_tree.field(node, "arguments").named_children if child.type != "comment"]
        if name == "Object.freeze" and len(given) == 1:
            return self._value(given[0], depth + 1)
        if name != "Object.assign":
            return self._computed(node)
        entries: dict[str, ObjectEntry] = {}
        computed = ""
        for argument in given:
            part = self._value(argument, depth + 1)
            if isinstance(part, ObjectValue):
                entries |= {entry.key.text: entry for entry in part.entries}
                computed = computed or part.computed
            else:
                computed = computed or _reason(part)
        return ObjectValue(tuple(entries.values()), self._place(node), computed)

    # --- places ---

    def _written(self, node: Node) -> str:
        return self._text[node.start_byte : node.end_byte]

    def _place(self, node: Node) -> Location:
        return syntax_tree.region(self._path, node)

    def _computed(self, node: Node, reason: str = "it is computed when the file is loaded") -> ComputedValue:
        return ComputedValue(reason, self._place(node), source=self._written(node)[:200])


def _last(node: Node) -> Node:
    """The value of a chain of assignments."""
    while node.type == "assignment_expression":
        node = syntax_tree.field(node, "right")
    return node


def _reason(value: Value) -> str:
    return value.reason if isinstance(value, ComputedValue) else "it is computed when the file is loaded"


def _escape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
    return _SHORT.get(match[4], match[4])


def _number(written: str) -> str:
    """A number as JavaScript prints it."""
    plain = written.rstrip("n")
    try:
        if plain[:2].lower() in ("0x", "0o", "0b"):
            return str(int(plain, 0))
        value = float(plain)
    except ValueError:
        return plain
    return str(int(value)) if value.is_integer() and abs(value) < 1e21 else repr(value)
