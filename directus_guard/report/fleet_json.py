"""`directus-guard merge --output json`: docs/contract.md#merge-v1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard import __version__
from directus_guard.finding import Severity
from directus_guard.fleet import FleetVerdict

if TYPE_CHECKING:
    from directus_guard.fleet import Fleet, FleetResult


def as_json(fleet: Fleet) -> dict[str, object]:
    """The table as plain data."""
    verdicts = [result.verdict for result in fleet.results]
    return {
        "schema": "merge-v1",
        "tool": {"name": "directus-guard", "version": __version__},
        "results": [_result(result) for result in fleet.results],
        "checks": [
            {
                "check": one.check,
                "severity": one.severity.value,
                "findings": one.findings,
                "results": [name for name, _ in one.results],
            }
            for one in fleet.checks
        ],
        "notices": list(fleet.notices),
        "summary": {
            "results": len(verdicts),
            **{word.name.lower(): verdicts.count(word) for word in FleetVerdict},
            **{one.value: sum(result.counts.get(one, 0) for result in fleet.results) for one in Severity},
            "exit_code": int(fleet.exit_code),
        },
    }


def _result(result: FleetResult) -> dict[str, object]:
    return {
        "name": result.name,
        "file": result.file or None,
        "verdict": result.verdict.value,
        "reason": result.reason or None,
        "version": result.version or None,
        "instance": result.instance or None,
        **{severity.value: result.counts.get(severity, 0) for severity in Severity},
        "new": result.new,
        "suppressed": result.suppressed,
        "nonproduction": result.nonproduction,
        "not_evaluated": result.not_evaluated,
        "unread": result.unread,
        "checks": {
            check: {"severity": cell.severity.value, "findings": cell.findings, "new": cell.new}
            for check, cell in result.checks.items()
        },
    }
