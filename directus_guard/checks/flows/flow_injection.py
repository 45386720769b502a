"""Callers control what an operation does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.flows import _flows
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.features import MANUAL_NEEDS_READ
from directus_guard.directus.flows.data import CallerInput, carries
from directus_guard.directus.flows.operations import ITEM_ACTIONS, ITEM_OPTIONS
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.start import Caller
from directus_guard.directus.tri import Tri
from directus_guard.finding import Confidence, Fix, RowPatch, SetMember, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.flows._flows import About
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowRun, FlowStep
    from directus_guard.directus.project import Project

_OPTIONS: Final = {
    **{kind: (*options, "permissions") for kind, options in ITEM_OPTIONS.items()},
    "request": ("url",),
    "mail": ("to", "cc", "bcc", "body", "data"),
    "notification": ("recipient", "message"),
}
_FIXED_HOST: Final = lazy_pattern(r"https?://[^/{}\s?#]+[/?#]", re.IGNORECASE)


@project_check(
    "flow-injection",
    evidence=(ProjectPart.EXPORTS,),
    without=_flows.NO_EXPORT,
    severity=Severity.HIGH,
    title="Callers control what an operation does",
    summary="Callers choose where a request goes, which items an operation reads or writes, or who gets a message.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY, Cwe.USER_CONTROLLED_KEY),
    owasp=(OwaspRisk.API7, OwaspRisk.API1),
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
    if verdict.answer is Tri.UNKNOWN:
        yield NotEvaluated(shorten(f"`{export.flow_model.name_of(flow)}`: {verdict.doubt}"), flow.location)
    if verdict.answer is not Tri.YES:
        return
    for step in verdict.runs[0].steps:
        taken, _ = _taken(step, signed_in=caller.signed_in)
        if step.reach is Tri.YES and taken and step.operation.id not in seen:
            seen.add(step.operation.id)
            who = "Any signed-in user who may read one of its collections" if caller.signed_in else "Anyone"
            yield _flows.operation_failure(
                export,
                step.operation,
                title=f"Callers choose `{taken[0]}` of {{}} in flow {{}}",
                message=f"{who} can start the flow and choose {_chosen(step, taken)}.{_surprise(step, taken)}",
                expected="fixed values, values that a condition tested, or a guard before the operation",
                actual=f"data of the request in {', '.join(f'`{name}`' for name in taken)}",
                fix=Fix(_fix(step, taken), rows=_patches(step, taken)),
                options=tuple((name,) for name in taken),
                confidence=Confidence.HIGH if _decides(step, taken) else Confidence.MEDIUM,
            )


def _question(run: FlowRun, *, signed_in: bool) -> tuple[Tri, str]:
    answer, doubt = Tri.NO, ""
    for step in run.steps:
        taken, perhaps = _taken(step, signed_in=signed_in)
        if taken and step.reach is Tri.YES:
            return Tri.YES, ""
        if (taken or perhaps) and step.reach is not Tri.NO:
            answer = Tri.UNKNOWN
            made = f"`{step.operation.key}` uses what a script or another operation made of the request"
            doubt = doubt or (step.doubt if step.reach is Tri.UNKNOWN else made)
    return answer, doubt


def _taken(step: FlowStep, *, signed_in: bool) -> tuple[tuple[str, ...], bool]:
    """The dangerous options with untested data of the caller, and whether others may have such data."""
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
    """Whether the caller controls all of it: not only the path of a URL, or named fields."""
    if step.operation.type == "request":
        url = step.operation.options.get("url")
        return not (isinstance(url, str) and _FIXED_HOST.match(url))
    return taken != ("payload",) or isinstance(step.inputs["payload"], CallerInput)


def _chosen(step: FlowStep, taken: tuple[str, ...]) -> str:
    """What callers choose, a phrase."""
    kind = step.operation.type
    if kind == "request":
        if _decides(step, taken):
            return "the address of the server's request, also inside your network"
        return "the rest of the address of the server's request, also with `../`"
    if kind == "mail":
        return _message(taken, "who gets mail in the project's name", "what its mail says")
    if kind == "notification":
        return _message(taken, "who gets a notification", "what a notification says")
    return _PARTS.get(taken[0], "what it works with")


def _message(taken: tuple[str, ...], who: str, what: str) -> str:
    """What callers choose about a message, a phrase."""
    chosen = {name in _RECIPIENTS for name in taken}
    return f"{who}, and what it says" if len(chosen) == 2 else who if True in chosen else what


def _surprise(step: FlowStep, taken: tuple[str, ...]) -> str:
    """What Directus does that readers may not expect, a sentence with a space before it."""
    kind = step.operation.type
    if kind == "request":
        limit = "Only `IMPORT_IP_DENY_LIST` limits the address, and the" if _decides(step, taken) else "The"
        return f" {limit} headers of the operation are sent along."
    if kind in ITEM_ACTIONS:
        rights = "full access" if step.rights is Rights.FULL else "the permissions of a role"
        return f" The operation {ITEM_ACTIONS[kind]}s items with {rights}, not with the caller's permissions."
    return ""


def _fix(step: FlowStep, taken: tuple[str, ...]) -> str:
    key = f"`{_flows.shown(step.operation.key)}`"
    paths = _flows.untested(step, taken)
    if step.operation.type == "request":
        named = ", ".join(f"`{shorten('.'.join(path))}`" for path in paths[:5])
        return (
            f"Write a fixed value in place of {named} in `url` of operation {key}. "
            "If callers must choose, add a condition that allows only listed values with `_in`."
        )
    if step.operation.type in ITEM_ACTIONS and taken != ("payload",):
        return (
            f"Set `permissions` of operation {key} to `$trigger`. "
            "Directus then applies the caller's permissions; those of the public, if they are not signed in."
        )
    recipients = [name for name in taken if name in _RECIPIENTS]
    if not recipients:
        return _flows.test_of(step, paths)
    named = ", ".join(f"`{name}`" for name in recipients)
    rest = _flows.untested(step, [name for name in taken if name not in _RECIPIENTS])
    return (
        f"Write fixed recipients into {named} of operation {key}. "
        "If the mail must go to a caller, take the address from the item of a signed-in user, which the flow reads by itself. "
        f"{_flows.test_of(step, rest) if rest else ''}".rstrip()
    )


def _patches(step: FlowStep, taken: tuple[str, ...]) -> tuple[RowPatch, ...]:
    """The change of the operation, where it is one value."""
    if step.operation.type not in ITEM_ACTIONS or taken == ("payload",):
        return ()
    return (RowPatch(step.operation.location, (SetMember(("options", "permissions"), '"$trigger"'),)),)


_RECIPIENTS: Final = frozenset({"to", "cc", "bcc", "recipient"})

_PARTS: Final = {
    "collection": "the collection",
    "key": "the items",
    "query": "the items by the query",
    "payload": "what is written, related items included",
    "permissions": "the permissions",
}
