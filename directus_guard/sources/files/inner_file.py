"""A file that is written inside of another: its text, and the place of each part."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats.dockerfile_syntax import Positions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.sources.formats.traced import Piece, Traced


class Stretch(Unprinted, frozen=True, eq=False):
    """A run of the text.

    `positions` and `offset`: where it begins in a file that has it character by character; else `place` is where it is
    written. `taken`: where the file around it takes it in, if that is elsewhere.
    """

    text: str
    positions: Positions | None = None
    offset: int = 0
    place: Location | None = None
    taken: Location | None = None

    def written(self, start: int, end: int) -> Location:
        """Where a part of the run is written."""
        if self.positions is not None:
            return self.positions.region(self.offset + start, self.offset + end)
        return self.place or Location("")

    def region(self, start: int, end: int) -> Location:
        """The place of a part of the run in the file around it."""
        return self.taken or self.written(start, end)

    def taken_in(self, place: Location) -> Stretch:
        """The same, taken in at a place of another file."""
        return Stretch(self.text, self.positions, self.offset, self.place, place)


class InnerFile:
    """`path` is below the path of `holder`, the file in which it is written; `beside` are others that give parts of it.

    `hint` tells what it is for, "" where its path tells all.
    """

    def __init__(
        self, path: str, holder: str, stretches: Iterable[Stretch], beside: frozenset[str] = frozenset(), hint: str = ""
    ) -> None:
        self.path: Final = path
        self.holder: Final = holder
        self.beside: Final = beside
        self.hint: Final = hint
        self._stretches: Final = tuple(one for one in stretches if one.text)
        self.text: Final = "".join(one.text for one in self._stretches)
        self._ends: Final = tuple(accumulate(len(one.text) for one in self._stretches))
        self._positions: Final = Positions(path, self.text)

    def outside(self, inner: Location) -> tuple[Location, Location | None]:
        """Where a region of the text is written; and where it is taken in, if that is elsewhere."""
        if not self._stretches:
            return Location(self.holder), None
        start = self._positions.offset(inner.line, inner.column)
        end = max(start, self._positions.offset(inner.end_line, inner.end_column))
        first, last = self._index(start), self._index(max(end - 1, start))
        begin = self._ends[first - 1] if first else 0
        stretch = self._stretches[first]
        if first == last:
            return stretch.written(start - begin, end - begin), stretch.taken
        head = stretch.region(start - begin, len(stretch.text))
        tail = self._stretches[last].region(0, end - self._ends[last - 1])
        if head.path != tail.path or (tail.line, tail.column) < (head.line, head.column):
            return head, None
        if tail.line != head.line:
            return head, None
        return Location(head.path, head.line, head.column, tail.end_line, tail.end_column), None

    def _index(self, offset: int) -> int:
        return min(bisect_right(self._ends, offset), len(self._stretches) - 1)


def stretches(traced: Traced, source: str) -> Iterable[Stretch]:
    """The runs of a text of one file. `source` is all of that file: a part that is not known stays a reference."""
    for piece in traced.pieces:
        place = traced.positions.region(piece.start, piece.end)
        taken = traced.positions.region(*piece.used) if piece.used is not None else None
        if piece.unknown:
            yield Stretch(_reference(piece, source), place=place, taken=taken)
        elif piece.end - piece.start == len(piece.text):
            yield Stretch(piece.text, traced.positions, piece.start, taken=taken)
        else:
            yield Stretch(piece.text, place=place, taken=taken)


def _reference(piece: Piece, source: str) -> str:
    """`${NAME}` for a part that is not known, with its default."""
    start, end = piece.used or (piece.start, piece.end)
    match = _VARIABLE.fullmatch(source[start:end])
    if match is None:
        return UNKNOWN
    return f"${{{match[1]}}}" if match[1] else source[start:end]


_VARIABLE: Final = lazy_pattern(r"\$([A-Za-z_][A-Za-z0-9_]*)|\$\{[A-Za-z_][A-Za-z0-9_]*(?::?[-?+=][^{}$\n]*)?\}")
UNKNOWN: Final = "${WORKED_OUT_WHEN_IT_RUNS}"
"""In the place of a part that no variable of the text gives."""
