"""What callers send is stored unchecked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import export_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.checks.shared.enumerations import first_of
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.flows.operations import ITEM_OPTIONS
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.tri import Tri
from directus_guard.finding import Fix, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.steps import FlowStep


@export_check(
    "webhook-unvalidated",
    severity=Severity.MEDIUM,
    title="A webhook flow stores unchecked data of callers",
    summary="A writing operation of a webhook flow takes data of the request that no condition before it tested.",
    cwe=(Cwe.MASS_ASSIGNMENT,),
    owasp=(OwaspRisk.API3,),
    checklist=(2,),
    needs=(ExportPart.FLOWS, ExportPart.OPERATIONS),
)
def webhook_unvalidated(export: Export) -> Iterator[CheckResult]:
    yield from _flows.gaps(export)
    seen: set[str] = set()
    for flow in _flows.webhooks(export):
        yield from _flows.broken(export, flow)
        yield from _flows.started_elsewhere(export, flow)
        for step in export.flow_model.run(flow, export.anonymous_caller).steps:
            if step.operation.type in _flows.WRITES and step.operation.id not in seen:
                found = list(_judge(export, step))
                seen |= {step.operation.id} if found else set()
                yield from found


def _judge(export: Export, step: FlowStep) -> Iterator[CheckResult]:
    options = ITEM_OPTIONS[step.operation.type]
    untested = _flows.untested(step, options)
    if untested:
        paths = first_of([f"`{shorten('.'.join(path))}`" for path in untested], 5)
        yield _flows.operation_failure(
            export,
            step.operation,
            title="{} of {} stores unchecked request data",
            message=(
                f"Callers can store anything through {paths}. "
                "An option that is only `{{ … }}` also accepts objects and lists, which can create or change related items."
            ),
            expected="a condition before it that tests each of these values",
            actual=f"{paths} without a condition",
            fix=Fix(_flows.test_of(step, untested)),
            options=tuple((name,) for name in options if _flows.untested(step, (name,))),
        )
    elif step.takes(*options) is Tri.UNKNOWN:
        name = f"`{_flows.shown(step.operation.key)}` of `{_flows.operation_of(export, step.operation)}`"
        yield NotEvaluated(
            shorten(
                f"{name} stores what a script or an extension made of the request; whether that is checked is not known"
            ),
            step.operation.location,
        )
