"""The policy of /assets must stay closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.server import _csp
from directus_guard.checks.shared.variable_fixes import remove
from directus_guard.directus.environment.csp import ANY_HOST, FETCH
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

ACTIVE: Final = (
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "object-src",
    "frame-src",
    "child-src",
    "worker-src",
    "default-src",
)


@environment_check(
    "assets-csp",
    variables=("ASSETS_CONTENT_SECURITY_POLICY*",),
    unset="default",
    severity=Severity.HIGH,
    title="CSP of uploaded files is loosened",
    summary="ASSETS_CONTENT_SECURITY_POLICY_* adds script, object, frame or any-host sources to the default `default-src 'none'`, or makes it only report.",
    cwe=(Cwe.CROSS_SITE_SCRIPTING, Cwe.PROTECTION_FAILURE),
    owasp=(OwaspRisk.API8,),
    checklist=(33,),
)
def assets_csp(env: Environment) -> Iterator[CheckResult]:
    changed = _csp.changed(env, _csp.ASSETS)
    if not isinstance(changed, _csp.ChangedPolicy):
        yield changed
        return
    settings, effective = changed.settings, changed.policy
    if effective.report_only:
        reporting = _csp.reporting(settings, _csp.ASSETS) or settings[0]
        yield fail(
            env,
            reporting,
            title="CSP of uploaded files only reports",
            message=(
                "An uploaded file can run scripts on the address of Directus: browsers report violations and block nothing. Directus "
                "sends the policy as `Content-Security-Policy-Report-Only`."
            ),
            expected="unset: the default is `default-src 'none'`, enforced",
            fix=remove(reporting.name, safe=True),
        )
    default = _csp.default(env, _csp.ASSETS).directives
    for name, sources in effective.directives.items():
        active = name in ACTIVE and any(source != "'none'" for source in sources)
        loosened = active or (name in FETCH and ANY_HOST.intersection(sources))
        if loosened and sources != default.get(name):
            setting = _csp.setting_of(settings, name, _csp.ASSETS) or settings[0]
            yield fail(
                env,
                setting,
                title=f"CSP of uploaded files loosens `{escape_controls(name)}`",
                message=(
                    f"An uploaded file can {'run active content' if active else 'send data to any host'}, because the policy says "
                    f"`{name} {escape_controls(' '.join(sources))}`. Directus serves uploads from its own address."
                ),
                expected="unset: the default is `default-src 'none'`",
                fix=remove(setting.name, safe=True),
            )
