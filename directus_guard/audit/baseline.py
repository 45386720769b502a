"""Baselines: today's findings accepted, one fingerprint a line, sorted, so that a diff of the file reads well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.finding import Finding

HEADER: Final = "# directus-guard baseline: accepted findings, one `check|object` a line. Written by `directus-guard baseline write`.\n"

_STARTS: Final = "# Paths start at: "


def starts_of(text: str) -> str:
    """Where the paths of a baseline start, as it notes it; "" = it does not."""
    noted = (line.removeprefix(_STARTS).strip() for line in text.splitlines() if line.startswith(_STARTS))
    return next(noted, "")


def wrong_line(text: str) -> int:
    """The number of the first line that no baseline has, 0 if the text can be one."""
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return next((number for number, line in lines if line and not _LINE.match(line)), 0)


_LINE: Final = lazy_pattern(r"#|[a-z][a-z0-9-]*\|.")


def unmatched(accepted: frozenset[str], findings: Iterable[Finding]) -> list[str]:
    """The accepted lines that match no finding, in order."""
    return sorted(accepted - _lines(findings))


def read(text: str) -> frozenset[str]:
    """The fingerprints a baseline file accepts. Blank lines and `#` comments are skipped."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def write(findings: Iterable[Finding], starts: str = "") -> str:
    """The text of a baseline that accepts exactly `findings`. `starts`: where their paths start, which it then notes."""
    return _written(_lines(findings), starts)


def prune(text: str, findings: Iterable[Finding], starts: str = "") -> tuple[str, list[str]]:
    """The baseline without what is no longer found, and the lines that went. `starts`: where the paths start now."""
    accepted, found = read(text), _lines(findings)
    return _written(accepted & found, starts), sorted(accepted - found)


def _written(lines: Iterable[str], starts: str) -> str:
    noted = f"{_STARTS}{one_line(starts)}\n" if starts else ""
    return HEADER + noted + "".join(f"{line}\n" for line in sorted(lines))


def _lines(findings: Iterable[Finding]) -> set[str]:
    return {one_line(one.fingerprint) for finding in findings for one in (finding, *finding.variants)}


def one_line(fingerprint: str) -> str:
    """The fingerprint as it is written in a file: paths and names may contain line ends."""
    if "\\" not in fingerprint and "\n" not in fingerprint and "\r" not in fingerprint:
        return fingerprint
    return fingerprint.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
