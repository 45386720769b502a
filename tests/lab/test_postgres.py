"""A part of the comparisons on PostgreSQL: there text comparison minds case, and columns their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab import random_access
from tests.lab.all_cases import CASES
from tests.lab.postgres import postgres
from tests.lab.proof import agrees, prove
from tests.lab.server import started

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.server import Lab, Server


@pytest.fixture(scope="module")
def server(lab: Lab) -> Iterator[Server]:
    with postgres() as database, started(lab.directory / "postgres", 11, env=database) as made:
        yield made


def test_the_model_predicts(server: Server) -> None:
    random_access.make_collections(server)
    configs = [random_access.configuration(f"postgres-{index}", 11) for index in range(12)]
    asked, differences = random_access.compare(server, configs, ignore_case=False)
    server.clean()
    assert asked >= 240
    assert not differences, (len(differences), differences[0])


@pytest.mark.parametrize("step", ["own-role", "take-over-email", "operation-rewrite"])
def test_a_step_is_carried_out(server: Server, step: str) -> None:
    case = next(case for case in CASES if case.step == step)
    outcome = prove(server, case)
    server.clean()
    assert not agrees(case, outcome), outcome
