"""Several replicas need a shared rate limiter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotApplicable, NotEvaluated, fail, unjudged
from directus_guard.directus.environment.casting import is_true_strict
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "rate-limiter-store",
    severity=Severity.LOW,
    title="Each replica counts requests separately",
    summary="The rate limiter keeps its counts in memory although more than one replica runs.",
    cwe=(Cwe.INTERACTION_FREQUENCY, Cwe.EXCESSIVE_AUTHENTICATION_ATTEMPTS),
    owasp=(OwaspRisk.API4, OwaspRisk.API2),
)
def rate_limiter_store(env: Environment) -> Iterator[CheckResult]:
    limiter, store = env["RATE_LIMITER_ENABLED"], env["RATE_LIMITER_STORE"]
    replicas = env.deployment.replicas or 1
    if isinstance(replicas, Unknown):
        yield NotEvaluated(replicas.reason)
    elif replicas < 2:
        yield NotApplicable("no more than 1 replica is known")
    elif not limiter.known:
        yield from unjudged(limiter)
    elif is_true_strict(limiter.js) and (store.text == "memory" if store.known else not store.is_set):
        at = store if store.known else limiter
        has_redis = env["REDIS"].is_set or env["REDIS_HOST"].is_set
        yield fail(
            env,
            at,
            title="Rate limit counts separately in each replica",
            message=f"An attacker gets {replicas} times the limit that you set. Each of the {replicas} replicas counts in its own memory.",
            expected="`RATE_LIMITER_STORE=redis`",
            actual=f"RATE_LIMITER_STORE: {store.shown if store.known else 'memory'}; {replicas} replicas",
            fix=Fix(
                "Set `RATE_LIMITER_STORE` to `redis`"
                + (", and `REDIS` to the address of your Redis." if not has_redis else "."),
                safe=has_redis,
                settings=(SetVariable(store.name, "redis"),) if has_redis else (),
            ),
        )
