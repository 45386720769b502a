"""What the four checks on vulnerable versions share. Each severity is a check, because GitHub's severity belongs to the rule."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared.upgrades import INSTEAD, upgrade
from directus_guard.directus.advisories import LAST_REVIEWED, Advisory, affecting
from directus_guard.directus.environment.certainty import Certainty
from directus_guard.directus.versions import NEWEST, OLDEST_GENERATION, newest_matching
from directus_guard.finding import Confidence, Fix, Severity, Subject
from directus_guard.setting_changes import SetVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.environment.deployment import VersionEvidence
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.versions import Version


class _Affecting(Struct, frozen=True):
    """An advisory of a deployment's version."""

    advisory: Advisory
    certainty: Certainty
    """Whether the deployment has what the attack needs."""

    @property
    def counts_as(self) -> Severity | None:
        """The advisory's severity where the attack's precondition holds, low where it does not, None where that is not known."""
        if self.certainty is Certainty.UNSEEN:
            return None
        return Severity.LOW if self.certainty is Certainty.NO else self.advisory.severity

    @property
    def needs(self) -> str:
        """The precondition in words."""
        return self.advisory.precondition.words if self.advisory.precondition else ""

    def line(self, version: Version) -> str:
        """What a finding says of it."""
        needs = f" It needs {self.needs}: {_STATES[self.certainty]}." if self.advisory.precondition else ""
        return f"{_lines(version)[self.advisory.id]}{needs}"


@lru_cache(maxsize=1024)
def _lines(version: Version) -> Mapping[str, str]:
    """What is said of each advisory that affects a version, by its id."""
    return {
        advisory.id: f"{advisory.name}: {advisory.gist}. Fixed in {advisory.fixed(version)}."
        for advisory in affecting(version)
    }


def judge(env: Environment, severity: Severity) -> Iterator[CheckResult]:
    """The advisories of one severity that affect the deployment's version, as one finding.

    A precondition that holds by default counts, with less confidence where a variable is not known. If it does not hold by
    default, and an unknown variable may switch it on, the advisory is listed beside the others. Alone it makes the check
    *not evaluated*.
    """
    evidence, version = env.version_evidence, _version(env)
    if evidence is None or version is None:
        yield NotEvaluated("the version is not known", evidence.location if evidence else None)
        return
    if version.major < OLDEST_GENERATION:
        yield NotApplicable(f"advisories are listed from Directus {OLDEST_GENERATION} on; see end-of-life-version")
        return
    states = tuple(advisory.certainty(env) for advisory in _asked(version, severity))
    listed = _listed(version, severity, states)
    if listed.applying:
        yield _failure(env, evidence, version, severity, listed)
    elif listed.not_known:
        yield NotEvaluated(listed.not_known, evidence.location)
    elif evidence.assumed:
        yield NotEvaluated(f"another version may run: {evidence.assumed}", evidence.location)


class _Listed(Struct, frozen=True):
    """What is said of the advisories of one severity, wherever the deployment is."""

    applying: tuple[_Affecting, ...]
    not_known: str
    """That others may apply, too; "" = there are none."""
    fix: Fix | None
    details: tuple[str, ...]


@lru_cache(maxsize=1024)
def _asked(version: Version, severity: Severity) -> tuple[Advisory, ...]:
    """One advisory for each precondition, of those that matter to the check of a severity."""
    return tuple({advisory.precondition: advisory for advisory in _considered(version, severity)}.values())


def _considered(version: Version, severity: Severity) -> tuple[Advisory, ...]:
    """The advisories that matter to the check of a severity. In a deployment without what they need, others are low, too."""
    return tuple(one for one in affecting(version) if severity in (one.severity, Severity.LOW))


@lru_cache(maxsize=1024)
def _listed(version: Version, severity: Severity, states: tuple[Certainty, ...]) -> _Listed:
    """What is said where the preconditions of `_asked` are in these states: most deployments of a repository have the same."""
    known = {one.precondition: state for one, state in zip(_asked(version, severity), states, strict=True)}
    affected = [_Affecting(one, known[one.precondition]) for one in _considered(version, severity)]
    found = tuple(one for one in affected if one.counts_as is severity)
    open_ = tuple(one for one in affected if one.advisory.severity is severity and one.certainty is Certainty.UNSEEN)
    advisories = [one.advisory for one in (*found, *open_)]
    return _Listed(
        found,
        _not_known(version, open_) if open_ else "",
        _fix(version, _target(version), advisories, counted=len(found)) if found else None,
        (
            *(one.line(version) for one in found),
            *(f"May apply, too: {one.line(version)}" for one in open_),
        ),
    )


def _not_known(version: Version, open_: Sequence[_Affecting]) -> str:
    """Why nothing can be said where the deployment may have what attacks need."""
    needs = ", ".join(f"{one.advisory.id} needs {one.needs}" for one in open_)
    # A setting of the project is never in a deployment's files, so the reason says what helps.
    safe = f"Directus {_target(version)} is not affected"
    return f"it is not known whether the deployment has what an attack needs: {needs}; {safe}"


