"""`directus-guard diff` as text, Markdown, JSON (`diff-v1`, docs/diff.md) and SARIF: prints, computes nothing."""

from __future__ import annotations

import json
import textwrap
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard import __version__
from directus_guard.directus.disclosure import visible
from directus_guard.finding import Confidence, Finding, Report, Rule, Scanned, Severity, Subject
from directus_guard.new_access import AccessKind
from directus_guard.report.harmless import clean, no_command
from directus_guard.report.json_v1 import write_data
from directus_guard.report.markdown import code, escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.finding import Location
    from directus_guard.new_access import AccessDiff, NewAccess

WIDTH: Final = 80
MOST: Final = 100
"""Rows of the Markdown table; the JSON has them all."""
_COLORS: Final = {Severity.CRITICAL: "1;35", Severity.HIGH: "1;31", Severity.MEDIUM: "1;33", Severity.LOW: "1;36"}


class Compared(Struct, frozen=True):
    """What a page says about a comparison besides its answer."""

    base: str
    head: str
    models: tuple[str, ...]
    """The exports of HEAD."""
    fail_on: Severity | None
    exit_code: int
    problems: tuple[str, ...] = ()
    """What could not be read, with its side."""


def counts(diff: AccessDiff) -> dict[str, int]:
    """New access that gates, by severity."""
    return {
        severity.value: sum(entry.severity is severity and entry.gates for entry in diff.new) for severity in Severity
    }


def title(entry: NewAccess) -> str:
    """Who may do what now, in a few words."""
    who = ", ".join(entry.principals[:4]) + (
        f" and {len(entry.principals) - 4} more" if len(entry.principals) > 4 else ""
    )
    who = who or visible(entry.model)
    match entry.kind:
        case AccessKind.ESCALATION:
            return f"{who}: can become administrator"
        case AccessKind.ADMINISTRATOR:
            return f"{who}: administrator"
        case AccessKind.APP_ACCESS:
            return f"{who}: app access"
        case AccessKind.ADDRESSES:
            return f"{who}: from more addresses"
        case AccessKind.FLOW:
            return f"{who}: a flow that a request starts"
        case AccessKind.FINDING:
            return f"{visible(entry.model)}: {entry.title}"
        case AccessKind.UNKNOWN if not entry.collection:
            return f"{who}: cannot be compared"
    payloads = ", other payloads" if entry.kind is AccessKind.PAYLOADS else ""
    return f"{who}: {entry.action} {visible(entry.collection)}{payloads}"


def details(entry: NewAccess) -> Iterator[tuple[str, str]]:
    """What else is to be said about one entry: a word and a text."""
    if entry.kind is AccessKind.FINDING:
        yield "", entry.message.removeprefix(f"{entry.title}: ")
    elif entry.kind not in (AccessKind.ESCALATION, AccessKind.ITEMS) or entry.confidence is Confidence.LOW:
        yield "", entry.message
    if entry.fields:
        named = "every field" if entry.fields == ("*",) else ", ".join(visible(name) for name in entry.fields)
        but = f", apart from {', '.join(visible(name) for name in entry.excluded)}" if entry.excluded else ""
        yield "fields", named + but
    if entry.kind is AccessKind.ITEMS and entry.action != "create":
        yield "items", items(entry.rule)
        yield "on the base", "none" if entry.before is None else items(entry.before)
    if entry.example is not None and (entry.before is not None or entry.kind is AccessKind.PAYLOADS):
        word = "payload" if entry.kind is AccessKind.PAYLOADS else "item"
        yield "example", f"{_compact(dict(entry.example))} ({word} that only HEAD lets through)"
    if entry.granted_by:
        yield "granted by", ", ".join(entry.granted_by)


def items(rule: object) -> str:
    """An item rule for people."""
    return "every item" if rule == {} else _compact(rule)


def _compact(value: object) -> str:
    return visible(json.dumps(value, ensure_ascii=False, default=str))


def place(location: Location) -> str:
    """Path and line."""
    return f"{location.path}:{location.line}"


# --- text ------------------------------------------------------------------------------------------------------------


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
    unknown = [f"{side} {visible(model)}: {visible(reason)}" for side, model, reason in diff.unknown]
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
    if compared.exit_code == 1:
        level = compared.fail_on.value if compared.fail_on else "none"
        return f"{said}\ndirectus-guard: {_paint('blocked', '1;31', color=color)}: new access at or above {level}"
    if compared.exit_code == 4:
        why = "a part of the export on HEAD could not be read"
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


# --- Markdown --------------------------------------------------------------------------------------------------------


def markdown(diff: AccessDiff, compared: Compared) -> Iterator[str]:
    """A page; `section` is what a step summary takes of it."""
    incomplete = ", incomplete" if compared.exit_code == 4 else ""
    yield f"## directus-guard: {'new access' if diff.new else 'no new access'}{incomplete}"
    yield ""
    yield f"What HEAD {code(compared.head)} grants that BASE {code(compared.base)} does not."
    yield ""
    yield from section(diff)
    if compared.problems:
        yield "\n### Not read\n"
        yield from (f"- {escape(problem)}" for problem in compared.problems[:MOST])


