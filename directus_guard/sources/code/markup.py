"""Templates as far as addresses stand in them: HTML, Vue, Svelte, Astro, and the template languages of servers.

A scanner of its own, because attributes in braces (`src={`…`}`) are no HTML: tags, their attributes, and the blocks of
scripts, each with its place. Linear in the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG: Final = lazy_pattern(r"<(?:!--.*?(?:-->|\Z)|(/?)([A-Za-z][\w:.-]*))", re.DOTALL)
"""A comment, or the beginning of a tag."""
_NAME: Final = lazy_pattern(r"[^\s=>/\"'{`]+")
_EQUALS: Final = lazy_pattern(r"\s*=\s*")
_BLANK: Final = lazy_pattern(r"[\s>]")
"""The end of a value without quotes."""
_RAW: Final = frozenset({"script", "style"})
_LONGEST: Final = 20_000
"""Characters of one value that are followed: what is longer is not closed."""


class Attribute(Struct, frozen=True):
    """One attribute. `start` and `end` enclose its value without quotes or braces."""

    tag: str
    name: str
    start: int
    end: int
    quote: str
    """`"`, `'`, "`", `{` or ""."""


class MarkupBlock(Struct, frozen=True):
    """The inside of a `<script>` or `<style>`."""

    tag: str
    start: int
    end: int
    attributes: tuple[Attribute, ...]


def scan(text: str, start: int = 0) -> Iterator[Attribute | MarkupBlock]:
    """The attributes and blocks of a template, in the order of the text. Comments are skipped."""
    position = start
    while (match := _TAG.search(text, position)) is not None:
        if match[2] is None:
            position = match.end()
            continue
        attributes, position = _attributes(text, match.end(), match[2])
        yield from attributes
        if match[2].lower() in _RAW and not match[1]:
            closing = re.compile(rf"</{re.escape(match[2])}\s*>", re.IGNORECASE).search(text, position)
            end = closing.start() if closing else len(text)
            if not text.startswith("/>", position - 2):
                yield MarkupBlock(match[2].lower(), position, end, tuple(attributes))
                position = end


def _attributes(text: str, position: int, tag: str) -> tuple[list[Attribute], int]:
    """The attributes of a tag, and where it ends."""
    found: list[Attribute] = []
    while position < len(text):
        character = text[position : position + 1]
        if character == ">":
            return found, position + 1
        if character == "{":
            # Svelte and Astro: `{src}` and `{...rest}`
            end = balanced(text, position)
            found.append(Attribute(tag, "", position + 1, end - 1, "{"))
            position = end
            continue
        name = _NAME.match(text, position)
        if name is None:
            position += 1
            continue
        position = name.end()
        equals = _EQUALS.match(text, position)
        if equals is not None:
            value, position = _value(text, equals.end(), tag, name[0])
            found.append(value)
    return found, position


def _value(text: str, position: int, tag: str, name: str) -> tuple[Attribute, int]:
    quote = text[position : position + 1]
    if quote in ('"', "'", "`"):
        end = text.find(quote, position + 1)
        end = len(text) if end < 0 else end
        return Attribute(tag, name, position + 1, end, quote), end
    if quote == "{":
        end = balanced(text, position)
        return Attribute(tag, name, position + 1, max(end - 1, position + 1), "{"), end
    blank = _BLANK.search(text, position)
    end = blank.start() if blank is not None else len(text)
    return Attribute(tag, name, position, end, ""), end


_BRACE: Final = lazy_pattern(r"[{}\"'`]")


def balanced(text: str, position: int) -> int:
    """Where the brace at `position` is closed (behind it), or a bounded way on if it is not."""
    depth = 0
    stop = min(len(text), position + _LONGEST)
    at = position
    while (match := _BRACE.search(text, at, stop)) is not None:
        at = match.end()
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
            if depth == 0:
                return at
        elif match[0] != "`":
            end = text.find(match[0], at, stop)
            line = text.find("\n", at, stop)
            # an apostrophe in a text is no string: strings of these quotes end on their line
            at = end + 1 if end >= 0 and (line < 0 or end < line) else at
    return stop
