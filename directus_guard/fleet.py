"""Results of many projects and instances in one table, as plain data: the audit merges them, the reports print it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.finding import Severity


class FleetVerdict(StrEnum):
    """How the run of a project ended, the worst first."""

    UNREADABLE = "not readable"
    """Its result is damaged, so nothing is known."""
    MISSING = "missing"
    """It is listed, and there is no result of it."""
    BLOCKED = "blocked"
    INCOMPLETE = "incomplete"
    NOTHING_FOUND = "no Directus project found"
    PASSED = "passed"


class CheckCell(Struct, frozen=True):
    """What a check found in a project: ignored findings and those of development apart."""

    severity: Severity
    """Of its worst finding."""
    findings: int
    new: int


class FleetResult(Struct, frozen=True):
    """The result of one project or instance."""

    name: str
    file: str
    """Its result; "" = missing."""
    verdict: FleetVerdict
    reason: str = ""
    """Why nothing, or not all, is known: a sentence."""
    version: str = ""
    """Of directus-guard."""
    instance: str = ""
    """Its origin; "" = files were judged."""
    counts: Mapping[Severity, int] = {}
    new: int = 0
    suppressed: int = 0
    nonproduction: int = 0
    not_evaluated: int = 0
    unread: int = 0
    """Parts of the project that could not be read."""
    checks: Mapping[str, CheckCell] = {}
    """The worst first."""

    @property
    def is_known(self) -> bool:
        """Whether there is a result that can be read."""
        return self.verdict not in (FleetVerdict.UNREADABLE, FleetVerdict.MISSING)


class FleetCheck(Struct, frozen=True):
    """A check, and the projects in which it found something, the worst first."""

    check: str
    severity: Severity
    results: tuple[tuple[str, int], ...]
    """The names, with the number of findings."""

    @property
    def findings(self) -> int:
        return sum(number for _, number in self.results)


class Fleet(Struct, frozen=True):
    """The whole table, in order."""

    results: tuple[FleetResult, ...]
    checks: tuple[FleetCheck, ...]
    exit_code: int
    notices: tuple[str, ...] = ()
