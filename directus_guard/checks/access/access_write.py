"""Policies can be attached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import policy_title, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


_TITLES: Final = {
    "create": "can attach policies to users",
    "update": "can move policies to other users",
    "delete": "can detach policies from users",
}
_EFFECTS: Final = {
    "create": "give themselves any policy, also the administrator policy.",
    "update": "move the administrator policy to their own user.",
    "delete": "take policies away from other users, also from administrators.",
}


@export_check(
    "access-write",
    collections=("directus_access",),
    severity=Severity.HIGH,
    title="Policies can be attached",
    summary="A user who is not an administrator may write directus_access, which attaches policies to users and roles.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.CRITICAL_PERMISSIONS),
    owasp=(OwaspRisk.API5,),
    checklist=(6,),
    feature=HAS_POLICIES,
)
def access_write(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_access", "create", "update", "delete"):
        yield failure(
            export,
            granted,
            title=policy_title(export, export.holder(granted.row), _TITLES[granted.row.action]),
            message=f"{they(granted)} can {_EFFECTS[granted.row.action]} `directus_access` attaches policies to users and roles.",
            expected="administrators only",
        )
