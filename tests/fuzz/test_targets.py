"""Each target takes what it starts from, and every input that ever crashed it."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.fuzz.targets import TARGETS, seeds

CRASHES: Final = Path(__file__).with_name("crashes")


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_takes_its_seeds(target: str) -> None:
    for seed in seeds(target)[:3]:
        TARGETS[target](seed)


@pytest.mark.parametrize("path", sorted(CRASHES.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_crashed_once(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.thorough
@pytest.mark.parametrize("target", TARGETS)
def test_a_target_takes_damaged_seeds(target: str) -> None:
    random, known = Random(1), seeds(target)
    for _ in range(40):
        data = bytearray(random.choice(known))
        for _ in range(random.randrange(1, 5)):
            data.insert(random.randrange(len(data) + 1), random.choice(b"\0\n\t\"'{}[]:,$#&*-\\\xff"))
        TARGETS[target](bytes(data))
