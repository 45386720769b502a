"""Anybody runs the flow, and it does what they may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import project_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.flows._flows import About
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowRun
    from directus_guard.directus.project import Project


@project_check(
    "webhook-privileged",
    severity=Severity.HIGH,
    title="Anybody runs this webhook flow, and it does more than they may",
    summary=(
        "A webhook flow that nothing guards acts with full access or a role's permissions, runs a script, sends requests or "
        "mail, starts another flow, or writes files."
    ),
    checklist=(1, 2, 26),
)
def webhook_privileged(project: Project) -> Iterator[About]:
    yield from _flows.over(
        project, lambda export: (one for flow in _flows.webhooks(export) for one in _judge(project, export, flow))
    )


def _question(run: FlowRun) -> tuple[Tri, str]:
    """Open, and something privileged is in reach."""
    opened, doubt = _flows.is_open(run)
    held = [step for step in run.steps if _flows.privileged(step)]
    reached = any_of(step.reach for step in held)
    why = doubt or next((step.doubt for step in held if step.reach is Tri.UNKNOWN), "")
    unknown = any(step.rights is not None and step.rights.unknown and step.reach is not Tri.NO for step in run.steps)
    if reached is not Tri.YES and unknown:
        reached, why = Tri.UNKNOWN, why or "with whose permissions an operation acts is decided when it runs"
    return all_of((opened, reached)), why


def _judge(project: Project, export: Export, flow: Flow) -> Iterator[CheckResult]:
    yield from _flows.broken(export, flow)
    verdict = _flows.judge(project, export, flow, export.anonymous_caller, _question)
    name = export.flow_model.name_of(flow)
    if verdict.told is Tri.UNKNOWN:
        yield NotEvaluated(shorten(f"`{name}`: {verdict.doubt}"), flow.location)
    elif verdict.told is Tri.YES:
        held = [step for step in verdict.runs[0].steps if step.reach is Tri.YES and _flows.privileged(step)]
        what = [f"`{_flows.shown(step.operation.key)}` {_flows.privileged(step)}" for step in held]
        yield _flows.flow_failure(
            export,
            flow,
            message=(
                f"Whoever knows the address runs it without signing in, and it acts for them: {'; '.join(what[:5])}. The "
                "permissions of an operation are its own option; they do not depend on who calls."
            ),
            expected="a guard before these operations, and `$trigger` or a role with little in the place of full access",
            actual="; ".join(what),
            does=tuple(dict.fromkeys(map(_flows.privileged, held))),
            related=tuple(
                related for step in held[:5] for related in _flows.related_to([step], _flows.privileged(step))
            ),
        )
