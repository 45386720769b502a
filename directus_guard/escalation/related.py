"""What a rule on users says of policies, decided where it is known which ones are attached.

A condition on a path through a to-many relation holds if some related row satisfies it, `_neq` too: a role with a second
policy satisfies `role.policies.policy.admin_access _neq true` although its first one makes administrators (measured on
11.17.4). Only the policies of the role itself are related to it, not those it inherits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.filters import (
    EVERYTHING,
    NOTHING,
    And,
    Condition,
    Filter,
    Or,
    Path,
    Quantified,
    Scalar,
    conditions,
)
from directus_guard.directus.access.known_items import Reach, reach

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from directus_guard.directus.access.filters import DynamicVariable, Json

_ATTACHED: Final = (("role", "policies"), ("policies",))
"""Where a user's record leads to attachments: those of the role, those of the user."""


def names_attachments(rule: Filter) -> bool:
    """Whether a rule asks for policies."""
    return any(
        isinstance(leaf, (Condition, Quantified)) and leaf.path[: len(start)] == start
        for leaf in conditions(rule)
        for start in _ATTACHED
    )


def decided(
    rule: Filter,
    attached: Mapping[Path, Sequence[Mapping[Path, Scalar]]],
    value: Callable[[DynamicVariable], Json | DynamicVariable],
) -> Filter:
    """The rule with what it says of attachments replaced by every item or none, where all attachments are known.

    `attached`: for each start of a path, the related rows of directus_access with what is known of them; without an
    entry they are not known.
    """
    if isinstance(rule, (And, Or)):
        return type(rule)(tuple(decided(branch, attached, value) for branch in rule.branches))
    if not isinstance(rule, (Condition, Quantified)):
        return rule
    for start, rows in attached.items():
        if rule.path[: len(start)] != start:
            continue
        rest = rule.path[len(start) :]
        if isinstance(rule, Quantified):
            if rest:
                return rule
            return _some(rule.filter, rows, value, rule, some=rule.some)
        if rest:
            return _some(Condition(rest, rule.operator, rule.operand), rows, value, rule, some=True)
    return rule


def _some(
    inner: Filter,
    rows: Sequence[Mapping[Path, Scalar]],
    value: Callable[[DynamicVariable], Json | DynamicVariable],
    otherwise: Filter,
    *,
    some: bool,
) -> Filter:
    answers = {reach(inner, row, value) for row in rows}
    if Reach.ALWAYS in answers:
        return EVERYTHING if some else NOTHING
    if answers <= {Reach.NEVER}:
        return NOTHING if some else EVERYTHING
    return otherwise
