"""The classes of values that the conditions of one field path tell apart, each with a value of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final, NamedTuple

from directus_guard.directus.access import like_automaton
from directus_guard.directus.access.evaluation import QueryContext, holds
from directus_guard.directus.access.filters import (
    NEGATIONS,
    ORDER_OPERATORS,
    TEXT_OPERATORS,
    Condition,
    DynamicVariable,
    Json,
    Scalar,
)
from directus_guard.directus.access.values import Pattern, among, instant, order_key, pattern, text
from directus_guard.directus.content import content_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_UNKNOWN_LEAVES: Final = 6
MAX_TRUTHS: Final = 50_000
"""Conditions of one path times the values that are tried on them."""
MANY: Final = 8
"""Values of a list from which on they are looked up."""


def operands_of(leaf: Condition) -> tuple[Scalar | DynamicVariable, ...]:
    """What a condition compares with, as a list."""
    return leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)


class Cell(NamedTuple):
    """One class of values: which of the group's leaves hold on it, a value of that class, and whether one exists.

    `or_null`: null is in the class too; with `value` None it is all there is.
    """

    truth: tuple[bool, ...]
    value: Json
    certain: bool
    or_null: bool = False


class ExhaustedError(Exception):
    """The search takes too many steps."""


def value_cells(
    leaves: Sequence[Condition], context: QueryContext, not_null: frozenset[str]
) -> tuple[list[Cell], bool]:
    """The classes of values that the conditions of one path tell apart, and whether these are all that matter."""
    candidates, complete = _candidates(leaves, context)
    path = leaves[0].path
    if not (len(path) == 1 and path[0] in not_null) and not path[-1].startswith("count("):
        candidates = [*candidates, None]
    cells: dict[tuple[bool, ...], Cell] = {}
    if len(candidates) * len(leaves) > MAX_TRUTHS:
        raise ExhaustedError
    judges = [_judge(leaf, context) for leaf in leaves]
    for value in candidates:
        truth = tuple(judge(value) for judge in judges)
        known = cells.get(truth)
        if known is None or value is None:
            cells[truth] = Cell(truth, known.value if known else value, certain=True, or_null=value is None)
    if complete or len(leaves) > MAX_UNKNOWN_LEAVES:
        return list(cells.values()), complete
    # Values may exist that are like no candidate: every other combination, as a doubtful cell.
    every = product((True, False), repeat=len(leaves))
    return [*cells.values(), *(Cell(truth, None, certain=False) for truth in every if truth not in cells)], True


def _judge(leaf: Condition, context: QueryContext) -> Callable[[Scalar], bool]:
    """Whether a condition holds on a value, prepared for many values."""
    operand = leaf.operand
    if isinstance(operand, tuple) and leaf.operator in ("_in", "_nin") and len(operand) > MANY and None not in operand:
        found = among(operand)
        return found if leaf.operator == "_in" else lambda value: value is not None and not found(value)
    return lambda value: holds(leaf.operator, operand, value, ignore_case=context.ignore_case)


def _candidates(leaves: Sequence[Condition], context: QueryContext) -> tuple[list[Scalar], bool]:
    """Values of every class, and whether that is certain."""
    operators = {NEGATIONS.get(leaf.operator, leaf.operator) for leaf in leaves} | {leaf.operator for leaf in leaves}
    states = {"_null", "_nnull", "_empty", "_nempty"}
    constants = [
        value
        for leaf in leaves
        if leaf.operator not in states
        for value in operands_of(leaf)
        if value is not None and not isinstance(value, DynamicVariable)
    ]
    textual = bool(operators & TEXT_OPERATORS)
    ordered = bool(operators & ORDER_OPERATORS)
    blank: list[Scalar] = [""] if operators & {"_empty", "_nempty"} else []
    if textual:
        return _text_candidates(leaves, context, constants, ordered)
    if ordered:
        values, complete = _ordered_candidates(constants)
        return [*values, *blank], complete and not blank
    if constants and all(isinstance(value, bool) for value in constants):
        return [True, False], True
    return [*_distinct(constants), *blank, _another(constants)], True


def _distinct(values: Sequence[Scalar]) -> list[Scalar]:
    return [value for _, value in sorted({content_key(value): value for value in values}.items())]


def _another(constants: Sequence[Scalar]) -> Scalar:
    """A value that equals none of the constants, of their kind."""
    numbers = [value for value in constants if isinstance(value, (int, float))]
    if numbers and len(numbers) == len(constants):
        return max(numbers) + 1
    taken = {text(value) for value in constants}
    return next(name for name in ("other", *(f"other {n}" for n in range(len(taken) + 1))) if name not in taken)


def _text_candidates(
    leaves: Sequence[Condition], context: QueryContext, constants: Sequence[Scalar], ordered: bool
) -> tuple[list[Scalar], bool]:
    patterns: dict[tuple[Pattern, bool], None] = {((), False): None}
    plain = all(isinstance(value, str) and instant(value) is None for value in constants)
    for leaf in leaves:
        operator = NEGATIONS.get(leaf.operator, leaf.operator)
        for value in operands_of(leaf):
            if value is None or isinstance(value, DynamicVariable) or operator in ("_null", "_empty", "_nempty"):
                continue
            if operator in TEXT_OPERATORS:
                insensitive = operator.startswith("_i") or context.ignore_case
                patterns[pattern(operator, text(value)), insensitive] = None
            else:
                patterns[tuple(text(value)), False] = None
    found = like_automaton.samples(tuple(patterns))
    extra = list(constants) if ordered else []
    return [*found.strings, *extra], found.complete and not ordered and (plain or not _compared(leaves))


def _compared(leaves: Sequence[Condition]) -> bool:
    """Whether the path is also compared by value, where numbers and dates have more than one spelling."""
    return any(leaf.operator in ("_eq", "_neq", "_in", "_nin") for leaf in leaves)


def _ordered_candidates(constants: Sequence[Scalar]) -> tuple[list[Scalar], bool]:
    """The constants, what lies between two of them, and what lies outside."""
    points = sorted({order_key(value): value for value in _distinct(constants)}.items(), key=lambda point: point[0])
    kinds = {key[0] for key, _ in points}
    if len(kinds) != 1:
        return [value for _, value in points], not points
    values = _distinct(constants)
    between: Callable[[Sequence[tuple[int, float | str]]], list[Scalar]] = (
        _between_numbers if kinds == {0} else _between_moments if kinds == {1} else _between_texts
    )
    others = between([key for key, _ in points])
    return [*values, *others], len(others) == len(points) + 1


def _between_numbers(keys: Sequence[tuple[int, float | str]]) -> list[Scalar]:
    numbers = [float(key[1]) for key in keys]
    middles: list[Scalar] = []
    for left, right in pairwise(numbers):
        whole = float(int(left) + 1) if abs(left) < 2**53 else left
        middle = whole if left < whole < right else (left + right) / 2
        middles.append(int(middle) if middle.is_integer() else middle)
    bounds = numbers[0] - 1, numbers[-1] + 1
    return [*middles, *(int(bound) if bound.is_integer() else bound for bound in bounds)]


def _between_moments(keys: Sequence[tuple[int, float | str]]) -> list[Scalar]:
    stamps = [float(key[1]) for key in keys]
    middles = [(left + right) / 2 for left, right in pairwise(stamps)]
    moments = [*middles, stamps[0] - 86400, stamps[-1] + 86400]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    written: list[Scalar] = []
    for stamp in moments:
        try:
            written.append((epoch + timedelta(seconds=stamp)).isoformat(timespec="microseconds"))
        except OverflowError:
            continue  # before the first or after the last moment that can be written
    return written


def _between_texts(keys: Sequence[tuple[int, float | str]]) -> list[Scalar]:
    texts = [str(key[1]) for key in keys]
    return ["", *(value + "\x01" for value in texts)]
