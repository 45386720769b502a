"""Which lines of a file a change adds, as git's diff counts them (Myers): a changed line is one that is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_DIFFERENCES: Final = 1000
"""Lines that differ, after which the lines are only counted: the cost grows with the square."""


def added_lines(before: bytes, after: bytes) -> frozenset[int]:
    """The numbers, from 1, of the lines of `after` that a diff shows as added."""
    old, new = before.split(b"\n"), after.split(b"\n")
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    left, right = old[first : len(old) - last], new[first : len(new) - last]
    kept = frozenset[int]() if not left or not right else _kept(left, right)
    added = {first + number for number in range(len(right)) if number not in kept}
    return frozenset(number + 1 for number in _slid_down(added, new))


def _slid_down(added: set[int], lines: Sequence[bytes]) -> set[int]:
    """The added lines with each group as far down as it can be, as git shows it: of two equal lines around a group the first
    is kept."""
    for start in sorted(added, reverse=True):
        if start - 1 in added:
            continue
        first = start
        end = next(number for number in range(first, len(lines) + 1) if number not in added)
        while end < len(lines) and lines[first] == lines[end]:
            added.remove(first)
            added.add(end)
            first += 1
            end = next(number for number in range(end, len(lines) + 1) if number not in added)
    return added


def _kept(old: Sequence[bytes], new: Sequence[bytes]) -> frozenset[int]:
    """The indexes in `new` of lines that it shares with `old`, in order: the shortest edit script keeps them."""
    furthest = {1: 0}
    traces: list[dict[int, int]] = []
    for distance in range(min(len(old) + len(new), MOST_DIFFERENCES) + 1):
        traces.append(dict(furthest))
        for diagonal in range(-distance, distance + 1, 2):
            down = diagonal == -distance or (diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1])
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _followed(traces, len(old), len(new))
    there = set(old)
    return frozenset(number for number, line in enumerate(new) if line in there)


def _followed(traces: Sequence[dict[int, int]], x: int, y: int) -> frozenset[int]:
    """The kept lines along the way that the traces found, from its end."""
    kept: set[int] = set()
    for distance in range(len(traces) - 1, -1, -1):
        furthest, diagonal = traces[distance], x - y
        down = diagonal == -distance or (diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1])
        before = diagonal + (1 if down else -1)
        start = furthest[before]
        while x > start + (not down):
            x, y = x - 1, y - 1
            kept.add(y)
        x, y = start, start - before
    return frozenset(kept)
