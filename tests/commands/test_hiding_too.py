"""The other half of `test_hiding`, also of what `make every` takes: a file of its own, so that two workers share the work."""

from __future__ import annotations

from typing import Final

import pytest

from directus_guard.checks import catalogue
from tests.support.nothing_hidden import nothing_is_hidden, nothing_shrinks

pytestmark = pytest.mark.thorough

CHECKS: Final = sorted(catalogue())[1::2]


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_hidden(check: str) -> None:
    nothing_is_hidden(check)


def test_there_are_many_hidings() -> None:
    nothing_shrinks(CHECKS)
