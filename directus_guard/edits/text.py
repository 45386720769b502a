"""A file's text as edits need it: places in it, its line ends, and what it is after some edits."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from directus_guard.finding import Edit, Location

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOM: Final = "\ufeff"


class EditableText:
    """A text by its places. A byte order mark is kept, and no place counts it."""

    def __init__(self, path: str, text: str) -> None:
        self.path: Final = path
        self._mark: Final = _BOM if text.startswith(_BOM) else ""
        self.text: Final = text.removeprefix(_BOM)
        self._starts: Final = _starts(self.text)

    @property
    def line_end(self) -> str:
        """How lines of the file end: as its first one does."""
        first = self.text.find("\n")
        return "\r\n" if first > 0 and self.text[first - 1] == "\r" else "\n"

    @property
    def has_other_line_ends(self) -> bool:
        """Whether a carriage return ends a line alone: programs differ on where lines are."""
        return "\r" in self.text.replace("\r\n", "")

    def offset(self, line: int, column: int) -> int:
        """The offset of a place, of one behind the end the end."""
        if line > len(self._starts):
            return len(self.text)
        return min(self._starts[line - 1] + column - 1, len(self.text))

    def span(self, location: Location) -> tuple[int, int]:
        """Where a region begins and ends. A reader that counts the byte order mark is one column further on line 1."""
        return self.offset(location.line, location.column), self.offset(location.end_line, location.end_column)

    def spans(self, location: Location) -> tuple[tuple[int, int], ...]:
        """The spans that the region may mean: two where a byte order mark leaves that open."""
        start, end = self.span(location)
        if not self._mark or location.line > 1:
            return ((start, end),)
        return (start, end), (max(start - 1, 0), end - 1 if location.end_line == 1 else end)

    def place(self, start: int, end: int) -> Location:
        """The region between two offsets."""
        line, last = (bisect_right(self._starts, offset) for offset in (start, end))
        return Location(self.path, line, start - self._starts[line - 1] + 1, last, end - self._starts[last - 1] + 1)

    def line_start(self, offset: int) -> int:
        """Where the line of a character begins."""
        return self._starts[bisect_right(self._starts, offset) - 1]

    def line_stop(self, offset: int) -> int:
        """Where the line of a character ends, before its line end."""
        following = bisect_right(self._starts, offset)
        if following == len(self._starts):
            return len(self.text)
        stop = self._starts[following] - 1
        return stop - 1 if stop > offset and self.text[stop - 1] == "\r" else stop

    def next_line(self, offset: int) -> int:
        """Where the line after that of a character begins; the end of the text if there is none."""
        following = bisect_right(self._starts, offset)
        return self._starts[following] if following < len(self._starts) else len(self.text)

    def edit(self, start: int, end: int, text: str) -> Edit:
        """Replace what is between two offsets."""
        return Edit(self.place(start, end), text)

    def without_lines(self, start: int, end: int) -> Edit:
        """Delete the lines from that of one offset to that of another; of the last line the line end before it goes."""
        first, following = self.line_start(start), self.next_line(end)
        if following == len(self.text) and first > 0 and not self.text.endswith("\n"):
            first -= 2 if self.text[:first].endswith("\r\n") else 1
        return self.edit(first, following, "")

    def line_after(self, offset: int, line: str) -> Edit:
        """Add a line, or several, below that of a character."""
        stop = self.line_stop(offset)
        following = self.next_line(offset)
        ends = following > stop
        text = line.replace("\n", self.line_end)
        if ends:
            return self.edit(following, following, text + self.line_end)
        return self.edit(stop, stop, self.line_end + text)

    def after(self, edits: Iterable[Edit]) -> str:
        """The whole text after the edits. Raises `OverlapError` if two of them change the same place."""
        pieces, done = [self._mark], 0
        for edit in sorted(dict.fromkeys(edits), key=lambda one: self.span(one.location)):
            start, end = self.span(edit.location)
            if start < done:
                raise OverlapError
            pieces += (self.text[done:start], edit.text)
            done = end
        return "".join((*pieces, self.text[done:]))


class OverlapError(Exception):
    """Two edits change one place differently."""


def after(path: str, text: str, edits: Iterable[Edit]) -> str:
    """A file's text after the edits. Raises `OverlapError`."""
    return EditableText(path, text).after(edits)


def _starts(text: str) -> list[int]:
    starts, position = [0], text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts
