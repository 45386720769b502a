"""What the Action scans, and compares with what: inputs and event become the options of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.cli.errors import UsageError
from directus_guard.cli.options import options_of, version_of
from directus_guard.cli.request import RunRequest

if TYPE_CHECKING:
    from directus_guard.action.state import ActionLog, ActionRun
    from directus_guard.audit.options import Options
    from directus_guard.github.inputs import Inputs


def scan_options(run: ActionRun, log: ActionLog) -> Options:
    """The options of `scan`. What a change brings along never excuses the change."""
    base, trouble = _base(run)
    if trouble and run.inputs.new_only:
        raise UsageError(f"input `new-only`: {trouble}")
    if trouble and run.inputs.new_access not in (None, "none"):
        raise UsageError(f"input `new-access`: {trouble}")
    if trouble:
        log("notice", f"Ignores, config file and baseline of the change itself do not count, and {trouble}")
    elif run.inputs.new_only and not base:
        log("notice", f"`new-only`: on `{run.event.name}` there is nothing to compare with, so every finding counts.")
    inputs = run.inputs
    _refuse_unusable(inputs, trusted=not trouble)
    options = options_of(
        RunRequest(
            paths=(str(run.root),),
            config=inputs.config,
            directus_version=inputs.directus_version,
            edition=inputs.edition,
            fail_on=inputs.fail_on,
            new_access=inputs.new_access,
            needs_base=False,
            min_severity=inputs.min_severity,
            min_confidence=inputs.min_confidence,
            incomplete=inputs.incomplete,
            baseline=inputs.baseline,
            new_since=base or None,
            strict=inputs.strict,
            debug=run.debug,
            trusted=not trouble,
            url=inputs.url or None,
            documentation=run.documentation,
        )
    )
    paths = () if run.target == run.root else (run.target,)
    return replace(options, paths=paths, new_only=run.inputs.new_only)


def _refuse_unusable(inputs: Inputs, *, trusted: bool) -> None:
    """Raise `UsageError` with the name of an input whose file is not there, or which is not a version."""
    for name, file in (("config", inputs.config), ("baseline", inputs.baseline)) if trusted else ():
        if file and not Path(file).is_file():
            raise UsageError(f"input `{name}`: {file}: no such file")
    try:
        version_of(inputs.directus_version)
    except UsageError as error:
        raise UsageError(f"input `directus-version`: {error}") from None


def _base(run: ActionRun) -> tuple[str, str]:
    """The commit to compare with, and why it cannot be read. Both are "" where the run is not about a pull request."""
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
