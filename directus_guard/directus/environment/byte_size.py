"""Sizes such as `50mb`, as npm `bytes` 3 reads them (Directus: FILES_MAX_UPLOAD_SIZE, MAX_PAYLOAD_SIZE)."""

from __future__ import annotations

import math
import re
import sys
from typing import Final

from directus_guard.lazy_pattern import lazy_pattern

_SIZE: Final = lazy_pattern(r"([-+]?[0-9]+(?:\.[0-9]+)?) *(kb|mb|gb|tb|pb)", re.IGNORECASE)
_LEADING: Final = lazy_pattern(r"[\s\ufeff]*([-+]?[0-9]+)")
_UNITS: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}


def shown(size: int) -> str:
    """A number of bytes as people write it (`1gb`), in the largest unit that it is a multiple of."""
    name, unit = next(((name, unit) for name, unit in reversed(_UNITS.items()) if size % unit == 0), ("b", 1))
    return f"{size // unit}{name}"


def parse(text: str) -> int | None:
    """The number of bytes, None where `bytes` finds none. Without a known unit the leading digits count as bytes."""
    text = text[:400]
    match = _SIZE.fullmatch(text)
    if match:
        return _whole(float(match[1]) * _UNITS[match[2].lower()])
    leading = _LEADING.match(text)
    return _whole(float(leading[1])) if leading else None


def _whole(number: float) -> int:
    """The number rounded down; an infinite one as the largest there is."""
    return math.floor(max(min(number, sys.float_info.max), -sys.float_info.max))
