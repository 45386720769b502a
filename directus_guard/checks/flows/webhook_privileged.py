"""Anyone can run the flow, and it does what they may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.flows._guards import missing_guard
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.flows._flows import About
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowRun
    from directus_guard.directus.project import Project


@project_check(
    "webhook-privileged",
    evidence=(ProjectPart.EXPORTS,),
    without=_flows.NO_EXPORT,
    severity=Severity.HIGH,
    title="Anyone can use the rights of a webhook flow",
    summary=(
        "An unguarded webhook flow acts with full access or as a role, runs a script, writes files, sends requests or mail, "
        "or starts another flow."
    ),
    cwe=(Cwe.MISSING_AUTHENTICATION, Cwe.UNNECESSARY_PRIVILEGES),
    owasp=(OwaspRisk.API2, OwaspRisk.API5),
    checklist=(1, 2, 26),
)
def webhook_privileged(project: Project) -> Iterator[About]:
    yield from _flows.over(
        project, lambda export: (one for flow in _flows.webhooks(export) for one in _judge(project, export, flow))
    )


_TITLES: Final = {
    "full access": "Anyone can run {}, which acts with full access",
    "the permissions of a role": "Anyone can run {}, which acts as a role",
}


def _question(run: FlowRun) -> tuple[Tri, str]:
    """Whether anyone can run it and reaches a privileged operation."""
    opened, doubt = _flows.is_open(run)
    held = [step for step in run.steps if _flows.privileged(step)]
    reached = any_of(step.reach for step in held)
    why = doubt or next((step.doubt for step in held if step.reach is Tri.UNKNOWN), "")
    unknown = any(step.rights is not None and step.rights.unknown and step.reach is not Tri.NO for step in run.steps)
    if reached is not Tri.YES and unknown:
        reached, why = Tri.UNKNOWN, why or "the permissions of an operation are only known when it runs"
    return all_of((opened, reached)), why


def _judge(project: Project, export: Export, flow: Flow) -> Iterator[CheckResult]:
    yield from _flows.broken(export, flow)
    verdict = _flows.judge(project, export, flow, export.anonymous_caller, _question)
    name = export.flow_model.name_of(flow)
    if verdict.answer is Tri.UNKNOWN:
        yield NotEvaluated(shorten(f"`{name}`: {verdict.doubt}"), flow.location)
    elif verdict.answer is Tri.YES:
        held = [step for step in verdict.runs[0].steps if step.reach is Tri.YES and _flows.privileged(step)]
        way = missing_guard(verdict, export.flow_model.run(flow, export.anonymous_caller), held[0])
        what = [f"`{_flows.shown(step.operation.key)}` {_flows.privileged(step)}" for step in held]
        yield _flows.flow_failure(
            export,
            flow,
            title=_TITLES.get(
                _flows.privileged(held[0]).rpartition(" with ")[2],
                "Anyone can run {}, which " + _flows.privileged(held[0]),
            ),
            message=(
                f"Anyone who knows the flow's address can use it without signing in: {', '.join(what[:5])}."
                f"{way.why} Directus applies the permissions of each operation, not the caller's permissions."
            ),
            expected="a guard before these operations, and `$trigger` or a role with few permissions instead of full access",
            actual="; ".join(what),
            fix=way.fix,
            does=tuple(dict.fromkeys(map(_flows.privileged, held))),
            related=tuple(
                related for step in held[:5] for related in _flows.related_to([step], _flows.privileged(step))
            ),
        )
