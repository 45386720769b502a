"""The findings of a report as the page lists and filters them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.finding import Severity, State
from directus_guard.report import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.finding import Finding, Frame, Report, Rule
    from directus_guard.report_details import EscalationGraph

STATES: Final = {
    "new": "New",
    "existing": "Known",
    "suppressed": "Ignored",
    "nonproduction": "Development and examples",
}
"""What a finding can be filtered by beside its severity, and how the page calls it."""
MOST: Final = 1000
"""Findings that a page lists; the JSON report has them all."""


class ListedFinding(Struct, frozen=True):
    """One finding of the list."""

    number: int
    finding: Finding
    state: str
    """A key of `STATES`."""
    fails: bool
    """Whether it fails the run."""
    planned: bool
    """Whether the page has its steps as a plan."""
    page: str
    """The address of the check's page; "" = not known."""

    @property
    def advice(self) -> tuple[str, Sequence[str]]:
        """What to change: its label, and a sentence or several."""
        label, _, text = self.finding.advice.partition(": ")
        return label, [line for line in text.splitlines() if line.strip()]

    @property
    def command(self) -> str:
        """The command that accepts it; "" where that is not needed."""
        return words.ignore_command(self.finding) if self.state == "new" else ""

    @property
    def frame(self) -> tuple[str, str, str]:
        """The line it points at: before, at and after what matters."""
        frame: Frame | None = self.finding.frame
        if frame is None:
            return "", "", ""
        start, end = frame.column - 1, frame.end_column - 1
        return frame.text[:start], frame.text[start:end], frame.text[end:]


class FindingsView:
    """Every finding, in the order of the report; those of development and examples come last."""

    def __init__(self, report: Report, rules: Sequence[Rule], graphs: Sequence[EscalationGraph] = ()) -> None:
        pages = {rule.id: rule.documentation for rule in rules}
        failing = set(words.gating(report)) | set(report.new_access)
        listed = [*report.new_access, *report.findings]
        planned = {way for graph in graphs for way in graph.ways}
        states = [finding.state.value for finding in listed] + ["nonproduction"] * len(report.nonproduction)
        every = list(zip([*listed, *report.nonproduction], states, strict=True))
        self.more = max(len(every) - MOST, 0)
        """How many are left out: the least severe."""
        self.listed = tuple(
            ListedFinding(number, finding, state, finding in failing, finding in planned, pages.get(finding.check, ""))
            for number, (finding, state) in enumerate(every[:MOST], start=1)
        )
        self._numbers = {item.finding: item.number for item in self.listed}

    def anchor(self, way: Finding) -> str:
        """What the plan of a finding is called in the page."""
        return f"way-{self._numbers.get(way, 0)}"

    @property
    def severities(self) -> Mapping[str, int]:
        """How many there are of each severity that occurs."""
        counts = {
            severity.value: sum(item.finding.severity is severity for item in self.listed) for severity in Severity
        }
        return {name: number for name, number in counts.items() if number}

    @property
    def states(self) -> Sequence[tuple[str, str, int]]:
        """Each state that occurs: its key, its name, how many."""
        counts = ((key, name, sum(item.state == key for item in self.listed)) for key, name in STATES.items())
        return [entry for entry in counts if entry[2]]

    @property
    def checks(self) -> Sequence[str]:
        """The checks that found something, sorted."""
        return sorted({item.finding.check for item in self.listed})

    @property
    def ignored(self) -> str:
        """The state that is not shown at first."""
        return State.SUPPRESSED.value
