"""The text of single rows of an export, looked up again for what is found in them: where each member is.

Rows are read without the places of their members (`json_records`). Only the rows of findings are parsed with places.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import json_document, json_records
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Member
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import ObjectEntry, Value

_NAMING: Final[tuple[Member, ...]] = (("action",), ("name",), ("key",), ("policy",), ("id",))
"""What a row is known by, where it has none of the members that matter."""
_LINE_END: Final = lazy_pattern("\n")
_BLOCK: Final = 256
_NEAR: Final = 8
"""Lines after the one that was last looked for, to which it is a short walk."""


class TextLines:
    """The lines of a large text by their number, without a list of all of them. `first`: the number of its first line."""

    def __init__(self, text: str, first: int = 1) -> None:
        self.text: Final = text
        self._first: Final = first
        self._counts = [0]
        """Line ends before each block."""
        self._last = first, 0
        self._kept = 0, ""
        for start in range(0, len(text), _BLOCK):
            self._counts.append(self._counts[-1] + text.count("\n", start, start + _BLOCK))

    def start(self, line: int) -> int:
        """Where a line begins; lines count from 1. Raises `ValueError` where the text has no such line."""
        number, position = self._last
        if 0 <= line - number < _NEAR:
            for _ in range(line - number):
                position = self.text.index("\n", position) + 1
            self._last = line, position
            return position
        ends = line - self._first
        if ends == 0:
            return 0
        block = bisect_left(self._counts, ends) - 1
        position = block * _BLOCK
        for _ in range(ends - self._counts[block]):
            position = self.text.index("\n", position) + 1
        self._last = line, position
        return position

    def offset(self, place: Location) -> int:
        """Where a region begins."""
        return self.start(place.line) + place.column - 1

    def line(self, number: int) -> str:
        """A line without its end. The one that was last asked for is kept: it may be all of the text."""
        if self._kept[0] != number:
            start = self.start(number)
            end = self.text.find("\n", start)
            self._kept = number, self.text[start : None if end < 0 else end].rstrip("\r")
        return self._kept[1]


class RowMember(Struct, frozen=True):
    """One member of a row. Its offsets are those in the text of the row."""

    name: str
    key: int
    """Where its name begins, with the quote."""
    begin: int
    end: int
    """Where its value begins and ends."""


class StoredRow:
    """One row, with the place of each of its members."""

    def __init__(self, place: Location, lines: TextLines) -> None:
        """Raises `ValueError` where there is no JSON object."""
        self.place: Final = place
        self.lines: Final = lines
        start = lines.offset(place)
        self._start: Final = start
        values: dict[str, Json] = {}
        members: list[RowMember] = []
        last = start + 1
        for name, key, value, begin, last in json_records.keyed_members(_DECODER, lines.text, start):
            values[name] = value
            members.append(RowMember(name, key - start, begin - start, last - start))
        end = json_records.skip(lines.text, last) + 1
        if not lines.text.startswith("}", end - 1):
            raise ValueError
        self.values: Final[Mapping[str, Json]] = values
        self.members: Final[Sequence[RowMember]] = members
        self.text: Final = lines.text[start:end]
        self._parsed: Final[dict[int, Value | None]] = {}
        self._line_ends: list[int] | None = None
        """Where in the text of the row its lines end."""

    def region(self, begin: int, end: int) -> Location:
        """The region of a part of the text of the row."""
        place, last, ends = self.place, max(end - 1, begin), self._line_ends
        if ends is None:  # a row of many members would be counted through for each
            ends = self._line_ends = [match.start() for match in _LINE_END.finditer(self.text)]
        first, later = bisect_left(ends, begin), bisect_left(ends, last)
        begins = ends[first - 1] if first else -place.column
        before = ends[later - 1] if later else -place.column
        return Location._make((place.path, place.line + first, begin - begins, place.line + later, end - before))

    def value(self, member: RowMember) -> Value | None:
        """The value of a member, with the places of what is in it; None where it is no strict JSON (NaN)."""
        if member.begin not in self._parsed:
            self._parsed[member.begin] = self._parse(member)
        return self._parsed[member.begin]

    def _parse(self, member: RowMember) -> Value | None:
        try:
            return json_document.parse_part(self.region(member.begin, member.end), self.text[member.begin : member.end])
        except json_document.JsonError:
            return None

    def on_line(self, number: int, begin: int, stop: int) -> Iterator[RowMember]:
        """The members of which a text is on a line and a part between two columns of it, which count from 0."""
        line = self.lines.start(number) - self._start
        start = max(line, 0)
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        least, most = max(start, line + begin), min(end, line + stop)
        for member in self.members:
            if member.begin < most and member.end > least:
                first, last = max(member.begin, start), min(member.end, end)
                if self.text.find('"', first, last) >= 0:
                    yield member

    def places(self, members: Iterable[Member]) -> tuple[Location, ...]:
        """Where members are, each on one line, without those that the row does not have; never nothing."""
        found = [place for member in members for place in self._place(member)]
        return tuple(dict.fromkeys(found)) or self._naming()

    def _place(self, member: Member) -> tuple[Location, ...]:
        """The deepest part of a path that is there."""
        top = next((one for one in reversed(self.members) if one.name == member[0]), None)
        if top is None:
            return ()
        key = self.region(top.key, self.text.index(":", top.key + len(top.name)))
        one_line = self.text.find("\n", top.key, top.end) < 0
        found = (
            key._replace(end_column=key.column + top.end - top.key)
            if one_line
            else self._of_entry(key, self.region(top.begin, top.end))
        )
        nested = len(member) > 1 and self.text.startswith(("{", "["), top.begin)
        value: Value | None = self.value(top) if nested else None
        for name in member[1:]:
            if isinstance(value, ObjectValue):
                entry = _entry(value, name)
                if entry is None:
                    break
                found, value = self._of_entry(_region(entry.key), _region(entry.value)), entry.value
            else:
                value = _item(value, name)
                if value is None:
                    break
                found = self._one_line(_region(value))
        return (found,)

    def _naming(self) -> tuple[Location, ...]:
        found = (self._place(member) for member in _NAMING)
        return next(filter(None, found), (self._one_line(self.place),))

    def _of_entry(self, key: Location, value: Location) -> Location:
        """The key with its value, as far as they are on one line."""
        if value.line != key.line:
            return key
        return self._one_line(Location(key.path, key.line, key.column, value.end_line, value.end_column))

    def _one_line(self, place: Location) -> Location:
        """The first line of a region."""
        if place.end_line == place.line:
            return place
        return Location(place.path, place.line, place.column, place.line, len(self.lines.line(place.line)) + 1)


_DECODER: Final = json.JSONDecoder()


class _Passage:
    """The lines of a text that comes in parts. They are asked for in their order: what is before them is not kept."""

    def __init__(self, parts: Iterator[str]) -> None:
        self._parts = parts
        self._text, self._at, self._line = "", 0, 1
        """What is at hand, and where in it which line begins."""
        self._given = (0, 0), TextLines("")

    def lines(self, first: int, last: int) -> TextLines:
        """Some lines, as far as they are there. Rows on the same lines share them: a whole export may be one line."""
        if self._given[0] != (first, last):
            self._at, self._line = self._after(first - self._line), first
            end = self._after(last - first + 1)
            self._given = (first, last), TextLines(self._text[self._at : end], first)
        return self._given[1]

    def _after(self, number: int) -> int:
        """Where so many lines end, from the one at hand on; at the end of the text where it has fewer."""
        position, left = self._at, number
        while left:
            ends = self._text.count("\n", position, position + _BLOCK)
            if ends < left and position + _BLOCK < len(self._text):
                position, left = position + _BLOCK, left - ends
                continue
            for _ in range(min(ends, left)):
                position, left = self._text.index("\n", position) + 1, left - 1
            if left:
                passed = len(self._text) - self._at
                if not self._load():
                    return len(self._text)
                position = self._at + passed
        return position

    def _load(self) -> bool:
        """Take another part, or as many as double what is at hand: then a long line is copied a few times only."""
        parts = [self._text[self._at :]]
        size, least = 0, len(parts[0])
        for part in self._parts:
            parts.append(part)
            size += len(part)
            if size >= least:
                break
        self._text, self._at = "".join(parts), 0
        return size > 0


class StoredRows:
    """The rows of a repository's exports by their places. Each file is read again once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._texts: dict[str, TextLines | None] = {}

    def row(self, place: Location) -> StoredRow | None:
        """The row at a place; None where there is no JSON object."""
        lines = self._lines(place.path)
        return None if lines is None else _row(place, lines)

    def rows(self, places: Iterable[Location]) -> Iterator[tuple[Location, StoredRow | None]]:
        """`row` for many places, in their order in the files. Of a file no more is kept than the lines of a row."""
        by_path: dict[str, list[Location]] = {}
        for place in places:
            by_path.setdefault(place.path, []).append(place)
        for path, there in by_path.items():
            parts = json_records.blocks(self._repository, path) if path.lower().endswith(".json") else iter(())
            passage = _Passage(parts)
            for place in sorted(there):
                yield place, _row(place, passage.lines(place.line, place.end_line))

    def _lines(self, path: str) -> TextLines | None:
        if path not in self._texts:
            text = json_records.text(self._repository, path, ()) if path.lower().endswith(".json") else None
            self._texts[path] = None if text is None else TextLines(text)
        return self._texts[path]


def _row(place: Location, lines: TextLines) -> StoredRow | None:
    try:
        return StoredRow(place, lines) if lines.text.startswith("{", lines.offset(place)) else None
    except ValueError:
        return None


def _entry(value: ObjectValue, name: str) -> ObjectEntry | None:
    return next((entry for entry in reversed(value.entries) if entry.key.text == name), None)


def _item(value: Value | None, name: str) -> Value | None:
    """The item of a list that is a text, or that has the text as a member (`{"header": "Authorization", …}`)."""
    for item in value.items if isinstance(value, List) else ():
        if isinstance(item, Text) and item.text == name:
            return item
        if isinstance(item, ObjectValue) and any(
            isinstance(entry.value, Text) and entry.value.text == name for entry in item.entries
        ):
            return item
    return None


def _region(value: Value) -> Location:
    """The region of a value with the quotes around it."""
    place = value.location
    if not isinstance(value, Text) or value.kind is not TextKind.STRING:
        return place
    return Location(place.path, place.line, place.column - 1, place.end_line, place.end_column + 1)
