"""`directus-guard scan`: read everything, report, decide the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.cli.arguments import (
    SEVERITIES,
    add_color,
    add_include_nonproduction,
    add_incomplete,
    add_instance,
    add_min_severity,
    add_new_access,
    add_no_ignores,
    add_outputs,
    add_probe,
    add_quiet,
    add_reading,
)
from directus_guard.cli.errors import complain
from directus_guard.cli.output import appearance_for, moment, opened, output_specs
from directus_guard.cli.progress_line import shown_progress
from directus_guard.exit_code import ExitCode
from directus_guard.finding import Confidence
from directus_guard.report.writers import REPORT_WRITERS, Format, PrintedReport, Shown

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection

    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import Options
    from directus_guard.cli.arguments import Commands
    from directus_guard.finding import Report


def add_command(commands: Commands) -> None:
    """Add `scan` and its arguments."""
    scan = commands.add_parser(
        "scan", help="read everything under PATH, report, decide the exit code", allow_abbrev=False
    )
    add_reading(scan)
    add_outputs(scan, formats=REPORT_WRITERS)
    add_color(scan)
    volume = scan.add_mutually_exclusive_group()
    add_quiet(volume, "only the verdict")
    volume.add_argument(
        "-v", "--verbose", action="store_true", help="also list each check that passed or was not evaluated"
    )
    scan.add_argument(
        "--show",
        choices=tuple(Shown),
        default=Shown.NEW,
        help="findings that the text lists: the new ones (default), known ones too, or all, ignored ones too",
    )
    add_incomplete(scan)
    add_instance(scan)
    add_probe(scan)
    scan.add_argument(
        "--fail-on", choices=(*SEVERITIES, "none"), help="severity from which a finding fails the run (default: high)"
    )
    add_new_access(scan)
    add_min_severity(scan)
    scan.add_argument(
        "--min-confidence",
        choices=tuple(confidence.value for confidence in Confidence),
        help="findings that are less sure are not reported",
    )
    scan.add_argument(
        "--baseline",
        metavar="FILE",
        help="findings listed there do not fail the run (default: directus-guard.baseline at the root or in .github/)",
    )
    scan.add_argument(
        "--new-since",
        metavar="REF",
        help="only findings that this git revision does not have fail the run; config, ignores and baseline are read from it",
    )
    scan.add_argument("--strict", action="store_true", help="what could not be evaluated or read fails the run")
    add_include_nonproduction(scan, "findings in development and examples fail the run, too")
    add_no_ignores(scan)
    scan.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from directus_guard.cli.options import audited, options_of
    from directus_guard.cli.request import requested

    specs = output_specs(args.output, REPORT_WRITERS)
    options = options_of(requested(args))
    with shown_progress(quiet=args.quiet):
        ran = audited(options)
        report = with_edits(ran, options, {spec.format for spec in specs})
    for spec in specs:
        with opened(spec.path) as stream:
            printed = _printed(report, ran, options, spec.format)
            appearance = replace(appearance_for(args, stream), verbose=args.verbose, show=Shown(args.show))
            REPORT_WRITERS[spec.format](printed, stream, appearance)
    if report.exit_code == ExitCode.NOTHING_FOUND:
        return complain(nothing_found(report.notices), ExitCode.NOTHING_FOUND)
    return report.exit_code


def with_edits(audited: Audited, options: Options, formats: Collection[Format]) -> Report:
    """The report; for programs with the edits of its fixes."""
    if not {Format.JSON, Format.SARIF}.intersection(formats):
        return audited.report
    from directus_guard.audit import mending

    return mending.with_edits(audited, options)


def nothing_found(notices: tuple[str, ...] = ()) -> str:
    """What is said where no part of a Directus project was found. `notices`: those of the report."""
    from directus_guard.sources.collect import LOOKED_FOR

    looked_for = "No Directus project found. Looked for:\n" + "\n".join(f"  - {item}" for item in LOOKED_FOR)
    return "\n".join((looked_for, *notices))


def _printed(report: Report, ran: Audited, options: Options, format_: Format) -> PrintedReport:
    """What is printed; what only one format needs is computed for that one."""
    from directus_guard.audit.rules import rules

    details = hashes = None
    if format_ is Format.HTML:
        from directus_guard.audit.details import details_of

        details = details_of(ran)
    if format_ is Format.SARIF:
        from directus_guard.audit.line_hashes import line_hashes

        hashes = line_hashes(options, report)
    return PrintedReport(
        report,
        rules(report.documentation),
        hashes,
        moment() if format_ is Format.GITLAB_SAST else "",
        details,
    )
