"""The report of a run: findings with their states, in order, and the exit code."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.audit import completeness, coverage, triage, variants
from directus_guard.audit.renames import Renames, renames
from directus_guard.directus.administrators import administrators
from directus_guard.exit_code import ExitCode
from directus_guard.finding import Report, Scanned, Severity, State, Status
from directus_guard.sources.files.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import Options
    from directus_guard.directus.project import Project
    from directus_guard.finding import Finding, Outcome
    from directus_guard.new_access import AccessDiff
    from directus_guard.sources.collect import Evidence
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.files.store import Store


def report_of(
    options: Options,
    repository: Repository,
    evidence: Evidence,
    project: Project,
    findings: tuple[Finding, ...],
    outcomes: tuple[Outcome, ...],
    base: Audited | None,
    access: AccessDiff | None,
) -> Report:
    """The finished report. `base`: the run that the change is compared with; `access`: what the change grants."""
    held = [repository.attempt(model.name, partial(administrators, model), None) for model in project.models]
    known = (base.report.problems, base.project) if base and options.new_only else None
    problems = completeness.settled(repository.problems, project, known, nonproduction=options.include_nonproduction)
    unmatched = triage.unmatched_notice(options, findings) if not any(one.incomplete for one in problems) else ()
    findings = tuple(sorted((item for item in findings if _is_wanted(item, options)), key=_order))
    moved = _renames(base, repository, project, findings, options)
    findings, notices = triage.triaged(findings, repository, options, base.report if base else None, access, moved)
    gone = access.lost if access and options.new_only else ()
    lost = [f"{model}: the base has {phrase}, and it is gone: what it grants is not judged" for model, phrase in gone]
    if base and options.new_only:
        lost += (
            f"{name}: the base has this deployment, and it is gone: what takes its place is not judged"
            for name in _gone(base.project, project, moved)
        )
    findings = variants.merged(findings, project.environments)
    if options.base and options.new_only:
        findings = tuple(sorted(_in_the_diff(findings, repository, options, options.base.store, moved), key=_order))
    apart = tuple(item for item in findings if not item.context.gates) if not options.include_nonproduction else ()
    main = tuple(item for item in findings if item.context.gates) if apart else findings
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
        notices=(*options.notices, *unmatched, *lost, *notices, *evidence.notices),
        fail_on=options.fail_on,
        base=options.base.name if options.base and options.new_only else "",
        coverage=coverage.of(project),
        switched_off=options.switched_off,
        incomplete_fails=options.incomplete_fails,
        documentation=options.documentation,
        new_access=_new_access(access, options),
        new_access_from=options.new_access_from,
    )
    code = exit_code(report, strict=options.strict, asked=options.target is not None)
    return replace(report, exit_code=code, summary=summary | {"exit_code": code})


def _new_access(access: AccessDiff | None, options: Options) -> tuple[Finding, ...]:
    """What of the new access fails the run, as findings."""
    least = options.new_access_from
    if access is None or least is None:
        return ()
    from directus_guard.report.diff_words import as_finding  # noqa: PLC0415 - few runs compare access

    gating = (entry for entry in access.new if entry.gates and entry.severity.rank >= least.rank)
    return tuple(map(as_finding, gating))


def _is_wanted(finding: Finding, options: Options) -> bool:
    """Whether a finding is reported: grave and sure enough."""
    grave = finding.severity.rank >= options.min_severity.rank
    return grave and finding.confidence.rank >= options.min_confidence.rank


def _renames(
    base: Audited | None, repository: Repository, project: Project, findings: Sequence[Finding], options: Options
) -> Renames:
    """What of the base moved, where there is one to compare with."""
    if base is None or options.base is None:
        return Renames()
    there = (options.base.store, base.project, base.findings)
    here = (options.store or Folder(options.root), project, findings)
    return renames(there, here, frozenset(repository.files))


def _gone(base: Project, head: Project, moved: Renames) -> list[str]:
    """The deployments of the base that a change does not have any more; one with another name in its file takes its place."""
    present = {moved.name_on_base(env.name) for env in head.environments}
    known = {env.name for env in base.environments}
    replaced = {name.partition("#")[0] for name in present - known}
    gating = (env.name for env in base.environments if env.context.gates and not env.deployment.partial)
    return sorted(name for name in gating if name not in present and name.partition("#")[0] not in replaced)


def _order(finding: Finding) -> tuple[int, str, str, int, int, str]:
    """The order of docs/contract.md#json-v1: severity, check, path, line."""
    place = finding.location
    return (-finding.severity.rank, finding.check, place.path, place.line, place.column, finding.subject.key)


def _in_the_diff(
    findings: tuple[Finding, ...], repository: Repository, options: Options, base: Store, moved: Renames
) -> tuple[Finding, ...]:
    from directus_guard.audit.diff_places import in_the_diff  # noqa: PLC0415 - without a base there is no diff

    return in_the_diff(findings, repository, base, options.store or Folder(options.root), moved)


def _summary(main: Sequence[Finding], apart: Sequence[Finding], outcomes: Sequence[Outcome]) -> dict[str, int]:
    active = [finding for finding in main if finding.state is not State.SUPPRESSED]
    counts = {severity.value: sum(item.severity is severity for item in active) for severity in Severity}
    return counts | {
        "nonproduction": len(apart),
        "suppressed": sum(finding.state is State.SUPPRESSED for finding in main),
        "not_evaluated": sum(outcome.status is Status.NOT_EVALUATED for outcome in outcomes),
    }


def exit_code(report: Report, *, strict: bool, asked: bool = False) -> ExitCode:
    """The exit code of a finished run (docs/contract.md#exit-codes). `asked`: whether an instance was.

    Of several that hold the first counts: nothing found, findings, incomplete. A project that cannot be read is not "nothing found".
    """
    scanned = report.scanned
    incomplete = report.incomplete and report.incomplete_fails
    if not (asked or scanned.deployments or scanned.access_models or scanned.packages or report.findings):
        return ExitCode.INCOMPLETE if incomplete or (strict and report.problems) else ExitCode.NOTHING_FOUND
    threshold = report.fail_on
    gating = (item for item in report.findings if item.state is State.NEW)
    if report.new_access:
        return ExitCode.FINDINGS
    if threshold is not None and any(item.severity.rank >= threshold.rank for item in gating):
        return ExitCode.FINDINGS
    unread = report.problems or any(outcome.status is Status.NOT_EVALUATED for outcome in report.outcomes)
    silent = asked and report.scanned.instance is None
    return ExitCode.INCOMPLETE if silent or incomplete or (strict and unread) else ExitCode.OK
