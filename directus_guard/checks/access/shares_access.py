"""Shares beyond the Studio's own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import DELETE, listed, only_where
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import effective_rows, failure, within_recommended
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import EffectiveRow, Export
    from directus_guard.finding import RowChange


_EFFECTS: Final = {
    "read": "open the shares of other users: the id of a share is all that a visitor needs.",
    "update": "change what the shares of other users show, and to whom.",
    "delete": "take away the shares of other users.",
}


@export_check(
    "shares-access",
    collections=("directus_shares",),
    severity=Severity.MEDIUM,
    title="Shares of other users can be read or changed",
    summary="A permission on directus_shares goes beyond what the Data Studio stores with app access.",
    cwe=(Cwe.INCORRECT_AUTHORIZATION,),
    owasp=(OwaspRisk.API1,),
    checklist=(20,),
)
def shares_access(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_shares", "read", "update", "delete"):
        if within_recommended(export, granted.row):
            continue
        yield failure(
            export,
            granted,
            title=can(export, granted.row, "shares of other users"),
            message=f"{they(granted)} can {_effect(granted.row)}",
            expected="the permissions that the Data Studio stores with app access, or none",
            changes=_changes(export, granted),
        )


def _effect(row: Permission) -> str:
    """What can happen; where only some fields can be changed, with their names."""
    fields = row.fields or ()
    if row.action == "update" and "*" not in fields:
        return f"change {listed(fields)} of the shares of other users."
    return _EFFECTS[row.action]


def _changes(export: Export, granted: EffectiveRow) -> tuple[RowChange, ...]:
    """Their own shares are left, where that is no more than Directus' own rows allow. Visitors have none."""
    row = granted.row
    narrowed = replace(row, permissions={"_and": [row.permissions or {}, _MINE]})
    return only_where(_MINE) if not granted.public and within_recommended(export, narrowed) else DELETE


_MINE: Final = {"user_created": {"_eq": "$CURRENT_USER"}}
