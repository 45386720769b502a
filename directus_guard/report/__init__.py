"""The writers: each prints a finished report in one format and computes nothing of its own."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.finding import Report, Rule
    from directus_guard.report.sarif import LineHashes


def write(
    format_: str,
    report: Report,
    rules: Sequence[Rule],
    stream: IO[str],
    *,
    color: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    hashes: LineHashes | None = None,
) -> None:
    """Write `report` to `stream` as `text`, `json`, `sarif` or `markdown`. The options are the text's, `hashes` SARIF's."""
    if format_ == "json":
        from directus_guard.report import json_v1  # noqa: PLC0415 - one run uses one or two of the writers

        json_v1.write(report, rules, stream)
    elif format_ == "sarif":
        from directus_guard.report import sarif  # noqa: PLC0415

        sarif.write(report, rules, stream, hashes=hashes)
    elif format_ == "markdown":
        from directus_guard.report import markdown  # noqa: PLC0415

        markdown.write(report, rules, stream)
    else:
        from directus_guard.report import text  # noqa: PLC0415

        text.write(report, rules, stream, color=color, quiet=quiet, verbose=verbose)
