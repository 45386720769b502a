"""What a scan of a small repository says of its deployments, in a form that tests can write down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit, run
from directus_guard.finding import Context
from tests.support.cli import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from directus_guard.finding import Report, Status

HEX: Final = "9f2c4b71d8e0a6537b1c92fe46ad80357cc1e29b60f4d8a37e5512cb94d06ef1"
"""A secret that nobody would take for an example."""


def scanned(root: Path, files: Mapping[str, str | bytes]) -> Report:
    """The report on a repository of these files."""
    return audit(Options(root=write(root, files)))


def named(report: Report, check: str) -> set[str]:
    """`PATH:LINE confidence` of each finding of a check."""
    return {
        f"{finding.location.path}:{finding.location.line} {finding.confidence.value}"
        for finding in (*report.findings, *report.nonproduction)
        if finding.check == check
    }


def answered(report: Report, check: str) -> set[Status]:
    """How a check answered, for all deployments together."""
    return {outcome.status for outcome in report.outcomes if outcome.check == check}


def committed(root: Path) -> list[str]:
    """Where committed secrets are found, `path:line`, those gate that a scan counts."""
    report = run(Options(root=root)).report
    assert not report.problems
    found = (finding for finding in report.findings if finding.check == "secret-committed")
    places = [
        place
        for finding in found
        if finding.context in (Context.PRODUCTION, Context.UNKNOWN)
        for place in (finding.location, *(other.location for other in finding.related))
    ]
    return sorted(f"{place.path}:{place.line}" for place in places)
