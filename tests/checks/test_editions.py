"""What is advised holds on the edition it is given for: 12 Core ignores rows with rules."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.directus.access.records import Edition
from directus_guard.directus.versions import Version
from tests.support.check_examples import EXAMPLES, first_of_each
from tests.support.cli import guard, write
from tests.support.exports import FORMATS, PERMISSIONS, ROW, RULED

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Finding

FAILING: Final = [
    path for path in EXAMPLES if path.name.startswith("fail-") and catalogue()[path.parent.name].chapter == "access"
]
RULES: Final = ("a rule", "the rule", "rule on", "validation", "fields", "$CURRENT_USER", "_eq")
"""Words of a remedy that needs a licence."""
CORE: Final = "Directus 12 Core ignores rules, validations and limits of fields"


def found(root: Path, edition: Edition | None, version: Version | None) -> list[Finding]:
    report = audit(Options(root=root, edition=edition, directus_version=version))
    return [finding for finding in report.findings if finding.subject.kind == "permission"]


@pytest.mark.parametrize("example", first_of_each(FAILING))
def test_on_core_no_remedy_is_only_a_rule(example: Path, tmp_path: Path) -> None:
    shutil.copytree(example, tmp_path, dirs_exist_ok=True)
    for finding in found(tmp_path, Edition.CORE, Version(12, 4, 1)):
        expected = finding.expected.removesuffix(CORE)
        if finding.check not in ("stale-permission", "users-update"):
            assert not any(word in expected for word in RULES), finding
        assert expected.strip("; "), finding


def test_the_edition_decides_the_remedy(tmp_path: Path) -> None:
    row = {**ROW, "id": 9, "policy": "p2", "collection": "directus_activity"}

    def advice(edition: Edition | None, version: Version, *more: object) -> tuple[str, str]:
        files = {**FORMATS["the API"], "dump/permissions.json": [*PERMISSIONS, row, *more]}
        write(tmp_path, {name: json.dumps(data) for name, data in files.items()})
        (finding,) = [one for one in found(tmp_path, edition, version) if one.check == "activity-read"]
        assert finding.fix
        return finding.expected, finding.fix.description

    rule = "the rule `user` = `$CURRENT_USER`"
    narrow = 'Set the item rule of this permission to `{"user": {"_eq": "$CURRENT_USER"}}`.'
    for known in (
        advice(None, Version(11, 17, 4)),
        advice(None, Version(12, 4, 1), RULED),
        advice(Edition.LICENSED, Version(12, 4, 1)),
        advice(Edition.CORE, Version(11, 17, 4)),
    ):
        assert known == (f"{rule}, or administrators only", narrow)
    assert advice(None, Version(12, 4, 1)) == (
        f"{rule}; without a licence (Directus 12 Core): administrators only",
        f"{narrow} Without a licence (Directus 12 Core) delete this permission instead.",
    )
    assert advice(Edition.CORE, Version(12, 4, 1)) == (f"administrators only; {CORE}", "Delete this permission.")


def test_dormant_rows_never_fail(tmp_path: Path) -> None:
    row = {**ROW, "id": 9, "policy": "p2", "collection": "directus_users", "action": "update", "fields": ["role"]}
    files = {**FORMATS["the API"], "dump/permissions.json": [row]}
    write(tmp_path, {name: json.dumps(data) for name, data in files.items()})

    def named(edition: Edition) -> set[str]:
        report = audit(Options(root=tmp_path, edition=edition, directus_version=Version(12, 4, 1)))
        return {finding.check for finding in report.findings} - {"admin-two-factor"}

    assert named(Edition.CORE) == {"core-tier-ineffective"}
    assert named(Edition.LICENSED) >= {"users-update", "escalation-path"}


def test_an_assumed_edition_is_said_once(tmp_path: Path) -> None:
    write(tmp_path, {name: json.dumps(data) for name, data in FORMATS["the API"].items()})
    notices = json.loads(guard("scan", tmp_path, "--output", "json").out)["notices"]
    assert [notice for notice in notices if "--edition" in notice] == [
        "dump: it is not known whether Directus 12 has a licence; judged as licensed, give `--edition core` otherwise"
    ]
    for options in (["--edition", "core"], ["--edition", "licensed"], ["--directus-version", "11.17.4"]):
        assert json.loads(guard("scan", tmp_path, "--output", "json", *options).out)["notices"] == []
