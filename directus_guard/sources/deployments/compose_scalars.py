"""The texts that Compose makes of YAML's numbers and booleans."""

from __future__ import annotations

from typing import Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import yaml_document


def is_number_or_boolean(scalar: yaml_document.Scalar) -> bool:
    """Whether YAML reads a scalar as a number or a boolean."""
    if not scalar.plain or scalar.tag:
        return False
    return scalar.text in BOOLEANS or bool(_INTEGER.fullmatch(scalar.text) or _FLOAT.fullmatch(scalar.text))


_INTEGER: Final = lazy_pattern(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]*|0[bB][01_]+|[1-9][0-9_]*)")
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
    if _INTEGER.fullmatch(text):
        return _integer(text)
    return _float(text) if _FLOAT.fullmatch(text) else text


def _integer(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    digits = text.lstrip("+-").replace("_", "").lower()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2])
    if base is not None:
        number = int(digits[2:] or "0", base)
    elif digits.startswith("0") and len(digits) > 1:
        number = int(digits, 8)
    else:
        number = int(digits)
    if number >= 2 * _EXACT or (sign and number > _EXACT):
        return _float(text.replace("_", ""))
    return f"{sign}{number}" if number else "0"


def _float(text: str) -> str:
    """Go's %v of a float64: the shortest digits that read back, an exponent from 1e21 on and below 1e-4."""
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        return text
    mantissa, _, exponent = repr(number).partition("e")
    if number and (abs(number) < 1e-4 or abs(number) >= 1e21):
        if not exponent:
            mantissa, _, exponent = f"{number:e}".partition("e")
        power = int(exponent)
        return f"{mantissa.removesuffix('.0')}e{'-' if power < 0 else '+'}{abs(power):02}"
    if number.is_integer():
        return ("-0" if repr(number).startswith("-0") else str(int(number))) if not number else str(int(number))
    return repr(number)
