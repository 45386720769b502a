"""Sensitive items can be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.checks.shared.enumerations import first_names
from directus_guard.checks.shared.row_words import can, they
from directus_guard.checks.shared.rows import can_share, every, failure
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.sensitive import sensitive_fields
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "share-action",
    severity=Severity.LOW,
    title="Sensitive items can be shared",
    summary=(
        "`share` on a system collection, on one with fields that look personal or secret, or by a public that may create shares."
    ),
    cwe=(Cwe.INCORRECT_AUTHORIZATION,),
    owasp=(OwaspRisk.API1,),
    checklist=(20,),
)
def share_action(export: Export) -> Iterator[CheckResult]:
    known = export.schema.whole_collections if export.schema else frozenset()
    shared = {granted.row.collection for granted in every(export, "share")}
    names = sorted(name for name in shared if not name.startswith("directus_") and name not in known)
    if names:
        listed = first_names(names)
        yield NotEvaluated(f"no schema snapshot says which fields of {listed} are personal or secret", export.location)
    for granted in every(export, "share"):
        collection = granted.row.collection
        system = collection.startswith("directus_") and collection != "directus_files"
        held = ", ".join(
            f"`{escape_controls(name)}`" for name in sensitive_fields(export.schema, collection, ("*",))[:5]
        )
        if granted.principals == (PUBLIC,) and not can_share(export, (PUBLIC,)):
            continue
        if system or held:
            what = "an item of a system collection" if system else f"an item with {held}"
            yield failure(
                export,
                granted,
                title=can(export, granted.row, "items of {}", collection),
                message=f"{they(granted)} can make a link to {what}. The link works without an account until it expires.",
                expected="no such permission",
            )
        elif granted.public and can_share(export, (PUBLIC,)):
            yield failure(
                export,
                granted,
                title=titled("Anonymous visitors can share items of {}", collection),
                message="Visitors can make links to items without an account. A link works after the item's own permission is gone.",
                expected="no such permission",
            )
