"""An administrator or app policy on the public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import DELETE, patches
from directus_guard.checks.shared.row_words import policy as policy_of, policy_title
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Related, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "public-admin-policy",
    severity=Severity.MEDIUM,
    title="The public has a policy with admin or app access",
    summary="`admin_access` or `app_access` on a policy of the public: without effect today, and surely not meant.",
    cwe=(Cwe.INCORRECT_PRIVILEGES,),
    owasp=(OwaspRisk.API5,),
    feature=HAS_POLICIES,
    needs=(ExportPart.ATTACHMENTS, ExportPart.POLICIES, ExportPart.POLICY),
)
def public_admin_policy(export: Export) -> Iterator[CheckResult]:
    policies = {policy.id: policy for policy in export.model.policies}
    for row in export.model.access:
        policy = policies.get(row.policy)
        if row.role is not None or row.user is not None or policy is None:
            continue
        flags = [name for name in ("admin_access", "app_access") if getattr(policy, name)]
        if flags:
            name, shown = escape_controls(policy.name or policy.id), " and ".join(f"`{flag}`" for flag in flags)
            yield Failure(
                subject=Subject("policy", f"{export.name} {name} public", (("model", export.name), ("policy", name))),
                location=row.location or policy.location or export.location,
                members=(("policy",), (flags[0],)),
                studio=studio.of_holder(export, policy.id),
                title=policy_title(export, policy.name or policy.id, f"is public and has `{flags[0]}`"),
                message=(
                    "The policy is attached to the public: visitors have all its permissions."
                    f" Directus ignores {shown} for visitors today; a later version may not."
                ),
                expected="a policy of its own for the public, without administration and app access",
                fix=Fix(
                    "Give the Public policy the permissions that visitors need, and no others. "
                    f"Then detach {policy_of(export, policy.name or policy.id)} from the public: delete its row in `directus_access` in which `role` and `user` are both empty.",
                    rows=patches([row], DELETE),
                ),
                actual=", ".join(f"{flag}: true" for flag in flags),
                framed=False,
                related=(Related(policy.location, "the policy"),) if policy.location and row.location else (),
            )
