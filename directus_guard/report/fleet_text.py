"""`directus-guard merge --output text`: the projects, the worst first, and what each check found where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.finding import Severity
from directus_guard.fleet import FleetVerdict
from directus_guard.report.terminal import TONES, Paint, Tone, folded
from directus_guard.report.words import counted
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.fleet import Fleet, FleetCheck, FleetResult
    from directus_guard.report.writers import Appearance

MOST_NAMES: Final = 20
"""Projects that a line names; JSON has them all."""
_TONES: Final = {FleetVerdict.PASSED: Tone.GREEN, FleetVerdict.BLOCKED: Tone.RED}


def text(fleet: Fleet, appearance: Appearance) -> Iterator[str]:
    """The lines."""
    return folded(_lines(fleet, appearance), appearance.width)


def _lines(fleet: Fleet, appearance: Appearance) -> Iterator[str]:
    paint = Paint(color=appearance.color)
    if not appearance.quiet:
        yield f"{'critical':>8} {'high':>6} {'medium':>6} {'low':>6}  not evaluated  result"
        for result in fleet.results:
            yield from _result(result, paint)
        if fleet.checks:
            yield ""
            yield "Checks:"
        width = max((len(one.check) for one in fleet.checks), default=0)
        yield from (_check(one, width, paint) for one in fleet.checks)
        yield ""
        yield from (f"note: {escape_controls(notice)}" for notice in fleet.notices)
    yield f"directus-guard: {verdict(fleet)}"


def _result(result: FleetResult, paint: Paint) -> Iterator[str]:
    if not result.is_known:
        numbers = f"{'?':>8} {'?':>6} {'?':>6} {'?':>6}  {'?':>13}"
    else:
        counts = [f"{result.counts.get(one, 0):>{8 if one is Severity.CRITICAL else 6}}" for one in Severity]
        numbers = " ".join(paint(count, TONES[one]) if count.strip() != "0" else count
                           for one, count in zip(Severity, counts, strict=True))  # fmt: skip
        numbers += f"  {result.not_evaluated:>13}"
    shown = paint(result.verdict.value, _TONES.get(result.verdict, Tone.YELLOW))
    yield f"{numbers}  {escape_controls(result.name)}: {shown}"
    if result.reason:
        yield f"{'':>48}{escape_controls(result.reason)}"


def _check(check: FleetCheck, width: int, paint: Paint) -> str:
    severity = paint(f"{check.severity.value:<8}", TONES[check.severity])
    return f"  {severity}  {escape_controls(check.check):<{width}}  {', '.join(names(check))}"


def names(check: FleetCheck) -> Iterator[str]:
    """The projects in which a check found something, with the number of findings."""
    for name, number in check.results[:MOST_NAMES]:
        yield f"{escape_controls(name)} ({number})" if number > 1 else escape_controls(name)
    if len(check.results) > MOST_NAMES:
        yield f"and {len(check.results) - MOST_NAMES} more"


def verdict(fleet: Fleet) -> str:
    """How many ended how, the worst first."""
    numbers = [(sum(one.verdict is word for one in fleet.results), word.value) for word in FleetVerdict]
    listed = ", ".join(f"{number} {word}" for number, word in numbers if number)
    return f"{counted(len(fleet.results), 'result', 'results')}: {listed}"
