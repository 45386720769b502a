"""`--output gitlab-sast`: docs/contract.md#gitlab-sast, GitLab's security report of the type `sast`.

GitLab shows descriptions as Markdown. It calls a vulnerability fixed that a later report does not have, so findings that the
base or the baseline has are listed, too, and a run that could not read everything calls itself a failure.
"""

from __future__ import annotations

import uuid
from typing import IO, TYPE_CHECKING, Final

from directus_guard import __version__
from directus_guard.documentation import repository
from directus_guard.finding import Severity, Status
from directus_guard.report.diff_words import new_access_rule
from directus_guard.report.json_v1 import write_data
from directus_guard.report.markdown import escape
from directus_guard.report.words import active, place
from directus_guard.text_safety import escape_controls, log_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.finding import Finding, Report, Rule

SCHEMA: Final = (15, 0, 4)
"""The version of GitLab's `sast-report-format.json`."""
MAX_SOLUTION: Final = 7_000
CUT_SOLUTION: Final = 400
"""Characters of a longer one that are shown: escaped, a character is at most 17."""
MAX_MESSAGES: Final = 1_000
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "directus-guard")
_SEVERITY: Final = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}


def write(report: Report, rules: Sequence[Rule], stream: IO[str], at: str) -> None:
    """Write the report. `at`: when the run ended, in UTC, as `2027-01-31T12:00:00`."""
    by_id = {rule.id: rule for rule in (*rules, new_access_rule(report.documentation))}
    write_data(
        {
            "version": ".".join(map(str, SCHEMA)),
            "scan": _scan(report, at),
            "vulnerabilities": [_vulnerability(finding, by_id[finding.check]) for finding in active(report)],
        },
        stream,
    )


def _scan(report: Report, at: str) -> dict[str, object]:
    url = repository(report.documentation)
    tool = {
        "id": "directus-guard",
        "name": "directus-guard",
        "version": __version__,
        "vendor": {"name": "directus-guard"},
        **({"url": url} if url else {}),
    }
    return {
        "analyzer": tool,
        "scanner": tool,
        "type": "sast",
        "start_time": at,
        "end_time": at,
        "status": "failure" if report.incomplete and report.incomplete_fails else "success",
        "messages": [
            {"level": level, "value": escape_controls(log_line(" ".join(text.splitlines())))}
            for level, text in list(_messages(report))[:MAX_MESSAGES]
        ],
    }


def _messages(report: Report) -> Iterator[tuple[str, str]]:
    """What could not be read or evaluated."""
    for problem in sorted(report.problems, key=lambda one: not one.incomplete):
        yield "warn" if problem.incomplete else "info", f"{place(problem)}: not read: {problem.message}"
    for outcome in sorted(report.outcomes, key=lambda one: not one.bug):
        if outcome.status is Status.NOT_EVALUATED:
            text = f"{outcome.check} was not evaluated for {outcome.subject}: {outcome.reason}"
            yield "warn" if outcome.bug else "info", text


def _vulnerability(finding: Finding, rule: Rule) -> dict[str, object]:
    link = {"url": rule.documentation} if rule.documentation.startswith(("https://", "http://")) else {}
    lines = [finding.title, finding.message, *(f"- {detail}" for detail in finding.details)]
    lines += [f"Found: {finding.actual}", *(item.message for item in finding.related)]
    return {
        "id": str(uuid.uuid5(_NAMESPACE, finding.fingerprint)),
        "name": rule.title[:255],
        "description": "\n\n".join(log_line(escape(line)) for line in lines),
        "severity": _SEVERITY[finding.severity],
        "solution": _solution(finding),
        "identifiers": [
            {"type": "directus_guard", "name": f"directus-guard {rule.id}", "value": rule.id, **link},
            *({"type": "cwe", "name": one.id, "value": str(one.number), "url": one.address} for one in rule.cwe),
            *({"type": "owasp", "name": f"{one.id} - {one.title}", "value": one.id} for one in rule.owasp),
        ],
        "location": {
            "file": finding.location.path,
            "start_line": finding.location.line,
            "end_line": finding.location.end_line,
        },
        **({"links": [link]} if link else {}),
    }


def _solution(finding: Finding) -> str:
    """What to change. Markup is never cut."""
    advice = finding.advice.removeprefix("Fix: ")
    whole = log_line(escape(advice))
    return whole if len(whole) <= MAX_SOLUTION else log_line(escape(f"{advice[:CUT_SOLUTION]} …"))
