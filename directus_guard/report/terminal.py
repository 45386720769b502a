"""How texts for a terminal look: width, colors, wrapped lines."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from directus_guard.finding import Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH: Final = 80


class Tone(Enum):
    """A color, as the terminal's code for it."""

    BOLD = "1"
    BLUE = "1;34"
    GREEN = "1;32"
    RED = "1;31"
    YELLOW = "1;33"
    PURPLE = "1;35"
    CYAN = "1;36"


TONES: Final = {
    Severity.CRITICAL: Tone.PURPLE,
    Severity.HIGH: Tone.RED,
    Severity.MEDIUM: Tone.YELLOW,
    Severity.LOW: Tone.CYAN,
}


class Paint:
    """Colors a text, or leaves it."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def __call__(self, text: str, tone: Tone) -> str:
        return f"\x1b[{tone.value}m{text}\x1b[0m" if self._color and text else text


_COLOR: Final = lazy_pattern(r"\x1b\[[0-9;]*m")
_TO_COPY: Final = lazy_pattern(r" *\d* \|| *= Accept: | *--> ")
"""Starts of lines that stay whole: of a code frame, a command, a place."""
_LEAD: Final = lazy_pattern(r" *(?:= )?(?:- |\d+\. )? *")
_PIECE: Final = lazy_pattern(r"\s+|(?:`[^`]*`|\S)+")
"""Spaces, or a word; what is in backquotes is one word, because it may be copied."""


def folded(lines: Iterable[str], width: int) -> Iterator[str]:
    """The lines, those that are too wide broken at spaces, with a hanging indent. Colors have no width; 0 folds nothing."""
    if not width:
        yield from lines
        return
    for line in lines:
        shown = _COLOR.sub("", line) if "\x1b" in line else line
        if len(shown) <= width or _TO_COPY.match(shown):
            yield line
            continue
        lead = _LEAD.match(shown)
        yield from _broken(line, width, " " * (lead.end() if lead else 0))


def _broken(line: str, width: int, indent: str) -> Iterator[str]:
    """One line at the width, all but its first part indented. A word that is wider stays whole."""
    if len(line) <= width:  # as most lines are
        yield line.rstrip()
        return
    part, used, begins = "", 0, len(line) - len(line.lstrip(" "))
    for piece in _PIECE.findall(line):
        size = len(_COLOR.sub("", piece) if "\x1b" in piece else piece)
        if used + size > width and used > begins and not piece.isspace():
            yield part.rstrip()
            part, used, begins = indent, len(indent), len(indent)
        part, used = part + piece, used + size
    yield part.rstrip()


def wrapped(sentence: str, indent: int = 0, hanging: int = 0, width: int = WIDTH) -> Iterator[str]:
    """The lines of a sentence, harmless: `indent` spaces before all, `hanging` more before all but the first. No word is cut."""
    yield from _broken(f"{' ' * indent}{clean(sentence)}", width, " " * (indent + hanging))
