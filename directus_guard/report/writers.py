"""The formats of what the commands print, and who writes each. A writer prints what it is given, and computes nothing.

One run uses one or two of the writers, so each is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Final, TypeAlias, TypeVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from directus_guard.access_answers import Answers
    from directus_guard.access_listing import AccessTables
    from directus_guard.finding import Report, Rule
    from directus_guard.fleet import Fleet
    from directus_guard.new_access import AccessDiff
    from directus_guard.report.diff_words import Compared
    from directus_guard.report.sarif import LineHashes
    from directus_guard.report_details import ReportDetails

# ruff: noqa: PLC0415 - see above


class Format(StrEnum):
    """A format, by its name on the command line."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    MARKDOWN = "markdown"
    JUNIT = "junit"
    GITLAB_CODEQUALITY = "gitlab-codequality"
    GITLAB_SAST = "gitlab-sast"
    GITHUB = "github"
    CSV = "csv"
    HTML = "html"


class Shown(StrEnum):
    """Which findings a text lists."""

    NEW = "new"
    KNOWN = "known"
    """Those that the baseline accepts or the base has, too."""
    ALL = "all"
    """Ignored ones, too."""


class Appearance(Struct, frozen=True):
    """How a text looks; the other formats look always the same."""

    color: bool = False
    quiet: bool = False
    """Only the verdict, or the answer."""
    verbose: bool = False
    """Also what passed and what was not evaluated, one by one."""
    show: Shown = Shown.NEW
    """Which findings are listed; the others are counted."""
    width: int = 0
    """Of the terminal, at which lines are wrapped; 0 = it goes elsewhere."""


class PrintedReport(Struct, frozen=True):
    """What `scan` prints. `rules`: every check; `hashes`: of the lines that findings point at, for SARIF."""

    report: Report
    rules: Sequence[Rule]
    hashes: LineHashes | None = None
    at: str = "1970-01-01T00:00:00"
    """When the run ended, in UTC, for GitLab's security report."""
    details: ReportDetails | None = None
    """What a page shows beside the report, for HTML."""


class PrintedDiff(Struct, frozen=True):
    """What `diff` prints. `rules`: every check."""

    diff: AccessDiff
    compared: Compared
    rules: Sequence[Rule]


Printed = TypeVar("Printed")
Writer: TypeAlias = Callable[[Printed, IO[str], Appearance], None]
"""Writes one thing, in one format, to a stream."""


def _report_text(printed: PrintedReport, stream: IO[str], appearance: Appearance) -> None:
    from directus_guard.report import text

    text.write(printed.report, stream, appearance)


def _report_json(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import json_v1

    json_v1.write(printed.report, printed.rules, stream)


def _report_sarif(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import sarif

    sarif.write(printed.report, printed.rules, stream, hashes=printed.hashes)


def _report_markdown(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import markdown

    markdown.write(printed.report, printed.rules, stream)


def _report_junit(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import junit

    junit.write(printed.report, printed.rules, stream)


def _report_gitlab_codequality(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import gitlab_codequality

    gitlab_codequality.write(printed.report, stream)


def _report_gitlab_sast(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import gitlab_sast

    gitlab_sast.write(printed.report, printed.rules, stream, printed.at)


def _report_github(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import github_annotations

    stream.writelines(f"{line}\n" for line in github_annotations.of_report(printed.report))


def _report_html(printed: PrintedReport, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.html import page
    from directus_guard.report_details import ReportDetails

    page.write_report(printed.report, printed.rules, printed.details or ReportDetails(), stream)


REPORT_WRITERS: Final[Mapping[Format, Writer[PrintedReport]]] = {
    Format.TEXT: _report_text,
    Format.JSON: _report_json,
    Format.SARIF: _report_sarif,
    Format.MARKDOWN: _report_markdown,
    Format.JUNIT: _report_junit,
    Format.GITLAB_CODEQUALITY: _report_gitlab_codequality,
    Format.GITLAB_SAST: _report_gitlab_sast,
    Format.GITHUB: _report_github,
    Format.HTML: _report_html,
}


def _diff_text(printed: PrintedDiff, stream: IO[str], appearance: Appearance) -> None:
    from directus_guard.report.diff_text import text

    _write_lines(text(printed.diff, printed.compared, appearance), stream)


def _diff_json(printed: PrintedDiff, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.diff_json import as_json
    from directus_guard.report.json_v1 import write_data

    write_data(as_json(printed.diff, printed.compared), stream)


def _diff_sarif(printed: PrintedDiff, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import diff_sarif

    diff_sarif.write(printed.diff, printed.compared, printed.rules, stream)


def _diff_markdown(printed: PrintedDiff, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.diff_markdown import markdown

    _write_lines(markdown(printed.diff, printed.compared), stream)


DIFF_WRITERS: Final[Mapping[Format, Writer[PrintedDiff]]] = {
    Format.TEXT: _diff_text,
    Format.JSON: _diff_json,
    Format.SARIF: _diff_sarif,
    Format.MARKDOWN: _diff_markdown,
}


def _access_text(printed: AccessTables, stream: IO[str], appearance: Appearance) -> None:
    from directus_guard.report.access_text import text

    _write_lines(text(printed.listings(), appearance), stream)


def _access_json(printed: AccessTables, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.json_v1 import write_data

    write_data(printed.as_json(), stream)


def _access_markdown(printed: AccessTables, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.access_markdown import markdown

    _write_lines(markdown(printed.listings()), stream)


def _access_csv(printed: AccessTables, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report import access_csv

    access_csv.write(printed.as_json(), stream)


def _access_html(printed: AccessTables, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.html import page

    page.write_access(printed.matrices(), stream)


ACCESS_WRITERS: Final[Mapping[Format, Writer[AccessTables]]] = {
    Format.TEXT: _access_text,
    Format.JSON: _access_json,
    Format.MARKDOWN: _access_markdown,
    Format.CSV: _access_csv,
    Format.HTML: _access_html,
}
"""No SARIF: it lists access, and judges none."""


def _answers_text(printed: Answers, stream: IO[str], appearance: Appearance) -> None:
    from directus_guard.report.answers_text import text

    _write_lines(text(printed, appearance), stream)


def _answers_json(printed: Answers, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.answers_text import as_json
    from directus_guard.report.json_v1 import write_data

    write_data(as_json(printed), stream)


ANSWER_WRITERS: Final[Mapping[Format, Writer[Answers]]] = {Format.TEXT: _answers_text, Format.JSON: _answers_json}


def _fleet_text(printed: Fleet, stream: IO[str], appearance: Appearance) -> None:
    from directus_guard.report.fleet_text import text

    _write_lines(text(printed, appearance), stream)


def _fleet_json(printed: Fleet, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.fleet_json import as_json
    from directus_guard.report.json_v1 import write_data

    write_data(as_json(printed), stream)


def _fleet_markdown(printed: Fleet, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.fleet_markdown import markdown

    _write_lines(markdown(printed), stream)


def _fleet_html(printed: Fleet, stream: IO[str], _: Appearance) -> None:
    from directus_guard.report.html.fleet import write_fleet

    write_fleet(printed, stream)


FLEET_WRITERS: Final[Mapping[Format, Writer[Fleet]]] = {
    Format.TEXT: _fleet_text,
    Format.JSON: _fleet_json,
    Format.MARKDOWN: _fleet_markdown,
    Format.HTML: _fleet_html,
}


def _write_lines(lines: Iterable[str], stream: IO[str]) -> None:
    from directus_guard.text_safety import no_command

    stream.write("".join(f"{no_command(line)}\n" for line in lines))
