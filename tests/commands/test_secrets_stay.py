"""No piece of a secret reaches any output: planted in every format, searched for in everything a run leaves behind."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from directus_guard.report.writers import REPORT_WRITERS
from tests.support.cli import action, guard, guard_once
from tests.support.planted import Planter, pieces_in, pieces_of, repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (1, 2))])
def test_no_piece_of_a_secret_in_any_output(tmp_path: Path, seed: int) -> None:
    plant = Planter(seed)
    root = repository(tmp_path / "repository", plant)
    options = ("--verbose", "--debug", "--include-nonproduction")
    run, reports = guard_once("scan", root, *options, formats=REPORT_WRITERS, folder=tmp_path)
    assert run.code == 1
    outputs: dict[str, str] = {"stderr": run.err, **reports}
    for command in (["projects", str(root)], ["baseline", "write", str(tmp_path / "baseline"), str(root)]):
        run = guard(*command, "--debug")
        outputs[command[0]] = run.out + run.err
    outputs["baseline file"] = (tmp_path / "baseline").read_text(encoding="utf-8")
    run = action(
        {
            "GITHUB_WORKSPACE": str(root),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "INPUT_SARIF-FILE": "action.sarif",
        }
    )
    outputs["action"] = run.out + run.err
    (root / "action.sarif").replace(tmp_path / "action.sarif")
    for name in ("output", "summary", "action.sarif"):
        outputs[name] = (tmp_path / name).read_text(encoding="utf-8")
    coded = [base64.b64encode(secret.encode()).decode() for secret in plant.planted]
    assert pieces_in(outputs, pieces_of([*plant.planted, *coded])) == {}
    assert len(plant.planted) > 200
    # The secrets were met, not passed over.
    assert outputs["json"].count('"secret-committed"') > 40
    assert all(f'"{check}"' in outputs["json"] for check in ("admin-static-token", "user-static-token", "ai-endpoint"))
