"""A role inherits administration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Role
    from directus_guard.directus.export import Export


@export_check(
    "nested-admin-role",
    severity=Severity.CRITICAL,
    title="A role inherits administration",
    summary="A role has an administrator policy only from a role above it: the role itself does not show it.",
    cwe=(Cwe.INCORRECT_PRIVILEGES,),
    owasp=(OwaspRisk.API5,),
    checklist=(),
    feature=HAS_POLICIES,
    needs=(ExportPart.ATTACHMENTS, ExportPart.POLICIES, ExportPart.PARENTS),
)
def nested_admin_role(export: Export) -> Iterator[CheckResult]:
    model = export.model
    admin = {policy.id for policy in model.policies if policy.admin_access}
    administrators = {row.role for row in model.access if row.policy in admin}
    for role in model.roles:
        if role.parent and role.id not in administrators and model.of(Principal(PrincipalKind.ROLE, role.id)).admin:
            name = escape_controls(role.name or role.id)
            yield Failure(
                subject=Subject("role", f"{export.name} {name}", (("model", export.name), ("role", name))),
                location=role.location or export.location,
                members=(("parent",),),
                studio=studio.of_role(role.id),
                title=titled("Role {} inherits administration", role.name or role.id),
                message=(
                    "Its users are administrators, although the role has no administrator policy of its own."
                    " A role inherits everything that the roles above it have."
                ),
                expected="no role below the administrator role",
                fix=_fix(export, role, admin),
                actual="inherits an administrator policy",
                framed=False,
            )


def _fix(export: Export, role: Role, admin: set[str]) -> Fix:
    """Cut the path to the administrator right below it."""
    above = {row.role for row in export.model.access if row.policy in admin}
    path = export.model.role_path(role.id)
    last = max(number for number, name in enumerate(path) if name in above)
    named = {one.id: escape_controls(one.name or one.id) for one in export.model.roles}
    child, parent = (named.get(name, escape_controls(name)) for name in (path[last + 1], path[last]))
    return Fix(
        f"Attach to role `{child}` the policies that its users need: it loses all that it inherits. "
        f"Then move it out of role `{parent}`: set its `parent` to `null`."
    )
