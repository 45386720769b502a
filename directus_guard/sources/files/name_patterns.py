"""Patterns of file names, in which `*` matches any text and every other sign itself.

A scan asks for hundreds of them: a regular expression for each would take longer to make than all else about a small project.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from msgspec import Struct

ANY: Final = "*"


class NamePattern(Struct, frozen=True):
    """A pattern, taken apart."""

    beginning: str
    """What comes before the first `*`; the whole name without one."""
    middle: tuple[str, ...] = ()
    end: str | None = None
    """What comes after the last `*`; None without one: it matches one name alone."""
    ending: str = ""
    """What follows the last dot of every name that matches; empty if they differ in that."""

    def matches(self, name: str) -> bool:
        """Whether it matches the whole of a name, in the case in which both are written."""
        if self.end is None:
            return name == self.beginning
        position, end = len(self.beginning), len(name) - len(self.end)
        if position > end or not name.startswith(self.beginning) or not name.endswith(self.end):
            return False
        for part in self.middle:
            found = name.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return True


@cache
def name_pattern(pattern: str) -> NamePattern:
    """A pattern as it is written in the code: they are few."""
    beginning, *others = pattern.split(ANY)
    if not others:
        return NamePattern(beginning)
    *middle, end = others
    return NamePattern(beginning, tuple(middle), end, end.rpartition(".")[2] if "." in end else "")


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern matches the whole of a name, in the case in which both are written."""
    return name_pattern(pattern).matches(name)
