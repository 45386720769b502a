"""Every check on small projects that it must fail, pass, or leave open. The folders are the tests: `CHECK/KIND-N/`.

`expect.txt` of a failing example lists every `path:line` the check must name, and nothing else may be named.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard import config
from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.directus.access.records import Edition
from directus_guard.finding import Status
from directus_guard.live.target import target
from directus_guard.secret import Secret
from tests.live.certificate import self_signed
from tests.live.servers import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.finding import Report
    from directus_guard.live.target import Target

FOLDER: Final = Path(__file__).parent
EXAMPLES: Final = sorted(path for path in FOLDER.glob("*/*-*") if path.is_dir())
KINDS: Final = ("fail", "pass", "unknown")


def judged(example: Path, root: Path) -> tuple[Report, set[Status]]:
    """The report on a copy outside of this repository's git, and the statuses of the example's check."""
    shutil.copytree(example, root, dirs_exist_ok=True)
    (root / "expect.txt").unlink(missing_ok=True)
    with _instance(root / "live") as asked:
        report = audit(Options(root=root, edition=edition_of(root), target=asked))
    return report, {outcome.status for outcome in report.outcomes if outcome.check == example.parent.name}


@contextmanager
def _instance(folder: Path) -> Iterator[Target | None]:
    """The instance whose recorded answers (`tests/live/record.py`) lie in the example, as if it ran here."""
    answers = folder / "answers.json"
    if not answers.exists():
        yield None
        return
    certificate = self_signed() if (folder / "https").exists() else None
    token = Secret("recorded") if '"token /' in answers.read_text(encoding="utf-8") else None
    shutil.move(answers, folder.parent.with_suffix(".json"))
    with replay(folder.parent.with_suffix(".json"), certificate=certificate) as server:
        yield target(server.url, token=token, ca_file=certificate)


def edition_of(root: Path) -> Edition | None:
    """What the example's config says."""
    path = root / "directus-guard.yaml"
    named = config.load(path.name, path.read_text(encoding="utf-8")).edition if path.exists() else None
    return Edition(named) if named else None


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_example(example: Path, tmp_path: Path) -> None:
    report, statuses = judged(example, tmp_path)
    named = {
        f"{finding.location.path}:{finding.location.line}"
        for finding in (*report.findings, *report.nonproduction)
        if finding.check == example.parent.name
    }
    kind = example.name.split("-")[0]
    if kind == "fail":
        expected = set((example / "expect.txt").read_text(encoding="utf-8").split())
        assert named == expected
        assert Status.FAIL in statuses
    elif kind == "pass":
        assert named == set()
        assert Status.NOT_EVALUATED not in statuses
        assert statuses & {Status.PASS, Status.NOT_APPLICABLE}
    else:
        assert named == set()
        assert Status.NOT_EVALUATED in statuses


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
