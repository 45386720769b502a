"""Administrators need no second factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, Failure, export_check
from directus_guard.directus.disclosure import visible
from directus_guard.finding import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access import Policy, Role
    from directus_guard.directus.export import Export


@export_check(
    "admin-two-factor",
    severity=Severity.MEDIUM,
    title="Administrators need no second factor",
    summary="An administrator policy does not ask for two-factor authentication.",
    checklist=(28,),
    needs=("hidden rows", "policies"),
)
def admin_two_factor(export: Export) -> Iterator[Answer]:
    # On 10 the role carries what policies carry since.
    holders: tuple[Policy | Role, ...] = export.model.policies if export.model.has_policies else export.model.roles
    for policy in holders:
        if policy.admin_access and not policy.enforce_tfa:
            name = visible(policy.name or policy.id)
            word = "policy" if export.model.has_policies else "role"
            yield Failure(
                subject=Subject(word, f"{export.name} {name}", (("model", export.name), (word, name))),
                location=policy.location or export.location,
                message=f"The administrator {word} `{name}` does not enforce two-factor authentication: a password alone opens everything.",
                expected="`enforce_tfa` on the policy attached to the administrators' own role, and a second factor set on each account",
                actual="enforce_tfa: false",
                framed=False,
            )
