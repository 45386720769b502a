"""Ignores written into files, and baselines: which findings are known and accepted, and for how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.finding import Finding

MARKER: Final = "directus-guard: ignore["
_IGNORE: Final = re.compile(
    r"(?:^|[\s{])(?:#|//|;|<!--|/\*)\s*directus-guard: ignore\[(?P<checks>[a-z0-9, -]{1,400})\](?P<rest>[^\n]{0,500})"
)
_UNTIL: Final = re.compile(r"\(until (\d{4}-\d{2}-\d{2})\)")


@dataclass(frozen=True, slots=True)
class Ignore:
    """One accepted finding. `line` is the line of the comment; 0 for an ignore of the config file."""

    check: str
    reason: str
    until: date | None = None
    path: str = ""
    line: int = 0
    obj: str = ""
    """The object's key, for ignores of the config file ("" = by place)."""

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding: same check, and the object or the line (its own or the next)."""
        if finding.check != self.check:
            return False
        if self.obj:
            return finding.subject.key == self.obj
        return finding.location.path == self.path and finding.location.line in (self.line, self.line + 1)


def inline(texts: Mapping[str, str]) -> tuple[Ignore, ...]:
    """The ignore comments in the files read, by path."""
    found: list[Ignore] = []
    for path in sorted(texts):
        if MARKER not in texts[path]:
            continue
        for number, line in enumerate(texts[path].split("\n"), start=1):
            match = _IGNORE.search(line) if MARKER in line else None
            if match:
                reason, until = _terms(match["rest"])
                found.extend(
                    Ignore(check.strip(), reason, until, path, number)
                    for check in match["checks"].split(",")
                    if check.strip()
                )
    return tuple(found)


def _terms(text: str) -> tuple[str, date | None]:
    """The reason and the last day of an ignore."""
    text = re.sub(r"-->|\*/\}?", "", text).strip()
    match = _UNTIL.search(text)
    until: date | None = None
    if match:
        try:
            until = date.fromisoformat(match[1])
        except ValueError:
            until = date.min  # not a day of the calendar: never in force, so reported as expired
        text = (text[: match.start()] + text[match.end() :]).strip()
    return text, until


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the ignores did: findings with a note where one is suppressed, and what is wrong with the ignores."""

    suppressed: Mapping[str, str]
    """Fingerprint and place of a suppressed finding → reason."""
    notices: tuple[str, ...]


def place(finding: Finding) -> str:
    """Names one finding within one report."""
    return f"{finding.fingerprint}@{finding.location.path}:{finding.location.line}"


def apply(ignores: Iterable[Ignore], findings: Iterable[Finding], today: date) -> Verdict:
    """Match ignores with findings. An ignore without a reason, expired or without a finding does nothing and is reported."""
    findings = tuple(findings)
    suppressed: dict[str, str] = {}
    notices: list[str] = []
    for ignore in ignores:
        where = f"{ignore.path}:{ignore.line}" if ignore.path else "the config file"
        covered = [finding for finding in findings if ignore.covers(finding)]
        if not ignore.reason:
            notices.append(f"{where}: the ignore of `{ignore.check}` gives no reason, so it has no effect.")
        elif ignore.until is not None and ignore.until < today:
            notices.append(f"{where}: the ignore of `{ignore.check}` expired, so it has no effect.")
        elif not covered:
            notices.append(f"{where}: the ignore of `{ignore.check}` matches no finding; remove it.")
        else:
            suppressed.update((place(finding), ignore.reason) for finding in covered)
    return Verdict(suppressed, tuple(notices))
