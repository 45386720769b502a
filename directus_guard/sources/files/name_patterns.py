"""Patterns of file names, in which `*` matches any text and every other sign itself.

A scan asks for hundreds of them: a regular expression for each would take longer to make than all else about a small project.
"""

from __future__ import annotations

from typing import Final

ANY: Final = "*"


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern matches the whole of a name, in the case in which both are written."""
    first, *others = pattern.split(ANY)
    if not others:
        return name == pattern
    *middle, last = others
    position, end = len(first), len(name) - len(last)
    if position > end or not name.startswith(first) or not name.endswith(last):
        return False
    for part in middle:
        found = name.find(part, position, end)
        if found < 0:
            return False
        position = found + len(part)
    return True
