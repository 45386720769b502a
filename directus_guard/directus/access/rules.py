"""What can be said of item rules without knowing the items: do they match everything, nothing, the current user's own items
only, and do they fix a field? Each question is asked as an implication (`implication`).
"""

from __future__ import annotations

import unicodedata
from itertools import combinations
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.cells import operands_of
from directus_guard.directus.access.counterexample import KEYS
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
    conditions,
    normalise,
)
from directus_guard.directus.access.implication import implies
from directus_guard.directus.access.values import order_key
from directus_guard.directus.content import content_key
from directus_guard.directus.tri import Tri

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Confinement(Struct, frozen=True):
    """Whether a rule lets through only items of the current user: in each, one of `fields` is the user's key."""

    answer: Tri
    fields: tuple[Path, ...] = ()
    item: Mapping[str, Json] | None = None


class FixedField(Struct, frozen=True):
    """Whether a rule lets through only items whose field has one of finitely many `values`."""

    answer: Tri
    values: tuple[Scalar | DynamicVariable, ...] = ()


MANY_VALUES: Final = 200
"""Values that a rule names for one field and that are tried one by one; of more, all count as possible."""


def matches_everything(rule: Filter, *, not_null: frozenset[str] = KEYS, nullable: frozenset[str] = frozenset()) -> Tri:
    """Whether a rule restricts nothing.

    `not_null` and `nullable`: what the schema says of the collection's fields. Where only a null in a field of unknown
    nullability would escape (`title _nnull true`), the answer is unknown.
    """
    if surely_refuses(rule):
        return Tri.NO
    answer = implies(EVERYTHING, rule, not_null=not_null).answer
    if answer is not Tri.NO:
        return answer
    unknown = {leaf.path[0] for leaf in conditions(rule) if isinstance(leaf, Condition) and len(leaf.path) == 1}
    without_nulls = implies(EVERYTHING, rule, not_null=not_null | (unknown - nullable)).answer
    return Tri.NO if without_nulls is Tri.NO else Tri.UNKNOWN


def matches_nothing(rule: Filter, *, not_null: frozenset[str] = KEYS, anonymous: bool = False) -> Tri:
    """Whether no item can ever meet a rule, so that its row grants nothing.

    `not_null`: what the schema says of the collection's fields. `anonymous`: asked for a visitor without an account.
    Some databases compare text without regard to case, accents and spaces at its end: where only that keeps two values
    apart, the answer is UNKNOWN.
    """
    if surely_matches(rule, not_null, anonymous=anonymous):
        return Tri.NO
    answer = implies(rule, NOTHING, not_null=not_null, anonymous=anonymous).answer
    if answer is not Tri.YES:
        return answer
    loose = implies(_folded(rule), NOTHING, not_null=not_null, anonymous=anonymous).answer
    return Tri.YES if loose is Tri.YES else Tri.UNKNOWN


def surely_refuses(rule: Filter) -> bool:
    """The common rules of which it is plain that some item does not meet them: comparisons with fixed values or with the
    current user, one for each field. Which texts are compared with does not matter."""
    if isinstance(rule, And):
        return any(surely_refuses(branch) for branch in rule.branches)
    if isinstance(rule, Or):
        heads = {branch.path[0] for branch in rule.branches if isinstance(branch, Condition)}
        return len(heads) == len(rule.branches) > 0 and all(map(surely_refuses, rule.branches))
    if not isinstance(rule, Condition) or "(" in rule.path[-1] or rule.operator not in _COMPARED:
        return False
    values = operands_of(rule)
    if values == (_CURRENT_USER,):
        return rule.operator in ("_eq", "_in")
    return bool(values) and None not in values and not any(isinstance(value, DynamicVariable) for value in values)


_CURRENT_USER: Final = DynamicVariable("$CURRENT_USER")
_COMPARED: Final = frozenset({"_eq", "_neq", "_in", "_nin"})
_SATISFIABLE: Final = frozenset({"_eq", "_neq", "_in", "_nin", "_nnull", "_nempty", "_gt", "_gte", "_lt", "_lte"})


def surely_matches(rule: Filter, not_null: frozenset[str], *, anonymous: bool) -> bool:
    """The common rules of which it is plain that some item meets them: one condition for each field, and some value meets each
    of them. Which texts are compared with does not matter."""
    if isinstance(rule, Or):
        return any(surely_matches(branch, not_null, anonymous=anonymous) for branch in rule.branches)
    if isinstance(rule, And):
        heads = [branch.path[0] for branch in rule.branches if isinstance(branch, Condition)]
        if len(set(heads)) != len(rule.branches):
            return False
        return all(surely_matches(branch, not_null, anonymous=anonymous) for branch in rule.branches)
    if not isinstance(rule, Condition) or "(" in rule.path[-1]:
        return False
    if rule.operator in ("_null", "_empty"):
        return len(rule.path) > 1 or rule.path[0] not in not_null
    values = operands_of(rule)
    fixed = not any(isinstance(value, DynamicVariable) for value in values) or (
        not anonymous and values == (DynamicVariable("$CURRENT_USER"),)
    )
    return rule.operator in _SATISFIABLE and fixed and bool(values) and None not in values


