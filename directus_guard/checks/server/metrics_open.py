"""Metrics need strong tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, Pass, fail, unjudged
from directus_guard.checks.shared.secrets import from_outside
from directus_guard.directus.environment.casting import is_true_strict, to_array
from directus_guard.directus.features import HAS_METRICS
from directus_guard.finding import Fix, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

SHORTEST: Final = 16


@environment_check(
    "metrics-open",
    variables=("METRICS_ENABLED",),
    unset="default",
    severity=Severity.MEDIUM,
    title="A token for metrics can be guessed",
    summary="METRICS_ENABLED with a METRICS_TOKENS entry that is short or an example.",
    cwe=(Cwe.WEAK_CREDENTIALS,),
    owasp=(OwaspRisk.API2, OwaspRisk.API8),
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
            title="`METRICS_TOKENS` has a token that can be guessed",
            message="Anyone who guesses the short token can read `/metrics`.",
            expected=f"random tokens of at least {SHORTEST} characters",
            fix=Fix(
                "Replace each short token in `METRICS_TOKENS` with the output of `openssl rand -hex 32`. "
                f"{from_outside(env, tokens)}"
            ),
        )
