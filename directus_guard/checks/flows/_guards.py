"""Why the conditions of a webhook flow let anonymous callers pass, and what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.checks.flows._flows import shown
from directus_guard.directus.flows.environment import can_be_guessed, listed_variables
from directus_guard.directus.flows.operations import variables_in
from directus_guard.directus.tri import Tri
from directus_guard.finding import Fix

if TYPE_CHECKING:
    from directus_guard.checks.flows._flows import Verdict
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.flows.steps import FlowRun, FlowStep

_SIGNED_IN: Final = '{"$accountability": {"user": {"_nnull": true}}}'
_SECRET: Final = '{"$trigger": {"headers": {"x-api-key": {"_eq": "{{$env.HOOK_SECRET}}"}}}}'
_FILTER: Final = (
    f"the filter `{_SIGNED_IN}`, which only signed-in users meet. "
    f"If a service without a user calls the flow, use the filter `{_SECRET}` instead. "
    "For this set `HOOK_SECRET` to the output of `openssl rand -hex 32`, and add it to `FLOWS_ENV_ALLOW_LIST`. "
    "The service has to send this value in the header `x-api-key` from then on: set it there first. "
    "Keep the value out of code for browsers: let your own server send it."
)


class MissingGuard(Struct, frozen=True):
    """Why an anonymous caller passes, a sentence with a space before it ("" without conditions), and what to change."""

    why: str
    fix: Fix


def missing_guard(verdict: Verdict, blind: FlowRun, first: FlowStep) -> MissingGuard:
    """The way into a flow that anyone can run. `first`: the first operation that they should not reach.

    `blind`: the same run where no environment is known: what is met there is met whatever the variables are.
    """
    always = {step.operation.id for step in blind.own if step.ends.resolve is Tri.YES}
    for step in verdict.runs[0].own:
        if step.operation.type != "condition" or step.reach is not Tri.YES:
            continue
        name = f"`{shown(step.operation.key)}`"
        variables = variables_in(step.operation.options.get("filter"))
        if step.ends.resolve is Tri.YES and variables and verdict.env and step.operation.id not in always:
            return _variables(name, variables, verdict.env)
        if step.ends.resolve is Tri.YES:
            return MissingGuard(
                f" Condition {name} does not stop them: anyone can meet it.",
                Fix(f"Give condition {name} {_FILTER}"),
            )
        if step.ends.reject is Tri.YES and step.operation.reject is not None:
            return MissingGuard(
                f" Condition {name} rejects them, but its `reject` leads on to other operations.",
                Fix(_moved(step, verdict.runs[0])),
            )
    work = f"`{shown(first.operation.key)}`"
    return MissingGuard(
        "", Fix(f"Add a condition before {work}, and connect {work} to its `resolve`. Give it {_FILTER}")
    )


def _moved(step: FlowStep, run: FlowRun) -> str:
    """What to connect anew where the `reject` of a condition leads on."""
    condition, keys = step.operation, {one.operation.id: one.operation.key for one in run.own}
    moved = f"`{shown(keys.get(condition.reject or '', 'the next operation'))}`"
    end = "its `resolve`" if condition.resolve is None else "the end of its `resolve`"
    return f"Move {moved} from `reject` of condition `{shown(condition.key)}` to {end}."


def _variables(name: str, variables: tuple[str, ...], env: Environment) -> MissingGuard:
    """A condition compares with variables that the flow does not get, or that can be guessed."""
    unlisted = [variable for variable in variables if variable not in listed_variables(env)]
    unset = [variable for variable in variables if not env[variable].is_set]
    weak = [variable for variable in variables if env[variable].known and can_be_guessed(env[variable].text)]
    lacking = unlisted or unset
    if lacking:
        why = (
            f" Condition {name} compares with {_named(lacking)}, but flows cannot read {'this variable' if len(lacking) == 1 else 'these variables'}. "
            "A caller who sends `undefined` passes."
        )
    else:
        why = f" Condition {name} compares with {_named(variables)}, whose value can be guessed."
    random = "to the output of `openssl rand -hex 32`, and give the value to the callers"
    if not unlisted:
        return MissingGuard(why, Fix(f"Set {_named(unset or variables)} {random}."))
    renewed = [variable for variable in variables if variable in unset or variable in weak]
    also = f" Set {_named(renewed)} {random}." if renewed else ""
    if listed_variables(env) == ("*",):
        return MissingGuard(
            why, Fix(f"Replace `*` by {_named(unlisted)} in `FLOWS_ENV_ALLOW_LIST`: `*` has no effect.{also}")
        )
    return MissingGuard(why, Fix(f"Add {_named(unlisted)} to `FLOWS_ENV_ALLOW_LIST`.{also}"))


def _named(variables: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{shown(variable)}`" for variable in variables)
