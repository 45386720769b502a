"""SameSite=None needs Secure and strict CORS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server._cookies import cookie_prefixes
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment import cors
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


_FOREIGN: Final = (cors.Origins.ANY, cors.Origins.PATTERN)
"""Answers with credentials to websites that are not named."""


@environment_check(
    "cookie-same-site",
    variables=("*_COOKIE_SAME_SITE",),
    severity=Severity.HIGH,
    title="Cookie is sent from foreign sites",
    summary="A cookie has SameSite=None without Secure (browsers drop it), or together with CORS that reflects any origin.",
    cwe=(Cwe.COOKIE_SAME_SITE, Cwe.CROSS_SITE_REQUEST_FORGERY),
    owasp=(OwaspRisk.API8,),
)
def cookie_same_site(env: Environment) -> Iterator[CheckResult]:
    for prefix in cookie_prefixes(env.version):
        same_site, secure = env[f"{prefix}_SAME_SITE"], env[f"{prefix}_SECURE"]
        if f"{prefix}_SAME_SITE" not in env:
            continue
        if not same_site.known:
            yield from unjudged(same_site)
            continue
        if same_site.text.strip().lower() != "none" or secure.unknown_reason:
            continue
        if is_truthy(secure.js):
            if cors.enabled(env) and cors.origins_of(env) in _FOREIGN and cors.sends_credentials(env):
                yield fail(
                    env,
                    same_site,
                    title=titled("{} opens sessions to any website", same_site.name),
                    message=(
                        "Any website that a signed-in user opens can read and change data in that user's name. Browsers send it this "
                        "cookie, and CORS allows every origin."
                    ),
                    expected="`lax` or `strict`, or exact CORS origins",
                    fix=set_to(
                        same_site.name,
                        "lax",
                        "If a front end on another site needs the cookie, keep `none` and set `CORS_ORIGIN` to the addresses of your front ends.",
                    ),
                )
        else:
            yield fail(
                env,
                same_site,
                title=titled("{} is `none` without Secure", same_site.name),
                message="Browsers reject a cookie with `SameSite=None` but without `Secure`, so sign-in fails.",
                expected=f"`lax` (the default), or `none` with `{prefix}_SECURE=true`",
                fix=set_to(
                    same_site.name,
                    "lax",
                    f"If another site needs the cookie, keep `none` and set `{secure.name}` to `true`.",
                    safe=True,
                ),
            )
