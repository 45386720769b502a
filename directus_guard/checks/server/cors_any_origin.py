"""CORS must not reflect any origin with credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

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
    "cors-any-origin",
    variables=("CORS_ENABLED",),
    unset="CORS is off",
    severity=Severity.HIGH,
    title="Any website may use the session of a signed-in user",
    summary="CORS is on and reflects every origin (or an unanchored pattern matches foreign origins) while credentials are allowed.",
    cwe=(Cwe.PERMISSIVE_CROSS_DOMAIN,),
    owasp=(OwaspRisk.API8,),
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
        title="`CORS_ORIGIN` lets any website use a user's session",
        message=(
            "Any website that a signed-in user opens can read and change data in that user's name, if the browser sends the "
            f"session. {why.reason} {_credentials(env)}"
        ),
        expected="the exact origins of your front ends, e.g. `https://www.example.com`",
        fix=Fix(why.fix),
    )


def _credentials(env: Environment) -> str:
    default = "" if "CORS_CREDENTIALS" in env else ": `CORS_CREDENTIALS` is `true` by default"
    return f"It allows credentials as well{default}."


class _Why(Struct, frozen=True):
    reason: str
    fix: str


_WHY: Final = {
    cors.Origins.ANY: _Why(
        "Directus allows the origin of every request.",
        ORIGINS,
    ),
    cors.Origins.PATTERN: _Why(
        "The pattern is not anchored with `^` and `$`, so Directus also allows foreign hosts that contain it.",
        f"{ORIGINS} If you need a pattern, write it with `^` and `$`: "
        r"`regex:^https://www\.example\.com$`, in a Compose file with `$$` for `$`.",
    ),
}
