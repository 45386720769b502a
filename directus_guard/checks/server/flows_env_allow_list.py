"""Flows must not see Directus' own secrets."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, NotApplicable, NotEvaluated, Pass, fail, unjudged
from directus_guard.checks.server._joins import is_judged, runs_no_script
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import listed_as
from directus_guard.checks.unseen import judge_at_defaults
from directus_guard.directus.disclosure import is_secret_name
from directus_guard.directus.environment.casting import to_array
from directus_guard.directus.environment.variables import is_known_variable, is_open_group
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Fix, Related, Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.project import Project

_LIST: Final = "FLOWS_ENV_ALLOW_LIST"
_NO_DEPLOYMENT: Final = "the repository has no deployment"
_ADDRESSES: Final = frozenset({"DB_CONNECTION_STRING", "REDIS"})
"""Variables that hold a password although their names do not say so."""
_PROVIDED: Final = (("AUTH_", "AUTH_PROVIDERS", ""), ("STORAGE_", "STORAGE_LOCATIONS", "local"))
"""Groups of which Directus reads the variables of the members that a list names, and the list's default."""


@project_check(
    "flows-env-allow-list",
    evidence=(ProjectPart.DEPLOYMENTS, ProjectPart.EXPORTS),
    without=_NO_DEPLOYMENT,
    severity=Severity.HIGH,
    title="Flows can read secrets of the environment",
    summary="FLOWS_ENV_ALLOW_LIST names a secret that Directus itself uses, or any secret while a flow returns all its data.",
    cwe=(Cwe.SECRETS_IN_ENVIRONMENT, Cwe.SYSTEM_INFORMATION),
    owasp=(OwaspRisk.API8,),
    checklist=(3,),
)
def flows_env_allow_list(project: Project) -> Iterator[tuple[Environment | None, CheckResult]]:
    if not project.environments:
        flows = any(export.flows for export in project.exports)
        unseen = NotEvaluated("the repository has no deployment that runs the exported flows")
        yield None, unseen if flows else NotApplicable(_NO_DEPLOYMENT)
    for env in project.environments:
        if is_judged(env):
            exports = project.exports_of(env)
            certain = not any(project.deployments_of(export).doubt for export in exports)
            answers = judge_at_defaults(env, partial(_judge, exports, certain))
            yield from ((env, answer) for answer in answers or (Pass(),))
        else:
            yield env, NotApplicable("this version is too old; see end-of-life-version")


def _judge(exports: Sequence[Export], certain: bool, env: Environment) -> Iterator[CheckResult]:
    allowed = env[_LIST]
    if not allowed.known:
        yield from unjudged(allowed)
        return
    names = [str(entry).strip() for entry in to_array(allowed.js) if entry is not False]
    secrets = [name for name in names if is_secret_name(name) or name in _ADDRESSES]
    own = [name for name in secrets if _is_read(env, name)]
    if own:
        yield fail(
            env,
            allowed,
            title=_title(own),
            message=(
                "Anyone who may edit a flow can read a secret that Directus itself uses. Flows get it as `$env`, and Run Script as "
                "`process.env`."
            ),
            expected="no secret of Directus itself in the list",
            fix=listed_as(
                allowed,
                f"Remove {_listed(own)} from `{_LIST}`. If a flow needs a secret, give it a credential of its own.",
                [name for name in names if name not in own],
                safe=certain and _reads_no_environment(exports),
            ),
        )
        return
    leaks = [(export, flow) for export in exports for flow in _answering(export, secrets)] if secrets else []
    if leaks:
        names_ = tuple(dict.fromkeys(escape_controls(flow.name or flow.id)[:80] for _, flow in leaks[:5]))
        flows = ", ".join(f"`{name}`" for name in names_)
        yield fail(
            env,
            allowed,
            title=titled("Webhook flow {} returns its environment", names_[0]),
            message=f"Anyone who calls {flows} gets {_listed(secrets)} in the response.",
            expected="flows that return only what is meant for the caller",
            fix=Fix(
                f"{_change(leaks[0][1])} {f'Do the same for {flows}. ' if len(names_) > 1 else ''}"
                f"Give {_listed(secrets)} a new value: callers may know the old value."
            ),
            related=tuple(Related(flow.location, "returns `$env`") for _, flow in leaks[:5]),
        )
    elif (
        gaps := tuple(gap for export in exports for gap in export.unknown((ExportPart.FLOWS, ExportPart.OPERATIONS)))
        if secrets
        else ()
    ):
        yield from (NotEvaluated(gap) for gap in dict.fromkeys(gaps))
    elif "*" in names:
        yield Pass("`*` has no effect: Directus compares exact names")
    else:
        yield Pass()


def _title(own: Sequence[str]) -> str:
    return (
        titled("Flows can read {}", escape_controls(own[0])) if len(own) == 1 else f"Flows can read {len(own)} secrets"
    )


def _change(flow: Flow) -> str:
    """What to change in a flow: what it returns, or the operation whose result it returns."""
    name = escape_controls(flow.name or flow.id)[:80]
    returned = str(flow.options.get("return") or "")
    if returned.startswith(("$all", "$env")):
        return f"Set `return` of flow `{name}` to the key of the operation whose result callers need."
    if returned and not returned.startswith("$"):
        operation = escape_controls(returned.partition(".")[0])[:80]
        return f"Remove `$env` from the result of operation `{operation}` in flow `{name}`: let it return only what callers need."
    return (
        f"Remove `$env` from the result of the last operation in flow `{name}`: let it return only what callers need."
    )


def _listed(names: Sequence[str]) -> str:
    *first, last = (f"`{escape_controls(name)}`" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def _is_read(env: Environment, name: str) -> bool:
    """Whether Directus itself reads a variable of this name; any other is the flow's own credential."""
    for prefix, listed, default in _PROVIDED:
        if name.startswith(prefix) and name != listed:
            members = env[listed]
            if members.is_set and not members.known:
                return True
            given = to_array(members.js) if members.known else to_array(default)
            spelled = tuple(f"{prefix}{str(member).strip().upper()}_" for member in given if member)
            return name.upper().startswith(spelled)
    return is_known_variable(name) or is_open_group(name)


def _reads_no_environment(exports: Sequence[Export]) -> bool:
    """Whether all flows are known, and none can see a variable: no script, and no text with `$env` or `$all`."""
    return runs_no_script(exports) and not any(
        sign in text for export in exports for text in _texts(export) for sign in ("env", "$all")
    )


def _texts(export: Export) -> Iterator[str]:
    """What is written into flows and operations."""
    yield from (json.dumps(flow.options, default=str) for flow in export.flows)
    yield from (json.dumps(operation.options, default=str) for operation in export.operations)


def _answering(export: Export, secrets: Sequence[str]) -> Iterator[Flow]:
    """The webhook flows whose answer holds some of these variables."""
    from directus_guard.directus.flows.answer import answers_environment  # noqa: PLC0415 - few runs have an export
    from directus_guard.directus.flows.data import ABSENT, RecordValue, SecretValue  # noqa: PLC0415 - the same

    environment = RecordValue({name: SecretValue() for name in secrets}, ABSENT)
    for flow in export.flows:
        active = flow.trigger == "webhook" and flow.status == "active"
        if active and answers_environment(
            export.flow_model.run(flow, export.anonymous_caller, environment), environment
        ):
            yield flow
