"""What a flow gives back: to the caller of a webhook, or, if it is blocking, as what goes on in place of what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.flows.data import (
    ABSENT,
    Value,
    as_object,
    holds_hidden,
    look_up,
    rendered,
)
from directus_guard.directus.flows.scripts import returns_environment
from directus_guard.directus.tri import Tri
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.steps import FlowRun, FlowStep


def is_answered(flow: Flow, operation: Operation) -> bool:
    """Whether the caller of a webhook gets what an operation of it made."""
    if flow.options.get("async"):
        return False
    returned = _returned(flow)
    if returned in ("$all", operation.key):
        return True
    return returned == "$last" and operation.resolve is None


def _returned(flow: Flow) -> str:
    """The member of its data from which a webhook answers: `return` is a path, such as `read.0.title`. A flow that is
    started by hand answers what its last operation made, whatever it says (`flows.js`)."""
    path = None if flow.trigger == "manual" else flow.options.get("return")
    return "$last" if path is None else _PATH_END.split(str(path).strip(), maxsplit=1)[0]


_PATH_END: Final = lazy_pattern(r"[.\[\s]")


def replacement(step: FlowStep) -> Value | None:
    """What a blocking flow may answer in place of what was sent, if this operation made that (`executeFlow`).

    Without `return` what was sent goes on. The whole data (`$all`) has none of its members at their place.
    """
    flow, given = step.flow, step.flow.options.get("return")
    if flow.trigger != "event" or flow.options.get("type") != "filter" or not isinstance(given, str) or given == "$all":
        return None
    name, *path = [part for part in _PATH.split(given.strip()) if part] or [""]
    named = step.operation.key == name or (name == "$last" and step.operation.resolve is None)
    if not named or Tri.NO in (step.reach, step.ends.resolve):
        return None
    return look_up(step.result, tuple(path))


_PATH: Final = lazy_pattern(r"[.\[\]\s]+")


def answers_environment(run: FlowRun, environment: Value) -> bool:
    """Whether a webhook hands out variables of the environment: its whole data, `$env` or a part of it, or what an
    operation made of them.

    The run is one with `environment` in `$env`, in which the variables asked about are `Hidden`. Scripts that pass on single
    variables are not followed.
    """
    flow = run.flow
    returned = _returned(flow)
    if returned == "$all" and not flow.options.get("async"):
        return True
    if returned == "$env" and not flow.options.get("async"):
        return holds_hidden(rendered(f"{{{{{flow.options['return']}}}}}", {"$env": environment}))
    return any(
        step.reach is not Tri.NO and is_answered(flow, step.operation) and _passes_environment_on(step)
        for step in run.own
    )


def _passes_environment_on(step: FlowStep) -> bool:
    operation = step.operation
    if operation.type == "transform":
        return holds_hidden(as_object(step.inputs.get("json", ABSENT)))
    code = operation.options.get("code")
    if operation.type != "exec" or not isinstance(code, str):
        return False
    return returns_environment(code)
