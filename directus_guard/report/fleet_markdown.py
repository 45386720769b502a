"""`directus-guard merge --output markdown`: for the step summary of a job that merges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.exit_code import ExitCode
from directus_guard.finding import Severity
from directus_guard.report.fleet_text import verdict
from directus_guard.report.markdown import code, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.fleet import Fleet, FleetResult

MOST: Final = 200
"""Rows of a table; a step summary ends at a megabyte."""
MOST_COLUMNS: Final = 20
"""Checks of the table: the worst."""
_MARKS: Final = {Severity.CRITICAL: "C", Severity.HIGH: "H", Severity.MEDIUM: "M", Severity.LOW: "L"}


def markdown(fleet: Fleet) -> Iterator[str]:
    """The lines."""
    sign = {ExitCode.OK: "✅", ExitCode.FINDINGS: "❌"}.get(ExitCode(fleet.exit_code), "⚠️")
    yield f"## {sign} directus-guard: {verdict(fleet)}"
    yield ""
    yield "| result | verdict | critical | high | medium | low | not evaluated |"
    yield "|---|---|---:|---:|---:|---:|---:|"
    for result in fleet.results[:MOST]:
        yield _row(result)
    yield from _rest(len(fleet.results), "results")
    if fleet.checks:
        yield from _matrix(fleet)
    for notice in fleet.notices:
        yield ""
        yield escape(notice)


def _row(result: FleetResult) -> str:
    why = f". {escape(result.reason)}" if result.reason else ""
    if not result.is_known:
        numbers = ["?"] * 5
    else:
        numbers = [str(result.counts.get(severity, 0)) for severity in Severity] + [str(result.not_evaluated)]
    return f"| {code(result.name)} | {result.verdict.value}{why} | {' | '.join(numbers)} |"


def _matrix(fleet: Fleet) -> Iterator[str]:
    """Results by checks: the worst severity and the number of findings."""
    checks = fleet.checks[:MOST_COLUMNS]
    rows = [result for result in fleet.results if result.checks]
    yield ""
    yield "### What each check found"
    yield ""
    yield f"| result | {' | '.join(escape(one.check) for one in checks)} |"
    yield "|---|" + ":---:|" * len(checks)
    for result in rows[:MOST]:
        yield f"| {code(result.name)} | {' | '.join(_cell(result, one.check) for one in checks)} |"
    yield from _rest(len(rows), "results")
    yield ""
    yield "C, H, M, L: the worst severity, critical to low, with the number of findings."
    if len(fleet.checks) > MOST_COLUMNS:
        more = ", ".join(escape(one.check) for one in fleet.checks[MOST_COLUMNS:])
        yield ""
        yield f"Also found, by checks that are less severe: {more}."


def _cell(result: FleetResult, check: str) -> str:
    cell = result.checks.get(check)
    return f"{_MARKS[cell.severity]} {cell.findings}" if cell else ""


def _rest(number: int, what: str) -> Iterator[str]:
    if number > MOST:
        yield ""
        yield f"… and {number - MOST} more {what}."
