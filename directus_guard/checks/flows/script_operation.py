"""Run Script operations, for review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.shared.upgrades import upgrade
from directus_guard.directus.features import RUNS_SCRIPTS_IN_VM2
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Severity
from directus_guard.weaknesses import Cwe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Operation


@export_check(
    "script-operation",
    severity=Severity.LOW,
    title="A flow runs a script",
    summary="Every Run Script operation, for review: only a reader can judge what it does with the flow's data.",
    cwe=(Cwe.CODE_INJECTION,),
    owasp="A list for review. No risk follows from an operation alone.",
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
                title="Script {} of flow {} never runs"
                if _is_unreachable(export, operation)
                else "Script {} of flow {} needs a review",
                message=_when(export, operation)
                + ("" if _is_unreachable(export, operation) else f" {_sandbox(export)}"),
                expected="a reviewed script, or an operation that does the same",
                actual="type: exec",
                options=(("code",),),
                fix=_fix(export, operation),
            )


def _sandbox(export: Export) -> str:
    if RUNS_SCRIPTS_IN_VM2.of(export.model.version):
        return (
            "Whoever can change this script can run any code on the server. "
            "Before 10.6.0 Directus runs scripts in vm2, and ways out of it are published."
        )
    return (
        "The script sees all data of the flow and the variables in `FLOWS_ENV_ALLOW_LIST`. "
        "The operations after it use what it returns, with their own permissions."
    )


def _when(export: Export, operation: Operation) -> str:
    flow = export.flow_model.by_id.get(operation.flow or "")
    if flow is None:
        return "Its flow is not in the export."
    if _is_unreachable(export, operation):
        return "No operation leads to it. A later change may connect it unseen."
    starter = _STARTED.get(flow.trigger, "its trigger")
    return (
        f"It runs on {starter}." if flow.status == "active" else f"Its flow is inactive; active, it runs on {starter}."
    )


def _is_unreachable(export: Export, operation: Operation) -> bool:
    flow = export.flow_model.by_id.get(operation.flow or "")
    return flow is not None and any(one.id == operation.id for one in export.flow_model.graph(flow).unreachable)


def _fix(export: Export, operation: Operation) -> Fix:
    key = f"`{_flows.shown(operation.key)}`"
    if _is_unreachable(export, operation):
        return Fix(f"Delete the operation {key}.")
    version = export.model.version
    isolated = ", which runs scripts isolated"
    newer = (
        f"{upgrade(version, helps=isolated, instead=f'{isolated}, too')} " if RUNS_SCRIPTS_IN_VM2.of(version) else ""
    )
    return Fix(
        f"{newer}Review the code of {key}: it should send no data away and trust no data of a request. "
        "Then accept this finding, with an `ignore` in `directus-guard.yaml`."
    )


_STARTED = {
    "webhook": "each request to the flow's address",
    "manual": "a click of a user",
    "event": "an event",
    "schedule": "a schedule",
    "operation": "a call of another flow",
}
