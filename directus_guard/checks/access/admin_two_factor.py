"""Administrators need no second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.directus.features import SECOND_FACTOR_OF_EVERY_POLICY
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Policy, Role
    from directus_guard.directus.export import Export


@export_check(
    "admin-two-factor",
    severity=Severity.MEDIUM,
    title="Administrators need no second factor",
    summary="An administrator policy does not ask for two-factor authentication.",
    checklist=(28,),
    needs=(
        ExportPart.HIDDEN_ROWS,
        ExportPart.POLICIES,
        ExportPart.ATTACHMENTS,
        ExportPart.PARENTS,
        ExportPart.SECOND_FACTOR,
    ),
)
def admin_two_factor(export: Export) -> Iterator[CheckResult]:
    # On 10 the role carries what policies carry since.
    holders: tuple[Policy | Role, ...] = export.model.policies if export.model.has_policies else export.model.roles
    for policy in holders:
        without = _without(export, policy) if policy.admin_access else ""
        if without:
            name = escape_controls(policy.name or policy.id)
            word = "policy" if export.model.has_policies else "role"
            yield Failure(
                subject=Subject(word, f"{export.name} {name}", (("model", export.name), (word, name))),
                location=policy.location or export.location,
                message=f"The administrator {word} `{name}` {without}: a password alone opens everything.",
                expected="`enforce_tfa` on the policy attached to the administrators' own role, and a second factor set on each account",
                actual=f"enforce_tfa: {str(policy.enforce_tfa).lower()}",
                framed=False,
                confidence=Confidence.MEDIUM if _OR_PUBLIC in without else Confidence.HIGH,
            )


_OR_PUBLIC: Final = "to a user or to the public"


def _without(export: Export, policy: Policy | Role) -> str:
    """Why some administrator by this policy is not asked for a second factor; "" if each is.

    Up to 12.4 Directus looks only at the policies attached to the user's own role
    (docs/model/access.md#two-factor-authentication): those of ancestors and of the user do not count.
    """
    model = export.model
    plain = "does not enforce two-factor authentication"
    if not model.has_policies:
        return "" if policy.enforce_tfa else plain
    enforcing = {one.id for one in model.policies if one.enforce_tfa}
    asked = {row.role for row in model.access if row.policy in enforcing and row.role}
    roles = {row.role for row in model.access if row.policy == policy.id and row.role}
    below = {role.id for role in model.roles if roles.intersection(model.role_path(role.id)[:-1])}
    by_user = any(row.policy == policy.id and row.user and not row.assumed for row in model.access)
    perhaps = export.may_be_a_users(policy.id)
    if not policy.enforce_tfa:
        return plain if by_user or perhaps or not roles or not roles <= asked else ""
    if SECOND_FACTOR_OF_EVERY_POLICY.of(model.version):
        return ""
    if by_user or perhaps:
        whose = "to a user" if by_user else _OR_PUBLIC
        return f"enforces two-factor authentication, but is attached {whose}, where that has no effect up to 12.4"
    if not below <= asked:
        return "enforces two-factor authentication, but roles below inherit it, where that has no effect up to 12.4"
    return ""
