"""Baselines: today's findings accepted, one fingerprint a line, sorted, so that a diff of the file reads well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.finding import Finding

HEADER: Final = "# directus-guard baseline: accepted findings, one `check|object` a line. Written by `directus-guard baseline write`.\n"


def read(text: str) -> frozenset[str]:
    """The fingerprints a baseline file accepts. Blank lines and `#` comments are skipped."""
    lines = (line.strip() for line in text.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def write(findings: Iterable[Finding]) -> str:
    """The text of a baseline that accepts exactly `findings`."""
    return HEADER + "".join(f"{line}\n" for line in sorted(_lines(findings)))


def prune(text: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """The baseline without what is no longer found, and how many lines went."""
    accepted, found = read(text), _lines(findings)
    return HEADER + "".join(f"{line}\n" for line in sorted(accepted & found)), len(accepted - found)


def _lines(findings: Iterable[Finding]) -> set[str]:
    return {one_line(one.fingerprint) for finding in findings for one in (finding, *finding.variants)}


def one_line(fingerprint: str) -> str:
    """The fingerprint as it is written in a file: paths and names may contain line ends."""
    return fingerprint.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
