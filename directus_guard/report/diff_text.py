"""`directus-guard diff --output text`: what is new, for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from directus_guard.exit_code import ExitCode
from directus_guard.finding import Severity
from directus_guard.report.diff_words import counts, details, place, title, why_incomplete
from directus_guard.report.harmless import clean
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.new_access import AccessDiff, NewAccess
    from directus_guard.report.diff_words import Compared

WIDTH: Final = 80
_COLORS: Final = {Severity.CRITICAL: "1;35", Severity.HIGH: "1;31", Severity.MEDIUM: "1;33", Severity.LOW: "1;36"}


def text(diff: AccessDiff, compared: Compared, *, color: bool = False, quiet: bool = False) -> Iterator[str]:
    """For a terminal of 80 columns."""
    if not quiet:
        yield from _wrapped(f"What HEAD ({compared.head}) grants that BASE ({compared.base}) does not:", 0)
        yield ""
        for entry in diff.new:
            yield from _entry(entry, color=color)
        yield from _remarks(diff, compared)
    yield _verdict(diff, compared, color=color)


def _entry(entry: NewAccess, *, color: bool) -> Iterator[str]:
    check = f"[{entry.check}]" if entry.check else ""
    aside = "" if entry.gates else f" (not gating: {entry.context.value})"
    lines = list(_wrapped(f"{entry.severity.value}{check} {title(entry)}{aside}", 0, hanging=2))
    yield _paint(lines[0], _COLORS[entry.severity], color=color)
    yield from lines[1:]
    for word, said in details(entry):
        yield from _wrapped(f"{word}: {said}" if word else said, 2, hanging=2)
    for number, step in enumerate(entry.steps, 1):
        yield from _wrapped(f"{number}. {step.action}", 2, hanging=3)
        yield from _wrapped(f"{step.permission}; {step.gives}", 5)
        if step.location:
            yield f"     {clean(place(step.location))}"
    if not entry.steps:
        yield f"  {clean(place(entry.location))}"
    yield ""


def _remarks(diff: AccessDiff, compared: Compared) -> Iterator[str]:
    unknown = [f"{side} {escape_controls(model)}: {escape_controls(reason)}" for side, model, reason in diff.unknown]
    for heading, told in (("Not read:", compared.problems), ("Not told:", unknown), ("Notices:", diff.notices)):
        if told:
            yield heading
            for one in told:
                yield from _wrapped(f"- {one}", 2, hanging=2)
            yield ""


def _verdict(diff: AccessDiff, compared: Compared, *, color: bool) -> str:
    told = [f"{number} {word}" for word, number in counts(diff).items() if number]
    narrowed = f"; {diff.narrowed} narrowed" if diff.narrowed else ""
    aside = sum(not entry.gates for entry in diff.new)
    told += [f"{aside} in development or examples"] if aside else []
    said = f"New access: {', '.join(told) or 'none'}{narrowed}."
    if compared.exit_code == ExitCode.FINDINGS:
        level = compared.fail_on.value if compared.fail_on else "none"
        return f"{said}\ndirectus-guard: {_paint('blocked', '1;31', color=color)}: new access at or above {level}"
    if compared.exit_code == ExitCode.INCOMPLETE:
        why = why_incomplete(diff)
        return f"{said}\ndirectus-guard: {_paint('incomplete', '1;31', color=color)}: {why}"
    return f"{said}\ndirectus-guard: {_paint('passed', '1;32', color=color)}"


def _wrapped(sentence: str, indent: int, hanging: int = 0) -> Iterator[str]:
    yield from textwrap.wrap(
        clean(sentence),
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_on_hyphens=False,
    )


def _paint(line: str, tone: str, *, color: bool) -> str:
    return f"\x1b[{tone}m{line}\x1b[0m" if color else line
