"""The order of files and rows says nothing: every finding is found again when they are shuffled."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.checks import catalogue
from tests.support.check_examples import first_of_each, judged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.finding import Finding

FOLDER: Final = Path(__file__).parent
EXAMPLES: Final = sorted(
    path for path in FOLDER.glob("*/fail-*") if catalogue()[path.parent.name].chapter in ("access", "flows")
)


def told(findings: Iterable[Finding]) -> set[tuple[str, str, str]]:
    """What is said, but for places and the order of names in messages."""
    return {(finding.check, finding.fingerprint, finding.actual) for finding in findings}


@pytest.mark.parametrize("example", first_of_each(EXAMPLES))
def test_rows_in_another_order(example: Path, tmp_path: Path) -> None:
    report, _ = judged(example, tmp_path / "as-is" / "x")
    shuffled = tmp_path / example.parent.name / example.name
    shutil.copytree(example, shuffled)
    rolls = random.Random(example.parent.name)
    for path in sorted(shuffled.rglob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = data if isinstance(data, list) else []
        rolls.shuffle(rows)
        for key in ("collections", "fields", "relations", "data", "records") if isinstance(data, dict) else ():
            if isinstance(data.get(key), list):
                rolls.shuffle(data[key])
        path.write_text(json.dumps(data), encoding="utf-8")
    other, _ = judged(shuffled, tmp_path / "shuffled" / "x")
    assert told(other.findings) == told(report.findings)
    assert {(one.check, one.status, one.reason) for one in other.outcomes} == {
        (one.check, one.status, one.reason) for one in report.outcomes
    }
