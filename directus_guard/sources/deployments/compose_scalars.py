"""The texts that Compose makes of YAML's numbers and booleans."""

from __future__ import annotations

import math
from typing import Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import yaml_document


def is_number_or_boolean(scalar: yaml_document.Scalar) -> bool:
    """Whether YAML reads a scalar as a number or a boolean."""
    if not scalar.plain or scalar.tag:
        return False
    number = scalar.text.replace("_", "")
    return scalar.text in BOOLEANS or bool(_INTEGER.fullmatch(number) or _FLOAT.fullmatch(number))


_INTEGER: Final = lazy_pattern(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[0-7]*|0[bB][01]+|[1-9][0-9]*)")
_FLOAT: Final = lazy_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
BOOLEANS: Final = {
    "true": "true",
    "True": "true",
    "TRUE": "true",
    "false": "false",
    "False": "false",
    "FALSE": "false",
}
_EXACT: Final = 2**63


def scalar_text(scalar: yaml_document.Scalar) -> str | None:
    """The text Compose makes of a scalar, None for null: yaml.v3 resolves plain ones, fmt.Sprint writes them."""
    if yaml_document.is_null(scalar) and not scalar.tag:
        return None
    if not scalar.plain or scalar.tag:
        return scalar.text
    text = scalar.text
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text[:1] not in "+-.0123456789" or len(text) > 100:
        return text
    number = text.replace("_", "")
    if _INTEGER.fullmatch(number):
        return _integer(number) or text
    return _float(number) if _FLOAT.fullmatch(number) else text


def _integer(text: str) -> str | None:
    """The text of an integer that Go holds. A larger one is a float where its digits are decimal, else a text: None."""
    sign = "-" if text.startswith("-") else ""
    digits = text.lstrip("+-").lower()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2])
    number = int(digits[2:], base) if base else int(digits, 8 if digits.startswith("0") else 10)
    if number >= 2 * _EXACT or (sign and number > _EXACT):
        return None if base else _float(text)
    return f"{sign}{number}" if number else "0"


def _float(text: str) -> str:
    """Go's %v of a float64: the shortest digits that read back, with an exponent from 1e6 on and below 1e-4."""
    number = float(text)
    if math.isinf(number):
        return text
    if number and not 1e-4 <= abs(number) < 1e6:
        return next(made for digits in range(17) if float(made := f"{number:.{digits}e}") == number)
    return repr(number).removesuffix(".0")
