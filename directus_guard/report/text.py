"""`--output text`: for people at a terminal and in a job's log."""

from __future__ import annotations

from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Final

from directus_guard.exit_code import ExitCode
from directus_guard.finding import Severity, State, Status
from directus_guard.report import words
from directus_guard.report.terminal import TONES, Paint, Tone, folded
from directus_guard.report.writers import Shown
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Administrators, Finding, Report
    from directus_guard.report.writers import Appearance

_AT_ONCE: Final = 5_000
"""Lines that are written together."""
MOST: Final = 20
"""Administrators that are listed without --verbose."""


def write(report: Report, stream: IO[str], appearance: Appearance) -> None:
    """Write findings with their code frames, then what was not read, then the verdict."""
    paint = Paint(color=appearance.color)
    body = () if appearance.quiet else _body(report, paint, appearance)
    lines = folded(chain(body, _verdict(report, paint, quiet=appearance.quiet)), appearance.width)
    # In pieces: the report on an export of two hundred thousand rows is a text of forty megabytes.
    while piece := "".join(f"{line}\n" for line in islice(lines, _AT_ONCE)):
        stream.write(piece)


def _body(report: Report, paint: Paint, appearance: Appearance) -> Iterator[str]:
    verbose = appearance.verbose
    if report.new_access and report.new_access_from:
        yield paint(
            f"New access at or above {report.new_access_from.value}, which {report.base or 'the base'} does not grant:",
            Tone.BOLD,
        )
        yield from (line for finding in report.new_access for line in _finding(finding, paint))
    yield from _findings(report, paint, appearance)
    if report.nonproduction:
        yield paint("In development and example files (they never fail the run):", Tone.BOLD)
        for finding in report.nonproduction:
            place = f"{finding.location.path}:{finding.location.line}"
            yield f"  {finding.severity.value}[{finding.check}] {clean(place)}: {clean(finding.title)}"
        yield ""
    for listed in report.administrators:
        yield from _administrators(listed, paint, verbose=verbose)
    if verbose:
        yield from _outcomes(report, paint)
    in_verdict = report.unread[: words.MOST]
    unread = [problem for problem in report.problems if problem not in in_verdict]
    if unread:
        yield paint("Not read:", Tone.BOLD)
        for problem in unread:
            part = " (part of the Directus project)" if problem.incomplete else ""
            yield f"  - {clean(words.place(problem))}: {clean(problem.message)}{part}"
        yield ""
    for off in report.switched_off:
        yield f"{paint('switched off', Tone.BLUE)} by the config: {clean(off.what)} ({clean(off.reason)})"
    if report.switched_off:
        yield ""
    yield from map(clean, words.judged(report))
    yield ""
    for notice in report.notices:
        yield f"{paint('notice', Tone.BLUE)}: {clean(notice)}"
    if report.notices:
        yield ""


def _findings(report: Report, paint: Paint, appearance: Appearance) -> Iterator[str]:
    """What is new in full, then what is known, in one line unless it is asked for."""
    show = Shown.ALL if appearance.verbose else appearance.show
    for state, listed in (
        (State.NEW, True),
        (State.EXISTING, show is not Shown.NEW),
        (State.SUPPRESSED, show is Shown.ALL),
    ):
        found = [finding for finding in report.findings if finding.state is state]
        if listed:
            for finding in found:
                accept = words.ignore_command(finding, report.scanned.instance) if state is State.NEW else ""
                yield from _finding(finding, paint, accept)
        elif found and state is State.EXISTING:
            yield f"{words.known(found)}: --show known lists {'it' if len(found) == 1 else 'them'}."
            yield ""


def _finding(finding: Finding, paint: Paint, accept: str = "") -> Iterator[str]:
    """`accept`: the command that accepts it."""
    tone = TONES[finding.severity]
    notes = [finding.state.value] if finding.state is not State.NEW else []
    notes += [clean(finding.note)] if finding.note else []
    state = f" ({': '.join(notes)})" if notes else ""
    yield paint(f"{finding.severity.value}[{finding.check}]", tone) + paint(
        f": {clean(finding.title)}{state}", Tone.BOLD
    )
    place = f"{finding.location.path}:{finding.location.line}:{finding.location.column}"
    frame = finding.frame
    gutter = len(str(frame.line)) if frame else 1
    bar = paint("|", Tone.BLUE)
    yield f"{' ' * gutter}{paint('-->', Tone.BLUE)} {clean(place)}"
    if frame:
        margin = " " * (gutter + 1)
        caret = " " * (frame.column - 1) + "^" * max(frame.end_column - frame.column, 1)
        yield f"{margin}{bar}"
        yield f"{paint(str(frame.line), Tone.BLUE)} {bar} {clean(frame.text)}"
        yield f"{margin}{bar} {paint(caret, tone)}"
    indent = " " * (gutter + 1) + paint("=", Tone.BLUE) + " "
    yield f"{indent}{clean(finding.message)}"
    for detail in finding.details:
        yield f"{indent}- {clean(detail)}"
    if finding.in_diff is False:
        yield f"{indent}{words.OUTSIDE_THE_DIFF}"
    yield f"{indent}Found: {clean(finding.actual)}"
    for number, step in enumerate(finding.steps, 1):
        place = f"{step.location.path}:{step.location.line}: " if step.location else ""
        yield f"{indent}{number}. {clean(step.action)}"
        yield f"{indent}   {clean(place)}{clean(step.permission)}; {clean(step.gives)}"
        if step.request is not None:
            yield f"{indent}   {clean(step.request.line)}"
    if finding.proof:
        yield f"{indent}{paint(clean(words.proof(finding)), Tone.BOLD)}"
    for related in finding.related if not finding.steps else ():
        place = f"{related.location.path}:{related.location.line}"
        yield f"{indent}see {clean(place)}: {clean(related.message)}"
    if finding.link:
        yield f"{indent}see {clean(finding.link)}"
    for line in finding.advice.splitlines():
        yield f"{indent}{paint(clean(line), Tone.BOLD)}"
    if accept:
        yield f"{indent}Accept: {accept}"
    yield f"{indent}`directus-guard explain {finding.check}`"
    yield ""


