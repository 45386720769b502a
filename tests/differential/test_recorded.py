"""The answers that fast tests rest on are still those of the real programs."""

from __future__ import annotations

import pytest

from tests.differential.record import RECORDS
from tests.support.recorded import load

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", RECORDS)
def test_recorded_answers_are_the_real_ones(name: str) -> None:
    assert RECORDS[name]() == load(name)
