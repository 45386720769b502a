"""`--output gitlab-codequality`: docs/contract.md#gitlab-codequality, the report that a merge request shows beside its lines.

GitLab compares the report of a branch with that of its target by fingerprint, and shows what is new and what is gone. So
findings that the base or the baseline has are listed, too.
"""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING, Final

from directus_guard.finding import Severity
from directus_guard.report.json_v1 import fingerprint, write_data
from directus_guard.report.words import active
from directus_guard.text_safety import escape_controls, log_line

if TYPE_CHECKING:
    from directus_guard.finding import Finding, Problem, Report

_SEVERITY: Final = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}


def write(report: Report, stream: IO[str]) -> None:
    """Write a list of issues: what could not be read first, then the findings in the report's order."""
    write_data([*map(_unread, report.unread), *map(_issue, active(report))], stream)


def _issue(finding: Finding) -> dict[str, object]:
    text = f"{finding.title}. {finding.message} {finding.advice}"
    return _entry(
        finding.check,
        text,
        _SEVERITY[finding.severity],
        fingerprint(finding),
        finding.location.path,
        finding.location.line,
    )


def _unread(problem: Problem) -> dict[str, object]:
    key = hashlib.sha256(f"incomplete|{problem.path}|{problem.message}".encode("utf-8", "replace")).hexdigest()[:32]
    text = f"This file is part of the Directus project and could not be read: {problem.message}"
    return _entry("incomplete", text, "blocker", key, problem.path, problem.line or 1)


def _entry(check: str, text: str, severity: str, key: str, path: str, line: int) -> dict[str, object]:
    return {
        "type": "issue",
        "check_name": check,
        "description": escape_controls(log_line(" ".join(text.splitlines()))),
        "categories": ["Security"],
        "severity": severity,
        "fingerprint": key,
        "location": {"path": path, "lines": {"begin": line}},
    }
