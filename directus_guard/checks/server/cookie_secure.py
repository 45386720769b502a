"""Session cookies must be Secure on https."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail, unjudged
from directus_guard.checks.server._cookies import cookie_prefixes
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "cookie-secure",
    variables=("*_COOKIE_SECURE",),
    severity=Severity.MEDIUM,
    title="Session cookies also travel over plain http",
    summary="A cookie is explicitly not Secure although PUBLIC_URL is https.",
    cwe=(Cwe.COOKIE_WITHOUT_SECURE,),
    owasp=(OwaspRisk.API8,),
    itself=True,
)
def cookie_secure(env: Environment) -> Iterator[CheckResult]:
    url = env["PUBLIC_URL"]
    for prefix in cookie_prefixes(env.version):
        name = f"{prefix}_SECURE"
        cookie = env[name]
        if not cookie.is_set or not cookie.known:
            if cookie.unknown_reason and name in env:
                yield from unjudged(cookie)
            continue
        # Boolean(…) in constants.js: any text but `false`, `0` and "" means on (docs/model/environment.md#booleans)
        if is_truthy(cookie.js):
            continue
        if not url.known:
            yield NotEvaluated(
                f"`PUBLIC_URL`: {url.unknown_reason or 'not set, so the site may use http or https'}",
                cookie.location,
            )
        elif url.text.lower().startswith("https://"):
            yield fail(
                env,
                cookie,
                title=titled("{} is off on an https site", name),
                message="The browser also sends the cookie over plain http, where anyone on the network path can take it.",
                expected="`true`",
                fix=set_to(name, "true", safe=True),
            )
