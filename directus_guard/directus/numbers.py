"""What JavaScript takes for a number."""

from __future__ import annotations

import math
import re
from typing import Final

from directus_guard.lazy_pattern import lazy_pattern

MAX_SAFE_INTEGER: Final = 2**53 - 1
# White space and line ends of ECMAScript's StringNumericLiteral.
_BLANKS: Final = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_DECIMAL: Final = lazy_pattern(r"[+-]?(?:Infinity|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)", re.ASCII)
_PREFIXED: Final = lazy_pattern(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")


def to_number(text: str) -> int | float:
    """ECMAScript's `Number(text)`, NaN where it is not a number; an int where the number is whole and exact."""
    text = text.strip(_BLANKS)
    if not text:
        return 0
    if _PREFIXED.fullmatch(text):
        return exact(_float(int(text, 0)))
    if not _DECIMAL.fullmatch(text):
        return math.nan
    return exact(float(text))


def _float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def exact(number: float) -> int | float:
    """The number as an int where it is whole and every double around it is, too."""
    return int(number) if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER else number
