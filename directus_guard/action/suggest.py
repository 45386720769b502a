"""Safe changes as suggestions in the pull request: at lines of its head, which is not what is checked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.finding import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.action.state import ActionLog, ActionRun
    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import Options
    from directus_guard.finding import Finding
    from directus_guard.github.api import Api
    from directus_guard.github.suggestions import Suggestion


def suggest(run: ActionRun, options: Options, audited: Audited, api: Callable[[], Api | None], log: ActionLog) -> None:
    """Write the suggestions where that is asked for. `audited`: with edits; `api` says itself why there is none."""
    from directus_guard.github import suggestions
    from directus_guard.report.sarif import CATEGORY

    pull = run.event.pull
    if not run.inputs.suggestions or pull is None or not run.event.repository:
        return
    if run.event.cannot_write:
        log("notice", f"Suggestions: {run.event.cannot_write}. `directus-guard fix` makes the same changes.")
        return
    head = _head_texts(run)
    if head is None:
        log(
            "warning",
            "Suggestions: the head of the pull request is not in this clone. In actions/checkout set `fetch-depth: 2`.",
        )
        return
    there = api()
    if there is None:
        return
    made = list(_suggestions(options, audited, head))
    outcome = suggestions.write(there, run.event, pull, run.inputs.category or CATEGORY, made)
    log("warning", outcome.trouble)
    if outcome.more:
        log("notice", f"Suggestions: {outcome.more} more safe changes. `directus-guard fix` makes all of them.")
    if outcome.outside:
        log(
            "notice",
            f"Suggestions: {outcome.outside} safe changes are of lines that the pull request does not show. "
            "`directus-guard fix` makes them.",
        )


def _head_texts(run: ActionRun) -> Callable[[str], str | None] | None:
    """The texts of the head of the pull request: what is checked out, or the second parent of its merge."""
    from directus_guard.sources.files.git import GitError, resolve

    head = run.event.pull.head_sha if run.event.pull else ""
    try:
        revision = resolve(run.root, head)
    except GitError:
        return None

    def text(path: str) -> str | None:
        data = revision.read(path)
        try:
            return None if data is None else data.decode()
        except UnicodeDecodeError:
            return None

    return text


def _suggestions(options: Options, audited: Audited, head: Callable[[str], str | None]) -> Iterator[Suggestion]:
    """One for each new finding with safe edits that a review can hold, the worst first."""
    from directus_guard.audit.mending import Mender
    from directus_guard.edits.file_texts import FileTexts
    from directus_guard.edits.masking import LineMask
    from directus_guard.edits.proposed_lines import proposed
    from directus_guard.github.suggestions import Suggestion
    from directus_guard.report.markdown import escape
    from directus_guard.sources.files.folder import Folder

    texts = FileTexts(options.store or Folder(options.root))
    mask = LineMask(audited.project.environments)
    ready = [one for one in audited.report.findings if _is_ready(one)]
    kept, _ = Mender(audited, options).helping(ready)
    for finding in kept:
        lines = proposed(finding.fix.edits if finding.fix else (), texts, mask, head)
        if lines is not None:
            sentence = f"**{escape(finding.title)}** (`{finding.check}`). {escape(finding.advice)}"
            yield Suggestion(finding.fingerprint, lines.path, lines.first, lines.last, sentence, lines.lines)


def _is_ready(finding: Finding) -> bool:
    return finding.state is State.NEW and finding.fix is not None and finding.fix.safe and bool(finding.fix.edits)
