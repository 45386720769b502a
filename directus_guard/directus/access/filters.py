"""Directus filters in a normal form: rules that differ only in order or nesting are equal.

A filter is the content of a permission's `permissions` (the *item rule*). `item_rules` reads it from JSON, `evaluation`
says which items it matches. SQL knows three truth values; as a filter has no negation over groups, "not true" is all
that must be distinguished, so each condition is true or false here and false on null where SQL says NULL.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from directus_guard.directus.content import content_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
"""A JSON value as the parsers of this program produce it."""
Scalar: TypeAlias = "None | bool | int | float | str"
Path: TypeAlias = tuple[str, ...]
"""Field names from the collection outward: `("author", "name")`. A component may be a function (`year(date)`), a
many-to-any scope (`item:posts`) or `$FOLLOW(…)`; what follows a component `_json` is a path inside a JSON field."""


class DynamicVariable(Struct, frozen=True, cache_hash=True):
    """A dynamic variable left in the rule: `$CURRENT_USER`, `$CURRENT_USER.team`, `$NOW(-1 day)` …"""

    name: str


Operand: TypeAlias = "Scalar | DynamicVariable | tuple[Scalar | DynamicVariable, ...]"


class Condition(Struct, frozen=True, cache_hash=True):
    """One operator on one path. `_null`, `_empty` and their like are stored without the inverting `false`."""

    path: Path
    operator: str
    operand: Operand = True


class Quantified(Struct, frozen=True, cache_hash=True):
    """`_some` or `_none` on a to-many relation: a related row exists (or none does) that the inner filter matches."""

    path: Path
    some: bool
    filter: Filter


class Opaque(Struct, frozen=True, cache_hash=True):
    """Something Directus refuses (400 or 500) or this program does not know. Nobody can tell what it matches."""

    source: str
    reason: str


class And(Struct, frozen=True, cache_hash=True):
    """Every branch holds; no branch = every item."""

    branches: tuple[Filter, ...]


class Or(Struct, frozen=True, cache_hash=True):
    """Some branch holds; no branch = no item."""

    branches: tuple[Filter, ...]


Filter: TypeAlias = "And | Or | Condition | Quantified | Opaque"
EVERYTHING: Final = And(())
NOTHING: Final = Or(())
NEGATIONS: Final[Mapping[str, str]] = {
    "_neq": "_eq",
    "_nin": "_in",
    "_nbetween": "_between",
    "_nnull": "_null",
    "_ncontains": "_contains",
    "_nstarts_with": "_starts_with",
    "_nends_with": "_ends_with",
    "_nistarts_with": "_istarts_with",
    "_niends_with": "_iends_with",
}
"""Operators that hold on a value that is set when their counterpart does not; on null neither holds (but `_null`)."""
TEXT_OPERATORS: Final = frozenset(
    {"_contains", "_starts_with", "_ends_with", "_icontains", "_istarts_with", "_iends_with"}
)
ORDER_OPERATORS: Final = frozenset({"_gt", "_gte", "_lt", "_lte", "_between", "_nbetween"})


def compared(path: Path, operator: str, value: Scalar | DynamicVariable) -> Condition | Opaque:
    """One operator with one value, as Directus compiles it: `_eq null` becomes IS NULL, and what is put into a LIKE
    pattern is written as JavaScript does (`%null%`); those that ignore case fail on what is not text."""
    if value is None and operator in ("_eq", "_neq"):
        return Condition(path, "_null" if operator == "_eq" else "_nnull")
    like = NEGATIONS.get(operator, operator)
    if like in TEXT_OPERATORS and not isinstance(value, (str, DynamicVariable)):
        written = json.dumps(value)
        if like.startswith("_i"):
            return Opaque(written, f"{operator} with something else than text: Directus answers an error")
        return Condition(path, operator, written)
    return Condition(path, operator, value)


def normalise(node: Filter) -> Filter:
    """Flatten groups, sort and unify their branches: rules that differ only in order or nesting become equal."""
    if isinstance(node, Quantified):
        return Quantified(node.path, node.some, normalise(node.filter))
    if isinstance(node, Condition):
        return _normal_condition(node)
    if isinstance(node, Opaque):
        return node
    kind: type[And | Or] = And if isinstance(node, And) else Or
    absorbing, neutral = (NOTHING, EVERYTHING) if kind is And else (EVERYTHING, NOTHING)
    parts: list[Filter] = []
    for branch in map(normalise, node.branches):
        if branch == absorbing:
            return absorbing
        parts += branch.branches if isinstance(branch, kind) else (branch,)
    if len(parts) == 1:
        return parts[0]
    branches = {content_key(part): part for part in parts}
    if len(branches) == 1:
        return next(iter(branches.values()))
    return kind(tuple(branches[key] for key in sorted(branches))) if branches else neutral


def _normal_condition(condition: Condition) -> Filter:
    operand = condition.operand
    if condition.operator not in ("_in", "_nin") or not isinstance(operand, tuple):
        return condition
    if not operand:
        return NOTHING if condition.operator == "_in" else EVERYTHING
    unique = {content_key(value): value for value in operand}
    values = tuple(unique[key] for key in sorted(unique))
    if condition.operator == "_nin" and None in values:
        return NOTHING  # `x NOT IN (…, NULL)` is never true
    if condition.operator == "_in" and None in values:
        values = tuple(value for value in values if value is not None)
        return _normal_condition(Condition(condition.path, "_in", values))
    if len(values) == 1 and not isinstance(values[0], DynamicVariable):
        return Condition(condition.path, "_eq" if condition.operator == "_in" else "_neq", values[0])
    return Condition(condition.path, condition.operator, values)


def to_json(node: Filter) -> Json:
    """The filter as Directus would read it again; `{}` = every item."""
    if node == EVERYTHING:
        return {}
    if isinstance(node, (And, Or)):
        # Directus has no word for "nothing"; an empty `_in` is how it is said.
        if node == NOTHING:
            return {"id": {"_in": []}}
        return {"_and" if isinstance(node, And) else "_or": [to_json(branch) for branch in node.branches]}
    if isinstance(node, Opaque):
        try:
            loaded: Json = json.loads(node.source)
        except (ValueError, RecursionError):
            return {"_unknown": node.source}
        return loaded if isinstance(loaded, dict) else {"_unknown": node.source}
    inner: Json
    if isinstance(node, Quantified):
        # `{}` below a quantifier is skipped by Directus; an empty `_nin` says "every related item".
        related = {"id": {"_nin": []}} if node.filter == EVERYTHING else to_json(node.filter)
        inner = {"_some" if node.some else "_none": related}
    else:
        inner = {node.operator: _operand_json(node.operand)}
    for component in reversed(node.path):
        inner = {component: inner}
    return inner


def _operand_json(operand: Operand) -> Json:
    if isinstance(operand, tuple):
        return [value.name if isinstance(value, DynamicVariable) else value for value in operand]
    return operand.name if isinstance(operand, DynamicVariable) else operand


def conditions(node: Filter) -> Iterator[Condition | Quantified | Opaque]:
    """The leaves of a filter, in order; not those inside `_some` and `_none`."""
    if isinstance(node, (And, Or)):
        for branch in node.branches:
            yield from conditions(branch)
    else:
        yield node


def variables(node: Filter) -> Iterator[DynamicVariable]:
    """The dynamic variables in it: with some, it matters who asks."""
    for leaf in conditions(node):
        if isinstance(leaf, Quantified):
            yield from variables(leaf.filter)
        elif isinstance(leaf, Condition):
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            yield from (one for one in operands if isinstance(one, DynamicVariable))


def merged(node: Filter) -> Filter:
    """The same filter with the values of one path together: an `_or` of many `_eq` is one `_in`, an `_and` of many
    `_neq` one `_nin`."""
    if isinstance(node, Quantified):
        return Quantified(node.path, node.some, merged(node.filter))
    if not isinstance(node, (And, Or)):
        return node
    one, many = ("_eq", "_in") if isinstance(node, Or) else ("_neq", "_nin")
    values: dict[Path, list[Scalar]] = {}
    others: list[Filter] = []
    for branch in map(merged, node.branches):
        if isinstance(branch, Condition) and branch.operator in (one, many) and _is_constant(branch.operand):
            held = values.setdefault(branch.path, [])
            held += branch.operand if isinstance(branch.operand, tuple) else (branch.operand,)  # type: ignore[arg-type]  # constants: no variables
        else:
            others.append(branch)
    together = (
        Condition(path, one, held[0]) if len(held) == 1 else Condition(path, many, tuple(held))
        for path, held in values.items()
    )
    return normalise((And if isinstance(node, And) else Or)((*others, *together)))


def _is_constant(operand: Operand) -> bool:
    values = operand if isinstance(operand, tuple) else (operand,)
    return bool(values) and not any(value is None or isinstance(value, DynamicVariable) for value in values)
