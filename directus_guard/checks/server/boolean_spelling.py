"""A boolean must be spelled as Directus reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment.casting import LOOKS_ON, is_true_strict
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

SWITCHES: Final = {
    "ASSETS_CACHE_REVALIDATE": "the revalidation of cached files",
    "CACHE_ENABLED": "the cache",
    "CORS_ENABLED": "CORS headers",
    "METRICS_ENABLED": "metrics",
    "RATE_LIMITER_ENABLED": "the rate limit",
    "RATE_LIMITER_GLOBAL_ENABLED": "the global rate limit",
    "RATE_LIMITER_REGISTRATION_ENABLED": "the rate limit for registration",
    "TUS_ENABLED": "resumable uploads",
}
"""Read with `=== true` (docs/model/environment.md#booleans)."""


_CACHE: Final = (
    "The project has run without the cache so far. "
    "Set `true` only if you want it: before 12.0.0 cached answers reach users of other roles."
)
_GLOBAL: Final = (
    "The project has run without this limit so far. "
    "If you want it, set `true`, and set `RATE_LIMITER_ENABLED` to `true`: otherwise Directus does not start. "
    "It must also allow more requests a second than the limit for each address."
)
_RUNS_WITHOUT: Final = {"CACHE_ENABLED": _CACHE, "RATE_LIMITER_GLOBAL_ENABLED": _GLOBAL}
"""Switches that may break a project when they come on, and what to know before."""


@environment_check(
    "boolean-spelling",
    severity=Severity.MEDIUM,
    title="A switch looks on but is off",
    summary="A boolean is written so that Directus reads it as off: `True`, `yes`, `on` or `1`, where only `true` counts.",
    cwe=(Cwe.PROTECTION_FAILURE,),
    owasp=(OwaspRisk.API8,),
)
def boolean_spelling(env: Environment) -> Iterator[CheckResult]:
    for name, what in SWITCHES.items():
        setting = env[name]
        if name not in env:
            continue
        if not setting.known:
            yield from unjudged(setting)
        elif setting.text.strip().lower() in LOOKS_ON and not is_true_strict(setting.js):
            if name == "RATE_LIMITER_ENABLED" and env.context.gates:
                continue  # rate-limiter reports it
            yield fail(
                env,
                setting,
                title=titled("{} looks on but is off", name),
                message=f"Directus runs without {what}. It accepts only the exact word `true` here.",
                expected="`true`",
                fix=set_to(name, "false", _RUNS_WITHOUT[name])
                if name in _RUNS_WITHOUT
                else set_to(name, "true", safe=True),
            )
