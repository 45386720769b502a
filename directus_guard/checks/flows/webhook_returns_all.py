"""The flow answers with all its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow


@export_check(
    "webhook-returns-all",
    severity=Severity.HIGH,
    title="A webhook answers with all data of its flow",
    summary="Response Body is All Data: callers get `$env`, `$accountability`, headers and what every operation read.",
    cwe=(Cwe.SYSTEM_INFORMATION,),
    owasp=(OwaspRisk.API3,),
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
                title="The webhook flow {} answers with all its data",
                message=(
                    "Callers get everything that the operations read, `$accountability`, all headers, and the variables in "
                    "`FLOWS_ENV_ALLOW_LIST`. Directus sends this also where a condition stops the flow."
                ),
                expected="`return`: the key of the operation whose result is meant for callers",
                actual="return: $all",
                member=("options", "return"),
                fix=Fix(
                    f"Set `return` of this flow to the key of the operation whose result callers need{_such_as(export, flow)}. "
                    "Replace the secrets that `FLOWS_ENV_ALLOW_LIST` names: callers may know them."
                ),
            )


def _such_as(export: Export, flow: Flow) -> str:
    """The key of the last operation that makes data, as an example; "" without such an operation."""
    made = [
        one
        for one in export.flow_model.graph(flow).operations
        if one.type not in ("condition", "throw-error", "log", "sleep")
    ]
    return f", such as `{_flows.shown(made[-1].key)}`" if made else ""
