"""Some of many things, for a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence


def first_of(shown: Sequence[str], most: int, between: str = ", ") -> str:
    """The first of what may be shown, and how many more there are."""
    more = len(shown) - most
    return between.join(shown[:most]) + (f" and {more} more" if more > 0 else "")


def first_names(names: Sequence[str], most: int = 5) -> str:
    """The first names as code, and whether there are more."""
    return ", ".join(f"`{escape_controls(name)}`" for name in names[:most]) + (" …" if len(names) > most else "")
