"""Values as the database compares them: numbers, moments, texts and LIKE patterns."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from directus_guard.directus.access.filters import DynamicVariable, Scalar
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def equal(value: Scalar, operand: Scalar | DynamicVariable) -> bool:
    """Equality as a typed column decides it: a number equals its text, text is compared exactly, null never."""
    if value is None or operand is None or isinstance(operand, DynamicVariable):
        return False
    if isinstance(value, str) and isinstance(operand, str):
        return value == operand or _same_instant(value, operand)
    left, right = _number(value), _number(operand)
    return left is not None and left == right


def among(operands: Sequence[Scalar | DynamicVariable]) -> Callable[[Scalar], bool]:
    """Whether a value equals one of many: `any(equal(value, …))`, prepared once."""
    texts = {operand for operand in operands if isinstance(operand, str)}
    moments = {moment for operand in texts if (moment := instant(operand)) is not None}
    own = {_number(operand) for operand in operands if isinstance(operand, (bool, int, float))}
    numbers = own | {_number(operand) for operand in texts}

    def holds_one(value: Scalar) -> bool:
        if value is None:
            return False
        if isinstance(value, str) and (value in texts or (moments and instant(value) in moments)):
            return True
        number = _number(value)
        return number is not None and number in (own if isinstance(value, str) else numbers)

    return holds_one


def _same_instant(left: str, right: str) -> bool:
    moments = instant(left), instant(right)
    return moments[0] is not None and moments[0] == moments[1]


def ordered(comparison: str, value: Scalar, operand: Scalar | DynamicVariable) -> bool:
    """One of the comparisons `>`, `>=`, `<`, `<=`; values of different kinds are compared as texts."""
    if value is None or operand is None or isinstance(operand, DynamicVariable):
        return False
    left, right = order_key(value), order_key(operand)
    if left[0] != right[0]:
        left, right = (2, text(value)), (2, text(operand))
    order = (left > right) - (left < right)
    return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[comparison]


def order_key(value: Scalar) -> tuple[int, float | str]:
    """What a value is sorted by: numbers (also as text) first, then moments, then text by code points."""
    number = _number(value)
    if number is not None:
        return 0, number
    moment = instant(value) if isinstance(value, str) else None
    return (1, moment.timestamp()) if moment is not None else (2, text(value))


_NUMBER: Final = lazy_pattern(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})(e[+-]?\d{1,3})?\Z", re.IGNORECASE)


def _number(value: Scalar) -> float | None:
    """The number a value is or spells, or None."""
    if isinstance(value, str):
        return float(value) if _NUMBER.match(value) else None
    try:
        return None if value is None else float(value)
    except OverflowError:
        return None


_INSTANT: Final = lazy_pattern(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?(Z|[+-]\d{2}:\d{2})?\Z")


def instant(value: str) -> datetime | None:
    """The moment an ISO date or date-time names (UTC if it does not say), or None."""
    if not _INSTANT.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def text(value: Scalar) -> str:
    """A value as a text column holds it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)


Pattern: TypeAlias = tuple[str, ...]
"""A LIKE pattern: single characters, `"_"*2` for any one character and `"%"*2` for any run. Directus does not escape
`%` and `_` of a rule, so they are wildcards there too."""
ANY_ONE: Final = "__"
ANY_RUN: Final = "%%"
_WILDCARDS: Final = {"%": ANY_RUN, "_": ANY_ONE}


@lru_cache(maxsize=4)
def pattern(operator: str, operand: str) -> Pattern:
    """The LIKE pattern of a text operator (`_contains` → `%operand%`).

    A rule is tried on thousands of values in turn. Few are kept, because an operand may be long.
    """
    bare = operator.replace("_i", "_", 1) if operator.startswith("_i") else operator
    tokens = tuple(_WILDCARDS.get(character, character) for character in operand)
    before = () if bare == "_starts_with" else (ANY_RUN,)
    after = () if bare == "_ends_with" else (ANY_RUN,)
    return (*before, *tokens, *after)


def like(tokens: Pattern, value: str, *, ignore_case: bool) -> bool:
    """Whether a value matches a LIKE pattern. Linear in value times pattern, no backtracking beyond the last run."""
    star, retry, token, position = -1, 0, 0, 0
    length = len(value)
    while position < length:
        if token < len(tokens) and tokens[token] == ANY_RUN:
            star, retry = token, position
            token += 1
        elif token < len(tokens) and matches_one(tokens[token], value[position], ignore_case=ignore_case):
            token += 1
            position += 1
        elif star >= 0:
            retry += 1
            token, position = star + 1, retry
        else:
            return False
    return all(rest == ANY_RUN for rest in tokens[token:])


def matches_one(token: str, character: str, *, ignore_case: bool) -> bool:
    """Whether one token that is not a run matches one character."""
    if token in (ANY_ONE, character):
        return True
    return ignore_case and token.lower() == character.lower()


_ADJUSTMENT: Final = lazy_pattern(
    r"\$NOW\((?P<sign>[+-]?) {0,5}(?P<amount>-?(?:\d{1,9})?\.?\d{1,9}) {0,5}(?P<unit>[A-Za-z]{0,12})\)"
)
_UNITS: Final[Mapping[str, float]] = {
    "millisecond": 0.001, "msec": 0.001, "ms": 0.001, "second": 1, "sec": 1, "s": 1, "minute": 60, "min": 60, "m": 60,
    "hour": 3600, "hr": 3600, "h": 3600, "": 86400, "day": 86400, "d": 86400, "week": 604800, "w": 604800,
    "month": 2629800, "mth": 2629800, "mo": 2629800, "year": 31557600, "yr": 31557600, "y": 31557600,
}  # fmt: skip


def adjusted(now: datetime, variable: str) -> datetime:
    """`$NOW(-1 day)` relative to `now` (`adjustDate`); months and years in their mean length. Unreadable: now."""
    match = _ADJUSTMENT.match(variable)
    if match is None:
        return now
    unit = match["unit"].lower()
    seconds = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
    if seconds is None:
        return now
    amount = float(match["amount"]) * seconds * (-1 if match["sign"] == "-" else 1)
    try:
        return now + timedelta(seconds=amount)
    except OverflowError:
        return now
