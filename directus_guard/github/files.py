"""The files through which a step hands results to the runner: outputs and the summary."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.finding import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.finding import Report

MAX_SUMMARY: Final = 1_000_000
"""Bytes; the runner drops a summary above 1 MiB as a whole."""


def outputs(report: Report, sarif_file: str) -> dict[str, str]:
    """The outputs of action.yml. Severities count what is not suppressed and not in development or examples."""
    counts = report.summary
    active = [finding for finding in report.findings if finding.state is not State.SUPPRESSED]
    return {
        "findings": str(len(active)),
        **{word: str(counts.get(word, 0)) for word in ("critical", "high", "medium", "low")},
        "new": str(sum(finding.state is State.NEW for finding in active)),
        "suppressed": str(counts.get("suppressed", 0)),
        "not-evaluated": str(counts.get("not_evaluated", 0)),
        "sarif-file": sarif_file,
        "exit-code": str(report.exit_code),
    }


def write_outputs(path: str, values: Mapping[str, str]) -> None:
    """Append to GITHUB_OUTPUT. A random delimiter keeps a value from setting other outputs."""
    lines: list[str] = []
    for name, value in values.items():
        delimiter = f"directus_guard_{secrets.token_hex(16)}"
        lines += [f"{name}<<{delimiter}", value, delimiter]
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(lines) + "\n")


def write_summary(path: str, markdown: str) -> None:
    """Append to GITHUB_STEP_SUMMARY, cut at a line where it would be too long."""
    data = markdown.encode()
    if len(data) > MAX_SUMMARY:
        head = data[:MAX_SUMMARY].decode("utf-8", "ignore").rpartition("\n")[0]
        markdown = f"{head}\n\n… cut here; the SARIF file has everything.\n"
    with Path(path).open("a", encoding="utf-8", newline="\n") as file:
        file.write(markdown)
