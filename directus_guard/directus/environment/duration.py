"""Durations such as `15m`, as npm `ms` 2 reads them (Directus: every *_TTL)."""

from __future__ import annotations

import re
from typing import Final

from directus_guard.lazy_pattern import lazy_pattern

_LONGEST: Final = 100
_DURATION: Final = lazy_pattern(
    r"(-?(?:[0-9]+)?\.?[0-9]+) *(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w"
    r"|years?|yrs?|y)?",
    re.IGNORECASE,
)
_SECOND: Final = 1000.0
_UNITS: Final = {
    "m": 60 * _SECOND, "h": 3600 * _SECOND, "d": 86_400 * _SECOND, "w": 604_800 * _SECOND, "y": 31_557_600 * _SECOND,
    "s": _SECOND, "ms": 1.0,
}  # fmt: skip


def parse(text: str) -> float | None:
    """Milliseconds, None where `ms` finds no duration (Directus then falls back). A bare number is milliseconds."""
    match = _DURATION.fullmatch(text) if 0 < len(text) <= _LONGEST else None
    if match is None:
        return None
    unit = (match[2] or "ms").lower()
    key = "ms" if unit.startswith(("ms", "milli")) else unit[0]
    return float(match[1]) * _UNITS[key]
