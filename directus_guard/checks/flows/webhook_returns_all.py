"""The flow's whole data is the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export


@export_check(
    "webhook-returns-all",
    severity=Severity.HIGH,
    title="The webhook answers with everything the flow knows",
    summary="Response Body is All Data: the caller gets `$env`, `$accountability`, headers and what every operation read.",
    checklist=(2,),
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def webhook_returns_all(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    for flow in _flows.webhooks(export):
        if flow.options.get("return") == "$all" and not flow.options.get("async"):
            yield _flows.flow_failure(
                export,
                flow,
                message=(
                    "The caller gets the whole data of the flow: the variables that FLOWS_ENV_ALLOW_LIST names, `$accountability`, "
                    "the headers as they arrived, and everything that operations read with whatever permissions. A condition "
                    "that ends badly does not change that: what was read before it is answered too."
                ),
                expected="`return`: the key of the one operation whose result is meant for callers",
                actual="return: $all",
            )
