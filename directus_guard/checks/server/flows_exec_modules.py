"""Scripts of flows must not load modules."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, NotApplicable, NotEvaluated, Pass, fail, unjudged
from directus_guard.checks.server._joins import is_judged, runs_no_script
from directus_guard.checks.shared.upgrades import upgrade
from directus_guard.checks.shared.variable_fixes import remove
from directus_guard.checks.unseen import judge_at_defaults
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.features import RUNS_SCRIPTS_IN_VM2
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import RemoveVariable, SetVersion
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.project import Project


@project_check(
    "flows-exec-modules",
    evidence=(ProjectPart.DEPLOYMENTS,),
    without="the repository has no deployment",
    severity=Severity.CRITICAL,
    title="Flow scripts can break out of their sandbox",
    summary="FLOWS_EXEC_ALLOWED_MODULES on Directus before 10.6.0, where Run Script runs in vm2.",
    cwe=(Cwe.CODE_INJECTION, Cwe.IMPROPER_ISOLATION),
    owasp=(OwaspRisk.API8,),
    checklist=(3,),
)
def flows_exec_modules(project: Project) -> Iterator[tuple[Environment | None, CheckResult]]:
    for env in project.environments:
        if not is_judged(env):
            yield env, NotApplicable("this version is too old; see end-of-life-version")
        elif not RUNS_SCRIPTS_IN_VM2.of(env.version):
            unseen = f"the version of Directus is not known: {env.hidden_version}"
            newer = NotApplicable(f"Directus {env.version} runs scripts isolated")
            yield env, NotEvaluated(unseen) if env.hidden_version else newer
        else:
            exports = project.exports_of(env)
            certain = not any(project.deployments_of(export).doubt for export in exports)
            answers = judge_at_defaults(env, partial(_judge, certain and runs_no_script(exports)))
            yield from ((env, answer) for answer in answers or (Pass(),))


def _judge(unused: bool, env: Environment) -> Iterator[CheckResult]:
    """`unused`: whether it is known that no flow runs a script."""
    modules = env["FLOWS_EXEC_ALLOWED_MODULES"]
    if not modules.known:
        yield from unjudged(modules)
    elif modules.text and modules.js is not False:
        yield fail(
            env,
            modules,
            message=(
                "Anyone who may edit a flow can run code on the server. Before 10.6.0 Run Script runs in vm2, whose sandbox can be "
                f"escaped (GHSA-22rr-f3p8-5gf8). Scripts may also load {_named(modules)}."
            ),
            expected="unset, and Directus 10.6.0 or newer, where scripts run isolated",
            fix=_fix(env, modules, unused=unused),
        )


def _fix(env: Environment, modules: Setting, *, unused: bool) -> Fix:
    newest = upgrade(env.version, instead=", which runs scripts isolated, too")
    if unused:
        return remove(modules.name, f"The exported flows run no script. {newest}", safe=True)
    return Fix(
        f"Remove `{modules.name}`. Scripts that load a module fail then: use the operation Webhook / Request URL or an extension "
        f"for what they do. {newest}",
        settings=(RemoveVariable(modules.name), SetVersion(str(NEWEST))),
    )


def _named(modules: Setting) -> str:
    """The modules for a sentence, as far as they may be shown."""
    from directus_guard.checks.shared.row_fixes import listed  # noqa: PLC0415 - few run a version before 10.6.0

    names = modules.js if isinstance(modules.js, tuple) else (modules.text,)
    return listed([shorten(str(name).strip()) for name in names]) if modules.shown == modules.text else "modules"
