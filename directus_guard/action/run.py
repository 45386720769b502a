"""The GitHub Action: the runner's environment in, the command line's scan, everything that GitHub can show out.

The order matters. The runner's files are opened first, as root; then the rights are given up; then the repository is read.
"""

from __future__ import annotations

import io
import os
import secrets
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.cli.errors import UsageError
from directus_guard.cli.options import RunRequest, audited, options_of
from directus_guard.cli.scan import nothing_found
from directus_guard.exit_code import ExitCode
from directus_guard.github import commands, privileges
from directus_guard.github.event import Event
from directus_guard.github.files import MAX_SUMMARY, Files, outputs
from directus_guard.github.inputs import SECRETS, InputError, Inputs
from directus_guard.report import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping

    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import Options
    from directus_guard.finding import Report
    from directus_guard.github.api import Api
    from directus_guard.new_access import AccessDiff


class Said(Struct):
    """What the Action has to say itself, beside the findings: level and text, in order."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, level: str, text: str) -> None:
        """Say something as a `warning` or a `notice`; nothing if there is no text."""
        if text:
            self.lines.append((level, text))


class Run(Struct, frozen=True):
    """One run of the Action, before anything was read."""

    inputs: Inputs
    event: Event
    workspace: Path
    root: Path
    """The repository: paths in reports start there."""
    target: Path
    """What is to be scanned, in it."""
    head: str
    """The commit that is checked out; "" = unknown."""
    started: datetime
    sleep: Callable[[float], None]
    debug: bool = False
    """Whether a bug ends the run with its traceback."""

    @property
    def folder(self) -> str:
        """Where the repository lies in the workspace, "" or with a slash at its end."""
        relative = self.root.relative_to(self.workspace).as_posix()
        return "" if relative == "." else f"{relative}/"


def main(environ: MutableMapping[str, str], sleep: Callable[[float], None] = time.sleep) -> int:
    """Run as a GitHub Action, with the runner's environment. Returns the exit code that decides the step."""
    try:
        with Files.opened(environ) as files:
            return _reported(environ, files, sleep)
    except OSError as error:
        print(commands.error(f"the runner's files cannot be written: {error}"))
        return ExitCode.USAGE


def _reported(environ: MutableMapping[str, str], files: Files, sleep: Callable[[float], None]) -> int:
    """Run, and tell in every place why that was not possible."""
    try:
        return int(_run(environ, files, datetime.now(UTC), sleep))
    except (UsageError, InputError) as error:
        code, message = ExitCode.USAGE, str(error)
    except Exception as error:
        if environ.get("RUNNER_DEBUG") == "1":
            raise
        code = ExitCode.BUG
        message = f"this is a bug in directus-guard ({type(error).__name__}). Run again with debug logging."
    print(commands.error(message))
    files.write_outputs({"exit-code": str(int(code))})
    files.write_summary(_failure_page(message))
    return code


def _failure_page(message: str) -> str:
    from directus_guard.report.markdown import escape

    return f"## directus-guard: could not run\n\n{escape(message)}\n"


def _run(environ: MutableMapping[str, str], files: Files, started: datetime, sleep: Callable[[float], None]) -> int:
    inputs = Inputs.read(environ)
    workspace = Path(os.path.realpath(environ.get("GITHUB_WORKSPACE") or "."))
    privileges.drop_to_owner_of(workspace)
    os.chdir(workspace)
    target = Path(os.path.realpath(workspace / inputs.path))
    if not target.exists() or not target.is_relative_to(workspace):
        raise UsageError(f"input `path`: {inputs.path}: no such file or folder in the workspace. Is it checked out?")
    root, head = _checkout(workspace, target)
    event = Event.read(environ, files.event)
    run = Run(inputs, event, workspace, root, target, head, started, sleep, environ.get("RUNNER_DEBUG") == "1")
    _hand_over_token(run, environ)
    said = Said()
    options = _options(run, said)
    return _tell(run, options, audited(options), files, said)


