"""Every format of a deployment through the whole scan: the same environment, written as each platform takes it.

What is wrong in it must be named at the very line that says it, what is right must pass, and a secret that comes from
elsewhere must be left open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Context, Status
from tests.support.cli import write
from tests.support.deployment_formats import BASE, FORMATS, WEAK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from directus_guard.finding import Report


RANDOM: Final = "9f2c4e7b1a6d8053b4e9c7f1d2a5608e3b7c9d1f5a2e4680"
GOOD: Final = {
    **BASE,
    "SECRET": RANDOM,
    "CORS_ENABLED": "true",
    "CORS_ORIGIN": "https://www.example.com",
    "CORS_CREDENTIALS": "true",
}


LINES: Final = ("quadlet", "systemd", "gcloud", "make")
"""Formats in which no text is broken as a whole."""


def _scan(root: Path, files: Mapping[str, str]) -> Report:
    return audit(Options(root=write(root, files)))


def _places(report: Report, check: str) -> set[tuple[str, int]]:
    return {(finding.location.path, finding.location.line) for finding in report.findings if finding.check == check}


def _line(files: Mapping[str, str], value: str) -> tuple[str, int]:
    """The only line that holds a value."""
    (found,) = [
        (path, number)
        for path, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if value in line
    ]
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_wrong_is_named_where_it_is_written(tmp_path: Path, name: str) -> None:
    files = FORMATS[name](WEAK)
    report = _scan(tmp_path, files)
    assert _places(report, "secret-weak") == {_line(files, WEAK["SECRET"])}
    assert _places(report, "cors-any-origin") == {_line(files, WEAK["CORS_ORIGIN"])}
    assert {finding.context for finding in report.findings} == {Context.PRODUCTION}
    assert not report.problems


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_right_passes(tmp_path: Path, name: str) -> None:
    report = _scan(tmp_path, FORMATS[name](GOOD))
    statuses = {(outcome.check, outcome.status) for outcome in report.outcomes}
    assert ("secret-weak", Status.PASS) in statuses
    assert ("cors-any-origin", Status.PASS) in statuses
    assert not [finding for finding in report.findings if finding.check in ("secret-weak", "cors-any-origin")]


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in LINES])
def test_a_file_cut_off_is_a_problem_and_no_pass(tmp_path: Path, name: str) -> None:
    """Directus' name stands in a comment or a name, so that the file is known to belong to the project."""
    ((path, text),) = FORMATS[name](WEAK).items()
    broken = text.rstrip().rstrip("}\n ]").rstrip() + "\n  : [ {\n"
    broken = broken if "directus" in broken else broken.replace("cms", "directus")
    report = _scan(tmp_path, {path: broken})
    assert [(problem.path, problem.incomplete) for problem in report.problems] == [(path, True)]
