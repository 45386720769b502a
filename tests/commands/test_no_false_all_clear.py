"""What could not be seen is never a pass: an environment from outside, an export with a part missing or broken."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import ExportCheck
from directus_guard.finding import Status
from tests.support.cli import write

EXPORT: Final = Path(__file__).parents[1] / "checks" / "users-delete" / "fail-1" / "directus"
SEEN_ANYWAY: Final = frozenset({
    "committed-database", "database-exposed", "end-of-life-version", "secret-committed", "secret-reused", "unpinned-image",
    "vulnerable-version-critical", "vulnerable-version-high", "vulnerable-version-low", "vulnerable-version-medium",
})  # fmt: skip
"""Checks that rest on files of the repository alone."""


def passed(root: Path) -> set[str]:
    report = audit(Options(root=root))
    return {outcome.check for outcome in report.outcomes if outcome.status is Status.PASS}


@pytest.mark.parametrize("more", ["", "    environment: {LOG_STYLE: raw}\n"])
def test_an_environment_from_outside(tmp_path: Path, more: str) -> None:
    text = "services:\n  directus:\n    image: directus/directus:12.4.1\n    env_file: gone.env\n" + more
    assert passed(write(tmp_path, {"compose.yaml": text})) <= SEEN_ANYWAY


def test_what_is_set_here_is_judged_all_the_same(tmp_path: Path) -> None:
    text = (
        "services:\n  directus:\n    image: directus/directus:12.4.1\n    env_file: gone.env\n"
        "    environment: {MARKETPLACE_TRUST: sandbox, CACHE_ENABLED: 'true'}\n"
    )
    assert "marketplace-trust" in passed(write(tmp_path, {"compose.yaml": text}))


def test_a_policy_that_others_may_complete_is_not_called_loose(tmp_path: Path) -> None:
    variable = "CONTENT_SECURITY_POLICY_DIRECTIVES__FRAME_SRC: https://www.example.com"
    text = f"services:\n  directus:\n    image: directus/directus:12.4.1\n    env_file: gone.env\n    environment: {{{variable}}}\n"
    report = audit(Options(root=write(tmp_path, {"compose.yaml": text})))
    assert not any(finding.check == "csp-directives" for finding in report.findings)


EXPORT_CHECKS: Final = tuple(check for check in catalogue().values() if isinstance(check, ExportCheck))
ACCESS: Final = frozenset(check.id for check in EXPORT_CHECKS)
NEEDED: Final = {"permissions": "permissions", "access": "attachments", "policies": "policies"}
"""What a check says that it needs, by the file that holds it."""


def without(root: Path, *names: str) -> set[str]:
    """What passes when these files of the export are missing."""
    shutil.copytree(EXPORT, root / "directus")
    for name in names:
        (root / "directus" / f"{name}.json").unlink()
    return passed(root) & ACCESS


def test_the_whole_export_passes_most(tmp_path: Path) -> None:
    assert len(without(tmp_path)) > len(ACCESS) // 2


@pytest.mark.parametrize("names", [("permissions",), ("access",), ("access", "policies")])
def test_a_part_that_is_missing(tmp_path: Path, names: tuple[str, ...]) -> None:
    needs = {NEEDED[name] for name in names}
    resting = {check.id for check in EXPORT_CHECKS if needs.intersection(check.needs)}
    assert len(resting) > len(ACCESS) // 2
    assert not without(tmp_path, *names) & resting


def test_roles_without_records_are_still_principals(tmp_path: Path) -> None:
    without(tmp_path, "roles")
    assert any(finding.check == "users-delete" for finding in audit(Options(root=tmp_path)).findings)


@pytest.mark.parametrize("name", ["permissions", "policies", "roles", "access"])
@pytest.mark.parametrize("content", [b'[{"action": ', b'[{"action": "\xff"}]', b"[" * 100_000 + b'"action"'])
def test_a_part_that_is_broken(tmp_path: Path, name: str, content: bytes) -> None:
    shutil.copytree(EXPORT, tmp_path / "directus")
    (tmp_path / "directus" / f"{name}.json").write_bytes(content)
    assert not passed(tmp_path) & ACCESS


def test_a_large_export_is_no_problem(tmp_path: Path) -> None:
    shutil.copytree(EXPORT, tmp_path / "directus")
    path = tmp_path / "directus" / "permissions.json"
    path.write_text(path.read_text(encoding="utf-8") + " " * (17 * 1024 * 1024), encoding="utf-8")
    report = audit(Options(root=tmp_path))
    assert report.problems == ()
    assert any(finding.check == "users-delete" for finding in report.findings)
    assert json.loads(path.read_text(encoding="utf-8"))
