"""The keys that item rules name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeGuard

from directus_guard.directus.access.filters import (
    Condition,
    DynamicVariable,
    Quantified,
    conditions,
)
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Filter, Scalar


def named_keys(rule: Filter) -> Iterator[Scalar]:
    """Keys that a rule names at `id`."""
    for leaf in conditions(rule):
        if isinstance(leaf, Condition) and leaf.path == ("id",):
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            yield from (one for one in operands if isinstance(one, str))


def only_keys(rule: Filter) -> frozenset[Scalar] | None:
    """The keys that a rule names at `id`; None if it looks at anything else, so that other items may not be alike."""
    named: set[Scalar] = set()
    for leaf in conditions(rule):
        if not isinstance(leaf, Condition) or leaf.path != ("id",) or leaf.operator not in KEY_OPERATORS:
            return None
        operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
        for one in operands:
            if isinstance(one, DynamicVariable):
                return None
            named.add(one)
    return frozenset(named)


def named_roles(rule: Filter) -> frozenset[Scalar] | None:
    """Roles that a rule on users names by key; None if it tells roles apart in another way."""
    named: set[Scalar] = set()
    for leaf in conditions(rule):
        if not isinstance(leaf, Condition):
            if isinstance(leaf, Quantified) and leaf.path[:1] == ("role",):
                return None
            continue
        if leaf.path in (("role",), ("role", "id")) and leaf.operator in KEY_OPERATORS:
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            named.update(one for one in operands if not isinstance(one, DynamicVariable))
        elif leaf.path[:1] == ("role",):
            return None
    return frozenset(named)


KEY_OPERATORS: Final = frozenset({"_eq", "_neq", "_in", "_nin", "_null", "_nnull"})
"""What Directus compares the type `uuid` with."""


_UUID: Final = lazy_pattern(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z", re.IGNORECASE)


def is_uuid(value: object) -> TypeGuard[str]:
    """Whether a key is one that users, roles, policies and flows may have."""
    return isinstance(value, str) and _UUID.match(value) is not None
