"""Servers that nothing was done on yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.prove.fresh import FreshServers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.server import Lab


@pytest.fixture(scope="session")
def fresh(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreshServers]:
    """Servers as their first start left them."""
    del lab  # its markers
    made = FreshServers(tmp_path_factory.mktemp("fresh"))
    try:
        yield made
    finally:
        made.close()
