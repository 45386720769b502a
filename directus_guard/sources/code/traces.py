"""Where a value comes from: followed through names, members, classes and the files of the repository. Nothing is executed.

Every step is taken once for each value that is asked for, so that names which stand for names many times over come to an end.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct, field

from directus_guard.secret import Secret
from directus_guard.sources.code import bindings
from directus_guard.sources.code.requests import Requests
from directus_guard.sources.code.syntax import arguments_of, bare, key_text, nodes, up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.code.bindings import Binding, Bindings, Keys

CALLED: Final = "()"
"""Stands among keys for the value that a function returns."""
_MOST_STEPS: Final = 400
_DEEPEST: Final = 60
_MOST_KEYS: Final = 30
_WRAPPERS: Final = frozenset({
    "Object.freeze", "Object.seal", "Object.assign", "defineAppConfig", "defineNuxtConfig", "defineConfig", "reactive", "readonly",
    "ref", "shallowRef", "computed", "String", "deepFreeze", "structuredClone", "Promise.resolve", "signal", "unref", "toValue",
})  # fmt: skip
"""Functions that give back what they are given, or something that holds it."""
_METHODS: Final = frozenset({"toString", "trim", "valueOf", "filter", "slice", "sort", "reverse", "toSorted"})
"""Methods that give back their object, or a part of it."""
_ONE_OF: Final = frozenset({"find", "findLast", "at", "pop", "shift"})
"""Methods that give an element."""
_HELD_AS: Final = ("value", "current")
_BUILT_IN: Final = frozenset({
    "astro:env/client", "@env", "react-native-dotenv", "react-native-config", "$env/static/public", "$env/dynamic/public",
})  # fmt: skip
"""Modules whose names are variables that the build puts into what people load."""
_ON_SERVER: Final = frozenset({"$env/static/private", "$env/dynamic/private", "astro:env/server", "cloudflare:workers"})
"""Modules whose names are variables that stay on the server."""
_NAMES: Final = frozenset({
    "identifier", "shorthand_property_identifier", "shorthand_property_identifier_pattern", "type_identifier",
})  # fmt: skip
_CLASSES: Final = frozenset({"class_declaration", "abstract_class_declaration", "class", "enum_declaration"})
_FOLLOWED: Final = frozenset({
    "this", "call_expression", "new_expression", "object", "array", "binary_expression", "ternary_expression",
})  # fmt: skip
_BEFORE: Final = ("", "Bearer ")
_CHOSEN: Final = {"||": ("left", "right"), "??": ("left", "right"), "&&": ("right",)}
"""The parts of an expression, by its sign, that may be its value."""
_NUXT: Final = {"useAppConfig": "app", "useRuntimeConfig": "runtime"}


class Origin(Struct, frozen=True):
    """Where a value comes from. `text` is what is written there; None where it is computed, or a variable.

    `variable` is what everybody gets who loads the program; `names` are the expressions that are computed. `lost`: nothing was
    found, because a file or a name is missing or could not be understood.
    """

    location: Location | None = None
    text: Secret | None = None
    names: tuple[str, ...] = ()
    variable: str = ""
    lost: bool = False


LOST: Final = Origin(lost=True)


class Trail(Struct):
    """What was visited on the way to one value."""

    visited: set[tuple[str, int, int, Keys]] = field(default_factory=set)
    depth: int = 0

    def step(self, place: tuple[str, int, int, Keys], further: Callable[[], Iterator[Origin]]) -> Iterator[Origin]:
        """What `further` gives, once for each place; `LOST` where the way is too long."""
        if place in self.visited:
            return
        if len(self.visited) >= _MOST_STEPS or self.depth >= _DEEPEST or len(place[3]) > _MOST_KEYS:
            yield LOST
            return
        self.visited.add(place)
        self.depth += 1
        try:
            yield from further()
        finally:
            self.depth -= 1


class ModuleReader(Protocol):
    """The other files of the repository."""

    def follow(self, path: str, module: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where the member `keys` of what a module exports comes from; nothing for a foreign package."""

    def configured(self, path: str, kind: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where a value of a framework's configuration comes from, which is shipped to browsers or in an app."""

    def automatic(self, path: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where a name comes from that a framework imports by itself."""


class Traces(Requests):
    """The values of a text, with those of other files."""

    @cached_property
    def path(self) -> str:
        """The file that holds the text."""
        return self._place(self._base, self._base).path

    @cached_property
    def bindings(self) -> Bindings:
        """Names and exports."""
        return bindings.read(self._root, self._text)

    def trace(self, node: Node | None, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where the member `keys` of an expression comes from: each of the values it may have."""
        if node is not None:
            held = bare(node)
            place = (self.path, self._base + held.start_byte, self._base + held.end_byte, keys)
            yield from trail.step(place, lambda: self._trace(held, keys, trail))

    def _trace(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        kind = node.type
        if kind in ("string", "template_string", "binary_expression", "ternary_expression"):
            yield from self._trace_text(node, keys, trail)
        elif kind in _NAMES:
            yield from self._trace_name(node, keys, trail)
        elif kind in ("member_expression", "subscript_expression"):
            yield from self._trace_member(node, keys, trail)
        elif kind in ("call_expression", "new_expression"):
            yield from self._trace_call(node, keys, trail)
        elif keys and kind == "array":
            for element in node.named_children:
                spread = element.type == "spread_element"
                yield from self.trace(
                    element.named_children[0] if spread else element, keys if spread else keys[1:], trail
                )
        elif keys and kind == "object":
            yield from self._trace_object(node, keys, trail)
        elif keys and kind in _CLASSES:
            yield from self._trace_class(node, keys, trail)
        elif kind in bindings.FUNCTIONS and keys:
            if keys[0] == CALLED:
                yield from self._trace_returned(node, keys[1:], trail)
        else:
            yield self._computed(node, keys)

    def trace_binding(self, binding: Binding, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where the member `keys` of the value of a name comes from."""
        whole = (*binding.keys, *keys)
        if not binding.module:
            yield from self.trace(binding.value, whole, trail)
        elif binding.module in _BUILT_IN:
            yield Origin(variable=whole[-1])
        elif binding.module in _ON_SERVER:
            yield Origin(names=(f"env.{whole[-1]}",))
        elif self._modules is not None and binding.module == "expo-constants":
            yield from self._modules.configured(self.path, "expo", whole, trail)
        elif self._modules is not None:
            yield from self._modules.follow(self.path, binding.module, whole, trail)

    def _computed(self, node: Node, keys: Keys = ()) -> Origin:
        names = self._names(node)
        members = (".".join((name, *keys)) for name in names)
        return Origin(self._region(node), names=(*names, *members))

    def _region(self, node: Node, inset: int = 0) -> Location:
        return self._place(self._base + node.start_byte + inset, self._base + node.end_byte - inset)

    def _trace_text(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        operator = node.child_by_field_name("operator")
        sign = self._written(operator) if operator is not None else "+"
        if node.type == "ternary_expression":
            chosen: tuple[str, ...] = ("consequence", "alternative")
        else:
            chosen = _CHOSEN.get(sign, ())
        for part in chosen:
            yield from self.trace(node.child_by_field_name(part), keys, trail)
        if not chosen and not keys and sign == "+":
            yield from self._trace_sum(node, trail)

    def _trace_sum(self, node: Node, trail: Trail) -> Iterator[Origin]:
        parts = list(self._parts(node))
        computed = [part for part in parts if not isinstance(part, str)]
        written = "".join(part for part in parts if isinstance(part, str))
        if not computed:
            yield Origin(self._region(node, 0 if node.type == "binary_expression" else 1), Secret(written))
        elif len(computed) == 1 and written in _BEFORE:
            yield from self.trace(computed[0], (), trail)
        else:
            yield self._computed(node)

    def _parts(self, node: Node) -> Iterator[str | Node]:
        """What a text is put together from: what is written, and the expressions between."""
        if node.type == "string":
            yield self._written(node)[1:-1]
        elif node.type == "template_string":
            at = node.start_byte + 1
            for child in node.named_children:
                if child.type == "template_substitution" and child.named_children:
                    yield self._text[at : child.start_byte]
                    yield child.named_children[0]
                    at = child.end_byte
            yield self._text[at : node.end_byte - 1]
        else:
            operands: list[Node] = []
            first = node
            while first.type == "binary_expression":
                operands.append(first.named_children[-1])
                first = first.named_children[0]
            for part in (first, *reversed(operands)):
                held = bare(part)
                yield self._written(held)[1:-1] if held.type == "string" else held

    def _trace_name(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        name = self._written(node)
        found = self.bindings.of(name, node.start_byte)
        given = self.bindings.of(f"{name}.{keys[0]}", node.start_byte) if keys else []
        for binding in given:
            yield from self.trace(binding.value, keys[1:], trail)
        for binding in found:
            if binding.value is None and not binding.module:
                yield from self._trace_parameter(node, binding, keys, trail)
            origins = self.trace_binding(binding, keys, trail)
            yield from (origin for origin in origins if not (given and origin.lost))
        if not found and isinstance(self._outer, Traces):
            yield from self._outer.trace_outside(name, keys, trail)
        elif not found:
            yield from self._trace_unbound(node, keys, trail)

    def _trace_parameter(self, node: Node, binding: Binding, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """What calls in the same text hand over."""
        function = self._root.descendant_for_byte_range(*binding.scope)
        declared = function
        if function is not None and function.type == "method_definition":
            declared = up(function, "class_declaration") if self._is_constructor(function) else None
        elif function is not None and function.type in ("arrow_function", "function_expression"):
            declared = (
                function.parent
                if function.parent is not None and function.parent.type == "variable_declarator"
                else None
            )
        name = declared.child_by_field_name("name") if declared is not None else None
        handed = []
        for use in self._named(self._written(name)) if name is not None and binding.parameter >= 0 else ():
            call = use.parent
            if call is not None and use in (
                call.child_by_field_name("function"),
                call.child_by_field_name("constructor"),
            ):
                handed += arguments_of(call)[binding.parameter : binding.parameter + 1]
        for value in handed:
            yield from self.trace(value, (*binding.keys, *keys), trail)
        if not handed:
            yield self._computed(node, keys)

    def _is_constructor(self, method: Node) -> bool:
        name = method.child_by_field_name("name")
        return name is not None and self._written(name) == "constructor"

    def trace_outside(self, name: str, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """Where a name of this script comes from that a part of the same file uses."""
        for binding in self.bindings.of(name, self._root.start_byte):
            yield from self.trace_binding(binding, keys, trail)

    def _trace_member(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        held = node.child_by_field_name("object")
        named = node.child_by_field_name("property")
        index = node.child_by_field_name("index")
        key = self._written(named) if named is not None else ""
        if index is not None:
            key = self._written(index)[1:-1] if index.type == "string" else bindings.ANY
        if held is None or not key or not self._is_followed(held):
            yield from self._trace_unbound(node, keys, trail)
        elif held.type == "this":
            around = up(node, "class_body")
            if around is not None and around.parent is not None:
                yield from self.trace(around.parent, (key, *keys), trail)
        else:
            yield from self.trace(held, (key, *keys), trail)

    def _trace_unbound(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """What begins with a name that the text does not say more about: one that a framework imports, or a global one."""
        names = self._written(node).replace("?.", ".").split(".")
        known: Iterator[Origin] = iter(())
        if self._modules is not None and all(name.isidentifier() for name in names):
            known = self._modules.automatic(self.path, (*names, *keys), trail)
        yield from list(known) or (self._computed(node, keys),)

    def _is_followed(self, node: Node) -> bool:
        """Whether an expression begins with something that this text says more about (`process` is not)."""
        node = bare(node)
        while node.type in ("member_expression", "subscript_expression"):
            held = node.child_by_field_name("object")
            if held is None:
                return False
            node = bare(held)
        if node.type == "identifier":
            return isinstance(self._outer, Traces) or bool(self.bindings.of(self._written(node), node.start_byte))
        return node.type in _FOLLOWED

    def _trace_call(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if function is None:
            return
        name = self._written(function)
        module = bindings.called_module(node, self._text)
        if module and self._modules is not None:
            whole = "*" if name == "import" else "="
            yield from self._modules.follow(self.path, module, (whole, *keys), trail)
        elif name in _NUXT and self._modules is not None:
            yield from self._modules.configured(self.path, _NUXT[name], keys, trail)
        elif name in ("Object.values", "Object.entries"):
            inner = keys[1:] if name == "Object.values" else keys[2:]
            for given in arguments_of(node):
                yield from self.trace(given, (bindings.ANY, *inner), trail)
        elif name in _WRAPPERS:
            inner = keys[1:] if keys[:1] and keys[0] in _HELD_AS else keys
            for given in arguments_of(node):
                called = (CALLED,) if name == "computed" else ()
                yield from self.trace(given, (*called, *inner), trail)
        elif node.type == "new_expression":
            yield from self.trace(function, keys, trail)
        elif function.type == "member_expression" and self._written(function.named_children[-1]) in _METHODS:
            yield from self.trace(function.child_by_field_name("object"), keys, trail)
        elif function.type == "member_expression" and self._written(function.named_children[-1]) in _ONE_OF:
            yield from self.trace(function.child_by_field_name("object"), (bindings.ANY, *keys), trail)
        elif function.type == "member_expression" and not self._is_followed(function):
            yield self._computed(node, keys)
        else:
            yield from self.trace(function, (CALLED, *keys), trail)

    def _trace_object(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        spread: list[Node] = []
        for child in reversed(node.named_children):
            if child.type == "spread_element":
                spread += child.named_children
            elif (
                child.type == "method_definition"
                and self._written(child.child_by_field_name("name") or child) == keys[0]
            ):
                yield from self._trace_method(child, keys[1:], trail)
                return
            elif child.type in ("pair", "shorthand_property_identifier"):
                if keys[0] in (bindings.ANY, key_text(child, self._text)):
                    yield from self.trace(child.child_by_field_name("value") or child, keys[1:], trail)
                if keys[0] == key_text(child, self._text):
                    return
        for base in spread:
            # Of what a caller says (`...config`) nothing is known, not even that it has such a member.
            origins = self.trace(base, keys, trail)
            yield from (one for one in origins if not one.names or any("env" in name for name in one.names))
        if not spread and CALLED not in keys and keys[0] != bindings.ANY:
            yield LOST

    def _trace_class(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """A member of a class or an enum, of the class itself or of its objects."""
        body = node.child_by_field_name("body")
        for child in body.named_children if body is not None else ():
            if child.type == "method_definition" and self._is_constructor(child):
                yield from self._trace_property(child, keys, trail)
            named = child.child_by_field_name("name") or child.child_by_field_name("property")
            if named is None or self._written(named) != keys[0]:
                continue
            if child.type == "method_definition":
                yield from self._trace_method(child, keys[1:], trail)
            else:
                yield from self.trace(child.child_by_field_name("value"), keys[1:], trail)
        for inner in nodes(body) if body is not None else ():
            left = inner.child_by_field_name("left") if inner.type == "assignment_expression" else None
            if left is not None and self._written(left) == f"this.{keys[0]}":
                yield from self.trace(inner.child_by_field_name("right"), keys[1:], trail)

    def _trace_property(self, constructor: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """A parameter that is a member (`constructor(private token: string)`)."""
        held = constructor.child_by_field_name("parameters")
        for one in held.named_children if held is not None else ():
            pattern = one.child_by_field_name("pattern")
            is_member = any(child.type in ("accessibility_modifier", "readonly") for child in one.children)
            if is_member and pattern is not None and self._written(pattern) == keys[0]:
                yield from self.trace(pattern, keys[1:], trail)

    def _trace_method(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        """What a method returns where it is called, or a getter."""
        if keys[:1] == (CALLED,):
            yield from self._trace_returned(node, keys[1:], trail)
        elif any(child.type == "get" for child in node.children):
            yield from self._trace_returned(node, keys, trail)

    def _trace_returned(self, node: Node, keys: Keys, trail: Trail) -> Iterator[Origin]:
        body = node.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            yield from self.trace(body, keys, trail)
        elif body is not None:
            for inner in nodes(body):
                function = up(inner.parent, *bindings.FUNCTIONS) if inner.type == "return_statement" else None
                if function == node and inner.named_children:
                    yield from self.trace(inner.named_children[0], keys, trail)
