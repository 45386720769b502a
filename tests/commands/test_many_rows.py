"""What a permission row of a large export costs, counted in lines of Python that run: machines and load do not matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard.audit import sides
from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.sources.exports import reader
from directus_guard.sources.files.repository import Repository
from tests.support import large_exports
from tests.support.cost import lines_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def growth(folder: Path, work: Callable[[Path], object]) -> float:
    """The lines that each further row costs."""

    def lines(size: int) -> int:
        large_exports.write(folder / str(size) / "directus", size, roles=5, policies=5)
        return lines_run(lambda: work(folder / str(size)))

    lines(500)  # what is imported and compiled once
    return (lines(2000) - lines(1000)) / 1000


def test_reading_a_row_costs_few_lines(tmp_path: Path) -> None:
    assert growth(tmp_path, lambda folder: reader.read(Repository(folder))) < 75


@pytest.mark.thorough
def test_judging_a_row_costs_few_lines(tmp_path: Path) -> None:
    assert growth(tmp_path, lambda folder: audit(Options(root=folder))) < 340


@pytest.mark.thorough
def test_judging_a_rule_of_its_own_costs_few_lines(tmp_path: Path) -> None:
    """Each row has a rule that no other has."""

    def lines(size: int) -> int:
        folder = tmp_path / str(size) / "directus"
        large_exports.write(folder, size, roles=5, policies=5, distinct=True)
        return lines_run(lambda: audit(Options(root=folder.parent)))

    lines(500)  # what is imported and compiled once
    assert (lines(2000) - lines(1000)) / 1000 < 800


@pytest.mark.thorough
def test_comparing_a_new_row_costs_few_lines(tmp_path: Path) -> None:
    small = tmp_path / "small"
    large_exports.write(small / "directus", 100, roles=5, policies=5)

    def work(folder: Path) -> None:
        options = Options(root=folder)
        base = sides.look(Options(root=small))
        sides.compare(base, sides.look(options, base), options)

    assert growth(tmp_path, work) < 1120
