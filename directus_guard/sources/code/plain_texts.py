"""The texts of languages that are not parsed: Python, PHP, and what templates put into texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.code.pieces import Hole, WrittenText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.code.pieces import Piece

_HOLES: Final = lazy_pattern(
    r"\{\{-?(.{0,300}?)-?\}\}|<\?(?:php|=)(.{0,300}?)\?>|<%[=-]?(.{0,300}?)%>|\$\{([^{}]{0,300})\}|#\{([^{}]{0,300})\}|\{([^{}]{0,300})\}"
    r"|(\$\w+(?:->\w+|\[[^\]]{0,60}\])*)",
    re.DOTALL,
)  # fmt: skip
"""What templates put values into: Vue, Twig, Liquid, Handlebars; PHP; EJS and ERB; template literals; Ruby; Svelte and Python;
PHP's variables in texts."""
_STRINGS: Final = {
    "py": lazy_pattern(
        r"(?P<comment>\#[^\n]*)|[rRbBuUfF]{0,2}(?:\"\"\"(?P<doc>.*?)\"\"\"|'''(?P<doc2>.*?)'''|\"(?P<double>(?:[^\"\\\n]|\\.)*)\""
        r"|'(?P<single>(?:[^'\\\n]|\\.)*)')",
        re.DOTALL,
    ),
    "php": lazy_pattern(
        r"(?P<comment>\#(?!\[)[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|\?>.*?(?:<\?(?:php|=)|\Z))|\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'",
        re.DOTALL,
    ),
}  # fmt: skip
_OPERANDS: Final = lazy_pattern(r"'([^'\n]*)'|\"([^\"\n]*)\"|(\$\w+(?:->\w+)*|[A-Za-z_][\w.]*)")


def texts(text: str, ending: str) -> Iterator[tuple[str, int, int]]:
    """The texts in Python (`py`) or PHP (`php`), with start and end; comments are left out."""
    start = text.find("<?") if ending == "php" else 0
    for match in _STRINGS[ending].finditer(text, start) if start >= 0 else ():
        kind = match.lastgroup
        if kind is not None and kind != "comment":
            yield match[kind], *match.span(kind)


def pieces_of(text: str, start: int, end: int) -> Iterator[Piece]:
    """A text between two places, with a hole for each value that is put into it."""
    at = start
    for match in _HOLES.finditer(text, start, end):
        yield WrittenText(text[at : match.start()])
        yield Hole((next((group for group in match.groups() if group is not None), "").strip(),))
        at = match.end()
    yield WrittenText(text[at:end])


def before(text: str, at: int, most: int = 1000) -> Iterator[Piece]:
    """The text on the line before a query or a path: `$url = $directusUrl . '/assets/' . $id . `. `most`: characters that count."""
    head = text[max(at - most, 0) : at].rpartition("\n")[2]
    for match in _OPERANDS.finditer(re.split(r"(?<![=!<>])=(?!=)|\breturn\b|\(", head)[-1]):
        yield Hole((match[3],)) if match[3] else WrittenText(match[1] or match[2] or "")
