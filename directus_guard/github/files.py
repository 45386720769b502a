"""The files through which a step and the runner talk: the event, the outputs and the summary.

They belong to the runner and are opened before anything of the repository is read, while we may still write to them.
"""

from __future__ import annotations

import json
import secrets
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.finding import Severity, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.finding import Report

MAX_SUMMARY: Final = 1_000_000
"""Bytes; the runner drops a summary above 1 MiB as a whole."""
MAX_EVENT: Final = 32 * 1024 * 1024


class Files(Struct, frozen=True):
    """The runner's files, open; None where it gave none."""

    output: IO[str] | None
    summary: IO[str] | None
    event: object
    """The payload, as parsed; None where it is missing or no JSON."""

    @classmethod
    @contextmanager
    def opened(cls, environ: Mapping[str, str]) -> Iterator[Files]:
        """The files that this environment names. Raises `OSError` for one that cannot be opened."""
        with ExitStack() as stack:
            output, summary = (
                stack.enter_context(Path(path).open("a", encoding="utf-8", newline="\n")) if path else None
                for path in (environ.get("GITHUB_OUTPUT", ""), environ.get("GITHUB_STEP_SUMMARY", ""))
            )
            yield cls(output, summary, _event(environ.get("GITHUB_EVENT_PATH", "")))

    def write_outputs(self, values: Mapping[str, str]) -> None:
        """Append outputs. A random delimiter keeps a value from setting other outputs."""
        if self.output is None:
            return
        lines: list[str] = []
        for name, value in values.items():
            delimiter = f"directus_guard_{secrets.token_hex(16)}"
            lines += [f"{name}<<{delimiter}", value, delimiter]
        self.output.write("\n".join(lines) + "\n")
        self.output.flush()

    def write_summary(self, markdown: str) -> None:
        """Append a page to the step summary."""
        if self.summary is not None:
            self.summary.write(markdown)
            self.summary.flush()


def _event(path: str) -> object:
    try:
        with Path(path).open("rb") as file:
            data: object = json.loads(file.read(MAX_EVENT)) if path else None
    except (OSError, ValueError, RecursionError):
        return None
    return data


def outputs(report: Report, sarif_file: str) -> dict[str, str]:
    """The outputs of action.yml that a report has. Severities count what is not suppressed and not in development or examples."""
    counts = report.summary
    active = [finding for finding in report.findings if finding.state is not State.SUPPRESSED]
    return {
        "findings": str(len(active)),
        **{severity.value: str(counts.get(severity.value, 0)) for severity in Severity},
        "new": str(sum(finding.state is State.NEW for finding in active)),
        "suppressed": str(counts.get("suppressed", 0)),
        "not-evaluated": str(counts.get("not_evaluated", 0)),
        "sarif-file": sarif_file,
        "sarif-id": "",
        "comment-url": "",
        "exit-code": str(report.exit_code),
    }
