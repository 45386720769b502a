"""Filters over concrete items, as their SQL would answer: the reference every clever answer is tested against."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct, field

from directus_guard.directus.access.filters import (
    EVERYTHING,
    NEGATIONS,
    And,
    Condition,
    DynamicVariable,
    Filter,
    Json,
    Opaque,
    Operand,
    Or,
    Path,
    Quantified,
    Scalar,
    compared,
    conditions,
)
from directus_guard.directus.access.values import adjusted, equal, instant, like, ordered, pattern, text
from directus_guard.lazy_pattern import lazy_pattern


class QueryContext(Struct, frozen=True):
    """Who asks, and when: what dynamic variables stand for, and how the database compares text.

    `variables`: values of dotted variables (`$CURRENT_USER.team`) and of any other name, looked up first.
    `ignore_case`: LIKE ignores case (SQLite, MySQL) or not (PostgreSQL).
    """

    user: str | None = None
    role: str | None = None
    roles: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    variables: Mapping[str, Json] = field(default_factory=dict)
    ignore_case: bool = True

    def value(self, variable: DynamicVariable) -> Json:
        """What Directus puts in the variable's place (`parseDynamicVariable`); unknown paths are null."""
        name = variable.name
        if name in self.variables:
            return self.variables[name]
        if name.startswith("$NOW"):
            return adjusted(self.now, name).isoformat()
        known: Mapping[str, Json] = {
            "$CURRENT_USER": self.user,
            "$CURRENT_ROLE": self.role,
            "$CURRENT_ROLES": self.roles,
            "$CURRENT_POLICIES": self.policies,
        }
        return known.get(name)


def resolve(node: Filter, context: QueryContext) -> Filter:
    """Put values in the place of dynamic variables, `_eq null` becoming IS NULL as Directus does.

    See docs/model/access.md#dynamic-variables.
    """
    return bind(node, context.value)


def bind(node: Filter, value: Callable[[DynamicVariable], Json | DynamicVariable]) -> Filter:
    """`resolve` with values from anywhere: a variable for which `value` answers a variable stays one."""
    bound = _bound(node, value)
    return EVERYTHING if bound is None else bound


def _bound(node: Filter, value: Callable[[DynamicVariable], Json | DynamicVariable]) -> Filter | None:
    """None: with these values it compiles to no SQL, and vanishes beside other conditions."""
    if isinstance(node, (And, Or)):
        kind: type[And | Or] = And if isinstance(node, And) else Or
        branches = [bound for branch in node.branches if (bound := _bound(branch, value)) is not None]
        return None if node.branches and not branches else kind(tuple(branches))
    if isinstance(node, Quantified):
        return Quantified(node.path, node.some, bind(node.filter, value))
    return _bound_condition(node, value) if isinstance(node, Condition) else node


def _bound_condition(
    node: Condition, value: Callable[[DynamicVariable], Json | DynamicVariable]
) -> Condition | Opaque | None:
    operand = node.operand
    if isinstance(operand, tuple):
        values = tuple(bound for element in operand for bound in _values(element, value))
        # A variable may stand for a list: BETWEEN is left out with more or fewer values than two.
        return (
            None
            if node.operator.endswith("between") and len(values) != 2
            else Condition(node.path, node.operator, values)
        )
    if not isinstance(operand, DynamicVariable):
        return node
    scalars = _values(operand, value)
    if len(scalars) != 1:
        return Opaque(operand.name, "a list where one value is compared")
    return compared(node.path, node.operator, scalars[0])


def _values(
    element: Scalar | DynamicVariable, value: Callable[[DynamicVariable], Json | DynamicVariable]
) -> tuple[Scalar | DynamicVariable, ...]:
    if not isinstance(element, DynamicVariable):
        return (element,)
    bound = value(element)
    if isinstance(bound, (list, tuple)):
        return tuple(entry for entry in bound if entry is None or isinstance(entry, (bool, int, float, str)))
    return (bound if isinstance(bound, (bool, int, float, str, DynamicVariable)) else None,)


def evaluate(node: Filter, item: Mapping[str, Json], context: QueryContext) -> bool:
    """Whether an item is matched: the reference every clever answer of `rules` is tested against.

    `item`: its fields; a to-one relation is an object, a to-many relation a list of objects, a bare foreign key a
    scalar. Missing fields are null. `Opaque` matches nothing: Directus refuses the whole request.
    """
    resolved = resolve(node, context)
    return any(_holds(resolved, row, context) for row in _rows(resolved, item))


