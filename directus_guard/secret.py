"""A value that cannot be printed by accident."""

from __future__ import annotations

from typing import Final, NoReturn, final

from msgspec import Struct


@final
class Secret:
    """Wraps a text read from an environment so that it never reaches an output unnoticed.

    `str()`, `format()` and `repr()` do not show it, it cannot be pickled, and it has no length.
    `reveal()` hands the text out, for judging only; what people may see is decided by
    `directus_guard.directus.disclosure`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text: Final = text

    def reveal(self) -> str:
        """Return the text itself. Never put the result into a message."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> NoReturn:
        raise TypeError("a Secret has no text form; use reveal() to judge it and disclosure.shown() to show it")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a Secret has no text form; use reveal() to judge it and disclosure.shown() to show it")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never serialised")


class Unprinted(Struct, frozen=True):
    """Plain data with a text that may be secret: its `repr` shows no field."""

    __repr__ = object.__repr__
