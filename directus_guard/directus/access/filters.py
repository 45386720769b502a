"""Directus filters: read from JSON into a normal form, and evaluated over concrete items as its SQL would.

A filter is what stands in a permission's `permissions` (the *item rule*). Directus parses it (`parseFilter` of
`@directus/utils`: dynamic variables, coercions, several keys are an `_and`) and compiles it to WHERE clauses
(`database/run-ast/lib/apply-query/filter` of `@directus/api`). Three of its habits shape the normal form:

* A group, nested or not, that compiles to no SQL is *dropped* by the query builder: alone it restricts nothing, beside
  other conditions it is not there (facts §3.4, measured). `parse` answers None for such a rule.
* An `_or` of which one branch is literally `{}` is skipped as a whole.
* SQL knows three truth values; as a filter has no negation over groups, "not true" is all that must be told apart,
  so each condition is true or false here and false on null where SQL says NULL.

Nothing here reads files or asks a server; hostile input is answered with `Opaque`, never with an exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from msgspec import Struct, field

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
"""A JSON value as the parsers of this program produce it."""

Scalar: TypeAlias = "None | bool | int | float | str"

Path: TypeAlias = tuple[str, ...]
"""Field names from the collection outward: `("author", "name")`. A component may be a function (`year(date)`), a
many-to-any scope (`item:posts`) or `$FOLLOW(…)`; what follows a component `_json` is a path inside a JSON field."""


class Variable(Struct, frozen=True):
    """A dynamic variable left in the rule: `$CURRENT_USER`, `$CURRENT_USER.team`, `$NOW(-1 day)` …"""

    name: str


Operand: TypeAlias = "Scalar | Variable | tuple[Scalar | Variable, ...]"


class Condition(Struct, frozen=True):
    """One operator on one path. `_null`, `_empty` and their like are stored without the inverting `false`."""

    path: Path
    operator: str
    operand: Operand = True


class Quantified(Struct, frozen=True):
    """`_some` or `_none` on a to-many relation: a related row exists (or none does) that the inner filter matches."""

    path: Path
    some: bool
    filter: Filter


class Opaque(Struct, frozen=True):
    """Something Directus refuses (400 or 500) or this program does not know. Nobody can tell what it matches."""

    source: str
    reason: str


class And(Struct, frozen=True):
    """Every branch holds; no branch = every item."""

    branches: tuple[Filter, ...]


class Or(Struct, frozen=True):
    """Some branch holds; no branch = no item."""

    branches: tuple[Filter, ...]


Filter: TypeAlias = "And | Or | Condition | Quantified | Opaque"

EVERYTHING: Final = And(())
NOTHING: Final = Or(())

MAX_DEPTH: Final = 64
"""Rules nested deeper than this are `Opaque`: no real rule is, and recursion must end."""

NEGATIONS: Final[Mapping[str, str]] = {
    "_neq": "_eq",
    "_nin": "_in",
    "_nbetween": "_between",
    "_nnull": "_null",
    "_ncontains": "_contains",
    "_nstarts_with": "_starts_with",
    "_nends_with": "_ends_with",
    "_nicontains": "_icontains",
    "_nistarts_with": "_istarts_with",
    "_niends_with": "_iends_with",
    "_nieq": "_ieq",
}
"""Operators that hold on a value that is set when their counterpart does not; on null neither holds (but `_null`)."""

TEXT_OPERATORS: Final = frozenset(
    {"_contains", "_starts_with", "_ends_with", "_icontains", "_istarts_with", "_iends_with", "_ieq"}
)
ORDER_OPERATORS: Final = frozenset({"_gt", "_gte", "_lt", "_lte", "_between", "_nbetween"})
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


# --- parsing -----------------------------------------------------------------------------------------------------


def is_unrestricted(rule: Json) -> bool:
    """Whether a rule is `null` or `{}`: every item, also beside other rules (measured)."""
    return rule is None or (isinstance(rule, (Mapping, list, tuple)) and not rule)


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
    """What the rules of several rows (`rule_of_row`) match together, as Directus merges them (`_or` of the cases; facts
    §3.3).

    One that frees every item frees it beside others too; a rule that compiles to nothing is dropped beside another one
    (measured). No rule at all matches nothing.
    """
    rules = list(rules)
    if not rules:
        return NOTHING
    if any(rule == EVERYTHING for rule in rules):
        return EVERYTHING
    kept = {id(rule): rule for rule in rules if rule is not None}
    if len(kept) == 1:
        return next(iter(kept.values()))
    return normalise(Or(tuple(kept.values()))) if kept else EVERYTHING


def _compile(node: Json, prefix: Path, major: int, depth: int) -> Filter | None:
    if depth > MAX_DEPTH:
        return Opaque(_text(prefix), "nested too deeply")
    if node is None:
        return Opaque(_text(prefix), "null in place of a filter: Directus answers an error")
    if isinstance(node, (str, int, float)):
        return _condition(prefix, "_eq", node) if prefix else Opaque(_text(node), "not a filter")
    entries = node.items() if isinstance(node, Mapping) else [(str(i), value) for i, value in enumerate(node)]
    branches = [_compile_entry(key, value, prefix, major, depth + 1) for key, value in entries]
    return _group(And, branches)


def _compile_entry(key: str, value: Json, prefix: Path, major: int, depth: int) -> Filter | None:
    if key in ("_and", "_or"):
        if not isinstance(value, (list, tuple)):
            return Opaque(_text({key: value}), f"{key} is not a list")
        # Directus skips an `_or` with an empty branch, unless it stands below a field, where the branch is not empty
        # any more when it is looked at.
        if key == "_or" and not prefix and any(isinstance(branch, (Mapping, list)) and not branch for branch in value):
            return None
        branches = [_compile(branch, prefix, major, depth) for branch in value]
        return _group(And if key == "_and" else Or, branches)
    if key in ("_some", "_none"):
        return _quantified(prefix, key == "_some", value, major, depth)
    if key == "_json" and isinstance(value, Mapping):
        return _compile_json(prefix, value, major, depth)
    if key.startswith("_"):
        if not prefix:
            return Opaque(_text({key: value}), f"{key} without a field: Directus answers an error")
        return _condition(prefix, key, value)
    return _compile(value, (*prefix, key), major, depth)


def _group(kind: type[And | Or], branches: Iterable[Filter | None]) -> Filter | None:
    """The group without what compiles to nothing; nothing at all if nothing is left."""
    kept = tuple(branch for branch in branches if branch is not None)
    return kind(kept) if kept else None


def _quantified(prefix: Path, some: bool, value: Json, major: int, depth: int) -> Filter | None:
    if len(prefix) != 1 or not isinstance(value, Mapping):
        return Opaque(_text(value), "_some and _none stand directly below a to-many field of the collection")
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
            return major < 11
        if key.startswith("_") and key not in ("_some", "_none"):
            return True
        value = below
    return True


def _compile_json(prefix: Path, value: Mapping[str, Json], major: int, depth: int) -> Filter | None:
    """`_json` on a field: `{path: {operator: value}}`; an empty one compiles to nothing."""
    if not prefix:
        return None if not value else Opaque(_text(value), "_json without a field")
    branches: list[Filter | None] = []
    for path, inner in value.items():
        if path in ("_and", "_or") and isinstance(inner, (list, tuple)):
            group = [
                _compile_json(prefix, branch, major, depth + 1)
                if isinstance(branch, Mapping) and depth < MAX_DEPTH
                else Opaque(_text(branch), "not a filter")
                for branch in inner
            ]
            branches.append(_group(And if path == "_and" else Or, group))
        elif isinstance(inner, Mapping) and inner:
            operator, operand = next(iter(inner.items()))
            branches.append(_condition((*prefix, "_json", path), operator, operand))
        elif not isinstance(inner, Mapping):
            branches.append(Opaque(_text(inner), "not a filter"))
    return _group(And, branches)


def _condition(path: Path, operator: str, value: Json) -> Filter | None:
    if operator in _STATE_OPERATORS:
        inverted = value is False or value == "false"
        return Condition(path, _STATE_OPERATORS[operator] if inverted else operator)
    if operator in _LIST_OPERATORS:
        operand = tuple(_operand(element) for element in listed(value))
        if any(isinstance(element, Opaque) for element in operand):
            return Opaque(_text([*path, {operator: value}]), "a list that holds more than plain values")
        values = tuple(element for element in operand if not isinstance(element, Opaque))
        if operator.endswith("between"):
            return Condition(path, operator, values) if len(values) == 2 else None
        return Condition(path, operator, values)
    if operator == "_nicontains":
        # In the tables of comparisons, but no type of field has it (`getFilterOperatorsForType`, 10 to 12): answers 400.
        return Opaque(_text([*path, {operator: value}]), "no type of field has _nicontains: Directus answers an error")
    if operator not in _SCALAR_OPERATORS:
        return Opaque(_text([*path, {operator: value}]), f"{operator} is not known as an operator of item rules")
    scalar = _operand(value)
    if isinstance(scalar, Opaque):
        return Opaque(_text([*path, {operator: value}]), f"{operator} with something else than a plain value")
    if scalar is None and operator in ("_eq", "_neq"):
        return Condition(path, "_null" if operator == "_eq" else "_nnull")
    return Condition(path, operator, scalar)


def listed(value: Json) -> Sequence[Json]:
    """What Directus makes of the value of a list operator: text is split at commas, an object gives its values."""
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, str):
        return value.split(",")
    return value if isinstance(value, (list, tuple)) else [value]


def _operand(value: Json) -> Scalar | Variable | Opaque:
    if isinstance(value, str):
        if value.startswith(DYNAMIC):
            # `$CURRENT_USER.id` is read from the user's own row: the same value, null for nobody.
            return Variable(value.removesuffix(".id") if value in _SELF else value)
        return COERCED.get(value, value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return Opaque(_text(value), "not a plain value")


def _text(value: Json) -> str:
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=list)
    except (RecursionError, ValueError, TypeError):
        return "…"


# --- normal form -------------------------------------------------------------------------------------------------


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
    branches: dict[str, Filter] = {}
    for branch in map(normalise, node.branches):
        if branch == absorbing:
            return absorbing
        for part in branch.branches if isinstance(branch, kind) else (branch,):
            branches[repr(part)] = part
    if len(branches) == 1:
        return next(iter(branches.values()))
    return kind(tuple(branches[key] for key in sorted(branches))) if branches else neutral


def _normal_condition(condition: Condition) -> Filter:
    operand = condition.operand
    if condition.operator not in ("_in", "_nin") or not isinstance(operand, tuple):
        return condition
    if not operand:
        return NOTHING if condition.operator == "_in" else EVERYTHING
    unique = {repr(value): value for value in operand}
    values = tuple(unique[key] for key in sorted(unique))
    if condition.operator == "_nin" and None in values:
        return NOTHING  # `x NOT IN (…, NULL)` is never true
    if condition.operator == "_in" and None in values:
        values = tuple(value for value in values if value is not None)
        return _normal_condition(Condition(condition.path, "_in", values))
    if len(values) == 1 and not isinstance(values[0], Variable):
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
        return [value.name if isinstance(value, Variable) else value for value in operand]
    return operand.name if isinstance(operand, Variable) else operand


def conditions(node: Filter) -> Iterator[Condition | Quantified | Opaque]:
    """The leaves of a filter, in order; not what stands inside `_some` and `_none`."""
    if isinstance(node, (And, Or)):
        for branch in node.branches:
            yield from conditions(branch)
    else:
        yield node


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
    return bool(values) and not any(value is None or isinstance(value, Variable) for value in values)


# --- evaluation --------------------------------------------------------------------------------------------------


class Context(Struct, frozen=True):
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

    def value(self, variable: Variable) -> Json:
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


def resolve(node: Filter, context: Context) -> Filter:
    """Put values in the place of dynamic variables, `_eq null` becoming IS NULL as Directus does (facts §3.4)."""
    return bind(node, context.value)


def bind(node: Filter, value: Callable[[Variable], Json | Variable]) -> Filter:
    """`resolve` with values from anywhere: a variable for which `value` answers a variable stays one."""
    if isinstance(node, (And, Or)):
        kind: type[And | Or] = And if isinstance(node, And) else Or
        return kind(tuple(bind(branch, value) for branch in node.branches))
    if isinstance(node, Quantified):
        return Quantified(node.path, node.some, bind(node.filter, value))
    if isinstance(node, Opaque):
        return node
    operand = node.operand
    if isinstance(operand, tuple):
        values = tuple(bound for element in operand for bound in _values(element, value))
        if node.operator.endswith("between") and len(values) != 2:
            return EVERYTHING
        return Condition(node.path, node.operator, values)
    if not isinstance(operand, Variable):
        return node
    scalars = _values(operand, value)
    if len(scalars) != 1:
        return Opaque(operand.name, "a list where one value is compared")
    if scalars[0] is None and node.operator in ("_eq", "_neq"):
        return Condition(node.path, "_null" if node.operator == "_eq" else "_nnull")
    return Condition(node.path, node.operator, scalars[0])


def _values(element: Scalar | Variable, value: Callable[[Variable], Json | Variable]) -> tuple[Scalar | Variable, ...]:
    if not isinstance(element, Variable):
        return (element,)
    bound = value(element)
    if isinstance(bound, (list, tuple)):
        return tuple(entry for entry in bound if entry is None or isinstance(entry, (bool, int, float, str)))
    return (bound if isinstance(bound, (bool, int, float, str, Variable)) else None,)


def evaluate(node: Filter, item: Mapping[str, Json], context: Context) -> bool:
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


def _holds(node: Filter, item: Mapping[str, Json], context: Context) -> bool:
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


_FUNCTION: Final = re.compile(r"(year|month|week|day|weekday|hour|minute|second|count)\(([^()]{1,200})\)\Z")


def _function(component: str, item: Mapping[str, Json]) -> Scalar:
    """`year(date)` and its like (facts §3.4). Weekday counts from Sunday = 0, the week as ISO numbers it."""
    match = _FUNCTION.match(component)
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
            return len(operand) == 2 and _ordered(">=", value, operand[0]) and _ordered("<=", value, operand[1])
        return any(equal(value, element) for element in operand)
    if operator == "_eq":
        return equal(value, operand)
    if operator in _COMPARISONS:
        return _ordered(_COMPARISONS[operator], value, operand)
    if operator in TEXT_OPERATORS and operand is not None and not isinstance(operand, Variable):
        insensitive = operator.startswith("_i") or (ignore_case and operator != "_ieq")
        return like(pattern(operator, text(operand)), text(value), ignore_case=insensitive)
    return False


_COMPARISONS: Final[Mapping[str, str]] = {"_gt": ">", "_gte": ">=", "_lt": "<", "_lte": "<="}


def equal(value: Scalar, operand: Scalar | Variable) -> bool:
    """Equality as a typed column decides it: a number equals its text, text is compared exactly, null never."""
    if value is None or operand is None or isinstance(operand, Variable):
        return False
    if isinstance(value, str) and isinstance(operand, str):
        return value == operand or _same_instant(value, operand)
    left, right = _number(value), _number(operand)
    return left is not None and left == right


def among(operands: Sequence[Scalar | Variable]) -> Callable[[Scalar], bool]:
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


def _ordered(comparison: str, value: Scalar, operand: Scalar | Variable) -> bool:
    if value is None or operand is None or isinstance(operand, Variable):
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


_NUMBER: Final = re.compile(r"[+-]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})(e[+-]?\d{1,3})?\Z", re.IGNORECASE)


def _number(value: Scalar) -> float | None:
    if isinstance(value, str):
        return float(value) if _NUMBER.match(value) else None
    try:
        return None if value is None else float(value)
    except OverflowError:
        return None


_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?(Z|[+-]\d{2}:\d{2})?\Z")


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


def pattern(operator: str, operand: str) -> Pattern:
    """The LIKE pattern of a text operator (`_contains` → `%operand%`); `_ieq` compares without wildcards."""
    bare = operator.replace("_i", "_", 1) if operator.startswith("_i") else operator
    if bare == "_eq":
        return tuple(operand)
    tokens = tuple({"%": ANY_RUN, "_": ANY_ONE}.get(character, character) for character in operand)
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


_ADJUSTMENT: Final = re.compile(
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
