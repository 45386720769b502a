"""Concrete syntax trees with exact positions, for the languages whose own parsers tell none.

tree-sitter and its grammars are only imported when such a file is really present. Trees are walked with loops, never
by recursion: how deep a file nests is up to whoever wrote it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files import signs

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

    from directus_guard.sources.files.repository import Repository

Grammar = Literal["toml", "javascript", "hcl", "nix", "bicep", "typescript", "tsx"]

MAX_DEPTH: Final = 200
"""Nodes of values inside values that are followed; what lies deeper counts as not understood."""

_NOT_ASCII: Final = lazy_pattern(r"[^\x00-\x7f]")
_BLANKS: Final = "\u00a0\u2028\u2029\ufeff"


def parse(grammar: Grammar, text: str) -> Node:
    """The root of the syntax tree of `text`. Its byte offsets are offsets of code points in `text`.

    tree-sitter counts bytes. One ASCII letter in the place of every other character makes both counts equal; such
    characters only stand in strings, comments and names, whose text is always taken from the original.
    """
    if not text.isascii():
        text = _NOT_ASCII.sub(lambda match: " " if match[0] in _BLANKS else "x", text)
    return _parser(grammar).parse(text.encode("ascii")).root_node


def document(repository: Repository, path: str, grammar: Grammar, language: str) -> tuple[str, Node] | None:
    """The text of a file and the root of its tree; None with a problem noted when it is not readable, or not valid."""
    text = repository.text(path)
    if text is None:
        return None
    text = text.removeprefix("\ufeff")
    root = parse(grammar, text)
    line = first_error(root)
    if line:
        incomplete = signs.is_broken_part(text)
        repository.problem(path, f"not valid {language}: syntax error", line, incomplete=incomplete, broken=True)
        return None
    return text, root


def region(path: str, node: Node, inset: int = 0) -> Location:
    """The node's region; `inset` characters less on both sides (its quotes)."""
    start, end = node.start_point, node.end_point
    return Location(path, start.row + 1, start.column + 1 + inset, end.row + 1, max(end.column + 1 - inset, 1))


def field(node: Node, name: str) -> Node:
    """The part of a node that the grammar gives to each of its type, also in a text with mistakes."""
    (found,) = node.children_by_field_name(name)
    return found


def first_error(root: Node) -> int:
    """The line, from 1, of the first place that does not fit the grammar; 0 if all does."""
    if not root.has_error:
        return 0
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            return node.start_point.row + 1
        stack.extend(child for child in reversed(node.children) if child.has_error)
    return root.start_point.row + 1


@cache
def _parser(grammar: Grammar) -> Parser:
    import tree_sitter  # noqa: PLC0415 - heavy, and few repositories have such files

    return tree_sitter.Parser(tree_sitter.Language(_language(grammar)))


def _language(grammar: Grammar) -> object:
    if grammar == "toml":
        import tree_sitter_toml  # noqa: PLC0415

        return tree_sitter_toml.language()
    if grammar == "hcl":
        import tree_sitter_hcl  # noqa: PLC0415

        return tree_sitter_hcl.language()
    if grammar == "nix":
        import tree_sitter_nix  # noqa: PLC0415 - few repositories have such files

        return tree_sitter_nix.language()
    if grammar == "bicep":
        import tree_sitter_bicep  # noqa: PLC0415 - few repositories have such files

        return tree_sitter_bicep.language()
    if grammar in ("typescript", "tsx"):
        import tree_sitter_typescript  # noqa: PLC0415

        tsx = grammar == "tsx"
        return tree_sitter_typescript.language_tsx() if tsx else tree_sitter_typescript.language_typescript()
    import tree_sitter_javascript  # noqa: PLC0415

    return tree_sitter_javascript.language()
