"""Text that knows where each of its characters is written, also after quotes are gone and variables are replaced."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Self

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Part, Unknown, Variable
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret, Unprinted
from directus_guard.sources.formats import holes
from directus_guard.sources.formats.dockerfile_syntax import Positions

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.environment.deployment import Value
    from directus_guard.finding import Location


class Piece(Unprinted, frozen=True):
    """A run of text and the offsets in the file where it is written."""

    text: str
    start: int
    end: int
    used: tuple[int, int] | None = None
    """Where the text is taken in, if it is written elsewhere (`$X` for `X=text`)."""
    unknown: str = ""
    """Why this part is not known, a phrase without values; the text is a hole then."""
    fallback: str | None = None
    """The text of an unknown part when nothing comes from outside (`${X:-text}`)."""
    spread: bool = False
    """Whether an unknown part may be several words: a shell splits an expansion without quotes."""
    variable: str = ""
    """The variable that an unknown part is the value of; "" where something else makes it."""

    @classmethod
    def hole(
        cls, start: int, end: int, reason: str, *, fallback: str | None = None, spread: bool = False, variable: str = ""
    ) -> Self:
        """A part that is not known, for this reason."""
        return cls(holes.only(), start, end, None, reason, fallback, spread, variable)

    @property
    def place(self) -> tuple[int, int]:
        """Where the text is used."""
        return self.used or (self.start, self.end)

    def cut(self, start: int, end: int) -> Piece:
        """A part of the run. Text that is not written character by character keeps the whole region."""
        if end - start == len(self.text):
            return self
        exact = self.end - self.start == len(self.text)
        place = (self.start + start, self.start + end) if exact else (self.start, self.end)
        return replace(self, text=self.text[start:end], start=place[0], end=place[1])


class Traced:
    """A text made of pieces of one file."""

    __slots__ = ("_ends", "_positions", "pieces", "text")

    def __init__(self, positions: Positions, pieces: Iterable[Piece]) -> None:
        self._positions: Final = positions
        self.pieces: Final = tuple(pieces)
        self.text: Final = "".join(piece.text for piece in self.pieces)
        self._ends: Final = tuple(accumulate(len(piece.text) for piece in self.pieces))

    def __len__(self) -> int:
        return len(self.text)

    @property
    def positions(self) -> Positions:
        """The lines of the file that its pieces are of."""
        return self._positions

    def __add__(self, other: Traced) -> Traced:
        return Traced(self._positions, (*self.pieces, *other.pieces))

    def joined(self, others: Iterable[Traced]) -> Traced:
        """Put all texts behind each other, at the cost of their number only."""
        return Traced(self._positions, [piece for part in (self, *others) for piece in part.pieces])

    def made(self, pieces: Iterable[Piece]) -> Traced:
        """Another text of the same file."""
        return Traced(self._positions, pieces)

    def cut(self, start: int, end: int | None = None) -> Traced:
        """The text from `start` to `end`. An empty one still has a place."""
        end = len(self.text) if end is None else min(end, len(self.text))
        if start >= end:
            return Traced(self._positions, (self._empty(min(start, len(self.text))),))
        return Traced(self._positions, self._pieces(start, end))

    def _pieces(self, start: int, end: int) -> Iterator[Piece]:
        index = bisect_right(self._ends, start)
        while index < len(self.pieces):
            first = self._ends[index - 1] if index else 0
            if first >= end:
                return
            piece = self.pieces[index]
            yield piece.cut(max(start - first, 0), min(end - first, len(piece.text)))
            index += 1

    def _empty(self, at: int) -> Piece:
        index = min(bisect_right(self._ends, at - 1) if at else 0, len(self.pieces) - 1)
        if index < 0:
            return Piece("", 0, 0)
        piece, first = self.pieces[index], self._ends[index - 1] if index else 0
        exact = piece.end - piece.start == len(piece.text)
        place = piece.start + at - first if exact else piece.end
        return Piece("", place, place, piece.used)

    def partition(self, separator: str) -> tuple[Traced, bool, Traced]:
        """What is before and after the first `separator`, and whether there is one."""
        at = self.text.find(separator)
        if at < 0:
            return self, False, self.cut(len(self.text))
        return self.cut(0, at), True, self.cut(at + len(separator))

    def split(self, separator: str) -> tuple[Traced, ...]:
        """The parts between separators."""
        found, start = [], 0
        for text in self.text.split(separator):
            found.append(self.cut(start, start + len(text)))
            start += len(text) + len(separator)
        return tuple(found)

    def with_holes(self, pattern: re.Pattern[str], reason: str) -> Traced:
        """The text with every match as a part that is not known (`${{ … }}`)."""
        pieces: list[Piece] = []
        begin = 0
        for match in pattern.finditer(self.text):
            held = self.cut(*match.span()).pieces
            pieces += self._pieces(begin, match.start()) if match.start() > begin else ()
            pieces.append(replace(Piece.hole(held[0].start, held[-1].end, reason), used=held[0].used))
            begin = match.end()
        return Traced(self._positions, [*pieces, *self._pieces(begin, len(self.text))]) if begin else self

    @property
    def unknown(self) -> str:
        """Why not all of the text is known; "" if it is."""
        return next((piece.unknown for piece in self.pieces if piece.unknown), "")

    @property
    def outside(self) -> str:
        """The variable that the first unknown part is the value of; "" where something else makes it."""
        return next((piece.variable for piece in self.pieces if piece.unknown), "")

    @property
    def spread(self) -> bool:
        """Whether this may be any number of words."""
        return next((piece.spread for piece in self.pieces if piece.text), False)

    @property
    def fallback(self) -> str | None:
        """The text when nothing comes from outside, None when some part of it has no fallback."""
        texts = [piece.fallback if piece.unknown else piece.text for piece in self.pieces]
        return None if None in texts else "".join(text for text in texts if text is not None)

    @property
    def known_start(self) -> str:
        """The text up to the first unknown part."""
        return holes.before(self.text)

    @property
    def location(self) -> Location:
        """Where the text is used."""
        if not self.pieces:
            return self._positions.region(0, 0)
        first, last = self.pieces[0].place, self.pieces[-1].place
        return self._positions.region(first[0], max(first[0], last[1] if last[1] >= first[0] else first[1]))

    @property
    def value(self) -> Value:
        """The text as a value of an environment variable."""
        if not self.unknown:
            return Known(Secret(self.text))
        fallback = self.fallback
        return Unknown(self.unknown, None if fallback is None else Secret(fallback))

    def variable(self, name: str, origin: str) -> Variable:
        """A variable with this text. What is written elsewhere is shown there, and where it is taken in as a step."""
        taken = [piece for piece in self.pieces if piece.used is not None and not piece.unknown]
        written = [piece for piece in self.pieces if piece.text]
        if len(written) == 1 and written[0].used is not None and written[0].fallback:
            (only,) = written  # a default that is written elsewhere (`SECRET ?= text` in a Makefile)
            return Variable(name, self.value, self._positions.region(only.start, only.end), origin, (self.location,))
        if not taken:
            return Variable(name, self.value, self.location, origin)
        if len({piece.used for piece in written}) == 1:
            start, end = written[0].start, written[-1].end
            place = self._positions.region(start, end if end >= start else written[0].end)
            return Variable(name, self.value, place, origin, (self.location,))
        parts = tuple(Part(self._positions.region(piece.start, piece.end), Secret(piece.text)) for piece in taken)
        literal = "".join(piece.text for piece in self.pieces if piece.used is None and not piece.unknown)
        return Variable(name, self.value, self.location, origin, parts=parts, literal=Secret(literal))


def whole(path: str, text: str) -> Traced:
    """All of a file."""
    return part(Positions(path, text), text, 0, len(text))


def part(positions: Positions, text: str, start: int, end: int) -> Traced:
    """A stretch of a file."""
    return Traced(positions, (Piece(holes.as_read(text[start:end]), start, end),))


_RUN: Final = lazy_pattern(r"[^\s\\\"']+")
_NEAR: Final = 400
"""Characters further on in the file where a part of a scalar is looked for: indentation, quotes and escapes are between."""


def scalar(path: str, text: str, value: str, location: Location, positions: Positions | None = None) -> Traced:
    """The decoded text of a YAML, JSON or TOML string, each part where the file has it. `positions`: those of the file.

    Quotes, escapes and the indentation of blocks are between the parts; what is not found has the place of the whole.
    """
    starts = positions or Positions(path, text)
    index, end = starts.offset(location.line, location.column), starts.offset(location.end_line, location.end_column)
    pieces: list[Piece] = []
    begin, first = 0, index
    value = holes.as_read(value)
    for match in _RUN.finditer(value):
        found = text.find(match[0], index, min(index + _NEAR + len(match[0]), max(end, index)))
        if found < 0:
            continue
        if match.start() > begin:
            pieces.append(Piece(value[begin : match.start()], index, max(found, index)))
        pieces.append(Piece(match[0], found, found + len(match[0])))
        begin, index = match.end(), found + len(match[0])
    if begin < len(value):
        pieces.append(Piece(value[begin:], index if pieces else first, max(end, index)))
    return Traced(starts, pieces)
