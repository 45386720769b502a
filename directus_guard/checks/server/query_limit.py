"""QUERY_LIMIT_MAX must be a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "query-limit",
    severity=Severity.LOW,
    title="Query limit is not a number",
    summary="QUERY_LIMIT_MAX is set to something Directus does not read as a number, so it does not limit.",
)
def query_limit(env: Environment) -> Iterator[CheckResult]:
    limit = env["QUERY_LIMIT_MAX"]
    if not limit.known:
        yield from unjudged(limit)
    elif isinstance(limit.js, bool) or not isinstance(limit.js, int | float):
        yield fail(
            env,
            limit,
            message="Directus reads this as something other than a number (a comma makes a list of it), so one request may ask for every item.",
            expected="a plain number such as `1000`",
        )
    elif limit.js < 0:
        yield fail(
            env,
            limit,
            message="A negative limit means none: one request may ask for every item.",
            expected="a plain number such as `1000`",
        )
