"""`directus-guard diff --output markdown`, and the section about new access of a step summary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.exit_code import ExitCode
from directus_guard.report.diff_words import details, place, title
from directus_guard.report.markdown import code, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.new_access import AccessDiff
    from directus_guard.report.diff_words import Compared

MOST: Final = 100
"""Rows of the Markdown table; the JSON has them all."""


def markdown(diff: AccessDiff, compared: Compared) -> Iterator[str]:
    """A page; `section` is what a step summary takes of it."""
    incomplete = ", incomplete" if compared.exit_code == ExitCode.INCOMPLETE else ""
    yield f"## directus-guard: {'new access' if diff.new else 'no new access'}{incomplete}"
    yield ""
    yield f"What HEAD {code(compared.head)} grants that BASE {code(compared.base)} does not."
    yield ""
    yield from section(diff)
    if compared.problems:
        yield "\n### Not read\n"
        yield from (f"- {escape(problem)}" for problem in compared.problems[:MOST])


def section(diff: AccessDiff, most: int = MOST) -> Iterator[str]:
    """The new access as a table, ways to administrator above it, and what is not known below: `most` of each."""
    ways = [entry for entry in diff.new if entry.steps]
    for entry in ways[:most]:
        yield f"**{entry.severity.value}** {escape(title(entry))}"
        yield ""
        for number, step in enumerate(entry.steps, 1):
            where = f" {code(place(step.location))}" if step.location else ""
            yield f"{number}. {escape(step.action)} ({escape(step.permission)};{where}): {escape(step.gives)}"
        yield ""
    if len(ways) > most:
        yield f"… and {len(ways) - most} more ways.\n"
    rows = [entry for entry in diff.new if not entry.steps]
    if rows:
        yield "| severity | new access | what | where |"
        yield "|---|---|---|---|"
        for entry in rows[:most]:
            said = "; ".join(f"{word}: {text}" if word else text for word, text in details(entry))
            check = f" ({entry.check})" if entry.check else ""
            yield f"| {entry.severity.value}{check} | {escape(title(entry))} | {escape(said)} | {code(place(entry.location))} |"
        if len(rows) > most:
            yield f"\n… and {len(rows) - most} more."
        yield ""
    if not diff.new:
        yield "HEAD grants nothing new."
        yield ""
    if diff.narrowed:
        yield f"{diff.narrowed} narrowed."
    for side, model, reason in diff.unknown[:most]:
        yield f"- Not known on {side} {code(model)}: {escape(reason)}"
    yield from (f"- {escape(notice)}" for notice in diff.notices[:most])
