"""One operator of a validation on one value, as Joi and Directus' use of it decide (docs/model/access.md#validation).

Differential tests against 11.0.11, 13.4.1 and 13.5.5 of `@directus/utils`: a field that is not sent passes everything
but `_submitted`; the `false` of `_null: false` and its like is ignored; empty lists restrict nothing; unknown operators
pass; and an object sent for a foreign key is not equal to any key, so that a deny list lets `{"role": {"id": …}}`
through.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.values import instant
from directus_guard.directus.features import COMPARES_NUMBERS_AS_TEXT
from directus_guard.directus.numbers import MAX_SAFE_INTEGER, to_number
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence


class RefusedError(Exception):
    """The rule cannot be evaluated: Directus answers an error and writes nothing."""


ABSENT: Final = object()
_STRINGS: Final = frozenset(
    f"_{sign}{case}{kind}"
    for sign in ("", "n")
    for case in ("", "i")
    for kind in ("contains", "starts_with", "ends_with")
) - {"_nicontains"}
UNASKED: Final = object()


def build(operator: str | None, operand: object) -> None:
    """Raise `RefusedError` for what Joi refuses while the schema is built, whatever is sent."""
    if operator in ("_eq", "_neq") and isinstance(operand, (list, tuple)):
        raise RefusedError
    listed = operand if isinstance(operand, (list, tuple)) else ()
    if operator in ("_in", "_nin") and any(isinstance(one, (list, tuple)) for one in listed):
        raise RefusedError
    if operator in ("_between", "_nbetween") and not _are_limits(listed):
        raise RefusedError
    if operator in ("_gt", "_gte", "_lt", "_lte") and _number(operand) is None and _moment(operand) is None:
        raise RefusedError


def _are_limits(limits: Sequence[object]) -> bool:
    return len(limits) > 1 and (_are_numbers(limits) or all(_moment(one) is not None for one in limits[:2]))


def _are_numbers(limits: Sequence[object]) -> bool:
    """Whether `_between` compares numbers: else it compares moments, also where one of the limits is a number."""
    numbers = map(_number, limits)
    return all(number is not None and abs(number) <= MAX_SAFE_INTEGER for number in numbers)


def check(operator: str | None, operand: object, value: object, major: int) -> bool:
    """One Joi schema on one value; `ABSENT` where nothing was sent. Raises `RefusedError` where Directus throws."""
    if value is UNASKED:
        return True
    if operator == "_submitted":
        return value is not ABSENT
    if value is ABSENT or operator is None:
        return True
    if operator in ("_eq", "_neq"):
        return any(_same(value, one) for one in _spellings(operand, major)) == (operator == "_eq")
    if operator in ("_in", "_nin"):
        among = operand if isinstance(operand, list) else [operand]
        return not among or any(_same(value, one) for one in among) == (operator == "_in")
    if operator in ("_null", "_nnull"):
        return (value is None) == (operator == "_null")
    if operator in ("_empty", "_nempty"):
        return (isinstance(value, str) and not value) == (operator == "_empty")
    if operator in _STRINGS:
        return _string(operator, operand, value)
    if operator in ("_gt", "_gte", "_lt", "_lte"):
        return _compared(operator, operand, value, numbers=_number(operand) is not None)
    if operator in ("_between", "_nbetween") and isinstance(operand, list):
        low, high = ("_gte", "_lte") if operator == "_between" else ("_lt", "_gt")
        numbers = _are_numbers(operand)
        return _compared(low, operand[0], value, numbers=numbers) and _compared(
            high, operand[1], value, numbers=numbers
        )
    if operator == "_regex":
        return value is True if operand is None else isinstance(value, str)
    return True


def _spellings(operand: object, major: int) -> tuple[object, ...]:
    """Joi compares exactly; Directus adds the number a text names, and from 11 on the text of a number."""
    if isinstance(operand, bool) or operand is None:
        return (operand,)
    if isinstance(operand, (int, float)):
        return (operand, str(operand)) if COMPARES_NUMBERS_AS_TEXT.of_major(major) else (operand,)
    number = _number(operand)
    return (operand,) if number is None or operand == "" else (operand, number)


def _same(value: object, operand: object) -> bool:
    """Joi's equality: no conversion, objects by content."""
    if isinstance(value, bool) or isinstance(operand, bool):
        return value is operand
    return (type(value) is type(operand) and value == operand) or _both_numbers(value, operand)


