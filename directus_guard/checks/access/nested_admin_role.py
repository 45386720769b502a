"""A role inherits administration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "nested-admin-role",
    severity=Severity.CRITICAL,
    title="A role inherits administration",
    summary="A role is an administrator only because an ancestor is: the role itself does not show it.",
    checklist=(),
    feature=HAS_POLICIES,
    needs=(ExportPart.ATTACHMENTS, ExportPart.POLICIES, ExportPart.PARENTS),
)
def nested_admin_role(export: Export) -> Iterator[CheckResult]:
    model = export.model
    admin = {policy.id for policy in model.policies if policy.admin_access}
    for role in model.roles:
        own = {row.policy for row in model.access if row.role == role.id}
        if role.parent and not own & admin and model.of(Principal(PrincipalKind.ROLE, role.id)).admin:
            name = escape_controls(role.name or role.id)
            yield Failure(
                subject=Subject("role", f"{export.name} {name}", (("model", export.name), ("role", name))),
                location=role.location or export.location,
                message=f"The role `{name}` has no administrator policy of its own and inherits one: a child role takes everything its ancestors have (measured).",
                expected="no role below the administrator role",
                actual="inherits an administrator policy",
                framed=False,
            )