def _hand_over_token(run: Run, environ: MutableMapping[str, str]) -> None:
    """Give the scan the instance's token, unless strangers could have written what is scanned; hide all others."""
    token = run.inputs.token.reveal() or environ.get("DIRECTUS_TOKEN", "")
    if run.event.privileged and run.head != run.event.sha and (token or run.inputs.url):
        raise UsageError(
            f"the event `{run.event.name}` runs with the repository's secrets, and what is checked out is not the commit of"
            " its own branch but what anybody may have proposed. No token of an instance is used there. Audit the instance"
            " on `schedule`, `push` or `deployment`, and pull requests on `pull_request` without `url` and `token`."
        )
    for name in SECRETS:
        environ.pop(name, None)
    if token:
        environ["DIRECTUS_TOKEN"] = token


def _checkout(workspace: Path, target: Path) -> tuple[Path, str]:
    """The root of the repository that holds the target, and its commit; the workspace and "" where there is none."""
    from directus_guard.sources.files.git import GitError, resolve, top_of

    try:
        top = top_of(target if target.is_dir() else target.parent)
        if not top.is_relative_to(workspace):
            return workspace, ""
        return top, resolve(top, "HEAD").commit
    except GitError:
        return workspace, ""


# --- what is scanned, and compared with what -------------------------------------------------------------------------


def _options(run: Run, said: Said) -> Options:
    """The options of `scan`. What a change brings along never excuses the change."""
    base, trouble = _base(run)
    if trouble and run.inputs.new_only:
        raise UsageError(f"input `new-only`: {trouble}")
    if trouble:
        said("notice", f"Ignores, config file and baseline of the change itself do not count, and {trouble}")
    elif run.inputs.new_only and not base:
        said("notice", f"`new-only`: on `{run.event.name}` there is nothing to compare with, so every finding counts.")
    inputs = run.inputs
    options = options_of(
        RunRequest(
            paths=(str(run.root),),
            config=inputs.config,
            directus_version=inputs.directus_version,
            edition=inputs.edition,
            fail_on=inputs.fail_on,
            min_severity=inputs.min_severity,
            incomplete=inputs.incomplete,
            baseline=inputs.baseline,
            new_since=base or None,
            strict=inputs.strict,
            debug=run.debug,
            trusted=not trouble,
            url=inputs.url or None,
        )
    )
    paths = () if run.target == run.root else (run.target,)
    return replace(options, paths=paths, new_only=run.inputs.new_only)


def _base(run: Run) -> tuple[str, str]:
    """The commit to compare with, and why it cannot be read: both "" where the tree is nobody's proposal."""
    from directus_guard.github import base
    from directus_guard.sources.files.git import GitError

    event, pull = run.event, run.event.pull
    proposed = pull is not None or event.merge_group_base or (event.privileged and run.head != event.sha)
    if not proposed or (event.privileged and run.head == event.sha):
        return "", ""
    try:
        if event.merge_group_base:
            return base.of_merge_group(run.root, event.merge_group_base).commit, ""
        head = pull.head_sha if pull else ""
        onto = (pull.base_sha if pull else "") or event.sha
        return base.of_pull_request(run.root, head, onto, merge=event.sha if pull else "").commit, ""
    except GitError as error:
        return "", str(error)


# --- what is told ----------------------------------------------------------------------------------------------------


def _tell(run: Run, options: Options, audited: Audited, files: Files, said: Said) -> int:
    from directus_guard.audit.line_hashes import line_hashes
    from directus_guard.audit.rules import rules
    from directus_guard.report import sarif, text
    from directus_guard.report.json_v1 import write_data

    report, change = audited.report, audited.access
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    with commands.stopped(sys.stdout):
        text.write(report, rules(), sys.stdout, color=True, quiet=False, verbose=False)
    log = sarif.log(report, rules(), run.inputs.category, line_hashes(options, report))
    stream = io.StringIO()
    write_data(log, stream)
    _write_sarif(run, stream.getvalue())
    values = outputs(report, run.inputs.sarif_file)
    values["sarif-id"] = _upload(run, report, log, stream.getvalue(), said)
    values["comment-url"] = _comment(run, report, change, said)
    files.write_outputs(values)
    if run.inputs.summary:
        files.write_summary(_page(run, report, change, said, MAX_SUMMARY, lambda page: len(page.encode())))
    if report.exit_code == ExitCode.NOTHING_FOUND:
        print(commands.error(nothing_found(report.notices)))
    for level, message in said.lines:
        print(commands.said(level, message))
    spoken = Counter(level for level, _ in said.lines)
    for line in commands.of_findings(report, run.folder, spoken) if run.inputs.annotations else ():
        print(line)
    return report.exit_code


