"""`--output github`, and what the Action annotates: workflow commands of GitHub's runner (actions/runner, ActionCommand.cs)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from directus_guard.finding import Severity, State
from directus_guard.report.words import OUTSIDE_THE_DIFF, granted
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Finding, Problem, Report

MOST_PER_LEVEL: Final = 10
"""Annotations of one level that the runner keeps of one step. One place of each level is left for the Action's own words."""
MOST_PROBLEMS: Final = 3
"""Files that could not be read and that are annotated; the step summary lists them all."""
MAX_MESSAGE: Final = 4000
"""The runner cuts at 4096 characters."""
IN_THE_ACTION: Final = "in the log, the step summary and the SARIF file"
IN_OTHER_FORMATS: Final = "in the other formats of the report"

_LEVELS: Final = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
}


def escape_message(text: str) -> str:
    """Text as the data of a command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Text as the value of a command's property."""
    return escape_message(text).replace(":", "%3A").replace(",", "%2C")


def said(level: str, message: str) -> str:
    """The command that shows `message` as an `error`, a `warning` or a `notice` of the step."""
    return f"::{level} title=directus-guard::{escape_message(_safe_lines(message)[:MAX_MESSAGE])}"


def of_report(report: Report) -> Iterator[str]:
    """All that is printed where the Action does not print a log as well: annotations alone."""
    for bug in report.bugs[:MOST_PROBLEMS]:
        level = "error" if report.incomplete_fails else "warning"
        yield said(level, f"{bug.check} was not evaluated for {bug.subject}: {bug.reason}")
    counted = Counter({"error" if report.incomplete_fails else "warning": len(report.bugs[:MOST_PROBLEMS])})
    yield from of_findings(report, already_said=counted, rest=IN_OTHER_FORMATS)


def of_findings(
    report: Report, folder: str = "", already_said: Counter[str] | None = None, rest: str = IN_THE_ACTION
) -> Iterator[str]:
    """One command per finding that counts, the worst first, as many as the runner keeps; then how many are left.

    `folder`: where the report's paths start, from the workspace. `already_said`: what the Action said itself, by level.
    `rest`: where those are that are left.
    """
    seen: Counter[str] = Counter()
    already_said = already_said or Counter()
    left = 0
    for problem in report.unread[:MOST_PROBLEMS]:
        level = "error" if report.incomplete_fails else "warning"
        seen[level] += 1
        yield of_problem(problem, level, folder)
    for finding in (*granted(report), *report.findings):
        if finding.state is not State.NEW:
            continue
        level = _LEVELS[finding.severity]
        seen[level] += 1
        # One place of the notices is kept for the last line.
        if seen[level] > MOST_PER_LEVEL - max(already_said[level], 1) - (level == "notice"):
            left += 1
        else:
            yield annotation(finding, folder)
    if left:
        text = f"{left} more finding{'s are' if left > 1 else ' is'} {rest}."
        yield said("notice", text)


def of_problem(problem: Problem, level: str, folder: str = "") -> str:
    """A file of the project that could not be read, at its line."""
    properties = {
        "file": clean(folder + problem.path),
        "line": str(problem.line or 1),
        "title": "directus-guard: incomplete",
    }
    listed = ",".join(f"{key}={escape_property(value)}" for key, value in properties.items())
    text = f"This file is part of the Directus project and could not be read: {problem.message}"
    return f"::{level} {listed}::{escape_message(_safe_lines(text)[:MAX_MESSAGE])}"


def annotation(finding: Finding, folder: str = "") -> str:
    """The finding at its line. Columns are only kept by the runner where the region lies on one line."""
    place = finding.location
    # A path with characters that a terminal obeys is cleaned, too: no such file can be shown there anyway.
    properties = {"file": clean(folder + place.path), "line": str(place.line), "endLine": str(place.end_line)}
    if place.line == place.end_line and place.end_column > place.column:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    properties["title"] = _safe_lines(f"{finding.check}: {finding.title}")
    listed = "".join(f"\n- {detail}" for detail in finding.details)
    outside = f"\n{OUTSIDE_THE_DIFF}" if finding.in_diff is False else ""
    text = f"{finding.message}{listed}{outside}\nFound: {finding.actual}\n{finding.advice}"
    where = ",".join(f"{key}={escape_property(value)}" for key, value in properties.items())
    return f"::{_LEVELS[finding.severity]} {where}::{escape_message(_safe_lines(text)[:MAX_MESSAGE])}"


def _safe_lines(text: str) -> str:
    """Lines without anything that hides or reorders text, or that the runner takes for a command."""
    return "\n".join(map(clean, text.split("\n")))
