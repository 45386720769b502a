"""The commands, as a shell sees them."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from directus_guard.checks import catalogue
from directus_guard.directus.advisories import ADVISORIES
from directus_guard.finding import Severity
from tests.support.cli import guard, write
from tests.support.each import failing
from tests.support.examples import ESCALATION, EXAMPLES
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      MARKETPLACE_TRUST: all
      CACHE_TTL: 5m
"""


def findings(root: Path, *options: str) -> dict[str, str]:
    """State of each finding by check."""
    run = guard("scan", root, "--output", "json", *options)
    return {finding["check"]: finding["state"] for finding in json.loads(run.out)["findings"]}


def test_a_baseline_accepts_todays_findings_only(tmp_path: Path) -> None:
    root = write(tmp_path / "r", {"compose.yaml": COMPOSE})
    file = tmp_path / "baseline"
    assert guard("baseline", "write", file, root).code == 0
    assert guard("scan", root, "--baseline", file).code == 0
    assert findings(root, f"--baseline={file}")["marketplace-trust"] == "existing"
    write(root, {"compose.yaml": "# moved\n\n" + COMPOSE + "      CORS_ENABLED: 'true'\n      CORS_ORIGIN: 'true'\n"})
    assert guard("scan", root, "--baseline", file).code == 1
    states = findings(root, f"--baseline={file}")
    assert (states["marketplace-trust"], states["cors-any-origin"]) == ("existing", "new")


def test_pruning_a_baseline_removes_what_is_gone(tmp_path: Path) -> None:
    root = write(tmp_path / "r", {"compose.yaml": COMPOSE})
    file = tmp_path / "baseline"
    guard("baseline", "write", file, root)
    before = file.read_text(encoding="utf-8")
    write(root, {"compose.yaml": COMPOSE.replace("      MARKETPLACE_TRUST: all\n", "")})
    run = guard("baseline", "prune", file, root)
    assert run.code == 0
    after = file.read_text(encoding="utf-8")
    assert "marketplace-trust" in before
    assert "marketplace-trust" not in after
    assert set(after.splitlines()) < set(before.splitlines())


def test_explain() -> None:
    assert failing(sorted(catalogue()), is_explained) == []


def is_explained(check: str) -> None:
    run = guard("explain", check)
    assert run.code == 0
    assert run.out.startswith(f"# {check}\n")
    assert f"Severity: {catalogue()[check].severity.value}" in run.out


def test_checks_lists_all() -> None:
    rows = json.loads(guard("checks", "--json").out)
    assert [row["id"] for row in rows] == list(catalogue())
    assert len(guard("checks").out.splitlines()) == len(rows)


def test_projects(tmp_path: Path) -> None:
    run = guard("projects", EXAMPLES)
    assert run.code == 0
    rows = json.loads(run.out)["projects"]
    assert [row["deployment"] for row in rows] == [
        f"examples/{name}/compose.yaml#directus" for name in ("flawed", "hardened")
    ]
    assert guard("projects", tmp_path).code == 3


def test_projects_are_a_matrix(tmp_path: Path) -> None:
    """One job for each folder, with a name of its own: it becomes a category, and equal ones would close each other's alerts."""
    compose = (
        "services:\n  directus:\n    image: directus/directus:11.17.4\n  other:\n    image: directus/directus:11.17.4\n"
    )
    write(tmp_path, {f"{folder}/compose.yaml": compose for folder in ("apps/a b", "apps/a-b", "apps/c")})
    shutil.copytree(ESCALATION / "directus", tmp_path / "exports" / "one")
    shutil.copytree(ESCALATION / "directus", tmp_path / "apps" / "c" / "directus")
    matrix = json.loads(guard("projects", tmp_path).out)["matrix"]["include"]
    assert matrix == [
        {"name": "apps-a-b", "path": "apps/a b"},
        {"name": "apps-a-b-2", "path": "apps/a-b"},
        {"name": "apps-c", "path": "apps/c"},
        {"name": "exports-one", "path": "exports/one"},
    ]
    assert json.loads(guard("projects", tmp_path / "apps" / "c").out)["matrix"]["include"] == [
        {"name": "root", "path": "."}
    ]


def test_projects_with_an_export_only(tmp_path: Path) -> None:
    shutil.copytree(ESCALATION / "directus", tmp_path / "exports" / "one")
    run = guard("projects", tmp_path)
    assert json.loads(run.out)["matrix"]["include"] == [{"name": "exports-one", "path": "exports/one"}]
    assert run.code == 0


def test_advisories() -> None:
    data = json.loads(guard("advisories", "--json").out)
    assert len(data["advisories"]) == len(ADVISORIES)
    text = guard("advisories").out
    assert data["last_reviewed"] in text
    assert ADVISORIES[0].id in text


def test_the_config_file(tmp_path: Path) -> None:
    config = """fail-on: critical
context: {"compose.yaml#*": development}
checks:
  hardening-defaults: {severity: off, reason: known}
"""
    root = write(tmp_path, {"compose.yaml": COMPOSE, ".github/directus-guard.yaml": config})
    run = guard("scan", root, "--output", "json")
    report = json.loads(run.out)
    assert run.code == 0
    assert report["findings"] == []
    assert [finding["check"] for finding in report["nonproduction"]] == ["marketplace-trust"]
    assert guard("scan", root, "--include-nonproduction", "--fail-on", "high").code == 1


