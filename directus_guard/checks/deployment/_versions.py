"""What the four checks on vulnerable versions share. One id each, because GitHub's severity belongs to the rule."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.directus.advisories import LAST_REVIEWED, affecting
from directus_guard.directus.environment.certainty import Certainty
from directus_guard.directus.versions import NEWEST, OLDEST_GENERATION, newest_matching
from directus_guard.finding import Confidence, Fix, Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.advisories import Advisory
    from directus_guard.directus.environment.deployment import VersionEvidence
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.versions import Version


def judge(env: Environment, severity: Severity) -> Iterator[CheckResult]:
    """The advisories of one severity that the deployment's version is affected by, as one finding.

    A precondition that holds at the defaults of what cannot be seen counts, with less confidence. One that does not hold
    there, and that an unseen variable may switch on, fails nothing: the advisory is listed beside the others, and alone
    it makes the check *not evaluated*.
    """
    evidence, version = env.version_evidence, _version(env)
    if evidence is None or version is None:
        yield NotEvaluated("the version is not known", evidence.location if evidence else None)
        return
    if version.major < OLDEST_GENERATION:
        yield NotApplicable(f"advisories are listed from Directus {OLDEST_GENERATION} on; see end-of-life-version")
        return
    affected = affecting(version)
    found = [
        advisory
        for advisory in affected
        if severity in (advisory.severity, Severity.LOW) and _counts_as(advisory, env) is severity
    ]
    open_ = [
        advisory
        for advisory in affected
        if advisory.severity is severity and advisory.certainty(env) is Certainty.UNSEEN
    ]
    if found:
        yield _failure(env, evidence, version, severity, found, open_)
    elif open_:
        needs = ", ".join(f"{advisory.id} needs {_needs(advisory)}" for advisory in open_)
        # A setting of the project is never in a deployment's files: the way out has to be said.
        safe = f"Directus {_target(version)} is not affected"
        yield NotEvaluated(f"what an attack needs is not visible: {needs}; {safe}", evidence.location)
    elif evidence.assumed:
        yield NotEvaluated(f"another version may run: {evidence.assumed}", evidence.location)


def rests_on_default(evidence: VersionEvidence) -> str:
    """The sentence, with a space before it, that says that another version may run; "" where none may."""
    if not evidence.assumed:
        return ""
    return f" This rests on the default version: {evidence.assumed}, and another version may undo the finding."


def _failure(
    env: Environment,
    evidence: VersionEvidence,
    version: Version,
    severity: Severity,
    advisories: Sequence[Advisory],
    open_: Sequence[Advisory],
) -> Failure:
    target = _target(version)
    count = f"{len(advisories)} published {'advisory' if len(advisories) == 1 else 'advisories'}"
    kind = (
        "of severity low, or with a precondition that is absent here"
        if severity is Severity.LOW
        else f"of severity {severity.value}"
    )
    fixes = "this fixes it" if len(advisories) == 1 else f"this fixes all {len(advisories)}"
    return Failure(
        subject=Subject(
            "image",
            f"{env.name} version",
            (
                ("deployment", env.name),
                ("name", "directus"),
                ("advisories", tuple(advisory.id for advisory in advisories)),
            ),
        ),
        location=evidence.location,
        title=f"Directus {_tag(env, version)} has {len(advisories)} known {'vulnerability' if len(advisories) == 1 else 'vulnerabilities'} ({severity.value})",
        message=(
            f"Directus {_named(env, version)} is affected by {count} {kind}. "
            f"The list was last reviewed on {LAST_REVIEWED} and may miss some.{rests_on_default(evidence)}"
        ),
        expected=f"Directus {target}",
        actual=env.version_shown,
        shown=env.version_shown,
        confidence=Confidence.MEDIUM if evidence.assumed or _by_default(env, advisories) else Confidence.HIGH,
        fix=Fix(f"Upgrade to Directus {target}: {fixes}."),
        details=(
            *(_line(advisory, version, env) for advisory in advisories),
            *(f"May apply too: {_line(advisory, version, env)}" for advisory in open_),
        ),
    )


@cache
def _target(version: Version) -> Version:
    """The version to upgrade to, in which all advisories that affect `version` are fixed."""
    return max(NEWEST, *(advisory.fixed(version) for advisory in affecting(version)))


def _by_default(env: Environment, advisories: Sequence[Advisory]) -> bool:
    """Whether all of them rest on the default of a variable that cannot be seen."""
    return all(advisory.certainty(env) is Certainty.BY_DEFAULT for advisory in advisories)


def _version(env: Environment) -> Version | None:
    """The exact version; of a floating tag the newest it can mean, so that what is said holds for all of them."""
    evidence = env.version_evidence
    return (evidence.version or newest_matching(evidence.text)) if evidence is not None else None


def _is_exact(env: Environment) -> bool:
    return env.version_evidence is not None and env.version_evidence.version is not None


def _tag(env: Environment, version: Version) -> str:
    """The version as the evidence names it: `11.8` for a floating tag."""
    named = env.version_evidence.text if env.version_evidence is not None else ""
    return str(version) if _is_exact(env) or len(named) > len("^123.1234.1234") else named


def _named(env: Environment, version: Version) -> str:
    return str(version) if _is_exact(env) else f"{_tag(env, version)} (even its last version, {version},)"


def _counts_as(advisory: Advisory, env: Environment) -> Severity | None:
    """The advisory's severity where the attack's precondition holds, low where it does not, None where that is not visible."""
    found = advisory.certainty(env)
    if found is Certainty.UNSEEN:
        return None
    return Severity.LOW if found is Certainty.NO else advisory.severity


def _needs(advisory: Advisory) -> str:
    return advisory.precondition.words if advisory.precondition else ""


def _line(advisory: Advisory, version: Version, env: Environment) -> str:
    needs = f" Needs {_needs(advisory)}: {_STATES[advisory.certainty(env)]}." if advisory.precondition else ""
    return f"{advisory.name}: {advisory.gist}. Fixed in {advisory.fixed(version)}.{needs}"


_STATES: Final = {
    Certainty.YES: "present here",
    Certainty.BY_DEFAULT: "present by default, and what may switch it off is not visible here",
    Certainty.UNSEEN: "not visible here",
    Certainty.NO: "absent here",
}
