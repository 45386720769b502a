"""Ignores written into files, and baselines: which findings are known and accepted, and for how long."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from directus_guard.finding import Finding

NAME: Final = "directus-guard"
_COMMENT: Final = r"(?:^|[\s{])(?:#|//|;|<!--|/\*)\s*"
_IGNORE: Final = lazy_pattern(
    rf"{_COMMENT}directus-guard: ignore\[(?P<checks>[a-z0-9, -]{{1,400}})\](?P<rest>[^\n]{{0,500}})"
)
_ATTEMPT: Final = lazy_pattern(
    rf"{_COMMENT}directus-guard\s{{0,8}}[:=,-]?\s{{0,8}}(?:ignore|disable|suppress|allow|skip|off)\b[^\n]{{0,80}}",
    re.IGNORECASE,
)
"""A comment that means to ignore something."""
_UNTIL: Final = lazy_pattern(r"\(until (\d{4}-\d{2}-\d{2})\)")
_UNTIL_ATTEMPT: Final = lazy_pattern(r"\(\s{0,8}until\b[^)]{0,60}\)?|\buntil:?\s{0,8}\d[\d./-]{5,10}", re.IGNORECASE)
"""What means to be the last day of an ignore."""
FORM: Final = "directus-guard: ignore[check-id] reason (until YYYY-MM-DD)"


class Ignore(Struct, frozen=True):
    """One accepted finding. `line` is the line of the comment; 0 for an ignore of the config file."""

    check: str
    reason: str
    until: date | None = None
    path: str = ""
    line: int = 0
    folder: str = ""
    """The folder that it is for; "" = all."""
    config: str = ""
    """The config file of a folder that has it."""
    obj: str = ""
    """The object's key, for ignores of the config file ("" = by place)."""
    wrong: str = ""
    """Why it has no effect, a sentence without its subject; "" = its form is right."""

    def covers(self, finding: Finding) -> bool:
        """Whether it speaks of this finding: same check, and the object or the line (its own or the next)."""
        if finding.check != self.check or (self.folder and not finding.location.path.startswith(f"{self.folder}/")):
            return False
        if self.obj:
            return finding.subject.key == self.obj
        return finding.location.path == self.path and finding.location.line in (self.line, self.line + 1)


def inline(texts: Mapping[str, str]) -> tuple[Ignore, ...]:
    """The ignore comments in the files read, by path, and those that mean to be one."""
    return tuple(
        ignore
        for path in sorted(texts)
        if NAME in texts[path].lower()
        for number, line in enumerate(texts[path].split("\n"), start=1)
        if NAME in line.lower()
        for ignore in _of_line(path, number, line)
    )


def _of_line(path: str, number: int, line: str) -> list[Ignore]:
    match = _IGNORE.search(line)
    checks = [check.strip() for check in match["checks"].split(",") if check.strip()] if match else []
    if match is None or not checks:
        attempt = _ATTEMPT.search(line)
        return [Ignore("", "", None, path, number, wrong=f"cannot be parsed: write `{FORM}`")] if attempt else []
    reason, until, wrong = _terms(match["rest"])
    return [Ignore(check, reason, until, path, number, wrong=wrong) for check in checks]


def _terms(text: str) -> tuple[str, date | None, str]:
    """The reason and the last day of an ignore, and what is wrong with the day."""
    text = re.sub(r"-->|\*/\}?", "", text).strip()
    match = _UNTIL.search(text)
    if match is None:
        attempt = _UNTIL_ATTEMPT.search(text)
        return text, None, _NO_DAY.format(attempt[0].strip()) if attempt else ""
    try:
        until = date.fromisoformat(match[1])
    except ValueError:
        return text, None, _NO_DAY.format(match[0])
    return (text[: match.start()] + text[match.end() :]).strip(), until, ""


_NO_DAY: Final = "has an invalid last day, `{}`: write `(until YYYY-MM-DD)`"


