"""Rules that Directus 12 Core ignores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.row_fixes import DELETE, patches
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.checks.shared.rows import describe, holder, places
from directus_guard.directus.access.records import Edition
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.finding import Member


@export_check(
    "core-tier-ineffective",
    severity=Severity.MEDIUM,
    title="Permissions that this edition ignores",
    summary="The edition is Core, and permissions have rules, validations, presets or named fields: the server ignores them.",
    cwe=(Cwe.PROTECTION_FAILURE, Cwe.INCORRECT_AUTHORIZATION),
    owasp=(OwaspRisk.API1, OwaspRisk.API3),
    feature=HAS_EDITIONS,
    needs=(ExportPart.PERMISSIONS,),
)
def core_tier_ineffective(export: Export) -> Iterator[CheckResult]:
    if export.model.edition is not Edition.CORE:
        return
    held: dict[str, list[Permission]] = {}
    for row in export.model.dormant:
        held.setdefault(holder(export, row), []).append(row)
    for policy, rows in held.items():
        name = escape_controls(policy)
        count = f"{len(rows)} permission{'s' if len(rows) > 1 else ''}"
        yield Failure(
            subject=Subject("policy", f"{export.name} {name} core", (("model", export.name), ("policy", name))),
            location=rows[0].location or export.location,
            studio=studio.of_row(export, rows[0]),
            members=_ignored(rows[0]),
            title=policy_title(export, policy, f"has {count} without effect"),
            message=(
                "Its users do not have this access today, and get it on the day a licence is entered."
                " Directus 12 Core ignores permissions with a rule, a validation, a preset or named fields."
            ),
            expected="permissions for all items and all fields where that is meant, and no others; or a licence",
            actual=shorten(
                describe(export, rows[0])
                if len(rows) == 1
                else ", ".join(f"{row.action} {row.collection}" for row in rows)
            ),
            framed=False,
            fix=Fix(_FIX.format(*_words(len(rows))), changes=DELETE, rows=patches(rows, DELETE)),
            related=places((row.location, describe(export, row)) for row in rows),
        )


def _ignored(row: Permission) -> tuple[Member, ...]:
    """The members for which Core ignores a permission."""
    rules = (("permissions", row.permissions), ("validation", row.validation), ("presets", row.presets))
    return (*((name,) for name, rule in rules if rule), ("fields",))


_FIX: Final = (
    "Delete {} if its users should not have this access. If they should, enter a licence. Without a licence replace {} by "
    "{} without rule, validation, preset and named fields, but only where all of it may be open."
)


def _words(number: int) -> tuple[str, str, str]:
    return (
        ("this permission", "it", "a permission")
        if number == 1
        else (f"these {number} permissions", "them", "permissions")
    )
