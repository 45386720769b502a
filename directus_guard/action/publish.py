"""Everything that GitHub can show of a run: log, SARIF, code scanning, comment, summary, outputs, annotations."""

from __future__ import annotations

import io
import os
import secrets
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard import text_safety
from directus_guard.cli.errors import UsageError
from directus_guard.cli.named_paths import is_gits
from directus_guard.cli.scan import nothing_found
from directus_guard.exit_code import ExitCode
from directus_guard.github import commands
from directus_guard.github.files import MAX_SUMMARY, Files, outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from directus_guard.access_matrix import MarkedMatrix
    from directus_guard.action.state import ActionLog, ActionRun
    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import Options
    from directus_guard.finding import Report
    from directus_guard.github.api import Api
    from directus_guard.new_access import AccessDiff


def publish(run: ActionRun, options: Options, audited: Audited, files: Files, log: ActionLog) -> int:
    """Show the run in every place that the inputs ask for. Returns its exit code."""
    from directus_guard.action.suggest import suggest
    from directus_guard.audit.line_hashes import line_hashes
    from directus_guard.audit.marked_matrix import marked_matrices
    from directus_guard.audit.mending import with_edits
    from directus_guard.audit.rules import rules
    from directus_guard.report import github_annotations, json_v1, sarif, text
    from directus_guard.report.json_v1 import write_data
    from directus_guard.report.writers import Appearance

    report, change = with_edits(audited, options), audited.access
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    with commands.stopped(sys.stdout):
        text.write(report, sys.stdout, Appearance(color=True))
    sarif_log = sarif.log(report, rules(report.documentation), run.inputs.category, line_hashes(options, report))
    stream = io.StringIO()
    write_data(sarif_log, stream)
    _write_file(run, "sarif-file", run.inputs.sarif_file, stream.getvalue())
    if run.inputs.json_file:
        json_stream = io.StringIO()
        json_v1.write(report, rules(report.documentation), json_stream)
        _write_file(run, "json-file", run.inputs.json_file, json_stream.getvalue())
    values = outputs(report, run.inputs.sarif_file)
    values["sarif-id"] = _upload(run, report, sarif_log, stream.getvalue(), log)
    suggest(run, options, replace(audited, report=report), partial(_api, run, "Suggestions", log), log)
    values["comment-url"] = _comment(run, report, change, log)
    files.write_outputs(values)
    if run.inputs.summary:
        files.write_summary(
            _page(run, report, change, log, MAX_SUMMARY, lambda page: len(page.encode()), marked_matrices(audited))
        )
    if report.exit_code == ExitCode.NOTHING_FOUND:
        print(commands.error(nothing_found(report.notices)))
    for level, message in log.lines:
        print(github_annotations.said(level, message))
    already_said = Counter(level for level, _ in log.lines)
    for line in github_annotations.of_findings(report, run.folder, already_said) if run.inputs.annotations else ():
        print(line)
    return report.exit_code


def _write_file(run: ActionRun, name: str, file: str, content: str) -> None:
    """Replace the file of an input, whatever a repository has put in its place: a link is not followed."""
    home = run.reports or run.workspace
    path = home / file
    if not Path(os.path.realpath(path.parent)).is_relative_to(home):
        raise UsageError(f"input `{name}`: {file} lies outside of the workspace")
    if is_gits(path):
        raise UsageError(f"input `{name}`: {file} is a file of git's; name another")
    fresh = path.with_name(f".{path.name[:50]}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(content)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"input `{name}`: {file} cannot be written: {error.strerror}") from None


def _upload(run: ActionRun, report: Report, sarif_log: Mapping[str, object], text: str, log: ActionLog) -> str:
    """Upload to code scanning where that is asked for and can work. GitHub's id of the upload, or ""."""
    from directus_guard.github import code_scanning

    asked = run.inputs.upload_sarif
    level = "warning" if asked == "true" else "notice"
    if asked == "false" or (asked == "auto" and not run.event.repository):
        return ""
    if report.exit_code == ExitCode.NOTHING_FOUND:
        log(level, "Code scanning: nothing was uploaded, because an empty report would close all alerts.")
        return ""
    if asked == "auto" and run.event.cannot_write:
        log(
            level,
            f"Code scanning: {run.event.cannot_write}. The findings are in the annotations, the summary and the SARIF file.",
        )
        return ""
    api = _api(run, "Code scanning", log)
    if api is None:
        return ""
    outcome = code_scanning.upload(
        api, run.event, sarif_log, text, head=run.head, root=str(run.root), started=run.started
    )
    log("notice" if outcome.expected and asked == "auto" else "warning", outcome.trouble)
    if outcome.sarif_id and not outcome.trouble:
        print(text_safety.log_line(f"Code scanning has the report: {outcome.sarif_id}"))
    return outcome.sarif_id


MAX_COMMENT: Final = 65_000
"""Characters, what GitHub takes less the hidden mark."""


def _comment(run: ActionRun, report: Report, change: AccessDiff | None, log: ActionLog) -> str:
    """Write the comment where that is asked for. Its address, or ""."""
    from directus_guard.github import comment
    from directus_guard.report.sarif import CATEGORY

    pull = run.event.pull
    if not run.inputs.comment or pull is None or not run.event.repository:
        return ""
    if run.event.cannot_write:
        log("notice", f"Comment: {run.event.cannot_write}. The same page is the step's summary.")
        return ""
    api = _api(run, "Comment", log)
    if api is None:
        return ""
    page = _page(run, report, change, log, MAX_COMMENT, len)
    outcome = comment.write(
        api,
        run.event,
        pull,
        run.inputs.category or CATEGORY,
        page,
        worth_saying=bool(report.findings) or report.exit_code != ExitCode.OK,
    )
    log("warning", outcome.trouble)
    return outcome.url


def _api(run: ActionRun, what: str, log: ActionLog) -> Api | None:
    from directus_guard.github.api import Api, UnreachableError

    if not run.inputs.github_token.reveal():
        log("warning", f"{what}: there is no token; leave the input `github-token` at its default.")
        return None
    try:
        return Api(run.event.api_url, run.inputs.github_token, run.sleep)
    except UnreachableError as error:
        log("warning", f"{what}: {error}.")
        return None


def _page(
    run: ActionRun,
    report: Report,
    change: AccessDiff | None,
    log: ActionLog,
    limit: int,
    size: Callable[[str], int],
    matrices: Sequence[MarkedMatrix] = (),
) -> str:
    """The page of a summary or a comment. `matrices`: of the summary, which has room for them."""
    from directus_guard.audit.rules import rules
    from directus_guard.report import markdown
    from directus_guard.report.diff_markdown import section
    from directus_guard.report.matrix_markdown import section as matrix_section

    everything = f"The file `{run.inputs.sarif_file}` has everything."
    where = f"[This run]({run.event.run_url}) made it." if run.event.run_url else ""
    whole = replace(report, notices=(*report.notices, *(message for _, message in log.lines)))

    def granted(most: int) -> Iterator[str]:
        if change is not None:
            yield "\n### New access granted by this change\n"
            yield from section(change, most)
        if most >= markdown.MOST:
            yield from matrix_section(matrices)

    more = f"{markdown.escape(everything)} {where}".strip()
    return markdown.page(whole, rules(report.documentation), limit=limit, size=size, more=more, extra=granted)
