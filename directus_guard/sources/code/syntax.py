"""The syntax tree of a script: the surroundings of a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node


MAX_UP: Final = 100
_MOST_ARGUMENTS: Final = 100
_COMPARES: Final = frozenset({
    "includes", "indexOf", "startsWith", "endsWith", "match", "split", "replace", "replaceAll", "test", "search", "get", "has",
    "delete", "getItem", "removeItem", "log", "error", "warn", "info", "debug",
})  # fmt: skip
"""Methods that look for a text or print it: no address is built."""
INSIDE: Final = ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression",
                  "type_assertion")  # fmt: skip


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
        node = node.named_children[-1 if node.type == "type_assertion" else 0]
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
        larger = _larger(node)
        if larger is None:
            return node
        node = larger
    return node


def _larger(node: Node) -> Node | None:
    parent = node.parent
    if parent is None:
        return None
    if parent.type in _PARTS:
        return parent if parent.child_by_field_name("condition") != node else None
    if parent.type == "binary_expression":
        operator = parent.child_by_field_name("operator")
        sign = operator.type if operator is not None else ""
        is_last = parent.child_by_field_name("right") == node
        return parent if sign == "+" or (is_last and sign in ("||", "??", "&&")) else None
    above = parent.parent
    if above is None:
        return None
    if parent.type == "member_expression":
        method = call_of(parent) if parent.child_by_field_name("object") == node else None
        return method if parent.named_children[-1].text in (b"toString", b"concat", b"join", b"trim") else None
    if parent.type == "array":
        return parent if above.type == "member_expression" else None
    made = above.child_by_field_name("constructor") or above.child_by_field_name("function")
    name = (made.text or b"") if made is not None and parent.type == "arguments" else b""
    is_kept = name in (b"URL", b"window.URL", b"String", b"encodeURI") or name.endswith(b".concat")
    return above if is_kept else None


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


def call_of(function: Node) -> Node | None:
    """The call whose function a node is."""
    call = function.parent
    is_called = call is not None and call.type == "call_expression" and call.child_by_field_name("function") == function
    return call if is_called else None


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
    """Whether a name comes before `.set(…)` and the like."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "member_expression"
        and (parent.named_children[-1].text or b"") in (b"set", b"append", b"delete", b"get", b"has", b"searchParams")
    )


def arguments_of(call: Node) -> list[Node]:
    """What a call hands over, of a very long call the first."""
    held = call.child_by_field_name("arguments")
    if held is None:
        return []
    is_long = held.named_child_count > _MOST_ARGUMENTS
    children = (held.named_child(at) for at in range(_MOST_ARGUMENTS)) if is_long else held.named_children
    return [child for child in children if child.type != "comment"]


def key_text(pair: Node, text: str) -> str:
    """The name of a member, without quotes."""
    key = pair.child_by_field_name("key") if pair.type == "pair" else pair
    return text[key.start_byte : key.end_byte].strip("\"'`") if key is not None else ""
