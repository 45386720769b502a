"""Property tests: the same examples in every run, and with HYPOTHESIS_PROFILE=fuzz many new ones (`make fuzz`).

The servers of `tests/lab`: whoever asks for the fixture `lab` gets its markers. Which worker does what, and in which order.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.server import Lab

pytest.register_assert_rewrite("tests.support")

from tests.support.sampling import EVERY_CASE  # noqa: E402  what is imported before cannot be rewritten

# The examples are the same in every run, so more of them would notice little more; `make every` takes three times as many.
settings.register_profile(
    "steady", max_examples=100 if EVERY_CASE else 30, derandomize=True, database=None, deadline=None
)
settings.register_profile("fuzz", max_examples=3000, database=None, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "lab" in item.fixturenames:
            item.add_marker("lab")
            item.add_marker("real")
    # What begins last, one worker does alone: files that wait most of their time begin first, then those that need servers, which
    # few workers do, then those that take longest.
    waiting, servers = ({item.path for item in items if item.get_closest_marker(name)} for name in ("waits", "lab"))
    weights: Counter[Path] = Counter()
    for item in items:
        weights[item.path] += LONG if any(map(item.get_closest_marker, ("real", "thorough", "hypothesis"))) else 1
    items.sort(key=lambda item: (item.path not in waiting, item.path not in servers, -weights[item.path]))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector of garbage would look through all of it again and again."""
    gc.freeze()


LONG: Final = 20
"""As many fast tests take as long as one that asks real programs, or tries the same many times: at least."""
TOGETHER: Final = {
    "tests/container/": "container",
    "tests/lab/test_attack_record.py": "",
    "tests/lab/test_exporters.py": "prove",
    "tests/lab/": "lab",
    "tests/live/": "prove",
    "tests/prove/": "prove",
}
"""Files that one worker does together, because of what it starts for them: a container engine with the image, and servers of each
version and with each extension. A start costs seconds of CPU. Two groups of servers keep two processors busy. "" = none."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """One file to one worker, and those that need servers together."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            named = next((group for begin, group in TOGETHER.items() if nodeid.startswith(begin)), "")
            return named or super()._split_scope(nodeid)

    return Together(config, log)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Real Directus servers: `tests/lab/server.py` says how to use them."""
    from tests.lab.server import Lab

    with Lab(tmp_path_factory.mktemp("lab")) as made:
        yield made
