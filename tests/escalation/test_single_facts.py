"""Everything that the accounts of random instances can bring about, with the write that does it, not only what a way rests on.

A digest for each instance is kept in `single_facts.txt`. `TEXTS=path` writes what they are of, and
`UPDATE_SNAPSHOTS=1` takes today's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.escalation.reach.run import Closures
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.work import Work
from directus_guard.finding import Confidence
from tests.escalation.trial import GENERATORS
from tests.support.kept_digests import KeptDigests
from tests.support.plain import plain
from tests.support.random_escalations import wider_instance
from tests.support.random_flows import flowing_instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export
    from directus_guard.escalation.reach.closure import Cause

KEPT: Final = KeptDigests(Path(__file__).with_name("single_facts.txt"))
KINDS: Final = {**GENERATORS, "flowing": flowing_instance, "wider": wider_instance}
SEEDS: Final = range(20, 30)
ENOUGH: Final = 10**12


def described(export: Export) -> Iterator[str]:
    """The facts of each account, also of what is left where the first way to administrator is closed."""
    state = AccessState(export, Work(ENOUGH))
    closures = Closures(state)
    for principal, _ in export.actors:
        account = state.account(principal)
        closed: set[object] = set()
        for level in (Confidence.LOW, Confidence.LOW, Confidence.HIGH):
            closure = closures.closed(account, level, frozenset(closed))
            yield f"{principal.kind.value} {principal.name} {level.value} without {len(closed)}"
            yield from sorted(f"{plain(fact)}: {_write(cause)}" for fact, cause in closure.facts.items())
            if closure.goal is not None:
                closed.add(closure.goal.key)
        yield f"work: {ENOUGH - state.work.left}"  # it limits how large a configuration may be


def _write(cause: Cause | None) -> str:
    if cause is None:
        return "from the beginning"
    step = cause.step
    rows = [row.identity for row in step.rows]
    parts = (
        step.kind,
        step.does,
        step.permission,
        step.gives,
        rows,
        step.confidence,
        step.note,
        step.account,
        cause.requests,
    )
    return f"{plain(parts)} after {len(cause.all())}"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_fact_is_as_kept(kind: str, seed: int) -> None:
    KEPT.assert_as_kept(f"{kind} {seed}", "\n".join(described(KINDS[kind](seed))))