def _administrators(administrators: Administrators, paint: Paint, *, verbose: bool) -> Iterator[str]:
    """The list for review; users by the hundred only when asked for."""
    yield paint(f"Administrators of {clean(administrators.model)}, for review:", Tone.BOLD)
    shown = administrators.listed if verbose else administrators.listed[:MOST]
    width = max((len(one.name) for one in shown), default=0)
    for one in shown:
        state = f"; {', '.join(one.state)}" if one.state else ""
        yield f"  {one.kind:<6} {clean(one.name):<{min(width, 36)}}  {clean(one.through)}{clean(state)}"
    if len(administrators.listed) > len(shown):
        yield f"  … and {len(administrators.listed) - len(shown)} more, listed with --verbose"
    if not administrators.listed:
        yield "  none known"
    yield from (f"  not known: {clean(reason)}" for reason in administrators.unknown)
    yield ""


def _outcomes(report: Report, paint: Paint) -> Iterator[str]:
    yield paint("Every answer:", Tone.BOLD)
    for outcome in report.outcomes:
        reason = f": {clean(outcome.reason)}" if outcome.reason else ""
        yield f"  {outcome.status.value:<14} {outcome.check} {clean(outcome.subject)}{reason}"
    yield ""


def _verdict(report: Report, paint: Paint, *, quiet: bool) -> Iterator[str]:
    counts = report.summary
    found = [f"{counts[severity.value]} {severity.value}" for severity in Severity if counts.get(severity.value, 0)]
    line = ", ".join(found) or "no findings"
    extras = [
        f"{number} {label}"
        for number, label in (
            (counts.get("suppressed", 0), "suppressed"),
            (counts.get("nonproduction", 0), "in development or examples"),
            (sum(finding.state is State.EXISTING for finding in report.findings), "not new"),
        )
        if number
    ]
    passed = sum(outcome.status is Status.PASS for outcome in report.outcomes)
    unknown = counts.get("not_evaluated", 0)
    scanned = report.scanned
    deployments = len(scanned.deployments)
    models = sum(name != scanned.instance for name in scanned.access_models)
    instance = f" and {clean(scanned.instance)}" if scanned.instance else ""
    exports = f" and {models} access model{'' if models == 1 else 's'}" if models else ""
    yield (
        f"{deployments} deployment{'' if deployments == 1 else 's'}{exports} in {scanned.files} file{'' if scanned.files == 1 else 's'}{instance}: {line}"
        + (f" ({', '.join(extras)})" if extras else "")
        + f"; {passed} checks passed, {unknown} not evaluated."
    )
    if unknown:
        checks = len({outcome.check for outcome in report.outcomes if outcome.status is Status.NOT_EVALUATED})
        yield f"{checks} check{'' if checks == 1 else 's'} could not be evaluated (why: --verbose)."
    yield from map(clean, words.proofs(report))
    if report.incomplete:
        tone = Tone.RED if report.incomplete_fails else Tone.YELLOW
        first, *rest = words.incomplete(report)
        yield paint("incomplete", tone) + f": {clean(first)}"
        yield from (f"  {clean(line)}" for line in rest)
    verdicts: dict[int, str] = {
        ExitCode.OK: paint("passed", Tone.GREEN),
        ExitCode.FINDINGS: paint("blocked", Tone.RED) + f": {words.why_blocked(report)}",
        ExitCode.NOTHING_FOUND: paint("nothing found", Tone.RED),
        ExitCode.INCOMPLETE: paint("incomplete", Tone.RED) + f": {words.why_incomplete(report)}",
    }
    if report.exit_code == ExitCode.FINDINGS and not report.base and not quiet:
        yield words.how_to_accept(report)
    if any(one.proof and one.proof.is_bug for one in report.findings):
        verdicts[ExitCode.BUG] = paint("refuted", Tone.RED) + ": a way to administrator does not work as it is said to"
    yield f"directus-guard: {verdicts.get(report.exit_code, 'failed')}"
