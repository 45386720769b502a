"""What the checks on flows share: the gaps of an export, what an anonymous caller can make of a webhook, and the wording."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated, Pass
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.enumerations import first_of
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.content import content_key
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.flows.answer import is_answered
from directus_guard.directus.flows.data import KnownValue, surely_sent
from directus_guard.directus.flows.environment import environment_of
from directus_guard.directus.flows.operations import ITEM_ACTIONS, TYPES
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.finding import Confidence, Related, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.start import Caller
    from directus_guard.directus.flows.steps import FlowRun, FlowStep
    from directus_guard.directus.flows.templates import Path
    from directus_guard.directus.project import Project
    from directus_guard.finding import Fix, Member

About: TypeAlias = "tuple[Environment | Export | None, CheckResult]"

WRITES: Final = frozenset({"item-create", "item-update", "item-delete"})
_INERT: Final = frozenset({"condition", "throw-error"})
_RETURNED: Final = frozenset({"item-read", "exec", "json-web-token"})
"""Operations whose only effect is their result: it counts where a caller gets it."""
NO_EXPORT: Final = "no export in the repository"


def gaps(export: Export) -> Iterator[CheckResult]:
    """What the export does not say about its flows; `NotApplicable` where it has none."""
    reasons = export.unknown((ExportPart.FLOWS, ExportPart.OPERATIONS))
    if not export.flows and not export.operations and not reasons:
        yield NotApplicable("the export has no flows")
    for reason in reasons:
        yield NotEvaluated(reason, export.location)
    if export.flow_model.orphan_operations:
        yield NotEvaluated(
            "operations belong to flows that the export does not have", export.flow_model.orphan_operations[0].location
        )


def broken(export: Export, flow: Flow) -> Iterator[CheckResult]:
    """Why a flow cannot be judged."""
    reason = export.flow_model.graph(flow).broken
    if reason:
        text = shorten(f"Directus cannot load the flow `{export.flow_model.name_of(flow)}`: {reason}")
        yield NotEvaluated(text, flow.location)


def started_elsewhere(export: Export, flow: Flow) -> Iterator[CheckResult]:
    """Whether a flow starts another that the export does not have: what happens there is not known."""
    operation = export.flow_model.external_call(flow)
    if operation is not None:
        text = f"`{shown(operation.key)}` of `{operation_of(export, operation)}` starts a flow that the export does not have"
        yield NotEvaluated(shorten(text), operation.location)


def webhooks(export: Export) -> Iterator[Flow]:
    """The active webhook flows."""
    for flow in export.flows:
        if flow.trigger == "webhook" and flow.status == "active":
            yield flow


# --- what an anonymous caller can make of a flow ---------------------------------------------------------------------


class Verdict(Struct, frozen=True):
    """The answer about one flow, over every deployment that runs it."""

    answer: Tri
    runs: tuple[FlowRun, ...]
    doubt: str
    """Why it is not known, a clause."""
    env: Environment | None = None
    """The deployment of the first run; None where flows name no variable, or no deployment is known."""


def judge(
    project: Project, export: Export, flow: Flow, caller: Caller, question: Callable[[FlowRun], tuple[Tri, str]]
) -> Verdict:
    """Ask about a run in every environment; where they do not agree, the answer is unknown."""
    model = export.flow_model
    match = project.deployments_of(export)
    found = [(environment_of(env), env) for env in match.environments] if model.names_environment else []
    environments = {content_key(value): value for value, _ in found}
    if not environments:
        run = model.run(flow, caller)
        return Verdict(question(run)[0], (run,), question(run)[1])
    runs = tuple(model.run(flow, caller, environment) for environment in environments.values())
    answers = [question(run) for run in runs]
    if len({answer for answer, _ in answers}) > 1:
        return Verdict(Tri.UNKNOWN, runs, "the deployments with this flow have different variables and do not agree")
    blind, why = question(model.run(flow, caller)) if match.missing else (answers[0][0], "")
    if answers[0][0] is not Tri.YES and blind is not answers[0][0]:
        return Verdict(blind if blind is Tri.YES else Tri.UNKNOWN, runs, why or match.missing)
    return Verdict(answers[0][0], runs, answers[0][1], env=found[0][1])


def is_open(run: FlowRun) -> tuple[Tri, str]:
    """Whether any caller makes a flow do something, and if that is not known, why."""
    if not run.steps:
        return Tri.NO, ""
    answers = [(all_of((step.reach, _effect(run, step))), step) for step in run.steps]
    answered = any_of(answer for answer, _ in answers)
    unguarded = all(step.reach is Tri.YES for step in run.own)
    if unguarded and any(step.operation.type in TYPES - _INERT and step.allowed is Tri.YES for step in run.own):
        return Tri.YES, ""
    if answered is Tri.UNKNOWN:
        step = next(step for answer, step in answers if answer is answered)
        return answered, step.doubt or _unknown_effect(step)
    return answered, ""


def _unknown_effect(step: FlowStep) -> str:
    key = f"`{step.operation.key}`"
    if step.operation.type in TYPES:
        return f"it is not known whether the permissions allow anonymous callers what {key} does"
    return f"it is not known what {key} (`{step.operation.type}`) does"


def _effect(run: FlowRun, step: FlowStep) -> Tri:
    """Whether an operation does more than prepare the next."""
    kind = step.operation.type
    if kind in WRITES or kind == "notification":
        return step.allowed
    if kind in _RETURNED:
        return all_of((step.allowed, Tri.YES if _is_returned(run, step) else Tri.NO))
    if kind in TYPES:
        return Tri.YES if kind in ("mail", "request", "trigger") else Tri.NO
    return Tri.UNKNOWN


def _is_returned(run: FlowRun, step: FlowStep) -> bool:
    """Whether the caller of a webhook gets what an operation made."""
    return step.flow is run.flow and is_answered(run.flow, step.operation)


def privileged(step: FlowStep) -> str:
    """What an operation does that anonymous callers should not, a phrase; "" = nothing of the kind."""
    kind = step.operation.type
    if kind in ITEM_ACTIONS or kind == "notification":
        acts = "sends notifications" if kind == "notification" else f"{ITEM_ACTIONS[kind]}s items"
        if step.rights is Rights.FULL:
            return f"{acts} with full access"
        if step.rights is Rights.ROLE:
            return f"{acts} with the permissions of a role"
        collection = step.inputs.get("collection")
        if kind in WRITES and collection == KnownValue("directus_files") and step.allowed is not Tri.NO:
            return "writes files"
        return ""
    return {
        "exec": "runs a script", "request": "sends a request", "mail": "sends mail", "trigger": "starts another flow",
    }.get(kind, "")  # fmt: skip


def untested(step: FlowStep, options: Iterable[str]) -> tuple[Path, ...]:
    """The paths of the request whose data is in these options and that no condition on the way tested.

    The test of a value covers everything below it, but nothing beside it.
    """
    sent = surely_sent(step.inputs[name] for name in options if name in step.inputs)
    return tuple(
        path
        for path in sorted(sent)
        # User agent and origin are in `$accountability`.
        if path[:1] == ("$trigger",) and not any(path[: len(test)] == test for test in step.tested)
    )


def test_of(step: FlowStep, paths: Sequence[Path]) -> str:
    """What to change where an operation uses these paths of the request untested: the condition that is missing."""
    keys = untested(step, ("key",))
    key = f"`{shown(step.operation.key)}`"
    whole = [path for path in paths if len(path) < _NAMED]
    if whole:
        named = "`{{ " + shown(".".join(whole[0])) + " }}`"
        field = (*whole[0], "FIELD") if len(whole[0]) > 1 else (*whole[0], "body", "FIELD")
        return (
            f"Replace {named} in operation {key} by single fields, such as `{{{{ {shown('.'.join(field))} }}}}`. "
            f"Add a condition before {key} that tests each of them, and connect {key} to its `resolve`. "
            f"Give it a filter such as `{json.dumps(_nested(field, {'_regex': _TEXT}))}`."
        )
    first = json.dumps(_nested(paths[0], {"_regex": _KEY if paths[0] in keys else _TEXT}))
    add = f"Add a condition before operation {key}, and connect {key} to its `resolve`."
    own = step.operation.options.get("permissions") == "$trigger"
    whose = (
        f" Set `permissions` of {key} to `$trigger`: Directus then applies the caller's permissions to the item."
        if paths[0] in keys and not own
        else ""
    )
    if len(paths) == 1:
        return f"{add} Give it a filter such as `{first}`.{whose}"
    listed = ", ".join(f"`{shorten('.'.join(path))}`" for path in paths[:5])
    return f"{add} It has to test {listed}: for the first, a filter such as `{first}`.{whose}"


_KEY: Final = "^[0-9A-Fa-f-]{1,36}$"
"""Numbers and UUIDs."""
_TEXT: Final = "^[^<>]{1,200}$"
_NAMED: Final = 3
"""Parts of a path from which it names a single value of the request (`$trigger.body.note`)."""


def _nested(path: Path, test: Json) -> Json:
    for part in reversed(path):
        test = {shown(part): test}
    return test


# --- wording ---------------------------------------------------------------------------------------------------------


def shown(text: str) -> str:
    """A name as it may be printed."""
    return escape_controls(text)[:80]


def operation_of(export: Export, operation: Operation) -> str:
    """The name of the flow that an operation belongs to."""
    flow = export.flow_model.by_id.get(operation.flow or "")
    return shown(operation.flow or "no flow") if flow is None else export.flow_model.name_of(flow)


def flow_failure(
    export: Export,
    flow: Flow,
    *,
    message: str,
    expected: str,
    actual: str,
    fix: Fix,
    title: str,
    member: Member = ("trigger",),
    related: tuple[Related, ...] = (),
    does: tuple[str, ...] = (),
) -> Failure:
    """A failure at one member of a flow. `title` has `{}` for its name. `does`: what it does, so that one thing more is a change."""
    name = export.flow_model.name_of(flow)
    details: tuple[tuple[str, str | tuple[str, ...]], ...] = (
        ("model", export.name), ("flow", name), ("trigger", shown(flow.trigger)),
    )  # fmt: skip
    details += (("does", does),) if does else ()
    return Failure(
        subject=Subject("flow", f"{export.name} {name}", details),
        location=flow.location,
        members=(member, ("trigger",)),
        studio=studio.of_flow(flow),
        title=titled(title, name),
        message=message,
        expected=expected,
        actual=shorten(actual),
        framed=False,
        fix=fix,
        related=related,
    )


def operation_failure(
    export: Export,
    operation: Operation,
    *,
    message: str,
    expected: str,
    actual: str,
    fix: Fix,
    title: str,
    options: tuple[Member, ...],
    part: str = "",
    confidence: Confidence = Confidence.HIGH,
) -> Failure:
    """A failure at options of an operation, or at one `part` of it. `title` has `{}` for its key and for the name of its flow."""
    flow, key = operation_of(export, operation), shown(operation.key)
    details = (("model", export.name), ("flow", flow), ("operation", key), ("type", shown(operation.type)))
    return Failure(
        subject=Subject("operation", " ".join(filter(None, (export.name, flow, key, part))), details),
        location=operation.location,
        members=(*(("options", *option) for option in options), ("type",)),
        studio=studio.of_operation(operation),
        title=titled(title, key, flow),
        message=message,
        expected=expected,
        actual=shorten(actual),
        framed=False,
        fix=fix,
        confidence=confidence,
    )


def names_of(steps: Iterable[FlowStep]) -> str:
    """Operations for a sentence."""
    return first_of(list(dict.fromkeys(f"`{shown(step.operation.key)}`" for step in steps)), 5)


def related_to(steps: Iterable[FlowStep], message: str) -> tuple[Related, ...]:
    """The places of operations."""
    return tuple(dict.fromkeys(Related(step.operation.location, message) for step in steps))


def over(project: Project, judge_export: Callable[[Export], Iterator[CheckResult]]) -> Iterator[About]:
    """Ask a project's check about every export; `Pass` where it yields nothing."""
    for export in project.models:
        found = (*gaps(export), *judge_export(export))
        for answer in found or (Pass(),):
            yield export, answer