def _rows(node: Filter, item: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """One view of the item per row of the joins: a path into a to-many relation speaks of the same related row
    everywhere in the rule, since Directus joins each relation once."""
    paths = {leaf.path for leaf in conditions(node) if isinstance(leaf, Condition) and len(leaf.path) > 1}
    for head in sorted({path[0] for path in paths}):
        related = item.get(head)
        if isinstance(related, (list, tuple)):
            for row in related or [None]:
                yield from _rows(node, {**item, head: row})
            return
    yield item


def _holds(node: Filter, item: Mapping[str, Json], context: QueryContext) -> bool:
    if isinstance(node, And):
        return all(_holds(branch, item, context) for branch in node.branches)
    if isinstance(node, Or):
        return any(_holds(branch, item, context) for branch in node.branches)
    if isinstance(node, Opaque):
        return False
    if isinstance(node, Quantified):
        related = item.get(node.path[0])
        rows = related if isinstance(related, (list, tuple)) else []
        return node.some == any(isinstance(row, Mapping) and evaluate(node.filter, row, context) for row in rows)
    return holds(node.operator, node.operand, lookup(item, node.path), ignore_case=context.ignore_case)


def lookup(item: Mapping[str, Json], path: Path) -> Scalar:
    """The value at a path: null where something on the way is missing, an object's `id` where a key is meant."""
    value: Json = item
    for index, component in enumerate(path):
        if component == "_json" and index:
            return _json_value(value, path[-1])
        if not isinstance(value, Mapping):
            return None
        if component not in value and component.endswith(")"):
            return _function(component, value)
        value = value.get(component)
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if value is None or isinstance(value, (bool, int, float, str)) else None


def _json_value(value: Json, path: str) -> Scalar:
    for component in re.split(r"[.\[\]]+", path):
        if isinstance(value, Mapping):
            value = value.get(component)
        elif isinstance(value, (list, tuple)) and component.isdecimal() and int(component) < len(value):
            value = value[int(component)]
        elif component:
            return None
    return value if isinstance(value, (bool, int, float, str)) else None


FUNCTION: Final = lazy_pattern(r"(year|month|week|day|weekday|hour|minute|second|count)\(([^()]{1,200})\)\Z")


def _function(component: str, item: Mapping[str, Json]) -> Scalar:
    """`year(date)` and its like (docs/model/access.md#item-rules). Weekday counts from Sunday = 0, the week as ISO
    numbers it."""
    match = FUNCTION.match(component)
    if match is None:
        return None
    value = item.get(match[2])
    if match[1] == "count":
        return len(value) if isinstance(value, (list, tuple)) else 0
    moment = instant(value) if isinstance(value, str) else None
    if moment is None:
        return None
    if match[1] == "week":
        return moment.isocalendar().week
    if match[1] == "weekday":
        return moment.isoweekday() % 7
    part: int = getattr(moment, match[1])
    return part


def holds(operator: str, operand: Operand, value: Scalar, *, ignore_case: bool) -> bool:
    """One operator on one value, variables resolved. SQL's null: only `_null` and `_empty` hold on it."""
    if operator == "_null":
        return value is None
    if operator == "_empty":
        return value is None or value == ""
    if operator == "_nin" and operand == ():
        return True
    if value is None:
        return False
    if operator == "_nnull":
        return True
    if operator == "_nempty":
        return value != ""
    if operator in NEGATIONS:
        if operand is None or (isinstance(operand, tuple) and None in operand):
            return False
        return not holds(NEGATIONS[operator], operand, value, ignore_case=ignore_case)
    if isinstance(operand, tuple):
        if operator == "_between":
            return len(operand) == 2 and ordered(">=", value, operand[0]) and ordered("<=", value, operand[1])
        return any(equal(value, element) for element in operand)
    if operator == "_eq":
        return equal(value, operand)
    if operator in _COMPARISONS:
        return ordered(_COMPARISONS[operator], value, operand)
    insensitive = operator.startswith("_i") or ignore_case
    return isinstance(operand, str) and like(pattern(operator, operand), text(value), ignore_case=insensitive)


_COMPARISONS: Final[Mapping[str, str]] = {"_gt": ">", "_gte": ">=", "_lt": "<", "_lte": "<="}
