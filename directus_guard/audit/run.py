"""The whole program on one screen: collect -> model -> judge -> report."""

from __future__ import annotations

import fnmatch
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.audit import completeness, coverage, standing, suppression, variants
from directus_guard.audit.code_frame import frame
from directus_guard.checks import catalogue, unseen
from directus_guard.checks.answers import Check, Failure, NotApplicable, NotEvaluated, Pass
from directus_guard.checks.leaks import merged as one_each
from directus_guard.directus import context
from directus_guard.directus.access.administrators import administrators
from directus_guard.directus.environment import settings as environment
from directus_guard.directus.environment.deployment import Platform, VersionEvidence
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.export import Export
from directus_guard.directus.instance import Instance
from directus_guard.directus.project import Project
from directus_guard.directus.versions import NEWEST, OLDEST, OLDEST_GENERATION, Version
from directus_guard.finding import (
    Context,
    Finding,
    Location,
    Outcome,
    Problem,
    Related,
    Report,
    Rule,
    Scanned,
    Severity,
    State,
    Status,
    SwitchedOff,
)
from directus_guard.github import fingerprints
from directus_guard.sources import belonging, collect as evidence
from directus_guard.sources.deployments.anchor import anchor
from directus_guard.sources.files.folder import Folder
from directus_guard.sources.files.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date

    from directus_guard.audit.access_diff import AccessDiff
    from directus_guard.checks.answers import About, Answer
    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.live.target import Target
    from directus_guard.sources.files.store import Store


Item = TypeVar("Item", Environment, Export)


class Base(Struct, frozen=True):
    """What a change is compared with: the same folder at another revision."""

    name: str
    store: Store


class Options(Struct, frozen=True):
    """What a run is asked to do; the defaults are the command line's."""

    root: Path = Path()
    store: Store | None = None
    """Where the files of `root` are read from; None = the folder itself."""
    base: Base | None = None
    """What the other options were read from where files tell them. Ignore comments count only if it has them too."""
    new_only: bool = True
    """Findings that the base has too are not new."""
    paths: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    directus_version: Version | None = None
    edition: Edition | None = None
    """None: what the exports tell."""
    fail_on: Severity | None = Severity.HIGH
    min_severity: Severity = Severity.LOW
    strict: bool = False
    incomplete_fails: bool = True
    """Whether a part of a Directus project that could not be read ends the run with exit code 4."""
    include_nonproduction: bool = False
    use_ignores: bool = True
    ignores: tuple[suppression.Ignore, ...] = ()
    baseline: frozenset[str] = frozenset()
    contexts: tuple[tuple[str, Context], ...] = ()
    """Globs on deployment names and what such deployments are for; the first that matches counts."""
    severities: tuple[tuple[str, Severity | None], ...] = ()
    """Check id and its severity by the config; None = off."""
    switched_off: tuple[SwitchedOff, ...] = ()
    """The checks that are off, with the reasons that the config gives."""
    largest_upload: int = 1024**3
    """Bytes: the config's `thresholds.files-max-upload-size`."""
    target: Target | None = None
    """The running instance to ask too."""
    today: date | None = None
    notices: tuple[str, ...] = ()
    """What is to be said about the options."""
    debug: bool = False
    """Whether a bug in a check ends the run with its traceback."""


def audit(options: Options) -> Report:
    """Judge the repository. Bad input becomes a problem in the report; nothing is raised for it."""
    return run(options).report


class Audited(Struct, frozen=True):
    """A run: its report, what was judged, and what it grants that the base does not (None: no base, or no exports)."""

    report: Report
    project: Project
    access: AccessDiff | None = None
    findings: tuple[Finding, ...] = ()
    """Everything that was found, whatever its severity and context."""


