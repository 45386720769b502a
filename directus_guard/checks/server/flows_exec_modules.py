"""Scripts of flows must not load modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.upgrades import upgrade
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


@environment_check(
    "flows-exec-modules",
    severity=Severity.CRITICAL,
    title="Flow scripts can break out of their sandbox",
    summary="FLOWS_EXEC_ALLOWED_MODULES on Directus before 10.6.0, where Run Script runs in vm2.",
    cwe=(Cwe.CODE_INJECTION, Cwe.IMPROPER_ISOLATION),
    owasp=(OwaspRisk.API8,),
    checklist=(3,),
    feature=RUNS_SCRIPTS_IN_VM2,
)
def flows_exec_modules(env: Environment) -> Iterator[CheckResult]:
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
            fix=Fix(
                "Remove `FLOWS_EXEC_ALLOWED_MODULES`. Scripts that load a module fail then: use the operation Webhook / Request URL "
                f"or an extension for what they do. {upgrade(env.version, instead=', which runs scripts isolated, too')}",
                settings=(RemoveVariable(modules.name), SetVersion(str(NEWEST))),
            ),
        )


def _named(modules: Setting) -> str:
    """The modules for a sentence, as far as they may be shown."""
    names = modules.js if isinstance(modules.js, tuple) else (modules.text,)
    return listed([shorten(str(name).strip()) for name in names]) if modules.shown == modules.text else "modules"
