"""What becomes of every single request on random instances: whether it is refused and why, else what is stored then.

A digest for each instance is kept in `single_requests.txt`. `TEXTS=path` writes what they are of, and
`UPDATE_SNAPSHOTS=1` takes today's.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.escalation.trial import GENERATORS
from tests.support.explorer import answers
from tests.support.kept_digests import KeptDigests
from tests.support.random_escalations import wider_instance
from tests.support.random_flows import flowing_instance

KEPT: Final = KeptDigests(Path(__file__).with_name("single_requests.txt"))
KINDS: Final = {**GENERATORS, "flowing": flowing_instance, "wider": wider_instance}
SEEDS: Final = range(7)
THEN: Final = 1
"""After the first request that is accepted, each is tried again."""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_request_is_answered_as_kept(kind: str, seed: int) -> None:
    export = KINDS[kind](seed)
    lines = [line for principal, _ in export.actors for line in answers(export, principal, then=THEN)]
    KEPT.assert_as_kept(f"{kind} {seed}", "\n".join(lines))
