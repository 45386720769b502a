"""Two sides of a change, judged alike and compared: what HEAD grants that BASE does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.audit import completeness, suppression
from directus_guard.audit.findings import unplaced_findings
from directus_guard.audit.folder_config import FolderSettings, applied, configured
from directus_guard.audit.former_places import as_judged, former_places, with_former_places
from directus_guard.audit.judge import judge
from directus_guard.audit.placing import placed
from directus_guard.audit.project import ask_instance, project_of
from directus_guard.audit.purposes import BaseProject
from directus_guard.checks import catalogue
from directus_guard.directus.project import Project
from directus_guard.sources import belonging, collect
from directus_guard.sources.files.folder import Folder
from directus_guard.sources.files.repository import Repository

if TYPE_CHECKING:
    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import Options
    from directus_guard.finding import Finding, Problem
    from directus_guard.new_access import AccessDiff
    from directus_guard.sources.files.store import Store


class ComparedSide(Struct, frozen=True):
    """BASE or HEAD of a comparison: its project, what the checks find there, and what could not be read."""

    project: Project
    findings: tuple[Finding, ...]
    """Those about stored rows are at the whole row, where nothing asked for more."""
    problems: tuple[Problem, ...]
    store: Store
    """Where its files are read from."""
    repository: Repository
    """The same, read already."""
    folder_settings: FolderSettings = FolderSettings()
    """What the configs of folders say."""

    @property
    def incomplete(self) -> frozenset[str]:
        """Files of a Directus project that could not be read: what they grant is not known."""
        return frozenset(problem.path for problem in self.problems if problem.incomplete)


def look(options: Options, base: ComparedSide | None = None) -> ComparedSide:
    """Judge one side of a comparison with every check. Of an instance its access model alone is compared. `base`: BASE,
    where this side is HEAD.
    """
    repository = Repository(options.store or options.root, options.paths, options.exclude)
    options, settings = configured(options, repository, base.folder_settings if base else None)
    if options.target is not None:
        live = ask_instance(options.target, repository, Project(()), options).export
        project = Project((), exports=(live,) if live else ())
    else:
        found = collect.collect(repository, options.directus_version, options.edition)
        belonging.mark(repository, found)
        before = BaseProject(base.project, base.store) if base else None
        project = project_of(found, repository, options, before)
        options = with_former_places(options, former_places(project, before, repository, options))
        project = as_judged(project, options)
        if base is not None:
            belonging.recheck(repository, completeness.files(base.project) - completeness.files(project))
    return replace(look_at(project, options, repository, base), folder_settings=settings)


def look_at(
    project: Project, options: Options, repository: Repository, base: ComparedSide | None = None
) -> ComparedSide:
    """`look` at a project that was read already."""
    findings = unplaced_findings(judge(project, options), repository, options)
    if options.ignores:  # they name lines
        findings = placed(findings, repository)
    today = options.today or datetime.now(UTC).date()
    ignored = suppression.apply(options.ignores, findings, today, catalogue()).suppressed
    kept = tuple(finding for finding in findings if suppression.finding_key(finding) not in ignored)
    known = (base.problems, base.project) if base else None
    store = options.store or Folder(options.root)
    return ComparedSide(project, kept, completeness.settled(repository.problems, project, known), store, repository)


def compare(base: ComparedSide, head: ComparedSide, options: Options) -> AccessDiff:
    """What HEAD grants that BASE does not: access, and the findings that HEAD adds.

    Findings of deployments and code count where both sides are files.
    """
    from directus_guard.audit.diff import compare as comparison  # noqa: PLC0415 - only where sides are compared

    live = any(export.live for side in (base, head) for export in side.project.exports)
    there, here = (tuple(one for one in side.findings if not live or _export_of(one)) for side in (base, head))
    before, now = (tuple(env.name for env in side.project.environments) for side in (base, head))
    return comparison.compare(
        base.project.exports,
        head.project.exports,
        applied(options, base.folder_settings).severities_at,
        comparison.FoundOnSides(there, here, before, now, lambda findings: placed(findings, head.repository)),
    )


def new_access(base: Audited, head: Project, findings: tuple[Finding, ...], options: Options) -> AccessDiff | None:
    """What a change grants; of findings those about exports, as the report has the others."""
    if not base.project.exports and not head.exports:
        return None
    from directus_guard.audit.diff import compare as comparison  # noqa: PLC0415 - only where there is access to compare

    exports = {export.name for side in (base.project, head) for export in side.exports}
    there, here = (tuple(one for one in side if _export_of(one) in exports) for side in (base.findings, findings))
    sides = comparison.FoundOnSides(there, here)
    return comparison.compare(base.project.exports, head.exports, options.severities_at, sides)


def _export_of(finding: Finding) -> object:
    return dict(finding.subject.details).get("model")
