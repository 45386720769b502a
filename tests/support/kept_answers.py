"""What a check says about each of its examples, word for word, and what was read, kept beside them in `answers.txt`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.access_matrix import MATRIX_ACTIONS
from directus_guard.audit.details import details_of
from directus_guard.finding import State
from directus_guard.report_details import VariableState
from tests.support.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from directus_guard.access_matrix import AccessMatrix
    from directus_guard.audit.audited import Audited
    from directus_guard.finding import Finding, Fix, Location, Report
    from directus_guard.report_details import ReportDetails, SeenEnvironment

NAME: Final = "answers.txt"
_HEADING: Final = "== "
_ADDRESS: Final = re.compile(r"https?://(?:127\.0\.0\.1|localhost):[0-9]+")


def assert_as_kept(example: Path, audited: Audited, root: Path, *, update: bool) -> None:
    """The answers are those that are kept; `update` takes today's: read the diff."""
    text = "\n".join((*_lines(example.parent.name, audited.report), *_read(details_of(audited))))
    today = _ADDRESS.sub("INSTANCE", text.replace(str(root), "ROOT")).split("\n")
    file = example.parent / NAME
    sections = dict(_sections(file))
    if update:
        sections[example.name] = today
        names = sorted(name for name in sections if (example.parent / name).is_dir())
        lines = [line for name in names for line in (f"{_HEADING}{name}", *sections[name], "")]
        file.write_text("\n".join(lines), encoding="utf-8")
    assert today == sections.get(example.name), f"{file} differs: see `make snapshots`"


def text_of_report(report: Report, root: Path) -> str:
    """Everything that a report says, of all checks."""
    return _ADDRESS.sub("INSTANCE", plain(report)).replace(str(root), "ROOT")


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


def _read(details: ReportDetails) -> Iterator[str]:
    """The variables of each deployment, and who may do what by each export."""
    for environment in details.environments:
        yield from _environment(environment)
    for matrix in details.matrices:
        yield from _access(matrix)


def _environment(environment: SeenEnvironment) -> Iterator[str]:
    yield f"env {environment.name}: {environment.directus}, {environment.context.value}{environment.closed and ', '}{environment.closed}"
    for variable in environment.variables:
        if variable.state is not VariableState.DEFAULT:
            place = f" at {_place(variable.location)}" if variable.location else ""
            hidden = "".join(f", not {other}" for other in variable.shadowed)
            yield f"  {variable.name} {variable.state.value} {variable.value!r} by {variable.origin}{place}{hidden}"


def _access(matrix: AccessMatrix) -> Iterator[str]:
    yield f"access {matrix.export}: {matrix.directus}"
    yield from (f"  unknown: {reason}" for reason in matrix.unknown)
    for principal in matrix.principals:
        mark = f" {principal.mark.value}" if principal.mark else ""
        policies = ", ".join(matrix.policies[number] for number in principal.policies)
        yield f"  {principal.kind} {principal.name}{mark}{' unsure' if principal.unsure else ''} ({policies})"
        for cell in principal.cells:
            grant = matrix.grants[cell.grant]
            yield f"    {MATRIX_ACTIONS[cell.action]} {matrix.collections[cell.collection]} {grant.level.value}"
            for rule in (matrix.rules[number] for number in grant.rules):
                parts = (rule.words, rule.rule, rule.fields, rule.excluded, rule.validation, rule.presets)
                yield f"      {' | '.join(part if isinstance(part, str) else ','.join(part) for part in parts if part)}"


def _finding(finding: Finding) -> Iterator[str]:
    words = [finding.severity.value, finding.confidence.value, finding.context.value]
    if finding.state is not State.NEW:
        words.append(f"{finding.state.value} {finding.note}")
    yield f"- {finding.title} ({', '.join(words)})"
    yield f"  at {_place(finding.location)}{_member(finding)}"
    yield f"  {finding.fingerprint} {finding.subject.kind} {_pairs(finding)}".rstrip()
    if finding.frame:
        yield f"  shown {finding.frame.column}-{finding.frame.end_column}: {finding.frame.text.strip()}"
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
