"""Sentences that several reports share: what was judged, and what makes a run incomplete. Texts of a repository are not
cleaned here."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from directus_guard.documentation import GUIDES, address, repository
from directus_guard.finding import NEW_ACCESS, ChecklistPart, Severity, State
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.finding import Finding, Problem, Report

EXPLAIN_EXPORT: Final = "directus-guard explain export"
"""What prints the page about exports."""
MOST: Final = 5
"""Files that a verdict names; the report lists them all."""
_EXPORTED: Final = frozenset(
    {ChecklistPart.PERMISSIONS, ChecklistPart.FLOWS, ChecklistPart.SETTINGS, ChecklistPart.USERS}
)


def judged(report: Report) -> Iterator[str]:
    """Which parts of the checklist were judged, in one line, and in another how to export those that were not."""
    yield seen(report)
    missing = not_exported(report)
    if missing:
        yield f"{missing} How to export them: {export_page(report) or EXPLAIN_EXPORT}"


def export_page(report: Report) -> str:
    """The address of the page about exports; "" = not known."""
    return address(report.documentation, GUIDES["export"])


def seen(report: Report) -> str:
    """What was judged, and what was not although no export is needed for it."""
    names = [one.part.value for one in report.coverage if one.judged]
    other = [one for one in report.coverage if not one.judged and one.part not in _EXPORTED]
    rest = "; ".join(f"{one.part.value} ({one.reason})" for one in other)
    return f"Judged: {listed(names) or 'nothing'}." + (f" Not judged: {rest}." if rest else "")


def not_exported(report: Report) -> str:
    """What was not judged because no export has it; "" = nothing."""
    missing = [one for one in report.coverage if not one.judged and one.part in _EXPORTED]
    return f"Not judged: {listed([one.part.value for one in missing])} ({missing[0].reason})." if missing else ""


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def place(problem: Problem) -> str:
    """Path and line."""
    return f"{problem.path}:{problem.line}" if problem.line else problem.path


def incomplete(report: Report) -> Iterator[str]:
    """What could not be read or judged, and what to do: a headline and a line for each."""
    unread, bugs = report.unread, report.bugs
    parts = [counted(len(unread), "part of the Directus project", "parts of the Directus project") if unread else ""]
    parts += [counted(len(bugs), "check failed inside", "checks failed inside") if bugs else ""]
    read = f"{parts[0]} could not be read" if unread else ""
    yield "; ".join(filter(None, (read, parts[1]))) + ". Its content was not judged."
    yield from _few([f"{place(problem)}: {problem.message}" for problem in unread])
    yield from _few([f"{bug.check} on {bug.subject}: {bug.reason}" for bug in bugs])
    if unread:
        yield REMEDY


REMEDY: Final = (
    "Repair the file or export it again. If Directus does not use it, exclude it (`--exclude`, config `exclude`)."
    " `--incomplete warn` lets the run pass."
)


OUTSIDE_THE_DIFF: Final = "No added line shows it: the change deletes what protected this, or causes it in another place. So it is not in the diff."


def counted(number: int, singular: str, many: str) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {singular if number == 1 else many}"


def how_to_accept(report: Report) -> str:
    """What is said where findings fail a run without a base; an instance that was asked has to be asked again."""
    asked = f" --url {shlex.quote(clean(report.scanned.instance))}" if report.scanned.instance else ""
    return f"To accept today's findings: `directus-guard baseline write directus-guard.baseline{asked}`, and commit the file."


def proof(finding: Finding) -> str:
    """What came of carrying a way out, in a sentence; "" where it was not asked for."""
    found = finding.proof
    if found is None:
        return ""
    where = f" on Directus {found.directus} ({found.database})"
    from directus_guard.proof import ProofStatus  # noqa: PLC0415 - only `prove` carries ways out

    reason = f": {found.reason}" if found.reason else ""
    return f"{found.status.capitalize()}{'' if found.status is ProofStatus.NOT_RUN else where}{reason}."


def proofs(report: Report) -> Iterator[str]:
    """What came of all ways, in a line, and what a refuted one means."""
    found = [one for one in (*report.findings, *report.nonproduction) if one.proof is not None]
    if not found:
        return
    from directus_guard.proof import ProofStatus  # noqa: PLC0415 - only `prove` carries ways out

    counts = [(status, sum(one.proof.status is status for one in found if one.proof)) for status in ProofStatus]
    if found[0].proof:
        where = f"Directus {found[0].proof.directus} ({found[0].proof.database})"
        rest = "".join(f", {number} {status}" for status, number in counts[1:] if number)
        ways = counted(len(found), "way", "ways")
        yield f"Proven on {where}: {counts[0][1]} of {ways} to administrator{rest}."
    if any(one.proof and one.proof.is_bug for one in found):
        place = repository(report.documentation)
        where = f" at {place}/issues" if place else ""
        yield f"A way that was reported for sure is refuted: a bug of directus-guard. Please report it{where}, with the smallest export that shows it."


def gating(report: Report) -> list[Finding]:
    """The findings that fail the run."""
    least = report.fail_on
    return [one for one in report.findings if one.state is State.NEW and least and one.severity.rank >= least.rank]


def granted(report: Report) -> list[Finding]:
    """What a change grants and no check reports. The rest of `new_access` is among the findings, too."""
    return [finding for finding in report.new_access if finding.check == NEW_ACCESS]


def active(report: Report) -> list[Finding]:
    """What a change grants, and every finding that nothing ignores: those that the base or the baseline has, too."""
    return [*granted(report), *(finding for finding in report.findings if finding.state is not State.SUPPRESSED)]


def why_blocked(report: Report) -> str:
    """What fails the run, a phrase."""
    parts = []
    if gating(report) and report.fail_on:
        parts.append(f"{'new ' if report.base else ''}findings at or above {report.fail_on.value}")
    if report.new_access and report.new_access_from:
        parts.append(f"new access at or above {report.new_access_from.value}")
    return listed(parts)


def known(findings: Sequence[Finding]) -> str:
    """How many findings the base or the baseline has, by severity."""
    counts = ((sum(one.severity is severity for one in findings), severity.value) for severity in Severity)
    grave = ", ".join(f"{number} {word}" for number, word in counts if number)
    return f"{counted(len(findings), 'known finding', 'known findings')} ({grave})"


def ignore_command(finding: Finding, instance: str | None = None) -> str:
    """The command that accepts a finding, to be completed and pasted into a shell. `instance`: what was asked."""
    named = finding.fingerprint
    if clean(named) != named or "`" in named:
        from directus_guard.report.json_v1 import fingerprint  # noqa: PLC0415 - for names that no shell takes as they are

        named = fingerprint(finding)[:HASH_LENGTH]
    asked = f" --url {shlex.quote(clean(instance))}" if finding.live and instance else ""
    return f'directus-guard ignore {shlex.quote(named)} --reason "…"{asked}'


HASH_LENGTH: Final = 12
"""Hexadecimal digits of a fingerprint's hash that name a finding."""


def _few(lines: Sequence[str]) -> Iterable[str]:
    more = [f"… and {len(lines) - MOST} more"] if len(lines) > MOST else []
    return [*(f"- {line}" for line in lines[:MOST]), *more]


def why_incomplete(report: Report) -> str:
    """A phrase for the verdict of exit code 4."""
    if report.incomplete and report.incomplete_fails:
        return "a part of the Directus project could not be read"
    return "something could not be read or evaluated"
