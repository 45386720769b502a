"""Callers choose what an operation does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import project_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.features import MANUAL_NEEDS_READ
from directus_guard.directus.flows.data import CallerInput, carries
from directus_guard.directus.flows.operations import ITEM_ACTIONS
from directus_guard.directus.flows.start import Caller
from directus_guard.directus.tri import Tri
from directus_guard.finding import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.flows._flows import About
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowRun, FlowStep
    from directus_guard.directus.project import Project

_OPTIONS: Final = {
    **dict.fromkeys(ITEM_ACTIONS, ("collection", "key", "query", "payload", "permissions")),
    "request": ("url",),
    "mail": ("to", "cc", "bcc", "body", "data"),
    "notification": ("recipient", "message"),
}
_FIXED_HOST: Final = re.compile(r"https?://[^/{}\s?#]+[/?#]", re.IGNORECASE)


@project_check(
    "flow-injection",
    severity=Severity.HIGH,
    title="Callers choose what an operation does",
    summary=(
        "Untrusted data decides where a request goes, which items are read or written with elevated permissions, or who gets "
        "mail or a notification and what it says."
    ),
    checklist=(2,),
)
def flow_injection(project: Project) -> Iterator[About]:
    yield from _flows.over(project, lambda export: _of(project, export))


def _of(project: Project, export: Export) -> Iterator[CheckResult]:
    seen: set[str] = set()
    user = Caller(signed_in=True, may=lambda _collection, _action: Tri.YES)
    for flow in export.flows:
        if flow.status == "active" and flow.trigger in ("webhook", "manual"):
            by_hand = flow.trigger == "manual" and MANUAL_NEEDS_READ.of(export.model.version)
            yield from _judge(project, export, flow, user if by_hand else export.anonymous_caller, seen)


def _judge(project: Project, export: Export, flow: Flow, caller: Caller, seen: set[str]) -> Iterator[CheckResult]:
    yield from _flows.broken(export, flow)
    verdict = _flows.judge(project, export, flow, caller, lambda run: _question(run, signed_in=caller.signed_in))
    if verdict.told is Tri.UNKNOWN:
        yield NotEvaluated(shorten(f"`{export.flow_model.name_of(flow)}`: {verdict.doubt}"), flow.location)
    if verdict.told is not Tri.YES:
        return
    for step in verdict.runs[0].steps:
        taken, _ = _taken(step, signed_in=caller.signed_in)
        if step.reach is Tri.YES and taken and step.operation.id not in seen:
            seen.add(step.operation.id)
            who = "Every signed-in user who may read one of its collections" if caller.signed_in else "Anybody"
            yield _flows.operation_failure(
                export,
                step.operation,
                message=f"{who} can start the flow, and decides {_says(step, taken)}.",
                expected="fixed values, values that a condition tested, or a guard before the operation",
                actual=f"data of the request in {', '.join(f'`{name}`' for name in taken)}",
                confidence=Confidence.HIGH if _decides(step, taken) else Confidence.MEDIUM,
            )


def _question(run: FlowRun, *, signed_in: bool) -> tuple[Tri, str]:
    told, doubt = Tri.NO, ""
    for step in run.steps:
        taken, perhaps = _taken(step, signed_in=signed_in)
        if taken and step.reach is Tri.YES:
            return Tri.YES, ""
        if (taken or perhaps) and step.reach is not Tri.NO:
            told = Tri.UNKNOWN
            made = f"`{step.operation.key}` gets what a script or another operation made of the request"
            doubt = doubt or (step.doubt if step.reach is Tri.UNKNOWN else made)
    return told, doubt


def _taken(step: FlowStep, *, signed_in: bool) -> tuple[tuple[str, ...], bool]:
    """The dangerous options with data of the caller that nothing tested, and whether some may have it."""
    kind = step.operation.type
    options = _OPTIONS.get(kind, ())
    if kind in ITEM_ACTIONS and not (step.rights is not None and step.rights.elevated):
        return (), False
    if signed_in and kind in ("mail", "notification"):
        return (), False  # people who work in the Studio write mail there
    taken = tuple(name for name in options if _flows.untested(step, (name,)))
    if signed_in:
        taken = tuple(name for name in taken if name != "payload" or isinstance(step.inputs[name], CallerInput))
    return taken, any(carries(step.inputs[name]) is Tri.UNKNOWN for name in options if name in step.inputs)


def _decides(step: FlowStep, taken: tuple[str, ...]) -> bool:
    """Whether the caller has the whole say: not only over the path of a URL or over named fields."""
    if step.operation.type == "request":
        url = step.operation.options.get("url")
        return not (isinstance(url, str) and _FIXED_HOST.match(url))
    return taken != ("payload",) or isinstance(step.inputs["payload"], CallerInput)


def _says(step: FlowStep, taken: tuple[str, ...]) -> str:
    kind = step.operation.type
    if kind == "request":
        where = (
            "where the server sends its request"
            if _decides(step, taken)
            else "the rest of the address, also with `../`"
        )
        return f"{where}; IMPORT_IP_DENY_LIST is all that stands before internal services, and headers go along"
    if kind == "mail":
        return (
            "who gets mail in the project's name, and what it says"
            if "to" in taken
            else "what mail in the project's name says"
        )
    if kind == "notification":
        return "who gets a notification, and what it says"
    return f"{_PARTS.get(taken[0], 'what it works with')}: the operation {ITEM_ACTIONS[kind]}s items with permissions that are not the caller's"


_PARTS: Final = {
    "collection": "in which collection",
    "key": "which items",
    "query": "which items, by the query",
    "payload": "what is written, related items included",
    "permissions": "with whose permissions",
}
