"""Item rules, read from JSON into the normal form of `filters` as Directus compiles them.

Directus parses a filter (`parseFilter` of `@directus/utils`: dynamic variables, coercions, several keys are an `_and`)
and compiles it to WHERE clauses (`database/run-ast/lib/apply-query/filter` of `@directus/api`). Two of its habits:

* A group, nested or not, that compiles to no SQL is *dropped* by the query builder: alone it restricts nothing, beside
  other conditions it is not there (docs/model/access.md#item-rules). `parse` answers None for such a rule.
* An `_or` of which one branch is literally `{}` is skipped as a whole.

Hostile input is answered with `Opaque`, never with an exception.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from directus_guard.directus.access.filters import (
    EVERYTHING,
    NEGATIONS,
    NOTHING,
    TEXT_OPERATORS,
    And,
    Condition,
    DynamicVariable,
    Filter,
    Json,
    Opaque,
    Or,
    Path,
    Quantified,
    Scalar,
    compared,
    normalise,
)
from directus_guard.directus.access.records import Permission, stored_rule
from directus_guard.directus.access.shared_rule import SharedRule
from directus_guard.directus.features import GROUP_ENDS_QUANTIFIER

MAX_DEPTH: Final = 64
"""Rules nested deeper than this are `Opaque`: no real rule is, and recursion must end."""
_LIST_OPERATORS: Final = frozenset({"_in", "_nin", "_between", "_nbetween"})
_STATE_OPERATORS: Final[Mapping[str, str]] = {
    "_null": "_nnull",
    "_nnull": "_null",
    "_empty": "_nempty",
    "_nempty": "_empty",
}
_SCALAR_OPERATORS: Final = frozenset(
    {"_eq", "_neq", "_gt", "_gte", "_lt", "_lte"}
    | TEXT_OPERATORS
    | {n for n, p in NEGATIONS.items() if p in TEXT_OPERATORS}
)
COERCED: Final[Mapping[str, Scalar]] = {"true": True, "false": False, "null": None, "NULL": None}
_SELF: Final = ("$CURRENT_USER.id", "$CURRENT_ROLE.id")
DYNAMIC: Final = ("$NOW", "$CURRENT_USER", "$CURRENT_ROLE", "$CURRENT_POLICIES")


def is_unrestricted(rule: Json) -> bool:
    """Whether a rule is `null` or `{}`: every item, also beside other rules (measured)."""
    if rule is None or isinstance(rule, dict):  # what exports hold: decided at once
        return not rule
    return isinstance(rule, (Mapping, list, tuple)) and not rule


def has_item_rule(row: Permission) -> bool:
    """Whether a row has an item rule that is neither `null` nor `{}`."""
    rule = stored_rule(row)
    return isinstance(rule, SharedRule) or not is_unrestricted(rule)


def parse(rule: Json, *, major: int) -> Filter | None:
    """Read an item rule into its normal form.

    None: it compiles to no SQL, that is, it restricts nothing alone and vanishes beside other rules.
    `major`: the Directus major, which decides what `_some` over a group means. Never raises.
    """
    compiled = _compile(rule, (), major, 0) if not is_unrestricted(rule) else None
    return None if compiled is None else normalise(compiled)


def rule_of_row(rule: Json, *, major: int) -> Filter | None:
    """The item rule of one row, to be merged with others by `any_of`: EVERYTHING for `null` and `{}`, else `parse`."""
    return EVERYTHING if is_unrestricted(rule) else parse(rule, major=major)


def any_of(rules: Iterable[Filter | None]) -> Filter:
    """What the rules of several rows (`rule_of_row`) match together, as Directus merges them (`_or` of the cases;
    docs/model/access.md#merging).

    One that frees every item frees it beside others too; a rule that compiles to nothing is dropped beside another one
    (measured). No rule at all matches nothing.
    """
    rules = list(rules)
    if not rules:
        return NOTHING
    if any(rule == EVERYTHING for rule in rules):
        return EVERYTHING
    kept = tuple(dict.fromkeys(rule for rule in rules if rule is not None))
    if len(kept) == 1:
        return kept[0]
    return normalise(Or(kept)) if kept else EVERYTHING


def _compile(node: Json, prefix: Path, major: int, depth: int) -> Filter | None:
    if depth > MAX_DEPTH:
        return Opaque(_spelled(prefix), "nested too deeply")
    if isinstance(node, dict) and len(node) == 1:  # as most are
        ((key, value),) = node.items()
        return _compile_entry(key, value, prefix, major, depth + 1)
    if node is None:
        return Opaque(_spelled(prefix), "null in place of a filter: Directus answers an error")
    if isinstance(node, (str, int, float)):
        return _condition(prefix, "_eq", node) if prefix else Opaque(_spelled(node), "not a filter")
    entries = node.items() if isinstance(node, (dict, Mapping)) else [(str(i), value) for i, value in enumerate(node)]
    branches = [_compile_entry(key, value, prefix, major, depth + 1) for key, value in entries]
    return _group(And, branches)


def _compile_entry(key: str, value: Json, prefix: Path, major: int, depth: int) -> Filter | None:
    if key in ("_and", "_or"):
        if not isinstance(value, (list, tuple)):
            return Opaque(_spelled({key: value}), f"{key} is not a list")
        # Directus skips an `_or` with an empty branch, unless it is below a field, where the branch is not empty
        # any more when it is looked at.
        if key == "_or" and not prefix and any(not branch and isinstance(branch, (Mapping, list)) for branch in value):
            return None
        branches = [_compile(branch, prefix, major, depth) for branch in value]
        return _group(And if key == "_and" else Or, branches)
    if key in ("_some", "_none"):
        return _quantified(prefix, key == "_some", value, major, depth)
    if key == "_json" and isinstance(value, Mapping):
        return _compile_json(prefix, value, And, depth)
    if key.startswith("_"):
        if not prefix:
            return Opaque(_spelled({key: value}), f"{key} without a field: Directus answers an error")
        return _condition(prefix, key, value)
    return _compile(value, (*prefix, key), major, depth)


def _group(kind: type[And | Or], branches: Iterable[Filter | None]) -> Filter | None:
    """The group without what compiles to nothing; nothing at all if nothing is left."""
    kept = tuple(branch for branch in branches if branch is not None)
    if len(kept) == 1:
        return kept[0]
    return kind(kept) if kept else None


def _quantified(prefix: Path, some: bool, value: Json, major: int, depth: int) -> Filter | None:
    if len(prefix) != 1 or not isinstance(value, Mapping):
        return Opaque(_spelled(value), "_some and _none stand directly below a to-many field of the collection")
    if not _has_operator(value, major):
        return None
    inner = _compile(value, (), major, depth)
    # A filter that compiles to nothing leaves the bare question whether there is a related row (measured on 10 and 11).
    return Quantified(prefix, some, EVERYTHING if inner is None else inner)


def _has_operator(value: Json, major: int) -> bool:
    """Whether `getOperation` finds an operator below `_some`; where it finds none the whole condition is skipped.

    It follows the first keys. Since 11 a group on the way (also the `_and` that several keys become) ends the search
    without an operator; on 10 it does not.
    """
    for _ in range(MAX_DEPTH):
        if not isinstance(value, Mapping):
            return True
        if not value:
            return False
        key, below = next(iter(value.items()))
        if len(value) > 1 or key in ("_and", "_or"):
            return not GROUP_ENDS_QUANTIFIER.of_major(major)
        if key.startswith("_") and key not in ("_some", "_none"):
            return True
        value = below
    return True


def _compile_json(prefix: Path, value: Mapping[str, Json], kind: type[And | Or], depth: int) -> Filter | None:
    """`_json` on a field: `{path: {operator: value}}`; an empty one compiles to nothing.

    `kind`: how several paths are joined. Below an `_or` it is `or`, also within one branch, since Directus hands the
    word on to each condition.
    """
    if not prefix:
        return None if not value else Opaque(_spelled(value), "_json without a field")
    branches: list[Filter | None] = []
    for path, inner in value.items():
        if path in ("_and", "_or"):
            branches.append(_json_group(prefix, And if path == "_and" else Or, inner, depth + 1))
        elif isinstance(inner, Mapping) and inner:
            operator, operand = next(iter(inner.items()))
            branches.append(_condition((*prefix, "_json", path), operator, operand))
        else:
            branches.append(Opaque(_spelled(inner), "no operator: Directus answers an error"))
    return _group(kind, branches)


def _json_group(prefix: Path, kind: type[And | Or], value: Json, depth: int) -> Filter | None:
    if not isinstance(value, (list, tuple)) or depth > MAX_DEPTH:
        return Opaque(_spelled(value), "not a list of filters, or nested too deeply")
    return _group(
        kind,
        [
            _compile_json(prefix, branch, kind, depth)
            if isinstance(branch, Mapping)
            else Opaque(_spelled(branch), "not a filter")
            for branch in value
        ],
    )


def _condition(path: Path, operator: str, value: Json) -> Filter | None:
    if operator in _STATE_OPERATORS:
        inverted = value is False or value == "false"
        return Condition(path, _STATE_OPERATORS[operator] if inverted else operator)
    if operator in _LIST_OPERATORS:
        operand = tuple(_operand(element) for element in listed(value))
        if any(isinstance(element, Opaque) for element in operand):
            return Opaque(_spelled([*path, {operator: value}]), "a list that holds more than plain values")
        values = tuple(element for element in operand if not isinstance(element, Opaque))
        if operator.endswith("between"):
            return Condition(path, operator, values) if len(values) == 2 else None
        return Condition(path, operator, values)
    # `_nicontains`, `_ieq` and `_nieq` are in the tables of comparisons, but no type of field has them
    # (`getFilterOperatorsForType`, 10 to 12): they answer 400.
    if operator not in _SCALAR_OPERATORS:
        return Opaque(_spelled([*path, {operator: value}]), f"{operator} is not known as an operator of item rules")
    scalar = _operand(value)
    if isinstance(scalar, Opaque):
        return Opaque(_spelled([*path, {operator: value}]), f"{operator} with something else than a plain value")
    return compared(path, operator, scalar)


def listed(value: Json) -> Sequence[Json]:
    """What Directus makes of the value of a list operator: text is split at commas, an object gives its values."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, str):
        return value.split(",")
    return value if isinstance(value, (list, tuple)) else [value]


def _operand(value: Json) -> Scalar | DynamicVariable | Opaque:
    if isinstance(value, str):
        if value.startswith(DYNAMIC):
            # `$CURRENT_USER.id` is read from the user's own record: the same value, null for visitors.
            return DynamicVariable(value.removesuffix(".id") if value in _SELF else value)
        return COERCED.get(value, value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return Opaque(_spelled(value), "not a plain value")


def _spelled(value: Json) -> str:
    """The JSON of a value that cannot be read as a filter, for `Opaque`."""
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=list)
    except (RecursionError, ValueError, TypeError):
        return "…"