def _write_sarif(run: Run, content: str) -> None:
    """Replace the file, whatever a repository has put in its place: a link is not followed."""
    path = run.workspace / run.inputs.sarif_file
    if not Path(os.path.realpath(path.parent)).is_relative_to(run.workspace):
        raise UsageError(f"input `sarif-file`: {run.inputs.sarif_file} lies outside of the workspace")
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UsageError(f"input `sarif-file`: {run.inputs.sarif_file} cannot be written: {error.strerror}") from None


def _upload(run: Run, report: Report, log: Mapping[str, object], text: str, said: Said) -> str:
    """Upload to code scanning where that is asked for and can work. GitHub's id of the upload, or ""."""
    from directus_guard.github import code_scanning

    asked = run.inputs.upload_sarif
    level = "warning" if asked == "true" else "notice"
    if asked == "false" or (asked == "auto" and not run.event.repository):
        return ""
    if report.exit_code == ExitCode.NOTHING_FOUND:
        said(level, "Code scanning: nothing was uploaded, because an empty report would close the alerts there are.")
        return ""
    if asked == "auto" and run.event.cannot_write:
        said(
            level,
            f"Code scanning: {run.event.cannot_write}. The findings are in the annotations, the summary and the SARIF file.",
        )
        return ""
    api = _api(run, "Code scanning", said)
    if api is None:
        return ""
    outcome = code_scanning.upload(api, run.event, log, text, head=run.head, root=str(run.root), started=run.started)
    said("notice" if outcome.expected and asked == "auto" else "warning", outcome.trouble)
    if outcome.sarif_id and not outcome.trouble:
        print(harmless.log_line(f"Code scanning has the report: {outcome.sarif_id}"))
    return outcome.sarif_id


MAX_COMMENT: Final = 65_000
"""Characters, what GitHub takes less the hidden mark."""


def _comment(run: Run, report: Report, change: AccessDiff | None, said: Said) -> str:
    """Write the comment where that is asked for. Its address, or ""."""
    from directus_guard.github import comment
    from directus_guard.report.sarif import CATEGORY

    if not run.inputs.comment or run.event.pull is None or not run.event.repository:
        return ""
    if run.event.cannot_write:
        said("notice", f"Comment: {run.event.cannot_write}. The same page is the step's summary.")
        return ""
    api = _api(run, "Comment", said)
    if api is None:
        return ""
    page = _page(run, report, change, said, MAX_COMMENT, len)
    outcome = comment.write(
        api,
        run.event,
        run.inputs.category or CATEGORY,
        page,
        worth_saying=bool(report.findings) or report.exit_code != ExitCode.OK,
    )
    said("warning", outcome.trouble)
    return outcome.url


def _api(run: Run, what: str, said: Said) -> Api | None:
    from directus_guard.github.api import Api, UnreachableError

    if not run.inputs.github_token.reveal():
        said("warning", f"{what}: there is no token; leave the input `github-token` at its default.")
        return None
    try:
        return Api(run.event.api_url, run.inputs.github_token, run.sleep)
    except UnreachableError as error:
        said("warning", f"{what}: {error}.")
        return None


def _page(
    run: Run, report: Report, change: AccessDiff | None, said: Said, limit: int, size: Callable[[str], int]
) -> str:
    from directus_guard.audit.rules import rules
    from directus_guard.report import markdown
    from directus_guard.report.diff_markdown import section

    everything = f"The file `{run.inputs.sarif_file}` has everything."
    where = f"[This run]({run.event.run_url}) made it." if run.event.run_url else ""
    whole = replace(report, notices=(*report.notices, *(message for _, message in said.lines)))

    def granted(most: int) -> Iterator[str]:
        if change is not None:
            yield "\n### New access granted by this change\n"
            yield from section(change, most)

    more = f"{markdown.escape(everything)} {where}".strip()
    return markdown.page(whole, rules(), limit=limit, size=size, more=more, extra=granted)
