"""Anyone can run the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.flows._guards import missing_guard
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.tri import Tri
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.flows._flows import About
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.project import Project


@project_check(
    "webhook-open",
    evidence=(ProjectPart.EXPORTS,),
    without=_flows.NO_EXPORT,
    severity=Severity.MEDIUM,
    title="Anyone can run a webhook flow",
    summary="An active webhook flow does its work without a condition that only known callers meet.",
    cwe=(Cwe.MISSING_AUTHENTICATION,),
    owasp=(OwaspRisk.API2,),
    checklist=(2,),
)
def webhook_open(project: Project) -> Iterator[About]:
    yield from _flows.over(
        project, lambda export: (one for flow in _flows.webhooks(export) for one in _judge(project, export, flow))
    )


def _judge(project: Project, export: Export, flow: Flow) -> Iterator[CheckResult]:
    yield from _flows.broken(export, flow)
    verdict = _flows.judge(project, export, flow, export.anonymous_caller, _flows.is_open)
    name = export.flow_model.name_of(flow)
    if verdict.answer is Tri.UNKNOWN:
        yield NotEvaluated(shorten(f"`{name}`: {verdict.doubt}"), flow.location)
    elif verdict.answer is Tri.YES:
        done = [step for step in verdict.runs[0].steps if step.reach is Tri.YES and step.operation.type != "condition"]
        way = missing_guard(verdict, export.flow_model.run(flow, export.anonymous_caller), done[0])
        yield _flows.flow_failure(
            export,
            flow,
            title="Anyone can run the webhook flow {}",
            message=(
                f"Anyone who knows the flow's address can run {_flows.names_of(done)}.{way.why} "
                "Directus asks no caller of a webhook to sign in; `accountability` only decides what is logged."
            ),
            expected="a condition on `$accountability`, or on a secret that only the caller knows, before the first operation",
            actual="no condition that only known callers meet",
            fix=way.fix,
            related=_flows.related_to(done[:5], "anyone gets here"),
        )
