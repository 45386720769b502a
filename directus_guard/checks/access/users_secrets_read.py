"""Sign-in secrets of other users can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import patches
from directus_guard.checks.shared.row_members import of_fields
from directus_guard.checks.shared.rows import (
    doubt,
    effective_rows,
    holder,
    less_sure,
    names,
    only_own_account,
    places,
    recommended,
)
from directus_guard.directus.features import CONCEALS_IN_AGGREGATES
from directus_guard.finding import Confidence, Fix, RemoveFields, RowPatch, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import EffectiveRow, Export

CONCEALED: Final = ("token", "tfa_secret")
PLAIN: Final = ("auth_data",)


@export_check(
    "users-secrets-read",
    collections=("directus_users",),
    severity=Severity.HIGH,
    title="Sign-in secrets of other users can be read",
    summary=(
        "A permission to read `auth_data` of other users."
        " Before Directus 11.17.0 also `token` and `tfa_secret`, which these versions reveal."
    ),
    cwe=(Cwe.UNPROTECTED_CREDENTIALS, Cwe.INCORRECT_AUTHORIZATION),
    owasp=(OwaspRisk.API3, OwaspRisk.API2),
)
def users_secrets_read(export: Export) -> Iterator[CheckResult]:
    known = export.version_known
    hidden = known and CONCEALS_IN_AGGREGATES.of(export.model.version)
    secrets = (*PLAIN, *(CONCEALED if known and not hidden else ()))
    rows = [row for row in effective_rows(export, "directus_users", "read") if _concerns(export, row)]
    found = [(row, held) for row in rows if (held := _held(row, secrets))]
    if found:
        yield _failure(export, found)
    elif not known and any(_held(row, CONCEALED) for row in rows):
        yield NotEvaluated("the version of Directus is not known: before 11.17.0 tokens of users could be revealed")


def _concerns(export: Export, granted: EffectiveRow) -> bool:
    """Whether a row reaches other users; what the public reads, and the recommended rows, are checks of their own."""
    return not only_own_account(granted.rule) and not granted.public and not recommended(export, granted.row)


def _held(granted: EffectiveRow, secrets: tuple[str, ...]) -> tuple[str, ...]:
    fields = granted.row.fields or ()
    return tuple(name for name in secrets if name in fields or "*" in fields)


def _patches(secret_rows: list[tuple[EffectiveRow, tuple[str, ...]]], secrets: tuple[str, ...]) -> tuple[RowPatch, ...]:
    """The change of each row, where none names every field."""
    rows = [granted.row for granted, _ in secret_rows]
    alone = any(set(row.fields or ()) <= set(secrets) or "*" in (row.fields or ()) for row in rows)
    return () if alone else patches(rows, (RemoveFields(secrets),))


def _failure(export: Export, secret_rows: list[tuple[EffectiveRow, tuple[str, ...]]]) -> Failure:
    policies = tuple(sorted({escape_controls(holder(export, granted.row)) for granted, _ in secret_rows}))
    secrets = tuple(dict.fromkeys(name for _, held in secret_rows for name in held))
    *others, last = (f"`{name}`" for name in secrets)
    listed = f"{', '.join(others)} and {last}" if others else last
    principals = tuple(dict.fromkeys(one for granted, _ in secret_rows for one in granted.principals))
    unsure = doubt(export, [granted.row for granted, _ in secret_rows], public=False)
    first = secret_rows[0][0].row
    kind = ("policies" if len(policies) > 1 else "policy") if export.model.has_policies else "role"
    by, plural = ", ".join(f"`{name}`" for name in policies), "s" if len(secret_rows) > 1 else ""
    return Failure(
        subject=Subject(
            "collection",
            f"{export.name} {' '.join(policies)} read directus_users secrets",
            (("model", export.name), ("policies", policies), ("principals", names(export, principals))),
        ),
        location=first.location or export.location,
        studio=studio.of_row(export, first),
        members=of_fields(secrets, first),
        message="Whoever reads them can sign in as another user, also as an administrator."
        + (" `auth_data` may hold tokens of the identity provider." if "auth_data" in secrets else "")
        + (" Directus before 11.17.0 reveals concealed fields." if set(secrets) & set(CONCEALED) else "")
        + (f" {unsure}" if unsure else ""),
        expected="no permission to read secrets of other users",
        actual=f"{len(secret_rows)} permission{'s' if len(secret_rows) > 1 else ''} with {listed}",
        framed=False,
        confidence=less_sure(Confidence.HIGH, unsure),
        related=places(
            (granted.row.location, escape_controls(holder(export, granted.row))) for granted, _ in secret_rows
        ),
        fix=Fix(
            f"Remove {listed} from `fields` of the permission{plural} of {kind} {by} to read `directus_users`."
            + (
                " Name the other fields in place of `*`."
                if any("*" in (g.row.fields or ()) for g, _ in secret_rows)
                else ""
            ),
            rows=_patches(secret_rows, secrets),
        ),
    )
