"""Which combinations of text conditions some string can meet: the part of the rule algebra that needs automata.

Every text condition of a rule is a LIKE pattern, that is, a small automaton. Their product, walked breadth first,
meets every combination of answers that any string gives, each with a shortest string that gives it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.values import ANY_ONE, ANY_RUN, Pattern, matches_one

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

_DIGITS: Final = "0123456789"
MAX_WORK: Final = 1_000_000
"""The walk ends after so many tokens looked at; `Samples.complete` is then false. Rules people write need a tenth."""


class Samples(Struct, frozen=True):
    """One string per state of the product; `complete`: every string behaves like one of them."""

    strings: tuple[str, ...]
    complete: bool


@lru_cache(maxsize=8192)
def samples(patterns: tuple[tuple[Pattern, bool], ...]) -> Samples:
    """Strings that meet every satisfiable combination of the patterns (each with: case is ignored)."""
    alphabet = _alphabet(patterns)
    start = tuple(_closure(tokens, 1) for tokens, _ in patterns)
    seen = {start: ""}
    queue = [start]
    work = 0
    for state in queue:
        work += len(alphabet) * sum(1 + len(tokens) for tokens, _ in patterns)
        if work > MAX_WORK:
            return Samples(tuple(seen.values()), complete=False)
        for character in alphabet:
            following = tuple(
                _step(tokens, positions, character, ignore_case)
                for (tokens, ignore_case), positions in zip(patterns, state, strict=True)
            )
            if following not in seen:
                seen[following] = seen[state] + character
                queue.append(following)
    return Samples(tuple(seen.values()), complete=True)


def _alphabet(patterns: Sequence[tuple[Pattern, bool]]) -> tuple[str, ...]:
    """Every character some pattern names, its other case where that matters, and one that no pattern names."""
    characters: set[str] = set()
    for tokens, ignore_case in patterns:
        for token in tokens:
            if token not in (ANY_ONE, ANY_RUN):
                characters.add(token)
                if ignore_case:
                    characters.update(variant for variant in (token.lower(), token.upper()) if len(variant) == 1)
    return (*sorted(characters), _unused(characters))


def unused_text(values: Iterable[object]) -> str:
    """A text that has nothing in common with any text among the values, and is no number."""
    return _unused(set(_DIGITS).union(*(value for value in values if isinstance(value, str))))


def _unused(characters: Collection[str]) -> str:
    """A character without a case that is none of these."""
    return next(one for one in chain(_DIGITS, map(chr, range(0x4E00, 0x110000))) if one not in characters)


def _closure(tokens: Pattern, positions: int) -> int:
    """The positions reachable without reading: a run may match nothing. Bit n = the first n tokens are matched."""
    for index, token in enumerate(tokens):
        if token == ANY_RUN and positions >> index & 1:
            positions |= 1 << (index + 1)
    return positions


def _step(tokens: Pattern, positions: int, character: str, ignore_case: bool) -> int:
    following = 0
    for index, token in enumerate(tokens):
        if not positions >> index & 1:
            continue
        if token == ANY_RUN:
            following |= 1 << index
        elif matches_one(token, character, ignore_case=ignore_case):
            following |= 1 << (index + 1)
    return _closure(tokens, following)
