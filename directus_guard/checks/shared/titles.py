"""Titles of findings that name what they are about."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from directus_guard.text_safety import escape_controls

LONGEST: Final = 60
"""Characters of a title: GitHub cuts longer ones in its lists."""


def titled(pattern: str, *names: str) -> str:
    """`pattern` with the names, in backticks, in place of its `{}`; the longest names are cut where the title would be too long."""
    names = tuple(map(escape_controls, names))
    room = LONGEST - len(pattern.format(*("``" for _ in names)))
    longest = _longest(tuple(map(len, names)), room)
    return pattern.format(*(f"`{_cut(name, longest)}`" for name in names))


@lru_cache(maxsize=1024)
def _longest(lengths: tuple[int, ...], room: int) -> int:
    """To how many characters names are cut to fit: not below 1."""
    longest = max(lengths, default=0)
    while longest > 1 and sum(min(length, longest) for length in lengths) > room:
        longest -= 1
    return longest


def _cut(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1].rstrip()}…"


def deployment_words(name: str) -> str:
    """A deployment (`compose.yaml#shop`) in a sentence."""
    file, _, part = name.partition("#")
    return f"`{escape_controls(part)}` in `{escape_controls(file)}`" if part else f"`{escape_controls(file)}`"
