"""CORS must not be open to every origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Pass, fail
from directus_guard.directus.environment import cors
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "cors-wildcard",
    severity=Severity.MEDIUM,
    title="Every website may read the public API",
    summary="CORS is on and admits every origin without credentials: CORS_ORIGIN is `*`, which browsers refuse together with credentials, or any origin is reflected while CORS_CREDENTIALS is off. Sessions are safe; public data is open to every site.",
)
def cors_wildcard(env: Environment) -> Iterator[CheckResult]:
    if not cors.enabled(env):
        yield Pass("CORS is off")
        return
    admitted = cors.origins_of(env)
    if admitted is cors.Origins.WILDCARD:
        what = "Directus answers `Access-Control-Allow-Origin: *`. Browsers refuse that together with credentials"
    elif admitted in (cors.Origins.ANY, cors.Origins.PATTERN) and not cors.sends_credentials(env):
        what = "Directus lets foreign origins in, without credentials"
    else:
        return
    yield fail(
        env,
        env["CORS_ORIGIN"],
        message=(
            f"{what}, so sessions stay safe, but scripts of every website can read what the public role or a token in the "
            "script may read."
        ),
        expected="the exact origins of your front ends, or CORS off",
    )
