"""A finding of medium confidence about a variable names one that would undo it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.finding import Confidence

FOLDER: Final = Path(__file__).parents[1] / "checks"
CHECKS: Final = sorted(check.id for check in catalogue().values() if check.chapter in ("server", "deployment"))
VARIABLE: Final = re.compile(r"`[A-Z][A-Z0-9_]+`")


@pytest.mark.parametrize("check", CHECKS)
def test_a_medium_finding_names_a_variable(check: str) -> None:
    for example in sorted((FOLDER / check).glob("fail-*")):
        for finding in audit(Options(root=example)).findings:
            if finding.check == check and finding.confidence is Confidence.MEDIUM and finding.subject.kind == "setting":
                assert VARIABLE.search(finding.message), f"{example.name}: {finding.message}"


def test_names_without_accounts(tmp_path: Path) -> None:
    """Rows of keys and names are no accounts; with an address they are."""
    dump = tmp_path / "seed.sql"
    row = "INSERT INTO directus_users (id, first_name, last_name{}) VALUES ('u', 'Ada', 'Lovelace'{});\n"
    for more, value, found in (("", "", False), (", email", ", 'ada@example.org'", True)):
        dump.write_text(row.format(more, value), encoding="utf-8")
        checks = [finding.check for finding in audit(Options(root=tmp_path)).findings]
        assert ("committed-database" in checks) is found
