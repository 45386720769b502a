"""Spellings of one Compose project: each that `docker-compose config` accepts is read, with the same answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from tests.differential.real import compose_program
from tests.support.cli import write
from tests.support.compose import environment, ours, real
from tests.support.compose_spellings import ENVIRONMENT, PROJECT, Speller, keys
from tests.support.generated import seeds
from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from pathlib import Path

SPELLINGS: Final = 600 if EVERY_CASE else 150
"""`make every` takes four times as many, `make fuzz` other ones, too."""


@pytest.mark.real
def test_each_spelling_that_compose_accepts_is_read(tmp_path: Path) -> None:
    program = compose_program()
    plain = keys(run(Options(root=write(tmp_path / "plain", {"compose.yaml": json.dumps(PROJECT)}))))
    assert plain
    accepted, different = 0, []
    for seed in seeds(SPELLINGS):
        folder = write(tmp_path / str(seed), {"compose.yaml": Speller(seed).file()})
        expected = real(program, folder)
        if expected is None:
            continue
        accepted += 1
        same = expected["environment"] == ENVIRONMENT  # a value may have grown a space; then it must have for us, too
        if environment(ours(folder)) != expected["environment"] or (same and keys(run(Options(root=folder))) != plain):
            different.append(seed)
    assert not different
    assert accepted > SPELLINGS * 5 / 6
