"""What the four checks on vulnerable versions share. One id each, because GitHub's severity belongs to the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.answers import Answer, Failure, NotApplicable, NotEvaluated
from directus_guard.directus import environment
from directus_guard.directus.advisories import LAST_REVIEWED, affecting
from directus_guard.directus.versions import NEWEST_OF
from directus_guard.finding import Confidence, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.advisories import Advisory
    from directus_guard.directus.environment import Environment
    from directus_guard.directus.versions import Version


def judge(env: Environment, severity: Severity) -> Iterator[Answer]:
    """The advisories of one severity that the deployment's version is affected by, as one finding."""
    evidence, version = env.version_evidence, _version(env)
    if evidence is None or version is None:
        yield NotEvaluated("the version is not known", evidence.location if evidence else None)
        return
    if version.major < 9:
        yield NotApplicable("advisories are recorded from Directus 9 on; see end-of-life-version")
        return
    found = [advisory for advisory in affecting(version) if _counts_as(advisory, env) is severity]
    if not found:
        return
    fixed = max(advisory.fixed(version) for advisory in found)
    unreachable = [advisory for advisory in found if advisory.severity is not severity]
    unsure = all(advisory.precondition is not None and advisory.precondition(env) is None for advisory in found)
    yield Failure(
        subject=Subject("image", f"{env.name} version", (("deployment", env.name), ("name", "directus"))),
        location=evidence.location,
        message=(
            f"Directus {_named(env, version)} is affected by {len(found)} published {'advisory' if len(found) == 1 else 'advisories'}: "
            + "; ".join(_line(advisory, env) for advisory in found)
            + (
                f". {len(unreachable)} of them cannot be reached here as far as the environment tells."
                if unreachable
                else "."
            )
            + f" The built-in list was last reviewed on {LAST_REVIEWED} and may miss some."
        ),
        expected=f"{fixed} or newer",
        actual=env.version_shown,
        shown=env.version_shown,
        confidence=Confidence.MEDIUM if unsure else Confidence.HIGH,
    )


def _version(env: Environment) -> Version | None:
    """The exact version; of a floating tag the newest it can mean, so that what is said holds for all of them."""
    evidence = env.version_evidence
    if evidence is not None and evidence.version is not None:
        return evidence.version
    return NEWEST_OF.get(environment.major(evidence) or 0)


def _named(env: Environment, version: Version) -> str:
    exact = env.version_evidence is not None and env.version_evidence.version is not None
    return str(version) if exact else f"{version.major} (even its last version {version})"


def _counts_as(advisory: Advisory, env: Environment) -> Severity:
    """Low where the attack's precondition is known to be absent."""
    absent = advisory.precondition is not None and advisory.precondition(env) is False
    return Severity.LOW if absent else advisory.severity


def _line(advisory: Advisory, env: Environment) -> str:
    name = f"{advisory.id} ({advisory.cve})" if advisory.cve else advisory.id
    needs = ""
    if advisory.precondition is not None:
        state = {True: "present here", False: "absent here", None: "not known here"}[advisory.precondition(env)]
        needs = f" [needs {advisory.needs}: {state}]"
    return f"{name} {advisory.gist}, fixed in {advisory.fixed(_version(env) or env.version)}{needs}"
