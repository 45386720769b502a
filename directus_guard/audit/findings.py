"""Answers of checks become findings and outcomes: equal ones are one, each says what version it was judged for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.audit.code_frame import frame
from directus_guard.audit.placing import placed
from directus_guard.checks.leaks import merged as one_each
from directus_guard.checks.result import Failure, NotApplicable, NotEvaluated, Pass
from directus_guard.directus.environment.deployment import Platform
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.export import Export
from directus_guard.directus.versions import NEWEST, OLDEST
from directus_guard.finding import Anchor, Context, Finding, Location, Outcome, Related, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.audit.judge import Judged
    from directus_guard.audit.options import Options
    from directus_guard.checks.result import About
    from directus_guard.sources.files.repository import Repository


def findings_of(judged: Iterable[Judged], repository: Repository, options: Options) -> tuple[Finding, ...]:
    """What the checks find, each thing once, at its place."""
    return placed(unplaced_findings(judged, repository, options), repository)


def unplaced_findings(judged: Iterable[Judged], repository: Repository, options: Options) -> tuple[Finding, ...]:
    """`findings_of`, in which those about stored rows are at the whole row: `placed` looks their members up."""
    found = (_finding(item, failure, repository, options) for item, failure in _failures(judged))
    return _equal_as_one(_distinct(found))


def _failures(judged: Iterable[Judged]) -> Iterator[tuple[Judged, Failure]]:
    """What was judged with the failures that become findings: several about one leaked value become one."""
    found = [(item, item.answer) for item in judged if isinstance(item.answer, Failure)]
    kept = one_each([(item.check.id, answer.context or item.context, answer) for item, answer in found])
    return ((item, failure) for (item, _), failure in zip(found, kept, strict=True) if failure is not None)


def _finding(judged: Judged, answer: Failure, repository: Repository, options: Options) -> Finding:
    check = judged.check
    given = options.severities_at(judged.place, judged.name).get(check.id)
    live = judged.live
    framed = answer.framed and not live
    lines = repository.lines(answer.location.path) if framed else ()
    return Finding(
        check=check.id,
        severity=answer.severity or given or check.severity,
        confidence=answer.confidence,
        context=answer.context or judged.context,
        title=answer.title or check.title,
        message=answer.message + ("" if check.chapter == "deployment" else _version_note(judged.about)),
        expected=answer.expected,
        actual=answer.actual,
        subject=answer.subject,
        location=answer.location,
        # The records of an instance all stand at one anchor: a second time it says nothing.
        related=tuple(one for one in answer.related if one.location != answer.location) if live else answer.related,
        fix=answer.fix,
        steps=answer.steps,
        frame=frame(lines, answer.location, answer.actual if answer.shown is None else answer.shown)
        if framed
        else None,
        live=live,
        details=answer.details,
        link=_link(judged, answer),
        anchor=Anchor(answer.location, answer.members) if answer.members and not live else None,
    )


def _link(judged: Judged, answer: Failure) -> str:
    """The page of the Data Studio about it, where an instance was asked."""
    about = judged.about
    if not answer.studio or not judged.live or not isinstance(about, Export):
        return ""
    return f"{about.name}/admin/{answer.studio}" if about.name.startswith(("https://", "http://")) else ""


def _version_note(about: About) -> str:
    """What the finding has to say about the version it was judged for."""
    if not isinstance(about, Environment) or about.deployment.platform is Platform.INSTANCE:
        return ""
    evidence_ = about.version_evidence
    if evidence_ is None or evidence_.version is None:
        return f" The exact version is not known; judged for Directus {about.version}."
    if evidence_.version > NEWEST:
        return f" Directus {evidence_.version} is newer than the newest measured; judged as {NEWEST}."
    if evidence_.version < OLDEST:
        return f" Directus {evidence_.version} is older than the oldest measured; judged as {OLDEST}."
    return ""


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding per check, place and variable: a file that two services use is one thing to mend.

    What is only anchored at a place is identified by its object.

    The one whose context weighs most is kept.
    """
    kept: dict[tuple[str, Location, str], Finding] = {}
    for finding in findings:
        name = finding.subject.key if finding.live else finding.subject.key.rsplit(" ", 1)[-1]
        key = (finding.check, finding.location, name)
        other = kept.get(key)
        if other is None or _WEIGHT.index(finding.context) < _WEIGHT.index(other.context):
            kept[key] = finding
    return tuple(kept.values())


_WEIGHT: Final = (Context.PRODUCTION, Context.UNKNOWN, Context.DEVELOPMENT, Context.EXAMPLE)
"""Contexts, the one that weighs most first."""


def _equal_as_one(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Permissions that say the same for the same policy are one finding, which names the places of all."""
    kept: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        same = (finding.check, finding.subject, finding.context, finding.message, finding.actual)
        kept.setdefault(same if finding.subject.kind == "permission" else number, []).append(finding)
    return tuple(_as_one(same) for same in kept.values())


def _as_one(same: Sequence[Finding]) -> Finding:
    first = min(same, key=lambda finding: finding.location)
    if len(same) == 1 or first.live:
        return first
    places = (Related(finding.location, finding.actual) for finding in same)
    patches = tuple(patch for finding in same if finding.fix for patch in finding.fix.rows)
    fix = replace(first.fix, rows=tuple(dict.fromkeys(patches))) if first.fix else None
    return replace(first, fix=fix, related=tuple(dict.fromkeys((*first.related, *places))))


def outcomes_of(judged: Iterable[Judged]) -> tuple[Outcome, ...]:
    """Every answer in short; of one check on one subject the same answer once."""
    outcomes: dict[object, Outcome] = {}
    for item in judged:
        answer = item.answer
        match answer:
            case Failure(location=location):
                outcome = Outcome(item.check.id, Status.FAIL, item.subject, "", location)
            case NotEvaluated(reason=reason, location=location):
                outcome = Outcome(item.check.id, Status.NOT_EVALUATED, item.subject, reason, location, item.bug)
            case NotApplicable(reason=reason):
                outcome = Outcome(item.check.id, Status.NOT_APPLICABLE, item.subject, reason)
            case Pass(reason=reason):
                outcome = Outcome(item.check.id, Status.PASS, item.subject, reason)
        # The type of the answer is its status, and has a hash that costs nothing.
        same = (outcome.check, type(answer), outcome.subject, outcome.reason, outcome.location, outcome.bug)
        outcomes.setdefault(same, outcome)
    return tuple(
        sorted(outcomes.values(), key=lambda outcome: (outcome.subject, outcome.check, outcome.status, outcome.reason))
    )