def section(diff: AccessDiff, most: int = MOST) -> Iterator[str]:
    """The new access as a table, ways to administrator above it, and what is not told below: `most` of each."""
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
            said = "; ".join(f"{word}: {told}" if word else told for word, told in details(entry))
            check = f" ({entry.check})" if entry.check else ""
            yield f"| {entry.severity.value}{check} | {escape(title(entry))} | {escape(said)} | {code(place(entry.location))} |"
        if len(rows) > most:
            yield f"\n… and {len(rows) - most} more."
        yield ""
    if not diff.new:
        yield "Nothing is granted that was not before."
        yield ""
    if diff.narrowed:
        yield f"{diff.narrowed} narrowed."
    for side, model, reason in diff.unknown[:most]:
        yield f"- Not told by {side} {code(model)}: {escape(reason)}"
    yield from (f"- {escape(notice)}" for notice in diff.notices[:most])


# --- JSON and SARIF --------------------------------------------------------------------------------------------------


def as_json(diff: AccessDiff, compared: Compared) -> dict[str, object]:
    """`diff-v1`. Fields are only ever added."""
    return {
        "schema": "diff-v1",
        "tool": {"name": "directus-guard", "version": __version__},
        "base": compared.base,
        "head": compared.head,
        "access_models": list(compared.models),
        "new_access": [_as_json(entry) for entry in diff.new],
        "narrowed": diff.narrowed,
        "not_told": [{"side": side, "model": model, "reason": reason} for side, model, reason in diff.unknown],
        "problems": list(compared.problems),
        "notices": list(diff.notices),
        "summary": {**counts(diff), "exit_code": compared.exit_code},
    }


def _as_json(entry: NewAccess) -> dict[str, object]:
    location = entry.location
    return {
        "kind": entry.kind.value,
        "model": entry.model,
        "principals": list(entry.principals),
        "severity": entry.severity.value,
        "check": entry.check or None,
        "confidence": entry.confidence.value,
        "context": entry.context.value,
        "message": entry.message,
        "title": entry.title or None,
        "subject": None
        if entry.subject is None
        else {
            "kind": entry.subject.kind,
            **{name: value if isinstance(value, str) else list(value) for name, value in entry.subject.details},
        },
        "collection": entry.collection or None,
        "action": entry.action or None,
        "fields": list(entry.fields),
        "excluded_fields": list(entry.excluded),
        "rule": entry.rule,
        "before": entry.before,
        "example": dict(entry.example) if entry.example is not None else None,
        "granted_by": list(entry.granted_by),
        "location": {"path": location.path, "line": location.line, "column": location.column},
        "steps": [
            {
                "action": step.action,
                "permission": step.permission,
                "gives": step.gives,
                "location": {"path": step.location.path, "line": step.location.line} if step.location else None,
            }
            for step in entry.steps
        ],
    }


NEW_ACCESS: Final = "new-access"


def write(
    format_: str,
    diff: AccessDiff,
    compared: Compared,
    rules: Sequence[Rule],
    stream: IO[str],
    *,
    color: bool,
    quiet: bool,
) -> None:
    """Write the comparison as `text`, `json`, `markdown` or `sarif`. `rules`: every check, for SARIF."""
    if format_ == "json":
        write_data(as_json(diff, compared), stream)
    elif format_ == "sarif":
        from directus_guard.report import sarif  # noqa: PLC0415 - only where it is asked for

        used = {entry.check for entry in diff.new}
        listed = (*(rule for rule in rules if rule.id in used), _rule())
        sarif.write(_report(diff, compared), listed, stream, "directus-guard/diff")
    else:
        lines = text(diff, compared, color=color, quiet=quiet) if format_ == "text" else markdown(diff, compared)
        stream.write("".join(f"{no_command(line)}\n" for line in lines))


def _rule() -> Rule:
    page = "https://github.com/directus-guard/directus-guard/blob/main/docs/diff.md"
    return Rule(
        NEW_ACCESS,
        "Access that the base does not grant",
        Severity.MEDIUM,
        "access",
        (),
        "HEAD lets somebody do what BASE did not, and no check speaks of it.",
        lambda: f"# New access\n\nSee {page}.\n",
        page,
    )


def _report(diff: AccessDiff, compared: Compared) -> Report:
    """The comparison as findings, for SARIF."""
    findings = tuple(_finding(entry) for entry in diff.new if entry.gates)
    return Report(
        Scanned(".", 0, (), compared.models), findings, (), (), (), exit_code=compared.exit_code, base=compared.base
    )


def _finding(entry: NewAccess) -> Finding:
    said = "; ".join(f"{word}: {told}" if word else told for word, told in details(entry))
    what = f"{entry.action} {visible(entry.collection)} {','.join(visible(name) for name in entry.fields)}"
    key = f"{visible(entry.model)} {entry.kind.value} {','.join(entry.principals)} {what}".strip()
    return Finding(
        check=entry.check or NEW_ACCESS,
        severity=entry.severity,
        confidence=entry.confidence,
        context=entry.context,
        title=f"New access. {title(entry)}",
        message=entry.message,
        expected="what the base grants",
        actual=said,
        subject=entry.subject or Subject("permission", key),
        location=entry.location,
        steps=entry.steps,
    )
