"""A share of many cases that are alike, the same in every run. `EVERY_CASE=1` takes all of them, as `make every` does."""

from __future__ import annotations

import os
from itertools import islice, product
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Case = TypeVar("Case")
Other = TypeVar("Other")
EVERY_CASE: Final = bool(os.environ.get("EVERY_CASE"))


def one_in(step: int, cases: Iterable[Case], seed: str, *, every: bool = EVERY_CASE) -> Iterator[Case]:
    """Each case after so many, so that neighbours are among them whatever they are sorted by. The seed says where it begins."""
    if every:
        return iter(cases)
    return islice(cases, Random(seed).randrange(step), None, step)


def one_of(cases: Sequence[Case], seed: str, *, every: bool = EVERY_CASE) -> Sequence[Case]:
    """One of the cases, which the seed says; with `make every` all of them."""
    return cases if every else (cases[crc32(seed.encode()) % len(cases)],)


def paired(cases: Iterable[Case], others: Sequence[Other], *, every: bool = EVERY_CASE) -> list[tuple[Case, Other]]:
    """Each case with one of the others, in turn; with `make every` each with all of them."""
    if every:
        return list(product(cases, others))
    return [(case, others[number % len(others)]) for number, case in enumerate(cases)]


def on_one(cases: Iterable[tuple[Case, Sequence[Other]]], *, every: bool = EVERY_CASE) -> list[tuple[Case, Other]]:
    """Each case with one of the others that come with it, in turn; with `make every` with all of them."""
    return [
        (case, other)
        for number, (case, others) in enumerate(cases)
        for other in (others if every else (others[number % len(others)],))
    ]
