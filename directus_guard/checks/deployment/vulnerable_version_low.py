"""Versions with published advisories of severity low."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.deployment import _versions
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "vulnerable-version-low",
    severity=Severity.LOW,
    title="Directus version with known vulnerabilities (low)",
    summary="The version is affected by published advisories of low severity, or by others whose precondition is absent here.",
    cwe=(Cwe.VULNERABLE_COMPONENT,),
    owasp=(OwaspRisk.API8,),
    live=True,
    itself=True,
)
def vulnerable_version_low(env: Environment) -> Iterator[CheckResult]:
    yield from _versions.judge(env, Severity.LOW)
