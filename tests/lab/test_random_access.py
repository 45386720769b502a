"""Random access configurations: what the model predicts is what the server does, request by request.

A sample of the same seed; `LAB_CONFIGURATIONS` and `LAB_SEED` choose how many and which (`make fuzz` takes 200 new ones). A difference is made
small and printed; it belongs into `test_measured.py` then.
"""

from __future__ import annotations

import json
import os
from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from tests.lab import random_access

if TYPE_CHECKING:
    from tests.lab.server import Lab, Server

SEED: Final = os.environ.get("LAB_SEED", "steady")
MANY: Final = int(os.environ.get("LAB_CONFIGURATIONS", "24"))
BATCH: Final = 12


def check(server: Server, batches: list[list[random_access.Config]], public: list[list[dict[str, object]]]) -> int:
    """Compare each batch, with these rows for the public beside it; the number of requests."""
    count = 0
    for batch, rows in zip(batches, public, strict=True):
        random_access.make_collections(server)
        asked, differences = random_access.compare(server, batch, rows)
        count += asked
        if differences:
            first = differences[0]
            small = first.config if first.anonymous else random_access.minimised(server, first)
            pytest.fail(
                f"seed {SEED}, {len(differences)} of {asked} requests differ: {first.request}"
                f"{' anonymously' if first.anonymous else ''}: server {first.server}, model {first.model}\n"
                f"{json.dumps({key: small[key] for key in ('roles', 'own', 'items', 'people', 'requests')})}\npublic: {rows}"
            )
        server.clean()
    return count


def configurations(major: int, number: int, batch: int) -> list[list[random_access.Config]]:
    made = [random_access.configuration(f"{SEED}-{major}-{index}", major) for index in range(number)]
    return [made[start : start + batch] for start in range(0, number, batch)]


def test_the_model_predicts_11(lab: Lab) -> None:
    batches = configurations(11, MANY, BATCH)
    with lab.server(11) as server:
        # Every other batch has something for the public, and asks it everything, too.
        public = [random_access.public_rows(Random(f"{SEED}-{n}"), 11) if n % 2 else [] for n in range(len(batches))]
        count = check(server, batches, public)
    print(f"\nseed {SEED}: {MANY} configurations, {count} requests, no difference")
    assert count >= 20 * MANY


def test_the_model_predicts_10(lab: Lab) -> None:
    batches = configurations(10, max(8, MANY // 5), BATCH)
    with lab.server(10) as server:
        assert check(server, batches, [[] for _ in batches]) >= 160


def test_the_model_predicts_12_core(lab: Lab) -> None:
    """One user at a time: an edition with three seats."""
    batches = configurations(12, max(4, MANY // 20), 1)
    with lab.server(12) as server:
        assert check(server, batches, [[] for _ in batches]) >= 80
