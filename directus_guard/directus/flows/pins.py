"""What a condition leaves of the caller's choice, where it names the values that it lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.access.validation_rules import AllOf, Leaf
from directus_guard.directus.flows.conditions import condition_rule, operand_of, value_at
from directus_guard.directus.flows.data import CallerInput, KnownValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.validation_rules import Rule
    from directus_guard.directus.flows.data import Pins, Value
    from directus_guard.directus.versions import Version


def pinned(filter_: Json, data: Mapping[str, Value], version: Version) -> Pins:
    """The paths of the trigger that have one of few values once a condition is met, each with these values."""
    if filter_ is None or isinstance(filter_, (str, bool, int, float)):
        return frozenset()
    return _pinned(condition_rule(filter_, version), data, version)


def _pinned(rule: Rule, data: Mapping[str, Value], version: Version) -> Pins:
    if isinstance(rule, AllOf):
        return frozenset(pin for branch in rule.branches for pin in _pinned(branch, data, version))
    if not isinstance(rule, Leaf) or rule.operator not in ("_eq", "_in", "_null"):
        return frozenset()
    sent, wanted = value_at(rule.path, data), operand_of(rule, data, version)
    if not isinstance(sent, CallerInput) or not isinstance(wanted, KnownValue):
        return frozenset()
    if rule.operator == "_null":
        return frozenset({(sent.path, (None,))} if rule.operand is True else ())
    texts = wanted.value if isinstance(wanted.value, (list, tuple)) else [wanted.value]
    named = tuple(one for one in texts if isinstance(one, str))
    return frozenset({(sent.path, named)}) if len(named) == len(texts) else frozenset()
