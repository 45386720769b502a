"""What is reached by trying everything on small random instances, the closure reaches, too."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.directus.access.principals import PUBLIC
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.escalation.work import TooMuchWorkError
from tests.support.explorer import explore
from tests.support.random_escalations import instance, pinned_instance, wider_instance
from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export

pytestmark = pytest.mark.thorough

BATCHES: Final = int(os.environ.get("ESCALATION_BATCHES", "40" if EVERY_CASE else "8"))
"""Of five instances each; `make every` takes 40, `ESCALATION_BATCHES=2000` takes minutes."""
ATTEMPTS: Final = 500


def compared(export: Export) -> Iterator[tuple[Principal, bool, Path | Unplanned | None]]:
    """Each principal, whether the explorer made an administrator of one of its accounts, and what is said of it.

    What visitors can do is reported for the public only: then the others go without it.
    """
    paths = Paths(export)
    try:
        of_public = paths.answer(PUBLIC)
        for principal, _ in export.actors:
            if not export.model.of(principal).admin:
                way = explore(export, principal, visitors=of_public is None, attempts=ATTEMPTS)
                answer = paths.answer(principal)
                if way is not None and answer is None and of_public is not None:
                    # With its own account it may do what visitors can do, too, such as starting a flow.
                    answer = of_public if explore(export, PUBLIC, visitors=True, attempts=ATTEMPTS) else None
                yield principal, way is not None, answer
    except TooMuchWorkError:
        return


@pytest.mark.parametrize("made", [lambda seed: instance(seed)[0], pinned_instance, wider_instance])
def test_no_way_is_unseen(made: Callable[[int], Export]) -> None:
    found: Counter[tuple[bool, bool]] = Counter()
    for seed in range(BATCHES * 5):
        export = made(seed)
        for principal, won, answer in compared(export):
            assert not won or answer is not None, (seed, principal)
            found[won, answer is not None] += 1
    # The explorer finds most of what is reported, and it does not always win.
    assert found[True, True] > found[False, True] / 2
    assert found[False, False] > found[True, True]
