"""`--output junit`: docs/contract.md#junit, for what shows tests: Jenkins, GitLab, Azure Pipelines and others.

A test is one check of one object: its name stays the same from run to run, so its history is kept.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from msgspec import Struct

from directus_guard.finding import State, Status
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.report.words import granted, place
from directus_guard.text_safety import escape_controls, log_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.finding import Finding, Outcome, Problem, Report, Rule

_IMPOSSIBLE: Final = lazy_pattern("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write, not even as a reference."""


class _Test(Struct, frozen=True):
    suite: str
    check: str
    name: str
    answer: str = ""
    """`failure`, `error` or `skipped`; "" = passed."""
    kind: str = ""
    headline: str = ""
    body: str = ""
    path: str = ""
    line: int = 0


def write(report: Report, rules: Sequence[Rule], stream: IO[str]) -> None:
    """Write one suite for each chapter of checks, in the order of the checks, and one for what could not be read."""
    chapters = {rule.id: rule.chapter for rule in rules}
    suites: dict[str, list[_Test]] = {chapter: [] for chapter in dict.fromkeys(chapters.values())}
    for test in _tests(report, chapters):
        suites.setdefault(test.suite, []).append(test)
    root = ET.Element("testsuites", _counts(test for tests in suites.values() for test in tests))
    for suite, tests in suites.items():
        if not tests:
            continue
        element = ET.SubElement(root, "testsuite", {"name": f"directus-guard.{suite}", **_counts(tests)})
        for test in tests:
            _add(element, test)
    ET.indent(root)
    stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.write(ET.tostring(root, encoding="unicode"))
    stream.write("\n")


def _counts(tests: Iterable[_Test]) -> dict[str, str]:
    answers = [test.answer for test in tests]
    numbers = {"tests": len(answers), "failures": answers.count("failure"), "errors": answers.count("error")}
    return {name: str(number) for name, number in (numbers | {"skipped": answers.count("skipped")}).items()}


def _tests(report: Report, chapters: dict[str, str]) -> Iterator[_Test]:
    """What was found, then what was not, then what could not be read."""
    for finding in (*granted(report), *report.findings):
        yield _of_finding(finding, chapters.get(finding.check, "access"), counts=True)
    for finding in report.nonproduction:
        yield _of_finding(finding, chapters.get(finding.check, "access"), counts=False)
    for (check, _), outcomes in _by_test(report).items():
        yield _of_outcomes(outcomes, chapters.get(check, "access"), fails=report.incomplete_fails)
    for problem in report.problems:
        yield _of_problem(problem, fails=report.incomplete_fails)


def _of_finding(finding: Finding, suite: str, *, counts: bool) -> _Test:
    new = counts and finding.state is State.NEW
    why = finding.state.value if counts else f"{finding.context.value}, fails no run"
    note = f" ({finding.note})" if finding.note else ""
    return _Test(
        suite,
        finding.check,
        finding.subject.key,
        "failure" if new else "skipped",
        finding.severity.value,
        finding.title if new else f"{why}{note}: {finding.title}",
        _body(finding) if new else "",
        finding.location.path,
        finding.location.line,
    )


def _body(finding: Finding) -> str:
    lines = (
        f"{finding.location.path}:{finding.location.line}",
        finding.message,
        *(f"- {detail}" for detail in finding.details),
        f"Found: {finding.actual}",
        *finding.advice.splitlines(),
    )
    return "\n".join(log_line(" ".join(line.splitlines())) for line in lines)


def _by_test(report: Report) -> dict[tuple[str, str], list[Outcome]]:
    """What passed and what was not evaluated, by check and object. What was not evaluated has not passed."""
    tests: dict[tuple[str, str], list[Outcome]] = {}
    for wanted in (Status.FAIL, Status.NOT_EVALUATED, Status.PASS):
        for outcome in report.outcomes:
            if outcome.status is wanted and (
                wanted is not Status.PASS or (outcome.check, outcome.subject) not in tests
            ):
                tests.setdefault((outcome.check, outcome.subject), []).append(outcome)
    rest = {test: [one for one in outcomes if one.status is not Status.FAIL] for test, outcomes in tests.items()}
    return {test: outcomes for test, outcomes in rest.items() if outcomes}


def _of_outcomes(outcomes: Sequence[Outcome], suite: str, *, fails: bool) -> _Test:
    first, at = outcomes[0], next((one.location for one in outcomes if one.location), None)
    answer, headline = "", ""
    if first.status is Status.NOT_EVALUATED:
        answer = "error" if fails and any(one.bug for one in outcomes) else "skipped"
        headline = f"not evaluated: {'; '.join(dict.fromkeys(one.reason for one in outcomes))}"
    where = (at.path, at.line) if at else ("", 0)
    return _Test(suite, first.check, first.subject, answer, "not-evaluated", headline, "", *where)


def _of_problem(problem: Problem, *, fails: bool) -> _Test:
    answer = "error" if problem.incomplete and fails else "skipped"
    headline = f"not read: {problem.message}"
    return _Test("files", "read", place(problem), answer, "not-read", headline, "", problem.path, problem.line)


def _add(suite: ET.Element, test: _Test) -> None:
    attributes = {"classname": f"directus-guard.{test.suite}.{test.check}", "name": _text(test.name)}
    if test.path:
        attributes |= {"file": _text(test.path), "line": str(max(test.line, 1))}
    case = ET.SubElement(suite, "testcase", attributes)
    if test.answer:
        attributes = {"message": _text(test.headline)} | ({} if test.answer == "skipped" else {"type": test.kind})
        ET.SubElement(case, test.answer, attributes).text = _xml(test.body) or None


def _text(text: str) -> str:
    """Text on one line, as the value of an attribute."""
    return _xml(escape_controls(log_line(text)))


def _xml(text: str) -> str:
    return _IMPOSSIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
