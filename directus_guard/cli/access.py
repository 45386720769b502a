"""`directus-guard access`: who can do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.cli.arguments import add_appearance, add_incomplete, add_instance, add_outputs, add_reading
from directus_guard.cli.errors import UsageError, complain, did_you_mean
from directus_guard.cli.output import appearance_for, opened, output_specs
from directus_guard.cli.progress_line import shown_progress
from directus_guard.exit_code import ExitCode
from directus_guard.report.writers import ACCESS_WRITERS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from directus_guard.audit.access_table import Selection
    from directus_guard.audit.options import Options
    from directus_guard.cli.arguments import Commands
    from directus_guard.directus.export import Export
    from directus_guard.sources.files.repository import Repository


def add_command(commands: Commands) -> None:
    """Add `access` and its arguments."""
    access = commands.add_parser(
        "access", help="who can do what, after merging policies, roles and framework rows", allow_abbrev=False
    )
    add_reading(access)
    add_outputs(access, formats=ACCESS_WRITERS)
    add_appearance(access, quiet="only the tables")
    add_incomplete(access)
    add_instance(access)
    access.add_argument(
        "--principal", action="append", default=[], metavar="NAME", help="only this role, user or `public`; repeatable"
    )
    access.add_argument(
        "--collection", action="append", default=[], metavar="NAME", help="only this collection; repeatable"
    )
    access.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit import access_table
    from directus_guard.audit.completeness import is_incomplete
    from directus_guard.cli.options import options_of
    from directus_guard.cli.request import requested
    from directus_guard.sources.files.repository import Repository

    specs = output_specs(args.output, ACCESS_WRITERS)
    options = options_of(requested(args))
    repository = Repository(options.root, options.paths, options.exclude)
    with shown_progress(quiet=args.quiet):
        exports = _exports(repository, options)
    for problem in repository.problems:
        complain(f"{problem.path}: {problem.message}", ExitCode.OK)
    selection = access_table.Selection(tuple(args.principal), tuple(args.collection))
    _refuse_unknown(exports, selection)
    for spec in specs:
        with opened(spec.path) as stream:
            ACCESS_WRITERS[spec.format](
                access_table.SelectedAccess(exports, selection), stream, appearance_for(args, stream)
            )
    if options.target is not None and not any(export.live for export in exports):
        if options.target.token is None:
            complain("permissions can only be read with a token: set DIRECTUS_TOKEN.", ExitCode.OK)
        return ExitCode.INCOMPLETE
    if not exports:
        return _nothing_to_list(repository, options)
    return ExitCode.INCOMPLETE if options.incomplete_fails and is_incomplete(repository.problems) else ExitCode.OK


def _exports(repository: Repository, options: Options) -> tuple[Export, ...]:
    """The exports of the files, and that of the instance if one is asked."""
    from directus_guard.sources import collect

    exports = collect.exports(repository, options.directus_version, options.edition)
    if options.target is None:
        return exports
    from directus_guard.audit.project import ask_instance
    from directus_guard.directus.project import Project

    live = ask_instance(options.target, repository, Project((), exports=exports), options)
    return (*exports, live.export) if live.export else exports


def _refuse_unknown(exports: Sequence[Export], selection: Selection) -> None:
    """A principal or a collection that no export has is a typing error: raises `UsageError` with the nearest names."""
    from directus_guard.audit import access_table

    if not exports:
        return
    for what, names, known in (
        ("principal", selection.principals, access_table.principals_of(exports)),
        ("collection", selection.collections, access_table.collections_of(exports)),
    ):
        for name in names:
            if name not in known:
                raise UsageError(f"--{what}: there is no {what} `{name}`.{did_you_mean(name, known)}")


def _nothing_to_list(repository: Repository, options: Options) -> int:
    """No export: because there is none, or because none can be read."""
    from directus_guard.audit.completeness import is_incomplete

    if options.incomplete_fails and is_incomplete(repository.problems):
        return complain("no exported permissions could be read.", ExitCode.INCOMPLETE)
    return complain("no exported permissions were found.", ExitCode.NOTHING_FOUND)
