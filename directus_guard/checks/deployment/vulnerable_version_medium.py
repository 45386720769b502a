"""Versions with published advisories of severity medium."""

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
    "vulnerable-version-medium",
    severity=Severity.MEDIUM,
    title="Directus version with known vulnerabilities (medium)",
    summary="The version is affected by published advisories of severity medium, and the environment has what they need.",
    cwe=(Cwe.VULNERABLE_COMPONENT,),
    owasp=(OwaspRisk.API8,),
    live=True,
    itself=True,
)
def vulnerable_version_medium(env: Environment) -> Iterator[CheckResult]:
    yield from _versions.judge(env, Severity.MEDIUM)
