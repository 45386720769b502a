"""Property tests: the same examples in every run, and with HYPOTHESIS_PROFILE=fuzz many new ones (`make fuzz`).

The servers of `tests/lab`: whoever asks for the fixture `lab` gets its markers.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.server import Lab

pytest.register_assert_rewrite("tests.support")

from tests.support.sampling import EVERY_CASE  # noqa: E402  what is imported before cannot be rewritten

# The examples are the same in every run, so more of them would notice little more; `make every` takes twice as many.
settings.register_profile(
    "steady", max_examples=100 if EVERY_CASE else 50, derandomize=True, database=None, deadline=None
)
settings.register_profile("fuzz", max_examples=3000, database=None, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "lab" in item.fixturenames:
            item.add_marker("lab")
            item.add_marker("real")
    # What begins last, one worker does alone: files that wait most of their time begin first, then those with the most tests.
    waiting, real = ({item.path for item in items if item.get_closest_marker(name)} for name in ("waits", "real"))
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.path not in waiting, -tests[item.path], item.path not in real))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Real Directus servers: `tests/lab/server.py` says how to use them."""
    from tests.lab.server import Lab

    with Lab(tmp_path_factory.mktemp("lab")) as made:
        yield made
