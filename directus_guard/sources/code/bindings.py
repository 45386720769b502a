"""What the names of one script stand for: declarations, parts of objects, parameters, imports and exports. Nothing is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.code.syntax import arguments_of, bare, nodes, up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

Keys = tuple[str, ...]
"""Members of members, from the outside in."""


_MOST_BINDINGS: Final = 1000
"""Declarations of one name that are looked at."""


ANY: Final = "[]"
"""Stands among keys for whichever member, or element."""
_EACH: Final = frozenset({"map", "forEach", "flatMap", "filter", "find", "some", "every", "findLast"})
"""Methods that call a function with each element."""


class Binding(Struct, frozen=True):
    """A name in a block. `value` is where its value comes from, of which it is the member `keys`; None: a caller says it.

    `module` is what it is imported from, instead; `parameter` the number of the parameter of the function `scope`.
    """

    scope: tuple[int, int]
    value: Node | None = None
    keys: Keys = ()
    module: str = ""
    parameter: int = -1


class Bindings(Struct, frozen=True):
    """All names of a script, and what it exports."""

    names: dict[str, list[Binding]] = field(default_factory=dict)
    exports: dict[str, list[Binding]] = field(default_factory=dict)
    """By the name outside; `default` and, for CommonJS and `export =`, `=` for the whole module."""
    stars: list[str] = field(default_factory=list)
    """Modules all of whose exports are exported again."""

    def of(self, name: str, at: int) -> list[Binding]:
        """The value of a name at a place: the bindings of the nearest block that has one."""
        known = self.names.get(name, ())[:_MOST_BINDINGS]
        around = [binding for binding in known if binding.scope[0] <= at < binding.scope[1]]
        nearest = min((end - start for start, end in (binding.scope for binding in around)), default=0)
        return [binding for binding in around if binding.scope[1] - binding.scope[0] == nearest]


FUNCTIONS: Final = frozenset({
    "function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function_declaration",
    "catch_clause",
})  # fmt: skip
"""What has parameters, or a name of its own."""
_DECLARED: Final = ("class_declaration", "enum_declaration", "function_declaration", "abstract_class_declaration")
_EXPORTED: Final = lazy_pattern(
    r"(?:module\s*\.\s*)?exports(?:\s*\.\s*([\w$]+))?|module\s*\.\s*exports\s*\[[\"'](\w+)[\"']\]"
)
_MEMBER: Final = lazy_pattern(r"[\w$]+\.[\w$]+")
"""What is given to a member (`config.key = …`) is bound by both names."""


def read(root: Node, text: str) -> Bindings:
    """The bindings of a script whose tree is `root`, in one pass."""
    return _Reader(root, text).read()


class _Reader:
    def __init__(self, root: Node, text: str) -> None:
        self._root, self._text = root, text
        self._found = Bindings()

    def read(self) -> Bindings:
        for node in nodes(self._root):
            kind = node.type
            if kind == "variable_declarator":
                self._pattern(
                    node.child_by_field_name("name"), node.child_by_field_name("value"), (), self._block(node)
                )
            elif kind in FUNCTIONS:
                self._parameters(node)
            elif kind == "for_in_statement":
                self._pattern(
                    node.child_by_field_name("left"),
                    node.child_by_field_name("right"),
                    (ANY,),
                    (node.start_byte, node.end_byte),
                )
            elif kind == "assignment_expression":
                self._assignment(node)
            elif kind == "import_statement":
                self._import(node)
            elif kind == "export_statement":
                self._export(node)
            if kind in _DECLARED:
                name = node.child_by_field_name("name")
                if name is not None and node.parent is not None:
                    self._bind(name, Binding(self._block(node.parent), node))
        return self._found

    def _written(self, node: Node) -> str:
        return self._text[node.start_byte : node.end_byte]

    def _name(self, node: Node) -> str:
        return self._written(node).strip("\"'`")

    def _bind(self, name: Node, binding: Binding) -> None:
        self._found.names.setdefault(self._written(name), []).append(binding)

    def _block(self, node: Node) -> tuple[int, int]:
        block = up(node, "statement_block", "program") or self._root
        return block.start_byte, block.end_byte

    def _pattern(
        self, pattern: Node | None, value: Node | None, keys: Keys, scope: tuple[int, int], parameter: int = -1
    ) -> None:
        """Bind what a name or a pattern (`{ a, b: { c } = d }`) takes from a value."""
        stack = [(pattern, value, keys)]
        while stack:
            target, source, path = stack.pop()
            if target is None:
                continue
            if target.type in ("identifier", "shorthand_property_identifier_pattern"):
                self._bind(target, Binding(scope, source, path, parameter=parameter if source is None else -1))
            elif target.type == "pair_pattern":
                key = target.child_by_field_name("key")
                name = self._name(key) if key is not None else ""
                stack.append((target.child_by_field_name("value"), source, (*path, name)))
            elif target.type in ("object_assignment_pattern", "assignment_pattern"):
                left = target.child_by_field_name("left")
                short = left is not None and left.type == "shorthand_property_identifier_pattern"
                stack.append((left, source, (*path, self._written(left)) if short and left is not None else path))
                stack.append((left, target.child_by_field_name("right"), ()))
            elif target.type == "object_pattern":
                for child in target.named_children:
                    short = child.type == "shorthand_property_identifier_pattern"
                    stack.append((child, source, (*path, self._written(child)) if short else path))
            elif target.type == "array_pattern":
                stack.extend((child, None, ()) for child in target.named_children)

    def _parameters(self, node: Node) -> None:
        scope = (node.start_byte, node.end_byte)
        held = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        elements = self._elements(node)
        listed = () if held is None else held.named_children if held.type == "formal_parameters" else (held,)
        for number, one in enumerate(listed):
            pattern = one.child_by_field_name("pattern") or one
            if number == 0 and elements is not None:
                self._pattern(pattern, elements, (ANY,), scope)
            else:
                self._pattern(pattern, None, (), scope, number)
            default = one.child_by_field_name("value")
            if default is not None:
                self._pattern(pattern, default, (), scope)

    def _elements(self, function: Node) -> Node | None:
        """What a function is called with each element of: `sites.map((site) => …)`."""
        call = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
        called = call.child_by_field_name("function") if call is not None else None
        if called is None or called.type != "member_expression":
            return None
        named = called.child_by_field_name("property")
        return called.child_by_field_name("object") if named is not None and self._written(named) in _EACH else None

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        if left.type == "identifier":
            names = self._found.names.get(self._written(left), ())
            scope = next((one.scope for one in reversed(names) if one.scope[0] <= left.start_byte < one.scope[1]), None)
            self._bind(left, Binding(scope or (self._root.start_byte, self._root.end_byte), right))
        member = _MEMBER.fullmatch(self._written(left))
        if member is not None:
            whole = (self._root.start_byte, self._root.end_byte)
            self._found.names.setdefault(member[0], []).append(Binding(whole, right))
        exported = _EXPORTED.fullmatch(self._written(left))
        if exported is not None:
            self._exported(exported[1] or exported[2] or "=", Binding(self._block(node), right))

    def _exported(self, name: str, binding: Binding) -> None:
        self._found.exports.setdefault(name, []).append(binding)

    def _module(self, node: Node) -> str:
        source = node.child_by_field_name("source")
        return self._name(source) if source is not None else ""

    def _import(self, node: Node) -> None:
        scope = (self._root.start_byte, self._root.end_byte)
        for clause in node.named_children:
            if clause.type == "import_require_clause":
                self._bind(clause.named_children[0], Binding(scope, keys=("=",), module=self._module(clause)))
            for child in clause.named_children if clause.type == "import_clause" else ():
                if child.type == "identifier":
                    self._bind(child, Binding(scope, keys=("default",), module=self._module(node)))
                elif child.type == "namespace_import":
                    self._bind(child.named_children[0], Binding(scope, keys=("*",), module=self._module(node)))
                for one in child.named_children if child.type == "named_imports" else ():
                    name = one.child_by_field_name("name")
                    if name is not None:
                        binding = Binding(scope, keys=(self._name(name),), module=self._module(node))
                        self._bind(one.child_by_field_name("alias") or name, binding)

    def _export(self, node: Node) -> None:
        module, block = self._module(node), self._block(node)
        children = node.named_children
        if module and len(children) == 1:
            self._found.stars.append(module)
        for child in children:
            if child.type == "namespace_export":
                self._exported(self._name(child.named_children[-1]), Binding(block, keys=("*",), module=module))
            for one in child.named_children if child.type == "export_clause" else ():
                name = one.child_by_field_name("name")
                if name is not None:
                    outside = self._name(one.child_by_field_name("alias") or name)
                    from_there = Binding(block, keys=(self._name(name),), module=module)
                    self._exported(outside, from_there if module else Binding(block, name))
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        if any(child.type == "default" for child in node.children):
            if value is not None or declaration is not None:
                self._exported("default", Binding(block, value or declaration))
        elif declaration is not None:
            for name in _declared_names(declaration):
                self._exported(self._written(name), Binding(block, name))
        elif any(child.type == "=" for child in node.children):
            self._exported("=", Binding(block, children[-1]))


def _declared_names(declaration: Node) -> Iterator[Node]:
    """The names that a declaration makes."""
    name = declaration.child_by_field_name("name")
    if name is not None:
        yield name
    for declarator in declaration.named_children:
        target = declarator.child_by_field_name("name") if declarator.type == "variable_declarator" else None
        if target is not None:
            yield from (
                one for one in nodes(target) if one.type in ("identifier", "shorthand_property_identifier_pattern")
            )


def called_module(call: Node, text: str) -> str:
    """The module that `require("…")` or `import("…")` loads, "" of another call."""
    function = call.child_by_field_name("function")
    given = arguments_of(call)
    if function is None or not given or bare(given[0]).type not in ("string", "template_string"):
        return ""
    name = text[function.start_byte : function.end_byte]
    first = bare(given[0])
    return (
        text[first.start_byte + 1 : first.end_byte - 1] if name in ("require", "import", "jest.requireActual") else ""
    )
