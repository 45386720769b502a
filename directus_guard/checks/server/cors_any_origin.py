"""CORS must not reflect any origin with credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Pass, fail
from directus_guard.directus.environment import cors
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "cors-any-origin",
    severity=Severity.HIGH,
    title="Any website may call the API with the visitor's session",
    summary="CORS is on and reflects every origin (or an unanchored pattern matches foreign ones) while credentials are allowed.",
)
def cors_any_origin(env: Environment) -> Iterator[CheckResult]:
    if not cors.enabled(env):
        yield Pass("CORS is off")
        return
    why = _WHY.get(cors.origins_of(env))
    if why is None:
        return
    if not cors.sends_credentials(env):
        yield Pass("credentials are off; see cors-wildcard")
        return
    yield fail(
        env,
        env["CORS_ORIGIN"],
        message=(
            f"{why} and sends Access-Control-Allow-Credentials{_because(env)}, so any website a "
            "signed-in user opens can read and change data in that user's name where the browser sends the session."
        ),
        expected="the exact origins of your front ends, e.g. `https://www.example.com`",
    )


def _because(env: Environment) -> str:
    return "" if "CORS_CREDENTIALS" in env else " (CORS_CREDENTIALS is true by default)"


_WHY: Final = {
    cors.Origins.ANY: "Directus answers every origin with that very origin",
    cors.Origins.PATTERN: "An origin pattern that is not anchored with `^` and `$` also matches foreign hosts that contain it; Directus answers them",
}
