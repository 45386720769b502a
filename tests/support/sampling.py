"""A share of many cases that are alike, the same in every run. `EVERY_CASE=1` takes all of them, as `make every` does."""

from __future__ import annotations

import os
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Case = TypeVar("Case")
EVERY_CASE: Final = bool(os.environ.get("EVERY_CASE"))


def one_in(step: int, cases: Iterable[Case], seed: str, *, every: bool = EVERY_CASE) -> Iterator[Case]:
    """Each case after so many, so that neighbours are among them whatever they are sorted by. The seed says where it begins."""
    if every:
        return iter(cases)
    return islice(cases, Random(seed).randrange(step), None, step)
