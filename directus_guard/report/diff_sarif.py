"""`directus-guard diff --output sarif`: what is new, as findings."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from directus_guard.finding import Report, Scanned
from directus_guard.report import sarif
from directus_guard.report.diff_words import as_finding, new_access_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.finding import Rule
    from directus_guard.new_access import AccessDiff
    from directus_guard.report.diff_words import Compared


def write(diff: AccessDiff, compared: Compared, rules: Sequence[Rule], stream: IO[str]) -> None:
    """Write the comparison. `rules`: every check; those that new access fails are listed."""
    used = {entry.check for entry in diff.new}
    listed = (*(rule for rule in rules if rule.id in used), new_access_rule(compared.documentation))
    sarif.write(_report(diff, compared), listed, stream, "directus-guard/diff")


def _report(diff: AccessDiff, compared: Compared) -> Report:
    """The comparison as findings, for SARIF."""
    findings = tuple(as_finding(entry) for entry in diff.new if entry.gates)
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
