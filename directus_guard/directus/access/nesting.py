"""How deep a JSON value is nested: what reads it below goes down level by level, and must come to an end."""

from __future__ import annotations

from typing import Final

MAX_DEPTH: Final = 100
"""Levels of lists and objects in one record. No real record has a quarter of them."""
TOO_DEEP: Final = "nested too deeply to be read"


class TooDeepError(Exception):
    """A record is nested deeper than `MAX_DEPTH`."""


def is_too_deep(value: object) -> bool:
    """Whether a value as the JSON decoder makes it has more levels than `MAX_DEPTH`. No recursion."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def may_be_too_deep(text: str, start: int, end: int) -> bool:
    """Whether a part of a JSON text has enough brackets for it: much cheaper than to look at the value."""
    return text.count("{", start, end) + text.count("[", start, end) > MAX_DEPTH