class Suppressions(Struct, frozen=True):
    """What the ignores did: findings with a note where one is suppressed, and what is wrong with the ignores."""

    suppressed: Mapping[str, str]
    """Fingerprint and place of a suppressed finding → reason."""
    notices: tuple[str, ...]


def finding_key(finding: Finding) -> str:
    """Names one finding within one report."""
    return f"{finding.fingerprint}@{finding.location.path}:{finding.location.line}"


def apply(
    ignores: Iterable[Ignore],
    findings: Iterable[Finding],
    today: date,
    check_ids: Collection[str],
    *,
    sees_all: Callable[[Ignore], bool] = lambda _: True,
) -> Suppressions:
    """Match ignores with findings. One that is wrong, has no reason, expired, ends soon or matches nothing is reported.

    `check_ids`: the ids of all checks. `sees_all`: whether the run looks at everything that an ignore may be about.
    """
    findings = tuple(findings)
    suppressed: dict[str, str] = {}
    notices: list[str] = []
    for ignore in ignores:
        where = f"{ignore.path}:{ignore.line}" if ignore.path else ignore.config or "the config file"
        covered = [finding for finding in findings if ignore.covers(finding)]
        what = f"the ignore of `{ignore.check}`" if ignore.check else "an ignore comment"
        fault = _fault(ignore, today, check_ids)
        if not fault:
            suppressed.update((finding_key(finding), ignore.reason) for finding in covered)
            fault = _end(ignore.until, today) if covered else _unused(ignore, findings) if sees_all(ignore) else ""
        if fault:
            notices.append(f"{where}: {what} {fault}.")
    return Suppressions(suppressed, tuple(notices))


SOON: Final = 14
"""Days before its end from which an ignore is announced."""
_MOST_NAMED: Final = 3
"""Findings that an unused ignore may have meant, at most so many."""


def _end(until: date | None, today: date) -> str:
    """That an ignore ends soon; "" = it does not."""
    left = (until - today).days if until else SOON + 1
    if left > SOON:
        return ""
    return f"ends {'today' if left == 0 else 'tomorrow' if left == 1 else f'in {left} days'}, after {until}"


def _unused(ignore: Ignore, findings: Sequence[Finding]) -> str:
    """That an ignore matches nothing, and what it would have to say to match a finding of its check, or of its line."""
    same = [finding for finding in findings if finding.check == ignore.check]
    if ignore.obj:
        keys = list(dict.fromkeys(finding.subject.key for finding in same))
        near = nearest(ignore.obj, keys, likeness=0)
        meant = [f"`object: {key}`" for key in sorted(keys, key=lambda key: key != near)]
    else:
        here = [finding for finding in findings if finding.location.path == ignore.path]
        lines = sorted({finding.location.line for finding in here if finding.check == ignore.check})
        meant = [f"line {line}" for line in lines]
        beside = {one.check for one in here if one.location.line in (ignore.line, ignore.line + 1)}
        meant = meant or [f"`ignore[{check}]`" for check in sorted(beside)]
    if not meant:
        return "matches no finding; remove it, unless a later change needs it"
    more = f" and {len(meant) - _MOST_NAMED} more" if len(meant) > _MOST_NAMED else ""
    return f"matches no finding; remove it, or correct it: {', '.join(meant[:_MOST_NAMED])}{more} would match"


def _fault(ignore: Ignore, today: date, check_ids: Collection[str]) -> str:
    """Why an ignore has no effect, whatever was found; "" = it can have one."""
    if ignore.wrong:
        return f"{ignore.wrong}. It has no effect"
    if ignore.check not in check_ids:
        near = nearest(ignore.check, check_ids)
        return f"names no check{f'; did you mean `{near}`?' if near else '.'} It has no effect"
    if not ignore.reason:
        return "gives no reason, so it has no effect"
    if ignore.until is not None and ignore.until < today:
        return "expired, so it has no effect"
    return ""
