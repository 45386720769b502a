"""Item rules in plain English: `status is "published" and user_created is the current user`.

The JSON of a rule is what Directus reads; a person who debugs a refusal reads the words.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from directus_guard.directus.access.evaluation import FUNCTION
from directus_guard.directus.access.filters import (
    EVERYTHING,
    NOTHING,
    And,
    Condition,
    DynamicVariable,
    Opaque,
    Or,
    Quantified,
)
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.access.filters import Filter, Json, Path, Scalar

    Literal: TypeAlias = Callable[[str, Json], Json]
    """Shows, or masks, the value that a field is compared with."""

MOST_BRANCHES: Final = 12
"""So many conditions of a group are written out, and so many values of a list; the rest is counted."""
MOST_LEVELS: Final = 8
"""Groups within groups; deeper ones are left out."""
LONGEST: Final = 120
"""Characters of a value that are shown."""

_OPERATORS: Final = {
    "_eq": "is {}",
    "_neq": "is not {}",
    "_lt": "is less than {}",
    "_lte": "is at most {}",
    "_gt": "is greater than {}",
    "_gte": "is at least {}",
    "_in": "is one of {}",
    "_nin": "is none of {}",
    "_null": "is null",
    "_nnull": "is not null",
    "_empty": "is empty",
    "_nempty": "is not empty",
    "_contains": "contains {}",
    "_ncontains": "does not contain {}",
    "_icontains": "contains {} in any case",
    "_starts_with": "starts with {}",
    "_nstarts_with": "does not start with {}",
    "_istarts_with": "starts with {} in any case",
    "_nistarts_with": "does not start with {} in any case",
    "_ends_with": "ends with {}",
    "_nends_with": "does not end with {}",
    "_iends_with": "ends with {} in any case",
    "_niends_with": "does not end with {} in any case",
    "_between": "is between {}",
    "_nbetween": "is not between {}",
}
_TIMES: Final = {"_lt": "is before {}", "_lte": "is not after {}", "_gt": "is after {}", "_gte": "is not before {}"}
"""The same of moments in time."""
_VARIABLES: Final = {
    "$CURRENT_USER": "the current user",
    "$CURRENT_ROLE": "the role of the current user",
    "$CURRENT_ROLES": "the roles of the current user",
    "$CURRENT_POLICIES": "the policies of the current user",
    "$NOW": "now",
}
_MOMENT: Final = lazy_pattern(r"\$NOW\(\s?(?P<sign>[-+]?)\s?(?P<number>\d{1,6})\s?(?P<unit>[a-z]{1,14})\s?\)")


def as_it_is(_: str, value: Json) -> Json:
    """Shows every value."""
    return value


def rule_words(rule: Filter, literal: Literal = as_it_is) -> str:
    """The rule as what follows "items where": a phrase on one line without control characters.

    `literal`: what may be shown of the value that a field is compared with, given the field's name.
    """
    return _words(rule, literal, 0)


def _words(rule: Filter, literal: Literal, depth: int) -> str:
    if rule == EVERYTHING:
        return "anything holds"
    if rule == NOTHING:
        return "nothing holds"
    if isinstance(rule, Opaque):
        return f"(Directus refuses this rule: {escape_controls(rule.reason)})"
    if isinstance(rule, Condition):
        return _condition(rule, literal)
    if depth >= MOST_LEVELS:
        return "(further conditions)"
    if isinstance(rule, Quantified):
        inner = "exists" if rule.filter == EVERYTHING else f"has {_words(rule.filter, literal, depth + 1)}"
        return f"{'at least one' if rule.some else 'none'} of its {_path(rule.path)} {inner}"
    return _group(rule, literal, depth)


def _group(rule: And | Or, literal: Literal, depth: int) -> str:
    parts = [_words(branch, literal, depth + 1) for branch in rule.branches[:MOST_BRANCHES]]
    parts = [
        f"({words})" if isinstance(branch, (And, Or)) and len(branch.branches) > 1 else words
        for words, branch in zip(parts, rule.branches, strict=False)
    ]
    more = len(rule.branches) - len(parts)
    if more:
        parts.append(f"{more} more {'condition' if more == 1 else 'conditions'}")
    return (" and " if isinstance(rule, And) else " or ").join(parts)


def _condition(rule: Condition, literal: Literal) -> str:
    name = next((one for one in reversed(rule.path) if not one.startswith("_")), "")
    operand = rule.operand
    moment = isinstance(operand, DynamicVariable) and operand.name.startswith("$NOW")
    if isinstance(operand, tuple):
        shown = _listed([_value(name, one, literal) for one in operand], "and" if "between" in rule.operator else "or")
    else:
        shown = _value(name, operand, literal)
    pattern = (_TIMES if moment else {}).get(rule.operator) or _OPERATORS.get(rule.operator, f"{rule.operator} {{}}")
    return f"{_path(rule.path)} {pattern.format(shown)}"


def _listed(values: list[str], word: str) -> str:
    shown, more = values[:MOST_BRANCHES], len(values) - MOST_BRANCHES
    if more > 0:
        return f"{', '.join(shown)} {word} {more} more"
    return f" {word} ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]])) or "nothing"


def _value(name: str, value: Scalar | DynamicVariable, literal: Literal) -> str:
    if isinstance(value, DynamicVariable) and literal(name, value.name) == value.name:
        return _variable(value.name)
    if isinstance(value, DynamicVariable):
        value = value.name
    shown = json.dumps(literal(name, value), ensure_ascii=False)
    return escape_controls(shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…")


def _variable(name: str) -> str:
    if name in _VARIABLES:
        return _VARIABLES[name]
    moment = _MOMENT.fullmatch(name)
    if moment is not None:
        ago = "ago" if moment["sign"] == "-" else "from now"
        return f"{moment['number']} {moment['unit']} {ago}"
    base, _, rest = name.partition(".")
    if base in _VARIABLES and rest:
        return f"the {escape_controls(rest)} of {_VARIABLES[base]}"
    return escape_controls(name)


def _path(path: Path) -> str:
    """`author.name`; a function of a field in words: `the year of date`."""
    *above, last = path if path[-1] != "id" or len(path) == 1 else path[:-1]
    function = FUNCTION.match(last)
    named = ".".join(map(escape_controls, [*above, function[2] if function else last]))
    return f"the {function[1]} of {named}" if function else named
