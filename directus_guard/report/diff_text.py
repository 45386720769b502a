"""`directus-guard diff --output text`: what is new, as wide as the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.exit_code import ExitCode
from directus_guard.report.diff_words import counts, details, place, title, why_incomplete
from directus_guard.report.terminal import TONES, WIDTH, Paint, Tone, folded, wrapped
from directus_guard.text_safety import clean, escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.new_access import AccessDiff, NewAccess
    from directus_guard.report.diff_words import Compared
    from directus_guard.report.writers import Appearance


def text(diff: AccessDiff, compared: Compared, appearance: Appearance) -> Iterator[str]:
    """The lines. Off a terminal they have 80 columns."""
    width = appearance.width or WIDTH
    paint = Paint(color=appearance.color)
    if not appearance.quiet:
        yield from wrapped(f"What HEAD ({compared.head}) grants that BASE ({compared.base}) does not:", width=width)
        yield ""
        for entry in diff.new:
            yield from _entry(entry, paint, width)
        yield from _remarks(diff, compared, width)
    yield from folded(_verdict(diff, compared, paint).split("\n"), appearance.width)


def _entry(entry: NewAccess, paint: Paint, width: int) -> Iterator[str]:
    check = f"[{entry.check}]" if entry.check else ""
    aside = "" if entry.gates else f" (not gating: {entry.context.value})"
    lines = list(wrapped(f"{entry.severity.value}{check} {title(entry)}{aside}", 0, 2, width))
    yield paint(lines[0], TONES[entry.severity])
    yield from lines[1:]
    for word, said in details(entry):
        yield from wrapped(f"{word}: {said}" if word else said, 2, 2, width)
    for number, step in enumerate(entry.steps, 1):
        yield from wrapped(f"{number}. {step.action}", 2, 3, width)
        yield from wrapped(f"{step.permission}; {step.gives}", 5, 0, width)
        if step.location:
            yield f"     {clean(place(step.location))}"
    if not entry.steps:
        yield f"  {clean(place(entry.location))}"
    yield ""


def _remarks(diff: AccessDiff, compared: Compared, width: int) -> Iterator[str]:
    unknown = [f"{side} {escape_controls(model)}: {escape_controls(reason)}" for side, model, reason in diff.unknown]
    for heading, listed in (("Not read:", compared.problems), ("Not parts:", unknown), ("Notices:", diff.notices)):
        if listed:
            yield heading
            for one in listed:
                yield from wrapped(f"- {one}", 2, 2, width)
            yield ""


def _verdict(diff: AccessDiff, compared: Compared, paint: Paint) -> str:
    parts = [f"{number} {word}" for word, number in counts(diff).items() if number]
    narrowed = f"; {diff.narrowed} narrowed" if diff.narrowed else ""
    aside = sum(not entry.gates for entry in diff.new)
    parts += [f"{aside} in development or examples"] if aside else []
    said = f"New access: {', '.join(parts) or 'none'}{narrowed}."
    if compared.exit_code == ExitCode.FINDINGS:
        level = compared.fail_on.value if compared.fail_on else "none"
        return f"{said}\ndirectus-guard: {paint('blocked', Tone.RED)}: new access at or above {level}"
    if compared.exit_code == ExitCode.INCOMPLETE:
        why = why_incomplete(diff)
        return f"{said}\ndirectus-guard: {paint('incomplete', Tone.RED)}: {why}"
    return f"{said}\ndirectus-guard: {paint('passed', Tone.GREEN)}"
