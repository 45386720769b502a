"""Workflow commands: annotations, and text that must not become one (actions/runner, ActionCommand.cs)."""

from __future__ import annotations

import secrets
from collections import Counter
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from directus_guard.finding import Severity, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Finding, Report

MOST_PER_LEVEL: Final = 10
"""Annotations of one level that the runner keeps of one step."""
MAX_MESSAGE: Final = 4000
"""The runner cuts at 4096 characters."""

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


def error(message: str) -> str:
    """The command that shows `message` as an error of the step."""
    return f"::error title=directus-guard::{escape_message(message)}"


def of_findings(report: Report) -> Iterator[str]:
    """One command per finding that counts, the worst first, as many as the runner keeps; then how many are left."""
    seen: Counter[str] = Counter()
    left = 0
    for finding in report.findings:
        if finding.state is not State.NEW:
            continue
        level = _LEVELS[finding.severity]
        seen[level] += 1
        # One place of the notices is kept for the last line.
        if seen[level] > MOST_PER_LEVEL - (level == "notice"):
            left += 1
        else:
            yield annotation(finding)
    if left:
        text = f"{left} more finding{'s are' if left > 1 else ' is'} in the log, the step summary and the SARIF file."
        yield f"::notice title=directus-guard::{escape_message(text)}"


def annotation(finding: Finding) -> str:
    """The finding at its line. Columns are only kept by the runner where the region lies on one line."""
    place = finding.location
    properties = {"file": place.path, "line": str(place.line), "endLine": str(place.end_line)}
    if place.line == place.end_line and place.end_column > place.column:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    properties["title"] = f"{finding.check}: {finding.title}"
    text = f"{finding.message}\nFound: {finding.actual}\nExpected: {finding.expected}"
    listed = ",".join(f"{key}={escape_property(value)}" for key, value in properties.items())
    return f"::{_LEVELS[finding.severity]} {listed}::{escape_message(_unlike_a_command(text)[:MAX_MESSAGE])}"


def _unlike_a_command(text: str) -> str:
    """The legacy form `##[command]` counts anywhere in a line."""
    return text.replace("##[", "# #[")


@contextmanager
def stopped(stream: IO[str]) -> Iterator[None]:
    """While it lasts, nothing that is written to `stream` is taken for a command."""
    token = secrets.token_hex(16)
    stream.write(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        stream.write(f"\n::{token}::\n")
        stream.flush()
