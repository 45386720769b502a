"""Whether a rule matches an item of which only some fields are known."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.cells import operands_of
from directus_guard.directus.access.evaluation import bind, holds
from directus_guard.directus.access.filters import (
    NOTHING,
    And,
    Condition,
    DynamicVariable,
    Filter,
    Json,
    Or,
    Path,
    Scalar,
)
from directus_guard.directus.access.implication import implies
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Reach(Enum):
    """Whether a rule matches an item of which only some fields are known."""

    ALWAYS = auto()
    """Whatever the other fields hold."""
    SOMETIMES = auto()
    """The other fields decide."""
    NEVER = auto()
    CANNOT_TELL = auto()


def reach(
    rule: Filter, values: Mapping[Path, Scalar], value: Callable[[DynamicVariable], Json | DynamicVariable]
) -> Reach:
    """Whether `rule` matches an item with these values, for a known asker.

    `values`: those that are known, by path; the key of a related row may be there as `("role",)` and asked as `("role", "id")`.
    `value`: the value of a variable, or the variable itself where that is not known. What is not known stays open.
    """
    bound = bind(rule, value)
    known = _decided(bound, values)
    if known is not None:
        return Reach.ALWAYS if known else Reach.NEVER
    facts = tuple(
        Condition(path, "_null") if held is None else Condition(path, "_eq", held) for path, held in values.items()
    )
    contradiction = implies(And((*facts, bound)), NOTHING).answer
    return {Tri.NO: Reach.SOMETIMES, Tri.YES: Reach.NEVER}.get(contradiction, Reach.CANNOT_TELL)


_UNKNOWN: Final = object()


def _decided(node: Filter, values: Mapping[Path, Scalar]) -> bool | None:
    """Three-valued evaluation: None where a field or a variable that is not known decides."""
    if isinstance(node, (And, Or)):
        absorbing = isinstance(node, Or)
        known: bool | None = not absorbing
        for branch in node.branches:
            value = _decided(branch, values)
            if value is absorbing:
                return absorbing
            if value is None:
                known = None
        return known
    if not isinstance(node, Condition) or any(isinstance(operand, DynamicVariable) for operand in operands_of(node)):
        return None
    held = _known(node.path, values)
    if held is _UNKNOWN:
        return None
    either = [
        holds(node.operator, node.operand, held, ignore_case=ignore_case)  # type: ignore[arg-type]  # not _UNKNOWN
        for ignore_case in (True, False)
    ]
    return either[0] if either[0] is either[1] else None


def _known(path: Path, values: Mapping[Path, Scalar]) -> object:
    """The value at a path; a related row's `id` is the foreign key, and what lies beyond null is null."""
    if path in values:
        return values[path]
    for length in range(len(path) - 1, 0, -1):
        if path[:length] in values:
            above = values[path[:length]]
            return None if above is None else above if path[length:] == ("id",) else _UNKNOWN
    return _UNKNOWN