def _both_numbers(value: object, operand: object) -> bool:
    return isinstance(value, (int, float)) and isinstance(operand, (int, float)) and value == operand


def _string(operator: str, operand: object, value: object) -> bool:
    if not isinstance(operand, str):
        return value is True
    negated = operator in ("_ncontains", "_nstarts_with", "_nends_with", "_nistarts_with", "_niends_with")
    bare = "_" + operator.removeprefix("_n") if negated else operator
    ignore_case = bare.startswith("_i")
    kind = bare.removeprefix("_i" if ignore_case else "_").lstrip("_")
    if isinstance(value, (list, tuple)) and kind == "contains":
        found = any(isinstance(one, str) and one and _has(kind, one, operand, ignore_case) for one in value)
        return not found if negated else found
    if not isinstance(value, str) or not value:
        return False
    return _has(kind, value, operand, ignore_case) != negated


def _has(kind: str, value: str, operand: str, ignore_case: bool) -> bool:
    if ignore_case:
        value, operand = value.lower(), operand.lower()
    if kind == "contains":
        return operand in value
    return value.startswith(operand) if kind == "starts_with" else value.endswith(operand)


def _number(value: object) -> float | None:
    """JavaScript's `Number()` as far as JSON reaches, None for NaN: an empty list is 0, a list of one its element."""
    if isinstance(value, (bool, int, float)):
        return _float(value)
    if value is None:
        return 0.0
    if isinstance(value, (list, tuple)):
        return _listed(value)
    number = to_number(value) if isinstance(value, str) else math.nan
    return None if math.isnan(number) else _float(number)


def _listed(value: Sequence[object]) -> float | None:
    if not value:
        return 0.0
    first, *others = value
    return None if others or isinstance(first, bool) else _number(first)


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


_NUMBER: Final = lazy_pattern(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
"""A text that Joi takes for a number (lib/types/number.js): other spellings than those of `Number()`."""


def _sent_number(value: object) -> float | None:
    if isinstance(value, str):
        number = float(value) if _NUMBER.fullmatch(value) else math.inf
    else:
        number = _float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.inf
    return number if abs(number) <= MAX_SAFE_INTEGER else None


def _compared(operator: str, operand: object, value: object, *, numbers: bool) -> bool:
    if numbers:
        limit, sent = _number(operand), _sent_number(value)
    else:
        limit, sent = _moment(operand), None if isinstance(value, bool) or value is None else _moment(value)
    if sent is None or limit is None:  # a limit that is neither is refused by `build`
        return False
    return {"_gt": sent > limit, "_gte": sent >= limit, "_lt": sent < limit, "_lte": sent <= limit}[operator]


_MILLISECONDS: Final = lazy_pattern(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_MOST_MILLISECONDS: Final = 8.64e15
"""ECMAScript has no moments beyond."""


def _moment(value: object) -> float | None:
    """Milliseconds as Joi reads dates (lib/types/date.js): ISO texts, and numbers; null is 0 and true is 1.

    V8 takes many more texts for dates (`5.5.5`): for us they are not.
    """
    milliseconds = None
    if isinstance(value, str):
        if _MILLISECONDS.fullmatch(value):
            milliseconds = float(value)
        elif (moment := instant(value)) is not None:
            milliseconds = moment.timestamp() * 1000
    elif value is None or isinstance(value, (bool, int, float)):
        milliseconds = _float(value or 0)
    return None if milliseconds is None or abs(milliseconds) > _MOST_MILLISECONDS else float(int(milliseconds))
