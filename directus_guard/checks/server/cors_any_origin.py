"""CORS must not reflect any origin with credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, NotEvaluated, Pass, check, fail, unjudged
from directus_guard.directus.casting import Regex, is_true_strict, is_truthy, to_array
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment, Setting


@check(
    "cors-any-origin",
    severity=Severity.HIGH,
    title="Any website may call the API with the visitor's session",
    summary="CORS is on and reflects every origin (or an unanchored pattern matches foreign ones) while credentials are allowed.",
)
def cors_any_origin(env: Environment) -> Iterator[Answer]:
    enabled, origin, credentials = env["CORS_ENABLED"], env["CORS_ORIGIN"], env["CORS_CREDENTIALS"]
    if not enabled.known:
        yield from unjudged(enabled)
        return
    if not is_true_strict(enabled.js):
        yield Pass("CORS is off")
        return
    if not origin.known:
        yield from unjudged(origin)
        return
    loose = _loose(origin)
    if not loose:
        return
    if credentials.is_set and not credentials.known:
        yield NotEvaluated(f"`CORS_CREDENTIALS`: {credentials.unknown_reason}", credentials.location)
    elif credentials.known and not is_truthy(credentials.js):
        yield Pass("credentials are off")
    else:
        yield fail(
            env,
            origin,
            message=(
                f"{loose} and sends Access-Control-Allow-Credentials (CORS_CREDENTIALS is true by default), so any website a "
                "signed-in user opens can read and change data in that user's name where the browser sends the session."
            ),
            expected="the exact origins of your front ends, e.g. `https://www.example.com`",
        )


def _loose(origin: Setting) -> str:
    """Why the origin setting lets foreign origins in; "" if it does not."""
    if origin.js is True:
        return "Directus answers every origin with that very origin"
    for entry in to_array(origin.js):
        if isinstance(entry, Regex) and not (entry.source.startswith("^") and entry.source.endswith("$")):
            return "An origin pattern that is not anchored with `^` and `$` also matches foreign hosts that contain it"
    return ""
