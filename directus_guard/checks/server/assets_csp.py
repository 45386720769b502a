"""The policy of /assets must stay closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail
from directus_guard.checks.server import _csp
from directus_guard.directus.environment.csp import ANY_HOST, FETCH
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls

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
    severity=Severity.HIGH,
    title="Policy for uploaded files is loosened",
    summary="ASSETS_CONTENT_SECURITY_POLICY_* adds script, object, frame or any-host sources to the default `default-src 'none'`, or makes it only report.",
    checklist=(33,),
)
def assets_csp(env: Environment) -> Iterator[CheckResult]:
    changed = _csp.changed(env, _csp.ASSETS)
    if not isinstance(changed, _csp.ChangedPolicy):
        yield changed
        return
    settings, effective = changed.settings, changed.policy
    if effective.report_only:
        yield fail(
            env,
            _csp.reporting(settings, _csp.ASSETS) or settings[0],
            message="Directus sends the policy of uploaded files as Content-Security-Policy-Report-Only: browsers block nothing, so active content in them works on your own address.",
            expected="unset: the default is `default-src 'none'`, enforced",
        )
    default = _csp.default(env, _csp.ASSETS).directives
    for name, sources in effective.directives.items():
        active = name in ACTIVE and any(source != "'none'" for source in sources)
        loosened = active or (name in FETCH and ANY_HOST.intersection(sources))
        if loosened and sources != default.get(name):
            yield fail(
                env,
                _csp.setting_of(settings, name, _csp.ASSETS) or settings[0],
                message=f"Files that users upload are served from your own address; with `{name} {escape_controls(' '.join(sources))}` active content in them works there.",
                expected="unset: the default is `default-src 'none'`",
            )