def test_a_severity_of_the_config(tmp_path: Path) -> None:
    config = "checks:\n  marketplace-trust: {severity: low, reason: reviewed}\n"
    root = write(tmp_path, {"compose.yaml": COMPOSE, "directus-guard.yaml": config})
    assert guard("scan", root).code == 0
    assert guard("scan", root, "--fail-on", "low").code == 1


def test_a_threshold_of_the_config(tmp_path: Path) -> None:
    compose = COMPOSE + "      FILES_MAX_UPLOAD_SIZE: 4gb\n"
    root = write(tmp_path, {"compose.yaml": compose})
    assert "files-max-upload-size" in findings(root)
    write(root, {"directus-guard.yaml": "thresholds: {files-max-upload-size: 5gb}\n"})
    assert "files-max-upload-size" not in findings(root)


def test_ignores_by_object(tmp_path: Path) -> None:
    config = """ignore:
  - {check: marketplace-trust, object: compose.yaml#directus MARKETPLACE_TRUST, reason: reviewed, until: 2099-01-01}
  - {check: secret-weak, object: nothing, reason: left over}
"""
    root = write(tmp_path, {"compose.yaml": COMPOSE, "directus-guard.yaml": config})
    run = guard("scan", root)
    assert run.code == 0
    assert "matches no finding" in run.out
    assert guard("scan", root, "--no-ignores").code == 1


def test_several_paths_and_excludes(tmp_path: Path) -> None:
    root = write(tmp_path, {"a/compose.yaml": COMPOSE, "b/compose.yaml": COMPOSE, "c/compose.yaml": COMPOSE})
    report = json.loads(guard("scan", root / "a", root / "b", "--output", "json").out)
    assert report["scanned"]["deployments"] == ["a/compose.yaml#directus", "b/compose.yaml#directus"]
    report = json.loads(guard("scan", root, "--exclude", "b/**", "--exclude", "c", "--output", "json").out)
    assert report["scanned"]["deployments"] == ["a/compose.yaml#directus"]
    report = json.loads(guard("scan", root / "a" / "compose.yaml", "--output", "json").out)
    assert report["scanned"]["deployments"] == ["compose.yaml#directus"]


def test_only_tracked_files_are_committed(tmp_path: Path) -> None:
    env = "DB_CLIENT=pg\nPUBLIC_URL=/\nEMAIL_SMTP_PASSWORD=kT7vWq2zLp9x\n"
    root = write(tmp_path, {"tracked/.env": env, "untracked/.env": env})
    for command in (["init", "-q"], ["add", "tracked"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    report = json.loads(guard("scan", root, "--output", "json").out)
    places = [finding["location"]["path"] for finding in report["findings"] if finding["check"] == "secret-committed"]
    assert places == ["tracked/.env"]


def test_the_version_can_be_given(tmp_path: Path) -> None:
    root = write(
        tmp_path, {".env": "DB_CLIENT=pg\nPUBLIC_URL=https://cms.example.com\nFLOWS_EXEC_ALLOWED_MODULES=axios\n"}
    )
    assert "flows-exec-modules" not in findings(root)
    assert "flows-exec-modules" in findings(root, "--directus-version=10.5.0")


def test_reports_into_files(tmp_path: Path) -> None:
    root = write(tmp_path / "r", {"compose.yaml": COMPOSE})
    run = guard(
        "scan",
        root,
        "--output",
        f"sarif={tmp_path / 'a.sarif'}",
        "--output",
        f"json={tmp_path / 'a.json'}",
        "--output",
        "text",
    )
    assert run.code == 1
    assert run.out.startswith("high[marketplace-trust]")
    assert json.loads((tmp_path / "a.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["schema"] == "json-v1"
    quiet = guard("scan", root, "--quiet")
    assert len(quiet.out.splitlines()) <= 3


@pytest.mark.parametrize("columns", [90, 130])
def test_help_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert columns - 30 < max(map(len, guard("scan", "--help").out.splitlines())) <= columns


def test_findings_that_are_less_sure_are_left_out(tmp_path: Path) -> None:
    root = ROOT / "tests" / "checks" / "import-proxy-bypass" / "fail-1"
    sure = {"high": ["high"], "medium": ["high", "medium"], "low": ["high", "medium", "low"]}
    everything = json.loads(guard("scan", root, "--output=json").out)["findings"]
    assert {one["confidence"] for one in everything} == {"high", "medium"}
    for least, kept in sure.items():
        expected = [one["fingerprint"] for one in everything if one["confidence"] in kept]
        config = write(tmp_path, {"named.yaml": f"min-confidence: {least}\n"}) / "named.yaml"
        for option in (f"--min-confidence={least}", f"--config={config}"):
            report = json.loads(guard("scan", root, "--output=json", option).out)
            assert [one["fingerprint"] for one in report["findings"]] == expected
            assert sum(report["summary"][one.value] for one in Severity) == len(expected)
