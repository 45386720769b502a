"""CORS must not be open to every origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Pass, fail
from directus_guard.checks.shared.cors_words import ORIGINS
from directus_guard.directus.environment import cors
from directus_guard.finding import Fix, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "cors-wildcard",
    variables=("CORS_ENABLED",),
    unset="CORS is off",
    severity=Severity.MEDIUM,
    title="Any website may read the public API",
    summary="CORS allows every origin without credentials: CORS_ORIGIN is `*`, or CORS_CREDENTIALS is off. Sessions are safe, but any website can read public data.",
    cwe=(Cwe.PERMISSIVE_CROSS_DOMAIN,),
    owasp=(OwaspRisk.API8,),
)
def cors_wildcard(env: Environment) -> Iterator[CheckResult]:
    if not cors.enabled(env):
        yield Pass("CORS is off")
        return
    admitted = cors.origins_of(env)
    if admitted is cors.Origins.WILDCARD:
        reason = "Sessions are safe: browsers refuse `Access-Control-Allow-Origin: *` together with credentials."
    elif admitted in (cors.Origins.ANY, cors.Origins.PATTERN) and not cors.sends_credentials(env):
        reason = "Sessions are safe, because `CORS_CREDENTIALS` is off."
    else:
        return
    yield fail(
        env,
        env["CORS_ORIGIN"],
        title="`CORS_ORIGIN` allows any website",
        message=f"Scripts of any website can read what is public, and what a token in the script allows. {reason}",
        expected="the exact origins of your front ends, or CORS off",
        fix=Fix(ORIGINS),
    )
