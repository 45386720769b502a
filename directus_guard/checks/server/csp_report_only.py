"""The policy must be enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server import _csp
from directus_guard.checks.shared.variable_fixes import remove
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "csp-report-only",
    variables=("CONTENT_SECURITY_POLICY_REPORT_ONLY",),
    unset="default",
    severity=Severity.HIGH,
    title="Content Security Policy only reports",
    summary="CONTENT_SECURITY_POLICY_REPORT_ONLY is true: browsers report violations and load everything.",
    cwe=(Cwe.PROTECTION_FAILURE,),
    owasp=(OwaspRisk.API8,),
    checklist=(32,),
)
def csp_report_only(env: Environment) -> Iterator[CheckResult]:
    report_only = env["CONTENT_SECURITY_POLICY_REPORT_ONLY"]
    if not report_only.known:
        yield from unjudged(report_only)
    elif is_truthy(report_only.js):
        yield fail(
            env,
            report_only,
            message=(
                "Browsers report violations and block nothing, so injected scripts run. Directus sends the policy as "
                "`Content-Security-Policy-Report-Only`."
            ),
            expected="unset",
            fix=remove(report_only.name, safe=len(_csp.variables(env, _csp.MAIN)) == 1),
        )
