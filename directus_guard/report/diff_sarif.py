"""`directus-guard diff --output sarif`: what is new, as findings."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from directus_guard.documentation import GUIDES, address, guide
from directus_guard.finding import Finding, Report, Rule, Scanned, Severity, Subject
from directus_guard.report import sarif
from directus_guard.report.diff_words import details, title
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.new_access import AccessDiff, NewAccess
    from directus_guard.report.diff_words import Compared

NEW_ACCESS: Final = "new-access"


def write(diff: AccessDiff, compared: Compared, rules: Sequence[Rule], stream: IO[str]) -> None:
    """Write the comparison. `rules`: every check; those that new access fails are listed."""
    used = {entry.check for entry in diff.new}
    listed = (*(rule for rule in rules if rule.id in used), _rule(compared.documentation))
    sarif.write(_report(diff, compared), listed, stream, "directus-guard/diff")


def _rule(base: str) -> Rule:
    return Rule(
        NEW_ACCESS,
        "Access that the base does not grant",
        Severity.MEDIUM,
        "access",
        (),
        "HEAD grants access that BASE did not grant, and no check reports it.",
        lambda: guide("diff"),
        address(base, GUIDES["diff"]),
    )


def _report(diff: AccessDiff, compared: Compared) -> Report:
    """The comparison as findings, for SARIF."""
    findings = tuple(_finding(entry) for entry in diff.new if entry.gates)
    return Report(
        Scanned(".", 0, (), compared.models),
        findings,
        (),
        (),
        (),
        exit_code=compared.exit_code,
        base=compared.base,
        documentation=compared.documentation,
    )


def _finding(entry: NewAccess) -> Finding:
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
