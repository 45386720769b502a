"""Production needs a SECRET of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import (
    NOT_PRODUCTION,
    CheckResult,
    Failure,
    NotApplicable,
    NotEvaluated,
    not_production,
    setting_subject,
)
from directus_guard.checks.shared.secrets import NEW_SECRET, from_outside
from directus_guard.finding import Context, Fix, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "secret-missing",
    severity=Severity.HIGH,
    title="`SECRET` is not set",
    summary="SECRET is unset or empty in a production environment that is wholly visible: Directus generates another value at every start.",
    cwe=(Cwe.INSECURE_DEFAULT,),
    owasp=(OwaspRisk.API8,),
    itself=True,
)
def secret_missing(env: Environment) -> Iterator[CheckResult]:
    setting = env["SECRET"]
    if env.context is not Context.PRODUCTION:
        yield NotApplicable(NOT_PRODUCTION) if setting.text else not_production(env)
    elif setting.unknown_reason:
        yield NotEvaluated(f"`SECRET`: {setting.unknown_reason}", setting.location)
    elif not setting.text:
        yield Failure(
            subject=setting_subject(env, "SECRET"),
            location=setting.location or env.deployment.location,
            message=(
                "Every restart signs all users out, and replicas reject each other's tokens. Without `SECRET` Directus generates a "
                "random value in each process."
            ),
            expected="SECRET with at least 32 random bytes, given from outside the repository",
            actual="(empty)" if setting.is_set else "(not set)",
            shown="",
            framed=setting.is_set,
            fix=Fix(f"{NEW_SECRET} {from_outside(env, setting)}"),
        )
