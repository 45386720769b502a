"""The engine, with the image, and GitHub's API beside it: once, because one worker does all tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.container.engine import IMAGE, engine, reached_by_act
from tests.github.prism import observed, prism
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.container.engine import Engine


@pytest.fixture(scope="session")
def docker() -> Iterator[Engine]:
    with engine() as running:
        context = ROOT  # .dockerignore leaves three entries of it
        running.build(IMAGE, context)
        yield running


@pytest.fixture(scope="session")
def act_engine(docker: Engine) -> Iterator[Engine]:
    with reached_by_act(docker) as reached:
        yield reached


@pytest.fixture(scope="session")
def github() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """GitHub's API as its own description has it, and the calls it was asked."""
    with prism("api.github.com") as target, observed(target) as seen:
        yield seen