def run(options: Options) -> Audited:
    """`audit`, with what a page about a change shows besides the report."""
    base = run(replace(options, store=options.base.store, base=None, target=None)) if options.base else None
    repository = Repository(options.store or options.root, options.paths, options.exclude, debug=options.debug)
    found = evidence.collect(repository, options.directus_version, options.edition)
    belonging.mark(repository, found)
    project = model(found, repository, options)
    if options.target is not None:
        project = replace(project, instance=ask(options.target, repository, project, options))
    if base and options.new_only:
        belonging.recheck(repository, completeness.files(base.project) - completeness.files(project))
    judged = tuple(judge(project, options))
    findings = _findings(judged, repository, options)
    compare = partial(_new_access, base, project, findings, options) if base else None
    access = repository.attempt("the comparison of the access", compare, None) if compare else None
    report = _report(options, repository, found, project, findings, _outcomes(judged), base, access)
    return Audited(report, project, access, findings)


def _findings(judged: Iterable[Judged], repository: Repository, options: Options) -> tuple[Finding, ...]:
    return _equal_as_one(_distinct(_finding(answer, repository, options) for answer in _failures(judged)))


def _equal_as_one(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Permissions that say the same for the same policy are one finding, which names the places of all."""
    kept: dict[object, list[Finding]] = {}
    for finding in findings:
        same = (finding.check, finding.subject, finding.context, finding.message, finding.actual)
        kept.setdefault(same if finding.subject.kind == "permission" else id(finding), []).append(finding)
    return tuple(_as_one(same) for same in kept.values())


def _as_one(same: Sequence[Finding]) -> Finding:
    first = min(same, key=lambda finding: finding.location)
    if len(same) == 1 or first.live:
        return first
    places = (Related(finding.location, finding.actual) for finding in same)
    return replace(first, related=tuple(dict.fromkeys((*first.related, *places))))


def _failures(judged: Iterable[Judged]) -> Iterator[Judged]:
    """The answers that become findings: several about one leaked value become one."""
    found = [(item, item.answer) for item in judged if isinstance(item.answer, Failure)]
    kept = one_each([(item.check.id, answer.context or item.context, answer) for item, answer in found])
    return (replace(item, answer=answer) for (item, _), answer in zip(found, kept, strict=True) if answer is not None)


def _new_access(base: Audited, head: Project, findings: tuple[Finding, ...], options: Options) -> AccessDiff | None:
    """What a change grants; of findings those about exports, as the report has the others."""
    if not base.project.exports and not head.exports:
        return None
    from directus_guard.audit.access_diff import Found, compare  # noqa: PLC0415 - only where there is access to compare

    exports = {export.name for side in (base.project, head) for export in side.exports}
    there, here = (tuple(one for one in side if _model(one) in exports) for side in (base.findings, findings))
    return compare(base.project.exports, head.exports, dict(options.severities), Found(there, here))


def _model(finding: Finding) -> object:
    return dict(finding.subject.details).get("model")


class Side(Struct, frozen=True):
    """BASE or HEAD of a comparison: its project, what the checks find there, and what could not be read."""

    project: Project
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]

    @property
    def incomplete(self) -> frozenset[str]:
        """Files of a Directus project that could not be read: what they grant is not known."""
        return frozenset(problem.path for problem in self.problems if problem.incomplete)


def look(options: Options) -> Side:
    """Judge one side of a comparison with every check. Of an instance its access model alone is compared."""
    repository = Repository(options.store or options.root, options.paths, options.exclude)
    if options.target is not None:
        live = ask(options.target, repository, Project(()), options).export
        project = Project((), exports=(live,) if live else ())
    else:
        found = evidence.collect(repository, options.directus_version, options.edition)
        belonging.mark(repository, found)
        project = model(found, repository, options)
    return look_at(project, options, repository)


def look_at(project: Project, options: Options, repository: Repository) -> Side:
    """`look` at a project that was read already."""
    findings = _findings(judge(project, options), repository, options)
    today = options.today or datetime.now(UTC).date()
    ignored = suppression.apply(options.ignores, findings, today, catalogue()).suppressed
    kept = tuple(finding for finding in findings if suppression.place(finding) not in ignored)
    return Side(project, kept, completeness.settled(repository.problems, project))


def compare(base: Side, head: Side, options: Options) -> AccessDiff:
    """What HEAD grants that BASE does not: access, and the findings that HEAD adds.

    Findings of deployments and code count where both sides are files.
    """
    from directus_guard.audit import access_diff  # noqa: PLC0415 - only where sides are compared

    live = any(export.live for side in (base, head) for export in side.project.exports)
    there, here = (tuple(one for one in side.findings if not live or _model(one)) for side in (base, head))
    deployments = (tuple(env.name for env in side.project.environments) for side in (base, head))
    return access_diff.compare(
        base.project.exports,
        head.project.exports,
        dict(options.severities),
        access_diff.Found(there, here, *deployments),
    )


def model(found: evidence.Evidence, repository: Repository, options: Options) -> Project:
    """Every deployment's environment as Directus of its version sees it."""
    exported = tuple(replace(item, context=context.of_path(item.name)) for item in found.exports)
    attempts = (
        repository.attempt(item.name, partial(_environment, item, repository, options), None)
        for item in found.deployments
    )
    environments = tuple(env for env in attempts if env is not None)
    return Project(environments, found.databases, exported, found.packages, found.extensions)


def ask(target: Target, repository: Repository, project: Project, options: Options) -> Instance:
    """What the running instance says; what went wrong becomes problems of the report."""
    from directus_guard.live.collect import collect  # noqa: PLC0415 - only whoever asks needs an HTTP library

    declared = {name for export in project.exports if export.context.gates for name in export.public_reads}
    found = collect(
        target,
        location=anchor(repository, project.environments, target.origin),
        version=options.directus_version,
        edition=options.edition,
        declared=declared,
    )
    for trouble in found.trouble:
        repository.problem(target.origin, trouble)
    return _with_context(found.instance, options)


def _with_context(instance: Instance, options: Options) -> Instance:
    for glob, given in options.contexts:
        if fnmatch.fnmatchcase(instance.origin, glob):
            env = replace(instance.environment, context=given, context_reason=_BY_CONFIG)
            export = replace(instance.export, context=given) if instance.export else None
            return replace(instance, environment=env, export=export)
    return instance


_BY_CONFIG: Final = "the config says so"


def _environment(deployment: Deployment, repository: Repository, options: Options) -> Environment:
    version_evidence = deployment.version
    if options.directus_version is not None:
        version_evidence = VersionEvidence(
            options.directus_version, str(options.directus_version), deployment.location, "--directus-version"
        )
    version = environment.judged_version(version_evidence)
    settings, closed = environment.load(_as_far_as_read(deployment, repository), version)
    purpose, reason = context.classify(deployment, settings, _asked(deployment, repository, options))
    for glob, given in options.contexts:
        if fnmatch.fnmatchcase(deployment.name, glob):
            purpose, reason = given, _BY_CONFIG
            break
    paths = {
        place.path
        for setting in settings.values()
        for place in (setting.location, *(part.location for part in setting.parts))
        if place is not None
    }
    untracked = frozenset(path for path in paths if not repository.tracked(path))
    return Environment(
        deployment, settings, version, version_evidence, purpose, reason, untracked, options.largest_upload, closed
    )


def _as_far_as_read(deployment: Deployment, repository: Repository) -> Deployment:
    """A manifest of which only a part was read may set more: what is not seen in it is not known."""
    path = deployment.location.path
    part = any(problem.path == path for problem in repository.problems)
    return replace(deployment, open=(*deployment.open, f"`{path}` was read in part only")) if part else deployment


def _asked(deployment: Deployment, repository: Repository, options: Options) -> str:
    """The folder that was named to be scanned and holds the deployment, relative to the root."""
    for path in options.paths:
        folder = Path(os.path.realpath(path))
        if folder.is_dir() and folder.is_relative_to(repository.root):
            relative = folder.relative_to(repository.root).as_posix()
            if deployment.name.startswith(f"{relative}/"):
                return relative
    return ""


class Judged(Struct, frozen=True):
    """One answer of one check."""

    check: Check
    answer: Answer
    about: About
    bug: bool = False
    """Whether the check failed inside and this is said in place of its answer."""

    @property
    def subject(self) -> str:
        return self.about.name if self.about else "repository"

    @property
    def context(self) -> Context:
        return self.about.context if self.about else Context.UNKNOWN

    @property
    def live(self) -> bool:
        """Whether what it says is about a running instance, so that its place is only an anchor."""
        about = self.about
        if isinstance(about, Environment):
            return about.deployment.platform is Platform.INSTANCE
        return isinstance(about, Instance) or (isinstance(about, Export) and about.live)


def judge(project: Project, options: Options) -> Iterator[Judged]:
    """Ask every check; a check that yields nothing has passed, one that fails inside is not evaluated."""
    off = {check for check, severity in options.severities if severity is None}
    for check in catalogue().values():
        if check.id in off:
            continue
        for about, ask_one in _questions(check, project):
            try:
                yield from ask_one()
            except Exception as error:
                if options.debug:
                    raise
                yield Judged(check, NotEvaluated(BUG.format(type(error).__name__)), about, bug=True)


BUG: Final = "this is a bug in directus-guard ({}); run again with --debug and report the traceback"


def _questions(check: Check, project: Project) -> Iterator[tuple[About, Callable[[], Sequence[Judged]]]]:
    """What a check is asked, one question for each thing it judges, and what the question is about."""
    if check.judge_project is not None:
        yield None, partial(_ask_project, check, project)
        return
    for export in project.models:
        yield export, partial(_ask_about, check, export, _ask_export)
    for env in project.environments:
        yield env, partial(_ask_about, check, env, _ask)
    if project.instance is not None:
        yield project.instance, partial(_ask_instance, check, project.instance, project)


def _ask_about(check: Check, about: Item, ask_one: Callable[[Check, Item], Sequence[Answer]]) -> list[Judged]:
    return [Judged(check, answer, about) for answer in ask_one(check, about)]


def _ask_project(check: Check, project: Project) -> list[Judged]:
    assert check.judge_project is not None  # noqa: S101 - the caller selects such checks
    answers = [Judged(check, answer, about) for about, answer in check.judge_project(project)]
    return answers or [Judged(check, Pass(), None)]


def _ask_export(check: Check, export: Export) -> Sequence[Answer]:
    if check.judge_export is None:
        return ()
    if export.model.version < check.since:
        return (NotApplicable(f"Directus {export.model.version} does not have it"),)
    answers = tuple(check.judge_export(export))
    if any(isinstance(answer, Failure) for answer in answers):
        return answers
    # What the export cannot contain may hold what the check looks for.
    gaps = tuple(NotEvaluated(reason, export.location) for reason in export.gaps(check.needs))
    return gaps or answers or (Pass(),)


def _ask(check: Check, env: Environment) -> Sequence[Answer]:
    if check.judge is None:
        return ()
    major = environment.major(env.version_evidence)
    if major is not None and major < OLDEST_GENERATION and check.chapter != "deployment":
        return (NotApplicable(f"Directus {major} is another product generation; see end-of-life-version"),)
    if not check.since <= env.version < check.until and env.hidden_version:
        return (NotEvaluated(f"the version of Directus is not known: {env.hidden_version}"),)
    if not check.since <= env.version < check.until:
        return (NotApplicable(f"Directus {env.version} does not have it"),)
    judge_unseen = unseen.judge_itself if check.itself else unseen.judge_at_defaults
    return judge_unseen(env, check.judge) or (Pass(),)


def _ask_instance(check: Check, instance: Instance, project: Project) -> list[Judged]:
    """The checks of the live chapter, and those for which the instance tells enough of its environment."""
    if check.judge_instance is not None:
        silent = (NotEvaluated(instance.silent),) if instance.silent else ()
        answers = silent or tuple(check.judge_instance(instance, project)) or (Pass(),)
        return [Judged(check, answer, instance) for answer in answers]
    if check.live:
        return _ask_about(check, instance.environment, _ask)
    return []


def _finding(judged: Judged, repository: Repository, options: Options) -> Finding:
    check, answer = judged.check, judged.answer
    assert isinstance(answer, Failure)  # noqa: S101 - the caller selects failures
    given = dict(options.severities).get(check.id)
    framed = answer.framed and not judged.live
    lines = repository.lines(answer.location.path) if framed else ()
    return Finding(
        check=check.id,
        severity=given or check.severity,
        confidence=answer.confidence,
        context=answer.context or judged.context,
        title=answer.title or check.title,
        message=answer.message + ("" if check.chapter == "deployment" else _version_note(judged.about)),
        expected=answer.expected,
        actual=answer.actual,
        subject=answer.subject,
        location=answer.location,
        # The records of an instance all stand at one anchor: a second time it says nothing.
        related=tuple(one for one in answer.related if not judged.live or one.location != answer.location),
        fix=answer.fix,
        steps=answer.steps,
        frame=frame(lines, answer.location, answer.actual if answer.shown is None else answer.shown)
        if framed
        else None,
        live=judged.live,
        details=answer.details,
    )


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
    order = [Context.PRODUCTION, Context.UNKNOWN, Context.DEVELOPMENT, Context.EXAMPLE]
    kept: dict[tuple[str, Location, str], Finding] = {}
    for finding in findings:
        name = finding.subject.key if finding.live else finding.subject.key.rsplit(" ", 1)[-1]
        key = (finding.check, finding.location, name)
        other = kept.get(key)
        if other is None or order.index(finding.context) < order.index(other.context):
            kept[key] = finding
    return tuple(kept.values())


def _outcomes(judged: Iterable[Judged]) -> tuple[Outcome, ...]:
    """Every answer in short; of one check on one subject the same answer once."""
    outcomes: dict[Outcome, None] = {}
    for item in judged:
        match item.answer:
            case Failure(location=location):
                outcome = Outcome(item.check.id, Status.FAIL, item.subject, "", location)
            case NotEvaluated(reason=reason, location=location):
                outcome = Outcome(item.check.id, Status.NOT_EVALUATED, item.subject, reason, location, item.bug)
            case NotApplicable(reason=reason):
                outcome = Outcome(item.check.id, Status.NOT_APPLICABLE, item.subject, reason)
            case Pass(reason=reason):
                outcome = Outcome(item.check.id, Status.PASS, item.subject, reason)
        outcomes[outcome] = None
    return tuple(sorted(outcomes, key=lambda outcome: (outcome.subject, outcome.check, outcome.status, outcome.reason)))


def _report(
    options: Options,
    repository: Repository,
    found: evidence.Evidence,
    project: Project,
    findings: tuple[Finding, ...],
    outcomes: tuple[Outcome, ...],
    base: Audited | None,
    access: AccessDiff | None,
) -> Report:
    held = [repository.attempt(model.name, partial(administrators, model), None) for model in project.models]
    known = (base.report, base.project) if base and options.new_only else None
    problems = completeness.settled(repository.problems, project, known, nonproduction=options.include_nonproduction)
    findings = tuple(sorted((item for item in findings if item.severity.rank >= options.min_severity.rank), key=_order))
    findings, notices = _settled(findings, repository, options, base.report if base else None, access)
    findings = variants.merged(findings, project.environments)
    apart = tuple(item for item in findings if not item.context.gates) if not options.include_nonproduction else ()
    main = tuple(item for item in findings if item not in set(apart))
    summary = _summary(main, apart, outcomes)
    report = Report(
        scanned=Scanned(
            ".",
            len(repository.files),
            tuple(env.name for env in project.environments),
            tuple(export.name for export in project.models),
            project.instance.origin if project.instance and not project.instance.silent else None,
            packages=tuple(package.name for package in project.packages),
        ),
        findings=main,
        nonproduction=apart,
        outcomes=outcomes,
        problems=problems,
        administrators=tuple(listed for listed in held if listed is not None),
        notices=(*options.notices, *notices, *found.notices),
        fail_on=options.fail_on,
        base=options.base.name if options.base and options.new_only else "",
        coverage=coverage.of(project),
        switched_off=options.switched_off,
        incomplete_fails=options.incomplete_fails,
    )
    code = exit_code(report, strict=options.strict, asked=options.target is not None)
    return replace(report, exit_code=code, summary=summary | {"exit_code": code})


def _order(finding: Finding) -> tuple[int, str, str, int, int, str]:
    """The contract's order: severity, check, path, line."""
    place = finding.location
    return (-finding.severity.rank, finding.check, place.path, place.line, place.column, finding.subject.key)


def _settled(
    findings: tuple[Finding, ...],
    repository: Repository,
    options: Options,
    base: Report | None,
    access: AccessDiff | None,
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings with their states, and what is to be said about ignores and the base."""
    today = options.today or datetime.now(UTC).date()
    inline = suppression.inline(repository.read_texts()) if options.use_ignores else ()
    comments = suppression.apply(inline, findings, today, catalogue())
    config = suppression.apply(options.ignores if options.use_ignores else (), findings, today, catalogue())
    notices = (*comments.notices, *config.notices)
    if base is None or options.base is None:
        return standing.alone(findings, {**comments.suppressed, **config.suppressed}, options.baseline), notices
    name = options.base.name
    settled = standing.against(
        variants.apart((*base.findings, *base.nonproduction)),
        name,
        findings,
        by_config=config.suppressed,
        by_comment=comments.suppressed,
        accepted=options.baseline,
        known_counts=not options.new_only,
        wider=access.triggered if access else frozenset(),
    )
    unread = (f"{problem.path} on {name}: {problem.message}; findings in it are new" for problem in base.problems)
    return settled, (*notices, *unread)


def _summary(main: Sequence[Finding], apart: Sequence[Finding], outcomes: Sequence[Outcome]) -> dict[str, int]:
    active = [finding for finding in main if finding.state is not State.SUPPRESSED]
    counts = {severity.value: sum(item.severity is severity for item in active) for severity in Severity}
    return counts | {
        "nonproduction": len(apart),
        "suppressed": sum(finding.state is State.SUPPRESSED for finding in main),
        "not_evaluated": sum(outcome.status is Status.NOT_EVALUATED for outcome in outcomes),
    }


def exit_code(report: Report, *, strict: bool, asked: bool = False) -> int:
    """The contract's exit code of a finished run (0, 1, 3, 4). `asked`: whether an instance was.

    Of several that hold the first counts: 3, 1, 4. A project that cannot be read is not "nothing found".
    """
    scanned = report.scanned
    incomplete = report.incomplete and report.incomplete_fails
    if not (asked or scanned.deployments or scanned.access_models or scanned.packages or report.findings):
        return 4 if incomplete or (strict and report.problems) else 3
    threshold = report.fail_on
    gating = (item for item in report.findings if item.state is State.NEW)
    if threshold is not None and any(item.severity.rank >= threshold.rank for item in gating):
        return 1
    unread = report.problems or any(outcome.status is Status.NOT_EVALUATED for outcome in report.outcomes)
    silent = asked and report.scanned.instance is None
    return 4 if silent or incomplete or (strict and unread) else 0


def line_hashes(options: Options, report: Report) -> dict[tuple[str, int], str]:
    """GitHub's hash of every line that a finding points at, by path and line; files that cannot be read have none."""
    wanted: dict[str, set[int]] = {}
    for finding in (*report.findings, *report.nonproduction):
        wanted.setdefault(finding.location.path, set()).add(finding.location.line)
    store = options.store or Folder(options.root)
    found: dict[tuple[str, int], str] = {}
    for path, lines in wanted.items():
        try:
            with store.open(path) as file:
                content = file.read(_MOST_HASHED)
        except OSError:
            continue
        found |= {(path, line): value for line, value in fingerprints.line_hashes(content, lines).items()}
    return found


_MOST_HASHED: Final = 256 * 1024 * 1024


def rules() -> tuple[Rule, ...]:
    """Every check as the reports list it, in the catalogue's order."""
    return tuple(
        Rule(
            id=check.id,
            title=check.title,
            severity=check.severity,
            chapter=check.chapter,
            checklist=check.checklist,
            summary=check.summary,
            help_markdown=check.page,
            documentation=check.documentation,
        )
        for check in catalogue().values()
    )
