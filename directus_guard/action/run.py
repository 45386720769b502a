"""The GitHub Action: the runner's environment in, the command line's scan, everything that GitHub can show out.

The order matters. The runner's files are opened first, as root; then the rights are given up; then the repository is read.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard import documentation
from directus_guard.action.prove import carried_out, throw_away
from directus_guard.action.publish import publish
from directus_guard.action.request import scan_options
from directus_guard.action.state import ActionLog, ActionRun
from directus_guard.audit.options import AuditError
from directus_guard.cli.errors import UsageError, too_long
from directus_guard.cli.options import audited
from directus_guard.deadline import TimeOverError, limited
from directus_guard.exit_code import ExitCode
from directus_guard.github import commands, privileges
from directus_guard.github.event import Event
from directus_guard.github.files import Files
from directus_guard.github.inputs import SECRETS, InputError, Inputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping


def main(environ: MutableMapping[str, str], sleep: Callable[[float], None] = time.sleep) -> int:
    """Run as a GitHub Action, with the runner's environment. Returns the exit code that decides the step."""
    environ.pop("SSLKEYLOGFILE", None)  # as on the command line
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
    except (UsageError, InputError, AuditError) as error:
        code, message = ExitCode.USAGE, str(error)
    except TimeOverError:
        code, message = ExitCode.INCOMPLETE, "stopped: the run took longer than `max-time`, and has no result"
    except Exception as error:
        code, message = ExitCode.USAGE, too_long(error)
        if not message:
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
    run = ActionRun(
        inputs, event, workspace, root, target, head, started, sleep,
        reports=_reports(environ), debug=environ.get("RUNNER_DEBUG") == "1", documentation=documentation.of_action(environ),
    )  # fmt: skip
    _hand_over_token(run, environ)
    log = ActionLog()
    place = throw_away(run, environ)
    with limited(inputs.max_time, interrupts=False):
        with limited(inputs.max_time):
            options = scan_options(run, log)
            ran = audited(options)
        if place is not None and ran.report.exit_code != ExitCode.NOTHING_FOUND:
            # It is never broken off: the server has to be put back.
            ran = carried_out(run, ran, place, environ)
    return publish(run, options, ran, files, log)


def _reports(environ: Mapping[str, str]) -> Path | None:
    """The folder for the reports where the workspace cannot be written (`sandboxed/scan.sh`)."""
    folder = environ.get("DIRECTUS_GUARD_REPORTS")
    return Path(os.path.realpath(folder)) if folder else None


def _hand_over_token(run: ActionRun, environ: MutableMapping[str, str]) -> None:
    """Give the scan the instance's token, unless others could have written what is scanned; hide all others."""
    token = run.inputs.token.reveal() or environ.get("DIRECTUS_TOKEN", "")
    if run.event.privileged and run.head != run.event.sha and (token or run.inputs.url):
        raise UsageError(
            f"the event `{run.event.name}` runs with the repository's secrets, but anyone may have proposed the checked-out"
            " commit. No token of an instance is used there. Audit the instance on `schedule`, `push` or `deployment`."
            " Audit pull requests on `pull_request`, without `url` and `token`."
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
