"""Scripts of flows must not load modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server._upgrades import upgrade
from directus_guard.directus.features import RUNS_SCRIPTS_IN_VM2
from directus_guard.finding import Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "flows-exec-modules",
    severity=Severity.CRITICAL,
    title="Flow scripts can break out of their sandbox",
    summary="FLOWS_EXEC_ALLOWED_MODULES on Directus before 10.6.0, where Run Script runs in vm2.",
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
                "escaped (GHSA-22rr-f3p8-5gf8), and scripts get these modules as well."
            ),
            expected="unset, and Directus 10.6.0 or newer, where scripts run isolated",
            fix=Fix(f"Remove `FLOWS_EXEC_ALLOWED_MODULES`. {upgrade()}"),
        )
