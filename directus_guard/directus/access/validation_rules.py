"""A permission's `validation`, read from JSON as `validatePayload` of `@directus/utils` reads it.

The same JSON as an item rule, but judged by Joi over what is sent (`joi`), not by SQL over items.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from directus_guard.directus.access.filters import DynamicVariable, Json
from directus_guard.directus.access.item_rules import COERCED, DYNAMIC, MAX_DEPTH, listed


class Leaf(Struct, frozen=True):
    """One operator on the value at a path. None: nothing is asked of it."""

    path: tuple[str, ...]
    operator: str | None
    operand: object


class AllOf(Struct, frozen=True):
    """`_and`."""

    branches: tuple[Rule, ...]


class AnyOf(Struct, frozen=True):
    """`_or`; without branches it holds."""

    branches: tuple[Rule, ...]


class Refused(Struct, frozen=True):
    """Directus throws where it comes here: the request fails. `at_once`: already when the rule is read."""

    at_once: bool = False


Rule: TypeAlias = "Leaf | AllOf | AnyOf | Refused"
_LISTS: Final = frozenset({"_in", "_nin", "_between", "_nbetween"})


def rule_of(node: Json) -> Rule:
    """The rule a JSON value spells, its texts as they stand (`COERCED` is the caller's to apply)."""
    rule = _rule(node, (), 0)
    return Refused() if _unreadable(rule) else rule


def coerced(operand: object) -> object:
    """An operand after `parseFilter` took the texts `true`, `false` and `null` as those values."""
    if isinstance(operand, (list, tuple)):
        return [coerced(element) for element in operand]
    return COERCED.get(operand, operand) if isinstance(operand, str) else operand


def _unreadable(rule: Rule) -> bool:
    if isinstance(rule, Refused):
        return rule.at_once
    return isinstance(rule, (AllOf, AnyOf)) and any(map(_unreadable, rule.branches))


def _rule(node: Json, prefix: tuple[str, ...], depth: int) -> Rule:
    if depth > MAX_DEPTH or node is None:
        return Refused(at_once=True)
    if isinstance(node, (bool, int, float, str)):
        return Leaf(prefix, "_eq", _operand(node)) if prefix else Refused()
    entries = node.items() if isinstance(node, Mapping) else [(str(i), value) for i, value in enumerate(node)]
    rules = [_entry(key, value, prefix, depth + 1) for key, value in entries]
    if not rules:
        # Below a field nothing is asked; in the place of a rule there is no field to look at.
        return Leaf(prefix, None, None) if prefix else Refused()
    return rules[0] if len(rules) == 1 else AllOf(tuple(rules))


def _entry(key: str, value: Json, prefix: tuple[str, ...], depth: int) -> Rule:
    if key in ("_and", "_or"):
        if not isinstance(value, (list, tuple)):
            return Refused(at_once=True)
        branches = tuple(_rule(branch, prefix, depth) for branch in value)
        return AllOf(branches) if key == "_and" else AnyOf(branches)
    if key.startswith("_"):
        if not prefix:
            return Leaf((key,), None, None)
        if key in _LISTS:
            return Leaf(prefix, key, [_operand(element) for element in listed(value)])
        return Leaf(prefix, key, _operand(value))
    return _rule(value, (*prefix, key), depth)


def _operand(value: Json) -> object:
    return DynamicVariable(value) if isinstance(value, str) and value.startswith(DYNAMIC) else value


def leaves_of(rule: Rule) -> list[Leaf]:
    """All conditions of a rule, in order."""
    if isinstance(rule, Leaf):
        return [rule]
    if isinstance(rule, (AllOf, AnyOf)):
        return [check for branch in rule.branches for check in leaves_of(branch)]
    return []
