"""Permission to change the data model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.shared.row_words import can
from directus_guard.checks.shared.rows import (
    effective_rows,
    failure,
)
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "data-model-write",
    collections=("directus_collections", "directus_fields", "directus_relations"),
    severity=Severity.LOW,
    title="Permission to change the data model",
    summary="A permission to write directus_collections, directus_fields or directus_relations. The server refuses it today.",
    cwe=(Cwe.CRITICAL_PERMISSIONS,),
    owasp=(OwaspRisk.API5,),
    checklist=(16,),
)
def data_model_write(export: Export) -> Iterator[CheckResult]:
    for collection in ("directus_collections", "directus_fields", "directus_relations"):
        for granted in effective_rows(export, collection, "create", "update", "delete"):
            yield failure(
                export,
                granted,
                title=can(export, granted.row, collection.removeprefix("directus_")),
                message="Directus refuses this to everybody but administrators today. The permission misleads, and a later version may honour it.",
                expected="no such permission",
            )
