"""Users can be changed beyond their own profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_fixes import DELETE, listed, only_where, without_fields
from directus_guard.checks.shared.row_words import can, policy_title, they
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
    fields_of_users,
    only_own_account,
)
from directus_guard.directus.access.system_data import OWN_PROFILE
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import EffectiveRow, Export
    from directus_guard.finding import RowChange


OWN: Final = ("role", "policies", "status", "token")
OTHERS: Final = ("role", "policies", "status", "token", "email", "password")


TFA: Final = (
    "Users need `tfa_secret` to set up a second factor: Directus does not let them write it directly. "
    "Add the other profile fields that they use, such as `title`."
)


@export_check(
    "users-update",
    collections=("directus_users",),
    severity=Severity.HIGH,
    title="Users can be changed beyond their own profile",
    summary="A permission to change the role, status or credentials of other users, or a user's own role, policies, status or token.",
    cwe=(Cwe.INCORRECT_PRIVILEGES, Cwe.MASS_ASSIGNMENT),
    owasp=(OwaspRisk.API3, OwaspRisk.API5),
    checklist=(6, 7),
)
def users_update(export: Export) -> Iterator[CheckResult]:
    for granted in effective_rows(export, "directus_users", "update"):
        row = granted.row
        own = not granted.public and only_own_account(granted.rule)
        held = _named(export, row, OWN if own else OTHERS)
        if held:
            yield failure(
                export,
                granted,
                title=_title(export, row, held, own=own),
                message=f"{they(granted)} can change {listed(held)} {_danger(held, own=own)}.",
                expected="no such permission, or the Data Studio's own for the profile, which any edition honours",
                rule="the rule `id` = `$CURRENT_USER` and only fields of the user's own profile",
                changes=_changes(export, granted, own=own),
                note=TFA if "*" in (row.fields or ()) else "",
            )


def _title(export: Export, row: Permission, names: tuple[str, ...], *, own: bool) -> str:
    if not own:
        return can(export, row, "other users")
    more = " and more" if len(names) > 1 else ""
    return policy_title(export, export.holder(row), f"lets users change their own {{}}{more}", names[0])


def _named(export: Export, row: Permission, names: tuple[str, ...]) -> tuple[str, ...]:
    """Which of the fields of users a row names."""
    fields = row.fields or ()
    return tuple(name for name in fields_of_users(export, *names) if name in fields or "*" in fields)


def _danger(names: tuple[str, ...], *, own: bool) -> str:
    if not own:
        return "of other users, and take over their accounts"
    return (
        "of their own user, and choose their own rights" if {"role", "policies"} & set(names) else "of their own user"
    )


def _changes(export: Export, granted: EffectiveRow, *, own: bool) -> tuple[RowChange, ...]:
    """Only the profile is left, and of their own user only. Visitors have none."""
    if granted.public:
        return DELETE
    rights = _named(export, granted.row, OWN)
    fields = without_fields(granted.row, rights, instead=OWN_PROFILE) if rights else ()
    if own or fields == DELETE:
        return fields
    return (*only_where({"id": {"_eq": "$CURRENT_USER"}}), *fields)
