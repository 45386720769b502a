"""What the page says about a run as a whole: the verdict, and what was not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.exit_code import ExitCode
from directus_guard.finding import Severity, Status
from directus_guard.report import words
from directus_guard.report.markdown import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.finding import Report

_TONES: dict[int, str] = {ExitCode.OK: "passed", ExitCode.FINDINGS: "blocked"}


class ReportView:
    """The sentences and numbers of the page, made from a report."""

    def __init__(self, report: Report) -> None:
        self._report = report

    @property
    def verdict(self) -> str:
        """The outcome, as a heading."""
        text = verdict(self._report)
        return text[:1].upper() + text[1:]

    @property
    def title(self) -> str:
        """The title of the page."""
        return f"directus-guard: {verdict(self._report)}"

    @property
    def tone(self) -> str:
        """`passed`, `blocked` or `unclear`."""
        return _TONES.get(self._report.exit_code, "unclear")

    @property
    def counts(self) -> Sequence[tuple[str, int]]:
        """How many findings there are of each severity."""
        return [(severity.value, self._report.summary.get(severity.value, 0)) for severity in Severity]

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """What was read: a label and a text."""
        scanned = self._report.scanned
        facts = [
            ("Deployments", ", ".join(scanned.deployments)),
            ("Access models", ", ".join(scanned.access_models)),
            ("Instance", scanned.instance or ""),
            ("Compared with", self._report.base),
            ("Files read", str(scanned.files)),
        ]
        return [fact for fact in facts if fact[1]]

    @property
    def judged(self) -> str:
        """Which parts of the checklist were judged."""
        return words.seen(self._report)

    @property
    def not_exported(self) -> str:
        """Which were not, because no export has them."""
        return words.not_exported(self._report)

    @property
    def export_page(self) -> str:
        """The page that says how to export; "" = its address is not known."""
        return words.export_page(self._report)

    @property
    def incomplete(self) -> Sequence[str]:
        """What makes the run incomplete; nothing where it is complete."""
        return list(words.incomplete(self._report)) if self._report.incomplete else []

    @property
    def how_to_accept(self) -> str:
        """How to begin with a baseline, where findings fail a run without a base."""
        blocked = self._report.exit_code == ExitCode.FINDINGS and not self._report.base
        return words.how_to_accept(self._report) if blocked else ""

    @property
    def not_evaluated(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """What could not be evaluated: checks and subjects by their reason."""
        reasons: dict[str, dict[tuple[str, str], None]] = {}
        for outcome in self._report.outcomes:
            if outcome.status is Status.NOT_EVALUATED:
                reasons.setdefault(outcome.reason, {})[outcome.check, outcome.subject] = None
        return {reason: list(checks) for reason, checks in reasons.items()}

    @property
    def anything_unknown(self) -> bool:
        """Whether something was not judged, or not read."""
        report = self._report
        return bool(self.not_evaluated or report.problems or report.switched_off) or any(
            not part.judged for part in report.coverage
        )