def rests_on_default(evidence: VersionEvidence) -> str:
    """The sentence, with a space before it, that another version may run; "" where none may."""
    if not evidence.assumed:
        return ""
    return f" This is about the default version: {evidence.assumed}."


def _failure(
    env: Environment,
    evidence: VersionEvidence,
    version: Version,
    severity: Severity,
    listed: _Listed,
) -> Failure:
    advisories = [found.advisory for found in listed.applying]
    one = len(advisories) == 1
    subject = "This published advisory describes" if one else f"These {len(advisories)} published advisories describe"
    low = " Their severity is low, or this deployment lacks what they need." if severity is Severity.LOW else ""
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
        title=_title(_tag(env, version), len(advisories), severity),
        message=(
            f"{subject} how to attack Directus {_named(env, version)}.{low} "
            f"The list was reviewed on {LAST_REVIEWED} and may be incomplete.{rests_on_default(evidence)}"
        ),
        expected=f"Directus {_target(version)}",
        actual=env.version_shown,
        shown=env.version_shown,
        confidence=Confidence.MEDIUM if evidence.assumed or _by_default(listed.applying) else Confidence.HIGH,
        fix=listed.fix,
        details=listed.details,
    )


def _title(tag: str, count: int, severity: Severity) -> str:
    if severity is Severity.LOW:  # others have a higher severity of their own, but not in this deployment
        return f"Directus {tag} has {count} low-risk {'vulnerability' if count == 1 else 'vulnerabilities'} here"
    rated = severity.value if severity is Severity.CRITICAL else f"{severity.value}-severity"
    return f"Directus {tag} has {count} {rated} {'vulnerability' if count == 1 else 'vulnerabilities'}"


def _fix(version: Version, target: Version, listed: Sequence[Advisory], *, counted: int) -> Fix:
    """The upgrade. `listed`: what the finding lists, of which the first `counted` apply, and the others may apply."""
    number, others = len(listed), len(listed) - counted
    everything = "it" if number == 1 else "both" if number == 2 else f"all {number}"
    if others:
        everything = f"{'it' if counted == 1 else f'these {counted}'} and the {'other' if others == 1 else others} that may apply"
    there = sum(advisory.id not in _lines(INSTEAD) for advisory in listed) if version < INSTEAD else 0
    some = (
        f"{'it' if number == 1 else 'both' if number == 2 else f'all {number}'}, too"
        if there == number
        else f"{there} of the {number}"
    )
    patch = newest_matching(f"{version.major}.{version.minor}")
    if patch is not None and patch > version and patch != target and not affecting(patch):
        return Fix(
            f"Upgrade Directus to {patch}, which fixes {everything}. It is a patch release of the same minor version.",
            safe=True,
            settings=(SetVersion(str(patch)),),
        )
    return Fix(
        upgrade(version, target, helps=f", which fixes {everything}", instead=f", which fixes {some}" if there else ""),
        # A patch release brings nothing that a working project has to follow.
        safe=(version.major, version.minor) == (target.major, target.minor),
        settings=(SetVersion(str(target)),),
    )


LAST_PATCHED: Final = 12
"""The oldest major in which the advisories published up to the date of the table were fixed.

See docs/model/environment.md#advisories.
"""


@cache
def _target(version: Version) -> Version:
    """The version to upgrade to, in which all advisories that affect `version` are fixed."""
    return max(NEWEST, *(advisory.fixed(version) for advisory in affecting(version)))


def _by_default(applying: Sequence[_Affecting]) -> bool:
    """Whether all of them depend on the default of an unknown variable."""
    return all(one.certainty is Certainty.BY_DEFAULT for one in applying)


def _version(env: Environment) -> Version | None:
    """The exact version; of a floating tag the newest that it can mean, so that the finding is true for all of them."""
    evidence = env.version_evidence
    return (evidence.version or newest_matching(evidence.text)) if evidence is not None else None


def _is_exact(env: Environment) -> bool:
    return env.version_evidence is not None and env.version_evidence.version is not None


def _tag(env: Environment, version: Version) -> str:
    """The version as the evidence names it: `11.8` for a floating tag."""
    named = env.version_evidence.text if env.version_evidence is not None else ""
    return str(version) if _is_exact(env) or len(named) > len("^123.1234.1234") else named


def _named(env: Environment, version: Version) -> str:
    return str(version) if _is_exact(env) else f"{_tag(env, version)} (even its last version, {version})"


_STATES: Final = {
    Certainty.YES: "this deployment has it",
    Certainty.BY_DEFAULT: "on by default; what may switch it off is not known",
    Certainty.UNSEEN: "the files do not show this",
    Certainty.NO: "this deployment does not have it",
}
