"""Every check on small projects that it must fail, pass, or leave open. The folders are the tests: `CHECK/KIND-N/`.

`expect.txt` of a failing example lists every `path:line` the check must name, and nothing else may be named. `answers.txt` of
the check has what it says, word for word, and what was read. A digest of what all checks say is in `reported.txt`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.rules import rules
from directus_guard.checks import catalogue
from directus_guard.finding import Status
from directus_guard.report.json_v1 import as_json
from tests.support.check_examples import EXAMPLES, audited, named
from tests.support.documents import faults as document_faults
from tests.support.frames import invented
from tests.support.kept_answers import assert_as_kept, text_of_report
from tests.support.kept_digests import KeptDigests
from tests.support.texts import faults, faults_of_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Report

KINDS: Final = ("fail", "pass", "unknown")
RULES: Final = rules()
REPORTED: Final = KeptDigests(Path(__file__).with_name("reported.txt"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_example(example: Path, tmp_path: Path) -> None:
    assert not (example / "fill-in.txt").exists(), "`make new-check` made it; put a project in its place"
    whole = audited(example, tmp_path)
    report = whole.report
    statuses = {outcome.status for outcome in report.outcomes if outcome.check == example.parent.name}
    findings = [one for one in (*report.findings, *report.nonproduction) if one.check == example.parent.name]
    places = {f"{finding.location.path}:{finding.location.line}" for finding in findings}
    assert not [fault for text in _said(report) for fault in faults_of_reason(text)]
    assert not list(invented(tmp_path, report))
    assert not document_faults(as_json(report, RULES))
    kind = example.name.split("-")[0]
    if kind == "fail":
        expected = set((example / "expect.txt").read_text(encoding="utf-8").split())
        assert places == expected
        assert Status.FAIL in statuses
        assert not [fault for finding in findings for fault in faults(finding)]
    elif kind == "pass":
        assert places == set()
        assert Status.NOT_EVALUATED not in statuses
        assert statuses & {Status.PASS, Status.NOT_APPLICABLE}
    else:
        assert places == set()
        assert Status.NOT_EVALUATED in statuses
    assert_as_kept(example, whole, tmp_path, update=bool(os.environ.get("UPDATE_SNAPSHOTS")))
    REPORTED.assert_as_kept(named(example), text_of_report(report, tmp_path))


def _said(report: Report) -> Iterator[str]:
    """What a report says beside its findings: reasons, problems and notices."""
    yield from (outcome.reason for outcome in report.outcomes)
    yield from (problem.message for problem in report.problems)
    yield from report.notices


def test_every_check_has_all_kinds_of_examples() -> None:
    have = {(path.parent.name, path.name.split("-")[0]) for path in EXAMPLES}
    assert have == {(check, kind) for check in catalogue() for kind in KINDS}


BULLETS: Final = frozenset(range(1, 36))
"""Of the official checklist, numbered from its top (https://directus.io/docs/guides/security/best-practices)."""


def test_every_bullet_of_the_checklist_has_a_check() -> None:
    named = [(number, check.id) for check in catalogue().values() for number in check.checklist]
    assert {number for number, _ in named} == BULLETS
    assert len(named) == len(set(named))


@pytest.mark.parametrize("check", sorted(catalogue()))
def test_every_check_is_at_home(check: str) -> None:
    """One check = one module = one page = one folder, of the same name."""
    found = catalogue()[check]
    assert found.module == check.replace("-", "_")
    page = found.page()
    assert page.startswith(f"# {check}\n")
    for heading in ("## Why it matters", "## What Directus does", "## How to fix it"):
        assert heading in page
    assert len(page) > 400
