"""Sentences that the pages of `directus-guard diff` share: who may do what now, and what else is to be said about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.documentation import GUIDES, address, guide
from directus_guard.finding import NEW_ACCESS, Confidence, Finding, Rule, Severity, Subject
from directus_guard.new_access import AccessKind
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Location
    from directus_guard.new_access import AccessDiff, NewAccess


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
    documentation: str = ""
    """The address before the path of a page of the documentation; "" = not known."""


def counts(diff: AccessDiff) -> dict[str, int]:
    """New access that gates, by severity."""
    return {
        severity.value: sum(entry.severity is severity and entry.gates for entry in diff.new) for severity in Severity
    }


def why_incomplete(diff: AccessDiff) -> str:
    """Why what HEAD grants is not wholly known, a clause."""
    if diff.lost:
        return f"HEAD does not have what BASE has: {', '.join(phrase for _, phrase in diff.lost)}"
    return "a part of the export on HEAD could not be read"


def title(entry: NewAccess) -> str:
    """Who may do what now, in a few words."""
    who = ", ".join(entry.principals[:4]) + (
        f" and {len(entry.principals) - 4} more" if len(entry.principals) > 4 else ""
    )
    who = who or escape_controls(entry.model)
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
            return f"{escape_controls(entry.model)}: {entry.title}"
        case AccessKind.UNKNOWN if not entry.collection:
            return f"{who}: cannot be compared"
    payloads = ", other payloads" if entry.kind is AccessKind.PAYLOADS else ""
    return f"{who}: {entry.action} {escape_controls(entry.collection)}{payloads}"


def details(entry: NewAccess) -> Iterator[tuple[str, str]]:
    """What else is to be said about one entry: a word and a text."""
    if entry.kind is AccessKind.FINDING:
        yield "", entry.message.removeprefix(f"{entry.title}: ")
    elif entry.kind not in (AccessKind.ESCALATION, AccessKind.ITEMS) or entry.confidence is Confidence.LOW:
        yield "", entry.message
    if entry.fields:
        named = "every field" if entry.fields == ("*",) else ", ".join(escape_controls(name) for name in entry.fields)
        but = f", apart from {', '.join(escape_controls(name) for name in entry.excluded)}" if entry.excluded else ""
        yield "fields", named + but
    if entry.kind is AccessKind.ITEMS and entry.action != "create":
        yield "items", entry.rule_words
        yield "on the base", "none" if entry.before is None else entry.before_words
    if entry.example is not None and (entry.before is not None or entry.kind is AccessKind.PAYLOADS):
        word = "payload" if entry.kind is AccessKind.PAYLOADS else "item"
        yield "example", f"{_compact(dict(entry.example))} ({word} that only HEAD lets through)"
    if entry.granted_by:
        yield "granted by", ", ".join(entry.granted_by)


def _compact(value: object) -> str:
    return escape_controls(json.dumps(value, ensure_ascii=False, default=str))


def place(location: Location) -> str:
    """Path and line."""
    return f"{location.path}:{location.line}"


def new_access_rule(base: str) -> Rule:
    """New access, as a rule beside the checks. `base`: the address of the documentation, "" = not known."""
    return Rule(
        NEW_ACCESS,
        "Access that the base does not grant",
        Severity.MEDIUM,
        "access",
        (),
        "HEAD grants access that BASE did not grant, and no check reports it.",
        lambda: guide("diff"),
        address(base, GUIDES["diff"]),
        (Cwe.INCORRECT_AUTHORIZATION,),
        (OwaspRisk.API5,),
    )


def as_finding(entry: NewAccess) -> Finding:
    """New access as a finding."""
    said = "; ".join(f"{word}: {text}" if word else text for word, text in details(entry))
    what = (
        f"{entry.action} {escape_controls(entry.collection)} {','.join(escape_controls(name) for name in entry.fields)}"
    )
    key = f"{escape_controls(entry.model)} {entry.kind.value} {','.join(entry.principals)} {what}".strip()
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
