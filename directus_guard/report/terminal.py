"""How texts for a terminal look: width, colors, wrapped lines."""

from __future__ import annotations

import textwrap
from enum import Enum
from typing import TYPE_CHECKING, Final

from directus_guard.finding import Severity
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def wrapped(sentence: str, indent: int = 0, hanging: int = 0) -> Iterator[str]:
    """The lines of a sentence, harmless: `indent` spaces before all, `hanging` more before all but the first."""
    yield from textwrap.wrap(
        clean(sentence),
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_on_hyphens=False,
    )
