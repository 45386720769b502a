"""QUERY_LIMIT_MAX must be a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.finding import Fix, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.setting_changes import SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "query-limit",
    variables=("QUERY_LIMIT_MAX",),
    unset="default",
    severity=Severity.LOW,
    title="`QUERY_LIMIT_MAX` does not limit",
    summary="QUERY_LIMIT_MAX is set to something Directus does not read as a number, so it does not limit.",
    cwe=(Cwe.NO_LIMITS,),
    owasp=(OwaspRisk.API4,),
)
def query_limit(env: Environment) -> Iterator[CheckResult]:
    limit = env["QUERY_LIMIT_MAX"]
    if not limit.known:
        yield from unjudged(limit)
    elif isinstance(limit.js, bool) or not isinstance(limit.js, int | float):
        yield fail(
            env,
            limit,
            message="A single request may ask for every item, which can overload the server. Directus does not read this as a number.",
            expected="a plain number such as `1000`",
            fix=_fix(limit),
        )
    elif limit.js < 0:
        yield fail(
            env,
            limit,
            message="A single request may ask for every item, which can overload the server. A negative number means no limit.",
            expected="a plain number such as `1000`",
            fix=_fix(limit),
        )


def _fix(limit: Setting) -> Fix:
    """A number that is written with other characters is what was meant."""
    digits = _BETWEEN.sub("", limit.text)
    meant = digits if digits.isascii() and digits.isdigit() and int(digits) else ""
    return Fix(
        f"Set `QUERY_LIMIT_MAX` to a plain number, such as `{meant or 1000}`.",
        safe=bool(meant),
        settings=(SetVariable(limit.name, meant or "1000"),),
    )


_BETWEEN: Final = lazy_pattern(r"[\s_,']")
