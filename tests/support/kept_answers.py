"""What a check says about each of its examples, word for word, kept beside them in `answers.txt`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.finding import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from directus_guard.finding import Finding, Fix, Location, Report

NAME: Final = "answers.txt"
_HEADING: Final = "== "
_ADDRESS: Final = re.compile(r"https?://(?:127\.0\.0\.1|localhost):[0-9]+")


def assert_as_kept(example: Path, report: Report, root: Path, *, update: bool) -> None:
    """The answers are those that are kept; `update` takes today's: read the diff."""
    text = "\n".join(_lines(example.parent.name, report))
    today = _ADDRESS.sub("INSTANCE", text.replace(str(root), "ROOT")).split("\n")
    file = example.parent / NAME
    sections = dict(_sections(file))
    if update:
        sections[example.name] = today
        names = sorted(name for name in sections if (example.parent / name).is_dir())
        lines = [line for name in names for line in (f"{_HEADING}{name}", *sections[name], "")]
        file.write_text("\n".join(lines), encoding="utf-8")
    assert today == sections.get(example.name), f"{file} differs: see `make snapshots`"


def _sections(file: Path) -> Iterator[tuple[str, list[str]]]:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    for section in f"\n{text}".split(f"\n{_HEADING}")[1:]:
        name, *lines = section.rstrip("\n").split("\n")
        yield name, lines


def _lines(check: str, report: Report) -> Iterator[str]:
    """The answers of one check, and what could not be read."""
    for problem in report.problems:
        kind = "broken" if problem.broken else "incomplete" if problem.incomplete else "notice"
        yield f"{kind} {problem.path}:{problem.line}: {problem.message}"
    for outcome in report.outcomes:
        if outcome.check == check:
            place = f" at {_place(outcome.location)}" if outcome.location else ""
            yield f"{outcome.status.value} {outcome.subject}{place}{outcome.reason and ': '}{outcome.reason}"
    for findings in (report.findings, report.nonproduction):
        for finding in findings:
            if finding.check == check:
                yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    words = [finding.severity.value, finding.confidence.value, finding.context.value]
    if finding.state is not State.NEW:
        words.append(f"{finding.state.value} {finding.note}")
    yield f"- {finding.title} ({', '.join(words)})"
    yield f"  at {_place(finding.location)}{_member(finding)}"
    yield f"  {finding.fingerprint} {finding.subject.kind} {_pairs(finding)}".rstrip()
    yield f"  {finding.message}"
    yield f"  expected: {finding.expected} | actual: {finding.actual}"
    if finding.link:
        yield f"  link: {finding.link}"
    yield from (f"  * {detail}" for detail in finding.details)
    yield from (f"  see {_place(related.location)}: {related.message}" for related in finding.related)
    for number, step in enumerate(finding.steps, 1):
        place = f" at {_place(step.location)}" if step.location else ""
        yield f"  {number}. {step.id}: {step.action} | {step.permission} | {step.gives}{place}"
        if step.request:
            yield f"     {step.request.sender}: {step.request.line}"
    if finding.fix:
        yield from _fix(finding.fix)
    yield from (f"  also {_place(one.location)} {one.subject.key}" for one in finding.variants)


def _member(finding: Finding) -> str:
    return f" in {_place(finding.anchor.row)}" if finding.anchor else ""


def _pairs(finding: Finding) -> str:
    return " ".join(
        f"{name}={value if isinstance(value, str) else '/'.join(value)}" for name, value in finding.subject.details
    )


def _fix(fix: Fix) -> Iterator[str]:
    yield f"  fix{' (safe)' if fix.safe else ''}: {fix.description}"
    yield from (f"    edit {_place(edit.location)} {edit.text!r}" for edit in fix.edits)
    yield from (f"    change {change}" for change in fix.changes)
    for row in fix.rows:
        yield from (f"    row {_place(row.row)} {change}" for change in row.changes)
    yield from (f"    setting {change}" for change in fix.settings)


def _place(location: Location) -> str:
    return f"{location.path}:{location.line}:{location.column}-{location.end_line}:{location.end_column}"
