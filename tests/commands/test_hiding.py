"""Nothing can be hidden: whatever is taken away, broken, changed to another type, put behind a reference or made unreadable in
a failing example, its check fails, is not evaluated, or the run has a problem. It never passes in silence.

Of the first example of each check every file is hidden, and each 16th of the ways to change a member; of the others a 24th of
what happens to the files and to the records that the check names, the same in every run. `make every` takes every member of every
example.
"""

from __future__ import annotations

from typing import Final

import pytest

from directus_guard.checks import catalogue
from tests.support.nothing_hidden import nothing_is_hidden, nothing_shrinks

pytestmark = pytest.mark.thorough

CHECKS: Final = sorted(catalogue())[0::2]


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_hidden(check: str) -> None:
    nothing_is_hidden(check)


def test_there_are_many_hidings() -> None:
    nothing_shrinks(CHECKS)
