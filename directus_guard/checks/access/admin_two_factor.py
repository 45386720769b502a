"""Administrators need no second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import listed, patches
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.directus.features import SECOND_FACTOR_OF_EVERY_POLICY
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Fix, RowPatch, SetMember, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Policy, Role
    from directus_guard.directus.export import Export


@export_check(
    "admin-two-factor",
    severity=Severity.MEDIUM,
    title="Administrators need no second factor",
    summary="An administrator policy does not ask for two-factor authentication.",
    cwe=(Cwe.SINGLE_FACTOR,),
    owasp=(OwaspRisk.API2,),
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
        without = _without(export, policy) if policy.admin_access else None
        if without is not None:
            name = escape_controls(policy.name or policy.id)
            word = "policy" if export.model.has_policies else "role"
            yield Failure(
                subject=Subject(word, f"{export.name} {name}", (("model", export.name), (word, name))),
                location=policy.location or export.location,
                members=(("enforce_tfa",), ("admin_access",)),
                studio=studio.of_holder(export, policy.id),
                title=policy_title(export, policy.name or policy.id, _title(without)),
                message=f"The password of an administrator is enough to do everything. {without}".rstrip(),
                expected="`enforce_tfa` on the policy attached to the administrators' own role, and a second factor set on each account",
                fix=Fix(" ".join(_steps(export, policy)), rows=_patches(export, policy)),
                actual=f"enforce_tfa: {str(policy.enforce_tfa).lower()}",
                framed=False,
                confidence=Confidence.MEDIUM if _OR_PUBLIC in without else Confidence.HIGH,
            )


_OR_PUBLIC: Final = "to a user or to the public"


def _title(without: str) -> str:
    return "has `enforce_tfa` without effect" if without else "does not enforce a second factor"


def _without(export: Export, policy: Policy | Role) -> str | None:
    """Why some administrator by this policy is not asked for a second factor, a sentence where that surprises; None if
    each is.

    Up to 12.4 Directus looks only at the policies attached to the user's own role
    (docs/model/access.md#two-factor-authentication): those of ancestors and of the user do not count.
    """
    model = export.model
    if not model.has_policies:
        return None if policy.enforce_tfa else ""
    asked, roles, below = _asked(export), _roles(export, policy), _below(export, policy)
    by_user, perhaps = _by_user(export, policy), export.may_be_a_users(policy.id)
    if not policy.enforce_tfa:
        return "" if by_user or perhaps or not roles or not roles <= asked else None
    if SECOND_FACTOR_OF_EVERY_POLICY.of(model.version):
        return None
    if by_user or perhaps:
        whose = "to a user" if by_user else _OR_PUBLIC
        return f"The policy enforces a second factor, but it is attached {whose}: Directus before 12.5 ignores `enforce_tfa` there."
    if not below <= asked:
        return "The policy enforces a second factor, but Directus before 12.5 ignores it for roles that inherit the policy."
    return None


_ENFORCED: Final = (SetMember(("enforce_tfa",), "true"),)


def _patches(export: Export, policy: Policy | Role) -> tuple[RowPatch, ...]:
    """The change of the row, where that is all there is to do."""
    return patches([policy], _ENFORCED) if not policy.enforce_tfa and len(list(_steps(export, policy))) == 1 else ()


def _steps(export: Export, policy: Policy | Role) -> Iterator[str]:
    """What to change, a sentence each."""
    if not policy.enforce_tfa:
        yield f"Set `enforce_tfa` of this {'policy' if export.model.has_policies else 'role'} to `true`."
    if not export.model.has_policies or SECOND_FACTOR_OF_EVERY_POLICY.of(export.model.version):
        return
    if _by_user(export, policy) or export.may_be_a_users(policy.id):
        yield f"Give {_users_by(export, policy)} a role of their own, and attach the policy to it. Then detach the policy from the users."
    left = _below(export, policy) - _asked(export)
    if left:
        named = {role.id: role.name or role.id for role in export.model.roles}
        yield f"Give the policy to {_called(sorted(named[role] for role in left))} itself, too."


def _called(roles: list[str]) -> str:
    return f"each of the roles {listed(roles)}" if len(roles) > 1 else f"role {listed(roles)}"


def _asked(export: Export) -> set[str]:
    """Roles whose users are asked for a second factor by a policy of the role's own."""
    enforcing = {policy.id for policy in export.model.policies if policy.enforce_tfa}
    return {row.role for row in export.model.access if row.policy in enforcing and row.role}


def _roles(export: Export, policy: Policy | Role) -> set[str]:
    return {row.role for row in export.model.access if row.policy == policy.id and row.role}


def _below(export: Export, policy: Policy | Role) -> set[str]:
    """Roles that inherit the policy."""
    roles = _roles(export, policy)
    return {role.id for role in export.model.roles if roles.intersection(export.model.role_path(role.id)[:-1])}


def _users_by(export: Export, policy: Policy | Role) -> str:
    """The users to whom the policy is attached, for a sentence."""
    users = sorted(
        {row.user for row in export.model.access if row.policy == policy.id and row.user and not row.assumed}
    )
    return listed(users, 5) if users else "these administrators"


def _by_user(export: Export, policy: Policy | Role) -> bool:
    return any(row.policy == policy.id and row.user and not row.assumed for row in export.model.access)
