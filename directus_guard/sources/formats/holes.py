"""Texts of which a part is not known: the part is a hole, one character that no text that is read has.

Words, names and paths are cut and matched as `str`, also where they hold a variable. Only here is known which
character that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOLE: Final = "\0"


def joined(parts: Iterable[str | None]) -> str:
    """The parts behind each other, with a hole for each that is None."""
    return "".join(_HOLE if part is None else part for part in parts)


def only() -> str:
    """A text of which nothing is known."""
    return _HOLE


def are_in(text: str) -> bool:
    """Whether some part of a text is not known."""
    return _HOLE in text


def count(text: str) -> int:
    """How many parts of a text are not known."""
    return text.count(_HOLE)


def begin(text: str) -> bool:
    """Whether a text begins with a part that is not known."""
    return text.startswith(_HOLE)


def after_first(text: str) -> str:
    """What follows the part that a text begins with and that is not known."""
    return text[len(_HOLE) :]


def before(text: str) -> str:
    """A text up to the first part that is not known."""
    return text.partition(_HOLE)[0]


def filled(text: str, part: str) -> str:
    """A text with this in the place of each part that is not known."""
    return text.replace(_HOLE, part)


def as_read(text: str) -> str:
    """A text of a file. A NUL in it, which no program takes, becomes a space."""
    return text.replace(_HOLE, " ")
