"""The whole program on one screen: collect -> model -> judge -> report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard import deadline
from directus_guard.audit import completeness
from directus_guard.audit.audited import Audited
from directus_guard.audit.findings import findings_of, outcomes_of
from directus_guard.audit.folder_config import configured
from directus_guard.audit.former_places import as_judged, former_places, hidden, with_former_places
from directus_guard.audit.judge import judge
from directus_guard.audit.project import ask_instance, project_of
from directus_guard.audit.purposes import BaseProject
from directus_guard.audit.verdict import report_of
from directus_guard.sources import belonging, collect
from directus_guard.sources.files.repository import Repository

if TYPE_CHECKING:
    from directus_guard.audit.options import Base, Options
    from directus_guard.finding import Report


def audit(options: Options) -> Report:
    """Judge the repository. Bad input becomes a problem in the report; nothing is raised for it."""
    return run(options).report


def run(options: Options) -> Audited:
    """`audit`, with what a page about a change shows besides the report."""
    base = run(_of_base(options, options.base)) if options.base else None
    repository = Repository(options.store or options.root, options.paths, options.exclude, debug=options.debug)
    options, settings = configured(options, repository, base.folder_settings if base else None)
    found = collect.collect(repository, options.directus_version, options.edition)
    belonging.mark(repository, found)
    before = BaseProject(base.project, options.base.store) if base and options.base else None
    project = project_of(found, repository, options, before)
    came = former_places(project, before, repository, options)
    options = with_former_places(options, came)
    project = as_judged(project, options)
    if options.target is not None:
        project = replace(project, instance=ask_instance(options.target, repository, project, options))
    if project.promises and not options.is_base:
        from directus_guard.audit.promised_names import refuse_unknown  # noqa: PLC0415 - few configs promise anything

        refuse_unknown(project.promises, project.models)
    if base and options.new_only:
        belonging.recheck(repository, completeness.files(base.project) - completeness.files(project))
    judged = tuple(judge(project, options))
    options = replace(options, notices=(*options.notices, *hidden(project, options, came)))
    findings = findings_of(judged, repository, options)
    access = None
    if base:
        from directus_guard.audit.sides import new_access  # noqa: PLC0415 - only where there is a base

        compare = partial(new_access, base, project, findings, options)
        access = repository.attempt("the comparison of the access", compare, None)
    if deadline.was_cut():
        repository.out_of_time("not everything was judged")
    report = report_of(options, repository, found, project, findings, outcomes_of(judged), base, access)
    return Audited(report, project, access, findings, settings, base.project if base else None)


def _of_base(options: Options, base: Base) -> Options:
    """The options of the run over what a change is compared with: what the change promises is no part of it."""
    return replace(options, store=base.store, promises=base.promises, base=None, target=None, is_base=True)
