"""Majors without security fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.deployment._versions import LAST_PATCHED, rests_on_default
from directus_guard.checks.result import CheckResult, Failure, NotEvaluated
from directus_guard.checks.shared.upgrades import INSTEAD, upgrade
from directus_guard.directus.environment import loading
from directus_guard.directus.versions import NEWEST, OLDEST_GENERATION, newest_matching
from directus_guard.finding import Confidence, Fix, Severity, Subject
from directus_guard.setting_changes import SetVersion
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.versions import Version

AS_OF: Final = "2026-11"


@environment_check(
    "end-of-life-version",
    severity=Severity.MEDIUM,
    title="Directus major without security fixes",
    summary="This major version gets no more security fixes: vulnerabilities published from now on stay open.",
    cwe=(Cwe.UNMAINTAINED_COMPONENT,),
    owasp=(OwaspRisk.API8, OwaspRisk.API9),
    live=True,
)
def end_of_life_version(env: Environment) -> Iterator[CheckResult]:
    evidence = env.version_evidence
    major = loading.major(evidence)
    if evidence is None or major is None:
        yield NotEvaluated("the version is not known", evidence.location if evidence else None)
    elif major < LAST_PATCHED:
        other = " It is another product generation, so no other check judges it." if major < OLDEST_GENERATION else ""
        yield Failure(
            subject=Subject("image", f"{env.name} version", (("deployment", env.name), ("name", "directus"))),
            location=evidence.location,
            title=f"Directus {major} gets no security fixes",
            message=(
                f"Vulnerabilities published from now on stay open. As of {AS_OF} security fixes appear in Directus {LAST_PATCHED} only."
                f"{other}{rests_on_default(evidence)}"
            ),
            expected=f"Directus {LAST_PATCHED}",
            fix=_fix(evidence.version or newest_matching(evidence.text)),
            actual=env.version_shown,
            shown=env.version_shown,
            confidence=Confidence.MEDIUM if evidence.assumed else Confidence.HIGH,
        )
    elif evidence.assumed:
        yield NotEvaluated(f"another version may run: {evidence.assumed}", evidence.location)


def _fix(version: Version | None) -> Fix:
    """An older major is better off with the newest version without the limits of Core, although that gets no fixes either."""
    older = f", which has fixes that Directus {version} lacks"
    return Fix(
        upgrade(version, instead=older if version and version < INSTEAD else ""), settings=(SetVersion(str(NEWEST)),)
    )
