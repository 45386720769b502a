"""`directus-guard prove`: carry the ways to administrator out on a throw-away Directus, and report them with what came of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.cli.arguments import (
    SEVERITIES,
    add_color,
    add_incomplete,
    add_no_ignores,
    add_outputs,
    add_quiet,
    add_reading,
    seconds,
)
from directus_guard.cli.errors import UsageError, complain, variable_name
from directus_guard.cli.output import appearance_for, opened, output_specs
from directus_guard.cli.progress_line import shown_progress
from directus_guard.deadline import limited
from directus_guard.exit_code import ExitCode
from directus_guard.report.writers import REPORT_WRITERS, Format, PrintedReport

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from directus_guard.audit.audited import Audited
    from directus_guard.cli.arguments import Commands
    from directus_guard.cli.request import RunRequest
    from directus_guard.directus.export import Export
    from directus_guard.finding import Report
    from directus_guard.live.target import Target
    from directus_guard.prove.client import WriteClient
    from directus_guard.prove.run import Proven

PROVE_WRITERS: Final = {
    format_: REPORT_WRITERS[format_] for format_ in (Format.TEXT, Format.JSON, Format.SARIF, Format.MARKDOWN)
}
"""The formats that say what came of a way."""
_TOKEN: Final = "DIRECTUS_TOKEN"


def add_command(commands: Commands) -> None:
    """Add `prove` and its arguments."""
    prove = commands.add_parser(
        "prove",
        help="carry the ways to administrator out on a throw-away Directus that --url names",
        allow_abbrev=False,
    )
    add_reading(prove)
    add_outputs(prove, formats=PROVE_WRITERS)
    add_color(prove)
    volume = prove.add_mutually_exclusive_group()
    add_quiet(volume, "only the verdict")
    volume.add_argument(
        "-v", "--verbose", action="store_true", help="also list each check that passed or was not evaluated"
    )
    add_incomplete(prove)
    prove.add_argument(
        "--fail-on", choices=(*SEVERITIES, "none"), help="severity from which a finding fails the run (default: high)"
    )
    prove.add_argument(
        "--baseline",
        metavar="FILE",
        help="findings listed there do not fail the run (default: directus-guard.baseline at the root or in .github/)",
    )
    add_no_ignores(prove)
    group = prove.add_argument_group("a throw-away Directus with an empty database (it is written to)")
    group.add_argument(
        "--url", metavar="URL", required=True, help=f"where it is; its administrator's token comes from {_TOKEN}"
    )
    group.add_argument(
        "--destroy", metavar="ADDRESS", help="the e-mail address of its only user: all that is in it may be lost"
    )
    group.add_argument("--token-env", metavar="NAME", help="the environment variable that holds the token")
    group.add_argument("--timeout", type=seconds, metavar="SECONDS", help="for each request (default: 30)")
    group.add_argument("--ca-file", metavar="FILE", help="a file of certificates to trust, PEM")
    prove.set_defaults(run=_run, interrupts=False)  # what it wrote is taken back at the end


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit.rules import rules
    from directus_guard.cli.options import audited, options_of
    from directus_guard.cli.request import requested
    from directus_guard.cli.scan import nothing_found, with_edits

    specs = output_specs(args.output, PROVE_WRITERS)
    request = requested(args)
    place, is_service = _target(request, args.destroy)
    # What is audited are the files; the server gets what they say.
    options = options_of(replace(request, url=None, token_env=None, timeout=None, ca_file=None))
    with shown_progress(quiet=args.quiet):
        with limited(args.max_time):
            ran = audited(options)
        if ran.report.exit_code != ExitCode.NOTHING_FOUND:
            ran = proven(ran, place, args.destroy, is_service=is_service, environ=os.environ)
        report = with_edits(ran, options, {spec.format for spec in specs})
    for spec in specs:
        with opened(spec.path) as stream:
            hashes = None
            if spec.format is Format.SARIF:
                from directus_guard.audit.line_hashes import line_hashes

                hashes = line_hashes(options, report)
            appearance = replace(appearance_for(args, stream), verbose=args.verbose)
            PROVE_WRITERS[spec.format](PrintedReport(report, rules(report.documentation), hashes), stream, appearance)
    if report.exit_code == ExitCode.NOTHING_FOUND:
        return complain(nothing_found(report.notices), ExitCode.NOTHING_FOUND)
    return report.exit_code


def _target(request: RunRequest, destroy: str | None) -> tuple[Target, bool]:
    """The server, and whether it is a container of the job. Raises `UsageError` before anything is read or sent."""
    from directus_guard.cli.live_target import existing

    name = variable_name("--token-env", request.token_env) if request.token_env else _TOKEN
    token = os.environ.get(name, "").strip()
    if not token:
        raise UsageError(f"prove needs the administrator's token of the throw-away Directus, in the variable {name}")
    return reached(
        request.url or "", token, destroy, os.environ,
        ca_file=existing(request.ca_file), timeout=30.0 if request.timeout is None else request.timeout,
    )  # fmt: skip


def reached(
    url: str,
    token: str,
    destroy: str | None,
    environ: Mapping[str, str],
    *,
    option: str = "--url",
    ca_file: Path | None = None,
    timeout: float = 30.0,
) -> tuple[Target, bool]:
    """The server, and whether it is a container of the job. `option`: what names it. Raises `UsageError` before anything is sent."""
    from directus_guard.live.target import TargetError, origin, target
    from directus_guard.prove.freshness import unsafe
    from directus_guard.prove.runner import is_service
    from directus_guard.secret import Secret

    if destroy is not None and "@" not in destroy:
        raise UsageError(
            "--destroy takes the e-mail address of the only user, its administrator, such as admin@example.com. A project's name"
            " does not protect: every new Directus has the same"
        )
    try:
        refused = unsafe(origin(url), destroy, environ)
        if refused is not None:
            raise UsageError(f"{option}: nothing was sent: {refused.message}")
        inside = is_service(origin(url), environ)
        return target(url, token=Secret(token), ca_file=ca_file, timeout=timeout, allow_http=inside), inside
    except TargetError as error:
        raise UsageError(str(error).replace("--url", option)) from None


def proven(
    ran: Audited,
    place: Target,
    destroy: str | None,
    *,
    is_service: bool,
    environ: Mapping[str, str],
    option: str = "--url",
) -> Audited:
    """The run with what came of its ways. Raises `UsageError` where the server is not one to write to."""
    from directus_guard.prove.client import ProveError, WriteClient
    from directus_guard.prove.freshness import refusal
    from directus_guard.prove.run import prove

    try:
        with WriteClient(place, service=is_service) as client:
            refused = refusal(client, destroy, environ)
            if refused is not None:
                raise UsageError(f"{option}: nothing was written: {refused.message}")
            outcome = prove(client, ran.project.models)
            return replace(ran, report=_marked(ran.report, ran.project.models, outcome, client))
    except ProveError as error:
        raise UsageError(f"{option}: nothing was written: {error}") from None


def _marked(report: Report, models: tuple[Export, ...], outcome: Proven, client: WriteClient) -> Report:
    """The report with what came of each way, and the exit code that follows."""
    from directus_guard.prove.run import marked

    findings = tuple(replace(one, proof=marked(one, outcome)) for one in report.findings)
    apart = tuple(replace(one, proof=marked(one, outcome)) for one in report.nonproduction)
    notices = (*report.notices, *_notices(models, outcome, client))
    refuted = any(one.proof and one.proof.is_bug for one in (*findings, *apart))
    code = report.exit_code
    if refuted:
        code = ExitCode.BUG
    elif (outcome.trouble or outcome.left) and code == ExitCode.OK:
        code = ExitCode.INCOMPLETE
    return replace(
        report, findings=findings, nonproduction=apart, notices=notices, exit_code=code,
        summary=report.summary | {"exit_code": code},
    )  # fmt: skip


def _notices(models: tuple[Export, ...], outcome: Proven, client: WriteClient) -> list[str]:
    """What a reader has to know of the run on the server."""
    said = [
        f"{model.name}: judged as Directus {model.model.version}, carried out on {outcome.directus}"
        for model in models
        if model.model.version != client.version
    ]
    said += [
        f"{model.name}: the data model is of a database {schema.vendor}, the ways were carried out on {outcome.database}:"
        " rules that compare texts may work differently"
        for model in models
        if (schema := model.schema) is not None and schema.vendor not in ("", outcome.database)
    ]
    said += [notice for ways in outcome.ways for notice in ways.notices]
    if not any(ways.attempts for ways in outcome.ways):
        said.append(f"no way to administrator was found, so nothing was written to the Directus {outcome.directus}")
    if outcome.trouble:
        said.append(f"not every way was carried out: {outcome.trouble}")
    if outcome.left:
        said.append(f"the server could not be put back ({'; '.join(outcome.left)}): throw it away")
    return said
