"""Credentials in operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.flows._credentials import credentials
from directus_guard.directus.disclosure import MASK, shorten
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "flow-secret",
    severity=Severity.HIGH,
    title="An operation holds a credential",
    summary="A header, address, body, signing key or script of a flow's operation has a credential in clear.",
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def flow_secret(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    for operation in export.operations:
        for place in credentials(operation):
            shown = shorten(place)
            yield _flows.operation_failure(
                export,
                operation,
                message=(
                    "Directus stores the options of operations in clear and hands them to everybody who may read "
                    f"`directus_operations`; the export carries them into the repository and its history: `{shown}` of this operation "
                    "holds a credential."
                ),
                expected="`{{ $env.NAME }}` with NAME in FLOWS_ENV_ALLOW_LIST, and the old credential revoked",
                actual=f"{shown}: {MASK}",
                part=shown.replace(" ", ""),
                confidence=Confidence.MEDIUM if operation.type == "exec" else Confidence.HIGH,
            )
