"""`--output markdown`: for step summaries, comments and people who read files."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final

from directus_guard.finding import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.finding import Administrators, Finding, Report, Rule

_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>()#+!|~&@$-]")
MOST: Final = 200
"""Rows of a table; the JSON report has them all."""


def write(report: Report, rules: Sequence[Rule], stream: IO[str]) -> None:
    """Write the verdict, the findings as a table with details folded, and what was not read."""
    pages = {rule.id: rule.documentation for rule in rules}
    stream.write("\n".join(_lines(report, pages)) + "\n")


def _lines(report: Report, pages: dict[str, str]) -> Iterator[str]:
    active = [finding for finding in report.findings if finding.state is not State.SUPPRESSED]
    yield f"## directus-guard: {verdict(report)}"
    yield ""
    yield summary(report)
    if active:
        yield ""
        yield from _table(active[:MOST], pages)
        if len(active) > MOST:
            yield f"\n… and {len(active) - MOST} more."
        yield ""
        yield from (line for finding in active[:MOST] for line in _details(finding))
    if report.nonproduction:
        yield f"\n<details><summary>{len(report.nonproduction)} in development and example files</summary>\n"
        yield from _table(report.nonproduction[:MOST], pages)
        yield "\n</details>"
    yield from (line for held in report.administrators for line in _administrators(held))
    if report.problems:
        yield "\n### Not read\n"
        yield from (
            f"- {code(problem.path + (f':{problem.line}' if problem.line else ''))}: {escape(problem.message)}"
            for problem in report.problems[:MOST]
        )
    if report.notices:
        yield "\n### Notices\n"
        yield from (f"- {escape(notice)}" for notice in report.notices[:MOST])


def _administrators(held: Administrators) -> Iterator[str]:
    """The list for review, folded."""
    yield f"\n<details><summary>Administrators of {escape(held.model)}, for review: {len(held.listed)}</summary>\n"
    if held.listed:
        yield "| kind | name | through | state |"
        yield "|---|---|---|---|"
    for one in held.listed[:MOST]:
        yield f"| {one.kind} | {code(one.name)} | {escape(one.through)} | {escape(', '.join(one.state))} |"
    if len(held.listed) > MOST:
        yield f"\n… and {len(held.listed) - MOST} more."
    if held.unknown:
        yield ""
    yield from (f"- not known: {escape(reason)}" for reason in held.unknown[:MOST])
    yield "\n</details>"


def verdict(report: Report) -> str:
    """The outcome in a few words."""
    words = {
        0: "passed", 1: "blocked", 3: "nothing of a Directus project found", 4: "incomplete",
    }  # fmt: skip
    return words.get(report.exit_code, "failed")


def summary(report: Report) -> str:
    """One line of counts."""
    counts = report.summary
    words = [f"{counts.get(name, 0)} {name}" for name in ("critical", "high", "medium", "low")]
    rest = [
        f"{counts.get(key, 0)} {label}"
        for key, label in (
            ("nonproduction", "in development or examples"),
            ("suppressed", "suppressed"),
            ("not_evaluated", "not evaluated"),
        )
    ]
    return f"{', '.join(words)} · {', '.join(rest)}"


def _table(findings: Sequence[Finding], pages: dict[str, str]) -> Iterator[str]:
    yield "| severity | finding | where | found |"
    yield "|---|---|---|---|"
    for finding in findings:
        where = code(f"{finding.location.path}:{finding.location.line}")
        page = pages.get(finding.check, "")
        link = f"[{finding.check}]({page})" if page else finding.check
        yield f"| {finding.severity.value} | {escape(finding.title)} ({link}) | {where} | {code(finding.actual)} |"


def _details(finding: Finding) -> Iterator[str]:
    place = f"{finding.location.path}:{finding.location.line}"
    yield f"<details><summary>{escape(finding.title)}, {escape(place)}</summary>\n"
    yield escape(finding.message)
    if finding.note:
        yield f"\n{finding.state.value.capitalize()}: {escape(finding.note)}"
    yield f"\nExpected: {escape(finding.expected)}"
    if finding.frame:
        yield f"\n{code(finding.frame.text.strip())}"
    yield "\n</details>"


def escape(text: str) -> str:
    """Text from a repository as text: no markup, no HTML, no mentions, one line. Code spans of our own sentences are kept."""
    parts = text.replace("\n", " ").replace("\r", " ").split("`")
    if len(parts) % 2 == 0:
        return _plain("`".join(parts))
    return "".join(code(part) if number % 2 else _plain(part) for number, part in enumerate(parts))


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};" if match[0] in "<>&@|" else f"\\{match[0]}", text)


def code(text: str) -> str:
    """A code span that nothing in `text` can leave, in or out of a table."""
    text = text.replace("\n", " ").replace("\r", " ")
    if not text:
        return ""
    encoded = "".join(letter if letter.isalnum() or letter in " ./" else f"&#{ord(letter)};" for letter in text)
    return f"<code>{encoded}</code>"
