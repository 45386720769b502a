"""No piece of a secret reaches any output: planted in every format, searched for in everything a run leaves behind."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from directus_guard.report.writers import REPORT_WRITERS
from tests.support.cli import action, guard
from tests.support.planted import PIECE, Planter, repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in (1, 2))])
def test_no_piece_of_a_secret_in_any_output(tmp_path: Path, seed: int) -> None:
    plant = Planter(seed)
    root = repository(tmp_path / "repository", plant)
    outputs: dict[str, str] = {}
    for format_ in REPORT_WRITERS:
        run = guard("scan", root, "--output", format_, "--verbose", "--debug", "--include-nonproduction")
        assert run.code == 1
        outputs[format_] = run.out + run.err
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
    pieces = {secret[at : at + PIECE] for secret in plant.planted for at in range(len(secret) - PIECE + 1)}
    pieces |= {
        text[at : at + PIECE]
        for text in (base64.b64encode(secret.encode()).decode() for secret in plant.planted)
        for at in range(len(text) - PIECE + 1)
    }
    for name, text in outputs.items():
        found = {text[at : at + PIECE] for at in range(len(text))} & pieces
        assert not found, name
    assert len(plant.planted) > 200
    # The secrets were met, not passed over.
    assert outputs["json"].count('"secret-committed"') > 40
    assert all(f'"{check}"' in outputs["json"] for check in ("admin-static-token", "user-static-token", "ai-endpoint"))
