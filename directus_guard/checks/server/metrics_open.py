"""Metrics need strong tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Pass, fail, unjudged
from directus_guard.directus.environment.casting import is_true_strict, to_array
from directus_guard.directus.features import HAS_METRICS
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

SHORTEST: Final = 16


@environment_check(
    "metrics-open",
    severity=Severity.MEDIUM,
    title="Metrics are guarded by a weak token",
    summary="METRICS_ENABLED with a METRICS_TOKENS entry that is short or an example.",
    feature=HAS_METRICS,
)
def metrics_open(env: Environment) -> Iterator[CheckResult]:
    enabled, tokens = env["METRICS_ENABLED"], env["METRICS_TOKENS"]
    if not enabled.known:
        yield from unjudged(enabled)
    elif not is_true_strict(enabled.js):
        yield Pass("metrics are off")
    elif not tokens.known:
        yield from unjudged(tokens)
    elif any(len(str(token).strip()) < SHORTEST for token in to_array(tokens.js)):
        yield fail(
            env,
            tokens,
            message="Whoever sends one of these tokens reads /metrics; a token this short can be guessed.",
            expected=f"random tokens of at least {SHORTEST} characters",
        )
