"""Edits as whole lines of a pull request's head: what a review may suggest."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.edits.text import OverlapError, after

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from directus_guard.edits.file_texts import FileTexts
    from directus_guard.edits.masking import LineMask
    from directus_guard.finding import Edit

MOST_LINES: Final = 20
"""A longer suggestion is nothing to accept with one click."""


class ProposedLines(Struct, frozen=True):
    """Lines to put in the place of others. `first` and `last` count from 1 in the head; no lines: these go."""

    path: str
    first: int
    last: int
    lines: tuple[str, ...]


def proposed(
    edits: Sequence[Edit], texts: FileTexts, mask: LineMask, head: Callable[[str], str | None]
) -> ProposedLines | None:
    """The lines that the edits change; None where a review cannot suggest them.

    It cannot where they are of several files or far apart, where a line may hold a secret (the mask would be committed),
    where lines end otherwise than GitHub writes them, and where the head has other lines there. `head`: its texts.
    """
    paths = {edit.location.path for edit in edits}
    path = paths.pop() if len(paths) == 1 else ""
    before, there = texts.text(path) if path else None, head(path) if path else None
    if before is None or there is None or "\r" in before + there:
        return None
    try:
        old, new = before.split("\n"), after(path, before, edits).split("\n")
    except OverlapError:
        return None
    changed = _changed(old, new)
    if changed is None:
        return None
    first, last, lines = changed
    if last - first > MOST_LINES or any(map(mask.hides, (*old[first:last], *lines))):
        return None
    moved = _moved(old, there.split("\n"), first, last)
    return None if moved is None else ProposedLines(path, moved + 1, moved + last - first, lines)


def _changed(old: Sequence[str], new: Sequence[str]) -> tuple[int, int, tuple[str, ...]] | None:
    """The lines that change, as offsets, and what takes their place. What is added is put to the line above."""
    codes = [
        code for code in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"
    ]
    if not codes:
        return None
    first, last, start, end = codes[0][1], codes[-1][2], codes[0][3], codes[-1][4]
    if first == last:
        if not first:
            return None
        first, start = first - 1, start - 1
    return first, last, tuple(new[start:end])


def _moved(old: Sequence[str], there: Sequence[str], first: int, last: int) -> int | None:
    """Where the same lines begin in the head; None where it has others."""
    if old == there:
        return first
    for block in difflib.SequenceMatcher(None, old, there, autojunk=False).get_matching_blocks():
        if block.a <= first and last <= block.a + block.size:
            return block.b + first - block.a
    return None