def _folded(node: Filter) -> Filter:
    """A rule with its texts as the most lenient database compares them."""
    if isinstance(node, (And, Or)):
        kind: type[And | Or] = And if isinstance(node, And) else Or
        return kind(tuple(_folded(branch) for branch in node.branches))
    if isinstance(node, Quantified):
        return Quantified(node.path, node.some, _folded(node.filter))
    if isinstance(node, Opaque):
        return node
    operand = node.operand
    typed = NEGATIONS.get(node.operator, node.operator) not in TEXT_OPERATORS
    if isinstance(operand, tuple):
        return Condition(node.path, node.operator, tuple(_folded_text(value, typed=typed) for value in operand))
    return Condition(node.path, node.operator, _folded_text(operand, typed=typed))


def _folded_text(value: Scalar | DynamicVariable, *, typed: bool) -> Scalar | DynamicVariable:
    if not isinstance(value, str):
        return value
    kind, number = order_key(value)
    if typed and kind == 0:
        return number
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", value) if not unicodedata.combining(letter))
    return plain.casefold().rstrip()


def surely_reaches_others(rule: Filter) -> bool:
    """Of rules on users: whether it is plain that some record of another user meets one, because it does not ask whose it is."""
    leaves = list(conditions(rule))
    asks = any(not isinstance(leaf, Condition) or leaf.path[0] == "id" for leaf in leaves)
    return not asks and surely_matches(rule, KEYS, anonymous=True)


def confined_to_current_user(rule: Filter, *, not_null: frozenset[str] = KEYS, anonymous: bool = False) -> Confinement:
    """Whether a rule lets through only what belongs to the user who asks, and by which fields.

    `anonymous`: judged for the public, to whom `$CURRENT_USER` is null and `_eq` means IS NULL
    (docs/model/access.md#dynamic-variables): nothing is confined then.
    """
    me = DynamicVariable("$CURRENT_USER")
    paths = sorted(
        {
            leaf.path
            for leaf in conditions(rule)
            if isinstance(leaf, Condition) and leaf.operator in ("_eq", "_in") and leaf.operand in (me, (me,))
        }
    )
    if not paths and surely_matches(rule, not_null, anonymous=anonymous):
        return Confinement(Tri.NO)
    if anonymous or not paths:
        empty = implies(rule, NOTHING, not_null=not_null, anonymous=anonymous)
        return Confinement(empty.answer, (), empty.item)
    for chosen in _owners(rule, paths, me):
        mine = normalise(Or(tuple(Condition(path, "_eq", me) for path in chosen)))
        implication = implies(rule, mine, not_null=not_null)
        if implication.answer is Tri.YES:
            return Confinement(Tri.YES, chosen)
    return Confinement(implication.answer, (), implication.item)


FEW: Final = 8
"""Fields compared with the current user up to which each, and each pair, is tried as the owner."""


def _owners(rule: Filter, paths: Sequence[Path], me: DynamicVariable) -> Iterator[tuple[Path, ...]]:
    """The sets of fields that may make a rule one about the user's own items, the smallest first and all of them last."""
    if len(paths) <= FEW:
        for count in range(1, min(len(paths), 3)):
            yield from combinations(paths, count)
    elif isinstance(rule, And):
        # A single path is enough. Every pair of thousands would take hours.
        yield from ((path,) for path in paths if Condition(path, "_eq", me) in rule.branches[:MANY_VALUES])
    yield tuple(paths)


def fixes(rule: Filter, path: Path, *, not_null: frozenset[str] = KEYS) -> FixedField:
    """Whether every item a rule matches has one of finitely many values at `path`, and which (None = null)."""
    named: dict[str, Scalar | DynamicVariable] = {}
    for leaf in conditions(rule):
        if not isinstance(leaf, Condition) or leaf.path != path:
            continue
        if leaf.operator in ("_null", "_empty"):
            named["None"] = None
        if leaf.operator == "_empty":
            named["''"] = ""
        if leaf.operator in ("_eq", "_in"):
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            named.update((content_key(value), value) for value in operands)
    values = [named[key] for key in sorted(named)]
    answer = implies(rule, _one_of(path, values), not_null=not_null).answer
    if answer is not Tri.YES:
        return FixedField(answer)
    if len(values) > MANY_VALUES:
        return FixedField(Tri.YES, tuple(values))
    possible = [
        value
        for value in values
        if implies(And((rule, _one_of(path, [value]))), NOTHING, not_null=not_null).answer is not Tri.YES
    ]
    return FixedField(Tri.YES, tuple(possible))


def _one_of(path: Path, values: Sequence[Scalar | DynamicVariable]) -> Filter:
    return normalise(
        Or(tuple(Condition(path, "_null") if value is None else Condition(path, "_eq", value) for value in values))
    )
