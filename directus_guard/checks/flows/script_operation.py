"""Scripts, for review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.directus.features import RUNS_SCRIPTS_IN_VM2
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Operation


@export_check(
    "script-operation",
    severity=Severity.LOW,
    title="A flow runs a script",
    summary="Every Run Script operation, for review: what it makes of the flow's data nobody but a reader can tell.",
    checklist=(3,),
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def script_operation(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    for operation in export.operations:
        if operation.type == "exec":
            yield _flows.operation_failure(
                export,
                operation,
                message=f"{_sandbox(export)} {_when(export, operation)}",
                expected="a reviewed script, or an operation that does the same",
                actual="type: exec",
            )


def _sandbox(export: Export) -> str:
    if RUNS_SCRIPTS_IN_VM2.of(export.model.version):
        return "Before 10.6.0 scripts run in vm2, whose escapes are published: who can change this script runs code on the server."
    return (
        "The script runs in an isolate without files, network or Directus' services, and sees all data of the flow, the variables "
        "that FLOWS_ENV_ALLOW_LIST names included. What it returns, the operations after it use with their own permissions."
    )


def _when(export: Export, operation: Operation) -> str:
    flow = export.flow_model.by_id.get(operation.flow or "")
    if flow is None:
        return "Its flow is not in the export."
    if any(one.id == operation.id for one in export.flow_model.graph(flow).unreachable):
        return "No operation leads to it: it does not run."
    active = "is started by" if flow.status == "active" else "is not active, and would be started by"
    return f"The flow `{export.flow_model.name_of(flow)}` {active} {_STARTED.get(flow.trigger, 'its trigger')}."


_STARTED = {
    "webhook": "a request to its address",
    "manual": "a user",
    "event": "an event",
    "schedule": "a schedule",
    "operation": "other flows",
}
