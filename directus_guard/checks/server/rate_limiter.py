"""The rate limiter must be on in production."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotApplicable, fail, unjudged
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment.casting import LOOKS_ON, is_true_strict
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


_FIRST: Final = (
    "First set `IP_TRUST_PROXY` to the number of proxies in front of Directus, or to `false` without a proxy. "
    "The limit of 50 requests a second counts for each address: with a wrong value visitors share it, or evade it. "
    "Raise `RATE_LIMITER_POINTS` for a front end that renders on a server."
)


@environment_check(
    "rate-limiter",
    severity=Severity.MEDIUM,
    title="`RATE_LIMITER_ENABLED` is off",
    summary="RATE_LIMITER_ENABLED is set to something other than `true`, outside development.",
    cwe=(Cwe.NO_LIMITS, Cwe.EXCESSIVE_AUTHENTICATION_ATTEMPTS),
    owasp=(OwaspRisk.API4, OwaspRisk.API2),
    itself=True,
)
def rate_limiter(env: Environment) -> Iterator[CheckResult]:
    limiter = env["RATE_LIMITER_ENABLED"]
    if not limiter.known:
        yield from unjudged(limiter)
    elif is_true_strict(limiter.js):
        return
    elif not env.context.gates:
        yield NotApplicable(f"the deployment is for {env.context.value}")
    else:
        spelled = "" if limiter.js is False else " Only the exact word `true` switches it on."
        yield fail(
            env,
            limiter,
            message=f"An attacker can try passwords and tokens as fast as the server answers.{spelled}",
            expected="`true`",
            fix=set_to(limiter.name, "true", _FIRST, safe=limiter.text.strip().lower() in LOOKS_ON),
        )
