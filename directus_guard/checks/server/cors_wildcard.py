"""CORS must not be open to every origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, Pass, check, fail, unjudged
from directus_guard.directus.casting import is_true_strict
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment, Setting


@check(
    "cors-wildcard",
    severity=Severity.MEDIUM,
    title="Every website may read the public API",
    summary="CORS is on and CORS_ORIGIN is `*` or empty. Browsers refuse the wildcard together with credentials, so sessions are safe; public data is open to every site.",
)
def cors_wildcard(env: Environment) -> Iterator[Answer]:
    enabled, origin = env["CORS_ENABLED"], env["CORS_ORIGIN"]
    if not enabled.known:
        yield from unjudged(enabled)
    elif not is_true_strict(enabled.js):
        yield Pass("CORS is off")
    elif not origin.known:
        if not origin.is_set:
            yield _wildcard(env, enabled, "CORS is on without an origin: the cors library then answers `*`.")
        else:
            yield from unjudged(origin)
    elif origin.js in ("*", "", False) or (isinstance(origin.js, tuple) and (not origin.js or "*" in origin.js)):
        yield _wildcard(env, origin, "Directus answers `Access-Control-Allow-Origin: *`.")


def _wildcard(env: Environment, setting: Setting, what: str) -> Answer:
    return fail(
        env,
        setting,
        message=(
            f"{what} Browsers refuse that together with credentials, so sessions stay safe, but scripts of every website can "
            "read what the public role or a token in the script may read."
        ),
        expected="the exact origins of your front ends, or CORS off",
    )
