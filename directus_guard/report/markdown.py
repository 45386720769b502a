"""`--output markdown`, the step summary and the comment of a pull request: one page, the verdict first."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final

from directus_guard.exit_code import ExitCode
from directus_guard.finding import Severity, State, Status
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.report import words
from directus_guard.report.mermaid import diagram
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from directus_guard.finding import Administrators, Finding, Outcome, Report, Rule

_SPECIAL: Final = lazy_pattern(r"[\\`*_{}\[\]<>()+!|~&@#$-]|:[:/]+|//+|(?:www\.|gh-(?=\d))", re.IGNORECASE)
_ENCODED: Final = lazy_pattern(r"(?:www\.|gh-(?=\d))|//+|[^\w ./,]|_", re.IGNORECASE)
ZERO_WIDTH_SPACE: Final = "&#8203;"
MOST: Final = 200
"""Rows of a table; the JSON report has them all."""
MOST_DIAGRAMS: Final = 5
MOST_NAMES: Final = 6
_FEWER: Final = (MOST, 100, 50, 20, 10, 5, 2, 1, 0)


def write(report: Report, rules: Sequence[Rule], stream: IO[str]) -> None:
    """Write the verdict, the findings as a table with details folded, and what was not read."""
    stream.write(page(report, rules))


def page(
    report: Report,
    rules: Sequence[Rule],
    *,
    limit: int | None = None,
    size: Callable[[str], int] = len,
    more: str = "The SARIF file has everything.",
    extra: Callable[[int], Iterable[str]] | None = None,
) -> str:
    """The page, with as many rows in its tables as `limit` allows, measured by `size`. `more`: where the rest is.
    `extra`: lines that follow the findings, of at most so many entries.
    """
    pages = {rule.id: rule.documentation for rule in rules}
    text = ""
    for most in _FEWER:
        text = "\n".join(_lines(report, pages, most, extra)) + "\n"
        if most < MOST:
            text += f"\nThe page would be too long: no list shows more than {most} entries. {more}\n"
        if limit is None or size(text) <= limit:
            return text
    return f"{_heading(report)}\n\n{summary(report)}\n\n{more}\n"


def _heading(report: Report) -> str:
    signs: dict[int, str] = {ExitCode.OK: "✅", ExitCode.FINDINGS: "❌"}
    sign = signs.get(report.exit_code, "⚠️")
    return f"## {sign} directus-guard: {verdict(report)}"


def _lines(
    report: Report, pages: dict[str, str], most: int, extra: Callable[[int], Iterable[str]] | None
) -> Iterator[str]:
    new = [finding for finding in report.findings if finding.state is State.NEW]
    existing = [finding for finding in report.findings if finding.state is State.EXISTING]
    suppressed = [finding for finding in report.findings if finding.state is State.SUPPRESSED]
    yield _heading(report)
    yield ""
    yield summary(report)
    yield from (f"\n{escape(line)}" for line in words.proofs(report))
    yield from _judged(report)
    yield from _incomplete(report)
    if report.exit_code == ExitCode.FINDINGS and not report.base:
        yield f"\n{escape(words.how_to_accept(report))}"
    if report.base:
        yield f"\nCompared with {code(report.base)}: {len(new)} new, {len(existing)} also there."
    if report.new_access:
        yield "\n### New access that fails the run\n"
        yield from _table(report.new_access, pages, most)
    if new:
        yield ""
        yield from _table(new, pages, most)
        if not report.documentation:
            yield f"\nThe page of a check: {code('directus-guard explain CHECK')}"
        yield from _ways(new, most)
        yield ""
        yield from (line for finding in new[:most] for line in _details(finding))
    yield from extra(most) if extra else ()
    if report.problems:
        yield "\n### Not read\n"
        yield from _list(
            (f"{code(words.place(item))}: {escape(item.message)}{_PART * item.incomplete}" for item in report.problems),
            len(report.problems), most,
        )  # fmt: skip
    yield from _folded("known: the base has them, or the baseline accepts them", existing, pages, most)
    yield from _not_evaluated([item for item in report.outcomes if item.status is Status.NOT_EVALUATED], most)
    yield from _folded("suppressed", suppressed, pages, most)
    yield from _folded("in development and example files", report.nonproduction, pages, most)
    yield from (line for held in report.administrators for line in _administrators(held, most))
    if report.notices:
        yield "\n### Notices\n"
        yield from _list(map(escape, report.notices), len(report.notices), most)


_PART: Final = " (part of the Directus project)"


def _judged(report: Report) -> Iterator[str]:
    """Which parts of the checklist were judged, and how to export those that were not."""
    if report.coverage:
        yield f"\n{escape(words.seen(report))}"
    missing = words.not_exported(report)
    if missing:
        page_ = words.export_page(report)
        how = f"[How to export them]({page_})" if page_ else f"How to export them: {code(words.EXPLAIN_EXPORT)}"
        yield f"\n{escape(missing)} {how}"
    if report.switched_off:
        yield "\nSwitched off by the config: " + ", ".join(
            f"{code(off.what)} ({escape(off.reason)})" for off in report.switched_off
        )


def _incomplete(report: Report) -> Iterator[str]:
    """What makes the run incomplete, and what to do."""
    if report.incomplete:
        first, *rest = words.incomplete(report)
        yield f"\n**Incomplete:** {escape(first)}\n"
        yield from (f"- {escape(line[2:])}" if line.startswith("- ") else f"\n{escape(line)}" for line in rest)


def _list(items: Iterable[str], number: int, most: int) -> Iterator[str]:
    yield from (f"- {item}" for item, _ in zip(items, range(most), strict=False))
    if number > most:
        yield f"- … and {number - most} more"


def _ways(findings: Sequence[Finding], most: int) -> Iterator[str]:
    """What an attacker does to gain more, as diagrams."""
    with_steps = [finding for finding in findings if finding.steps]
    shown = with_steps[: min(MOST_DIAGRAMS, most)]
    if shown:
        yield "\n### How an attacker gets there"
    for finding in shown:
        yield f"\n{escape(finding.title)} ({code(_place(finding))})\n"
        yield from diagram(finding)
    if shown and len(with_steps) > len(shown):
        yield f"\n… and {len(with_steps) - len(shown)} more in the table above."


def _folded(what: str, findings: Sequence[Finding], pages: dict[str, str], most: int) -> Iterator[str]:
    if findings:
        yield f"\n<details><summary>{len(findings)} {what}</summary>\n"
        yield from _table(findings, pages, most, notes=any(finding.note for finding in findings))
        yield "\n</details>"


def _not_evaluated(outcomes: Sequence[Outcome], most: int) -> Iterator[str]:
    """What is not known to be clean, by its reason."""
    if not outcomes:
        return
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        checks = reasons.setdefault(outcome.reason, [])
        if outcome.check not in checks:
            checks.append(outcome.check)
    checks_ = "1 check" if len(outcomes) == 1 else f"{len(outcomes)} checks"
    yield f"\n<details><summary>{checks_} could not be evaluated</summary>\n"
    yield "| why | checks |"
    yield "|---|---|"
    for reason, checks in list(reasons.items())[:most]:
        names = ", ".join(checks[:MOST_NAMES])
        rest = f" and {len(checks) - MOST_NAMES} more" if len(checks) > MOST_NAMES else ""
        yield f"| {escape(reason)} | {names}{rest} |"
    if len(reasons) > most:
        yield f"\n… and {len(reasons) - most} more reasons."
    yield "\n</details>"


def _administrators(administrators: Administrators, most: int) -> Iterator[str]:
    """The list for review, folded."""
    yield f"\n<details><summary>Administrators of {html(administrators.model)}, for review: {len(administrators.listed)}</summary>\n"
    if administrators.listed:
        yield "| kind | name | through | state |"
        yield "|---|---|---|---|"
    for one in administrators.listed[:most]:
        yield f"| {one.kind} | {code(one.name)} | {escape(one.through)} | {escape(', '.join(one.state))} |"
    if len(administrators.listed) > most:
        yield f"\n… and {len(administrators.listed) - most} more."
    if administrators.unknown:
        yield ""
    yield from (f"- not known: {escape(reason)}" for reason in administrators.unknown[:most])
    yield "\n</details>"


def verdict(report: Report) -> str:
    """The outcome in a few words."""
    if report.exit_code == ExitCode.FINDINGS:
        return f"blocked by {words.listed(list(_blocking(report)))}"
    outcomes: dict[int, str] = {
        ExitCode.OK: "passed",
        ExitCode.NOTHING_FOUND: "no Directus project found",
        ExitCode.BUG: "refuted by the server: a bug of directus-guard",
        ExitCode.INCOMPLETE: f"incomplete: {words.why_incomplete(report)}",
    }
    return outcomes.get(report.exit_code, "failed")


def _blocking(report: Report) -> Iterator[str]:
    """What fails the run, with its numbers."""
    gating = len(words.gating(report))
    if gating and report.fail_on:
        new = "new " if report.base else ""
        yield f"{words.counted(gating, f'{new}finding', f'{new}findings')} at or above {report.fail_on.value}"
    if report.new_access and report.new_access_from:
        number = len(report.new_access)
        yield f"{number} new {'permission' if number == 1 else 'permissions'} at or above {report.new_access_from.value}"


def summary(report: Report) -> str:
    """One line of counts."""
    counts = report.summary
    severities = [f"{counts.get(severity.value, 0)} {severity.value}" for severity in Severity]
    rest = [
        f"{counts.get(key, 0)} {label}"
        for key, label in (
            ("nonproduction", "in development or examples"),
            ("suppressed", "suppressed"),
            ("not_evaluated", "not evaluated"),
        )
    ]
    return f"{', '.join(severities)} · {', '.join(rest)}"


def _table(findings: Sequence[Finding], pages: dict[str, str], most: int, *, notes: bool = False) -> Iterator[str]:
    yield "| severity | finding | where | what to change |" + (" why |" if notes else "")
    yield "|---|---|---|---|" + ("---|" if notes else "")
    for finding in findings[:most]:
        page_ = pages.get(finding.check, "")
        link = f"[{finding.check}]({page_})" if page_ else finding.check
        advice = escape(_advice(finding)[1].replace("\n", " "))
        row = f"| {finding.severity.value} | {escape(finding.title)} ({link}) | {code(_place(finding))} | {advice} |"
        yield row + (f" {escape(finding.note)} |" if notes else "")
    if len(findings) > most:
        yield f"\n… and {len(findings) - most} more."


def _place(finding: Finding) -> str:
    return f"{finding.location.path}:{finding.location.line}"


def _advice(finding: Finding) -> tuple[str, str]:
    """What to change: its label and the text."""
    label, _, advice = finding.advice.partition(": ")
    return label, advice


def _details(finding: Finding) -> Iterator[str]:
    yield f"<details><summary>{html(finding.title)}, {html(_place(finding))}</summary>\n"
    yield escape(finding.message)
    if finding.details:
        yield ""
        yield from (f"- {escape(detail)}" for detail in finding.details)
    if finding.note:
        yield f"\n{escape(finding.note)}"
    if finding.in_diff is False:
        yield f"\n{words.OUTSIDE_THE_DIFF}"
    yield f"\nFound: {code(finding.actual)}"
    yield from requests_of(finding)
    if finding.proof:
        yield f"\n**{escape(words.proof(finding))}**"
    label, advice = _advice(finding)
    first, *more = advice.splitlines() or [""]
    if more:
        yield f"\n**{label}:**\n"
        yield from (f"- {escape(line)}" for line in (first, *more))
    else:
        yield f"\n**{label}:** {escape(first)}"
    if finding.link:
        yield f"\n[Open it in the Data Studio]({finding.link})"
    if finding.frame:
        yield f"\n{code(finding.frame.text.strip())}"
    yield "\n</details>"


def requests_of(finding: Finding) -> Iterator[str]:
    """The requests of a way, in order, and who sends each."""
    steps = [step for step in finding.steps if step.request is not None]
    if steps:
        yield "\nRequests, in this order:\n"
    for number, step in enumerate(steps, 1):
        if step.request is not None:
            yield f"{number}. {code(step.request.line)} as {escape(step.request.sender)}"


def escape(text: str) -> str:
    """Text from a repository as text: no markup, no HTML, no mentions, one line. Code spans of our own sentences are kept."""
    parts = clean(text.replace("\n", " ").replace("\r", " ")).split("`")
    if len(parts) % 2 == 0:
        return _plain("`".join(parts))
    return "".join(code(part) if number % 2 else _plain(part) for number, part in enumerate(parts))


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda match: _unlinked(match[0]), text)


def _unlinked(special: str) -> str:
    """What begins markup, or a link that GitHub makes of bare text, so that it does neither.

    Mentions, issue numbers and addresses are looked for in the finished page, where entities are letters again: there
    only a space without width parts them.
    """
    if special[0] in "@#" or special.lower() == "gh-":
        return "".join(f"&#{ord(letter)};" if letter in "@#" else letter for letter in special) + ZERO_WIDTH_SPACE
    if special[0] in "<>&|:/" or special.lower() == "www.":
        return "".join(letter if letter.isalpha() else f"&#{ord(letter)};" for letter in special)
    return f"\\{special}"


def html(text: str) -> str:
    """Text as the content of an element, where Markdown may be read or not."""
    text = clean(text.replace("\n", " ").replace("\r", " ").replace("`", ""))
    return _ENCODED.sub(lambda match: _encoded(match[0]), text)


def code(text: str) -> str:
    """A code span that nothing in `text` can leave, in or out of a table."""
    text = clean(text.replace("\n", " ").replace("\r", " "))
    return f"<code>{_ENCODED.sub(lambda match: _encoded(match[0]), text)}</code>" if text else ""


def _encoded(special: str) -> str:
    entities = "".join(letter if letter.isalpha() else f"&#{ord(letter)};" for letter in special)
    return entities + (ZERO_WIDTH_SPACE if special[0] in "@#" or special.lower() == "gh-" else "")
