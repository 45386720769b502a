"""A public rule asks for the current user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _public
from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.rows import every, failure
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.access.filters import (
    NEGATIONS,
    TEXT_OPERATORS,
    Condition,
    DynamicVariable,
    Quantified,
    conditions,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.filters import Filter
    from directus_guard.directus.export import Export


@export_check(
    "public-current-user",
    severity=Severity.HIGH,
    title="A public rule asks for the current user",
    summary="A rule of the public uses `$CURRENT_USER` or `$CURRENT_ROLE`, which is null without a sign-in: it then means `IS NULL`.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION, Cwe.FAILING_OPEN),
    owasp=(OwaspRisk.API1,),
    checklist=(),
    needs=_public.NEEDS,
)
def public_current_user(export: Export) -> Iterator[CheckResult]:
    for granted in every(export, "read", "update", "delete", "share"):
        served = _meaning(export, granted.rule) if granted.public else ""
        if served:
            yield failure(
                export,
                granted,
                title=titled(
                    f"Anonymous visitors can {_verb(granted.row.action)} items of {{}}", granted.row.collection
                ),
                message=f"The rule compares with the current user, which is `null` without a sign-in. So visitors reach {served}.",
                expected="no such permission",
                rule="a rule without variables of the user",
                members=(("permissions",), ("action",)),
                hint="If signed-in users need it, add it to a policy of theirs."
                if export.model.has_policies
                else "If signed-in users need it, add it to a role of theirs.",
            )


def _meaning(export: Export, rule: Filter) -> str:
    """What a comparison with a variable of the user means to an anonymous visitor; "" where the rule has none.

    With a list, or in order, null matches nothing.
    """
    leaves = [
        one for one in _leaves(rule) if isinstance(one.operand, DynamicVariable) and _is_null(export, one.operand)
    ]
    operators = {one.operator for one in leaves}
    if "_eq" in operators:
        return "every item without an owner, because `_eq` null means `IS NULL`"
    if "_neq" in operators:
        return "every item with an owner, because `_neq` null means `IS NOT NULL`"
    texts = sorted(operator for operator in operators if NEGATIONS.get(operator, operator) in TEXT_OPERATORS)
    return f"what `{texts[0]}` matches with the text `null`" if texts else ""


def _verb(action: str) -> str:
    return "change" if action == "update" else action


def _leaves(rule: Filter) -> Iterator[Condition]:
    for one in conditions(rule):
        if isinstance(one, Quantified):
            yield from _leaves(one.filter)
        elif isinstance(one, Condition):
            yield one


def _is_null(export: Export, variable: DynamicVariable) -> bool:
    """Whether it is null without a user: since 11 `$CURRENT_ROLES` is an empty list."""
    if export.model.has_policies and variable.name.startswith("$CURRENT_ROLES"):
        return False
    return variable.name.startswith(("$CURRENT_USER", "$CURRENT_ROLE"))
