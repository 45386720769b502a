"""`directus-guard diff` in each of its formats: prints, computes nothing."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from directus_guard.report.diff_json import as_json
from directus_guard.report.diff_markdown import markdown
from directus_guard.report.diff_text import text
from directus_guard.report.harmless import no_command
from directus_guard.report.json_v1 import write_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.finding import Rule
    from directus_guard.new_access import AccessDiff
    from directus_guard.report.diff_words import Compared


def write(
    format_: str,
    diff: AccessDiff,
    compared: Compared,
    rules: Sequence[Rule],
    stream: IO[str],
    *,
    color: bool,
    quiet: bool,
) -> None:
    """Write the comparison as `text`, `json`, `markdown` or `sarif`. `rules`: every check, for SARIF."""
    if format_ == "json":
        write_data(as_json(diff, compared), stream)
    elif format_ == "sarif":
        from directus_guard.report import diff_sarif  # noqa: PLC0415 - only where it is asked for

        diff_sarif.write(diff, compared, rules, stream)
    else:
        lines = text(diff, compared, color=color, quiet=quiet) if format_ == "text" else markdown(diff, compared)
        stream.write("".join(f"{no_command(line)}\n" for line in lines))
