"""What is told of random configurations, kept in `random_ways.txt`: the name of each way, and a digest of all that is said of it.

`UPDATE_SNAPSHOTS=1` takes today's. A line that changes is another answer: `python -m tests.escalation.test_random_ways plain 7`
prints it in full.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.escalation import Paths, Unplanned
from directus_guard.escalation.cuts import Cuts
from tests.escalation.trial import GENERATORS
from tests.support.random_escalations import wider_instance
from tests.support.random_flows import flowing_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.export import Export

KINDS: Final[dict[str, Callable[[int], Export]]] = {**GENERATORS, "flowing": flowing_instance, "wider": wider_instance}
KEPT: Final = Path(__file__).with_name("random_ways.txt")
SEEDS: Final[dict[str, tuple[int, ...]]] = {
    "flows": (0, 2, 3, 4, 6, 7, 9, 10, 12, 15, 18, 19, 22, 23, 25, 27, 29, 31, 32, 33, 34, 35, 38, 40, 41, 43, 48, 50, 54, 55, 56, 59, 61, 62, 64, 66, 67, 68, 70, 73, 74, 75, 76, 77, 78, 80, 81, 83, 84, 85, 88, 89, 91, 94, 110, 123, 130, 134, 152),
    "pinned": (4, 8, 10, 14, 15, 16, 19, 21, 22, 24, 25, 33, 35, 37, 38, 39, 48, 50, 54, 56, 58, 62, 67, 69, 78, 87, 90, 92, 93, 100, 109, 116, 119, 122, 125, 134, 139, 145, 150, 152, 210, 214, 221, 245, 249),
    "plain": (3, 11, 16, 18, 22, 29, 30, 32, 34, 35, 36, 37, 41, 47, 55, 58, 63, 66, 68, 70, 79, 84, 89, 90, 92, 97, 114, 118, 127, 133, 160, 173, 205, 206, 208, 209, 220, 229, 249, 254, 257),
    "flowing": (2, 6, 7, 8, 9, 10, 12, 13, 16, 18, 19, 22, 26, 27, 33, 35, 36, 41, 44, 62, 85, 112),
    "wider": (0, 6, 13, 24, 30, 41, 42, 59, 70, 71, 88, 110, 122, 136, 146, 158, 176, 179, 187, 226, 227),
}  # fmt: skip
"""Of the first 260, those that together take each branch of `escalation/`, and have each kind of line, most often for what they
cost."""
BATCH: Final = 6
BATCHES: Final = [
    (kind, seeds[first : first + BATCH]) for kind, seeds in SEEDS.items() for first in range(0, len(seeds), BATCH)
]


def described(export: Export) -> Iterator[tuple[str, list[str]]]:
    """Each principal who is not an administrator: the answer, and all that is said of it."""
    paths, cuts = Paths(export), Cuts(export)
    for principal, _ in export.actors:
        answer = paths.answer(principal)
        name = f"{principal.kind.value} {principal.name}"
        if answer is None:
            continue
        if isinstance(answer, Unplanned):
            yield f"{name}: no plan", [answer.last]
            continue
        lines = [answer.confidence.value]
        for step in answer.steps:
            lines.append(f"{step.id}: {step.action} | {step.permission} | {step.gives}")
            if step.request is not None:
                lines.append(f"{step.request.sender}: {step.request.line}")
        cut = cuts.of(principal, answer.plan)
        lines += [change.sentence for change in cut.changes] if cut else ["no cut"]
        yield f"{name}: {answer.name}", lines


def shown(kind: str, seed: int) -> Iterator[str]:
    export = KINDS[kind](seed)
    found = list(described(export))
    if not found:
        yield f"{kind} {seed} none"
    for answer, lines in found:
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
        yield f"{kind} {seed} {export.model.version} {answer} {digest}"


def kept() -> list[str]:
    return KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []


def own(lines: list[str], kind: str, seeds: tuple[int, ...]) -> list[str]:
    return [line for line in lines if line.split()[0] == kind and int(line.split()[1]) in seeds]


@pytest.mark.parametrize(
    ("kind", "seeds"), BATCHES, ids=lambda value: str(value[0] if isinstance(value, tuple) else value)
)
def test_random_configurations_are_judged_as_kept(kind: str, seeds: tuple[int, ...]) -> None:
    today = [line for seed in seeds for line in shown(kind, seed)]
    if os.environ.get("UPDATE_SNAPSHOTS"):
        others = [line for line in kept() if line not in own(kept(), kind, seeds)]
        lines = sorted({*others, *today}, key=lambda line: (line.split()[0], int(line.split()[1]), line))
        KEPT.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert sorted(today) == sorted(own(kept(), kind, seeds))


def test_every_kind_of_answer_is_among_them() -> None:
    """Else the next random configurations would show less."""
    ways = {line.split(": ")[1].split()[0] for line in kept() if ": " in line}
    assert len(ways) >= 20
    assert sorted(SEEDS) == sorted(KINDS)


if __name__ == "__main__":
    for answer, lines in described(KINDS[sys.argv[1]](int(sys.argv[2]))):
        print(answer, *lines, sep="\n  ")
