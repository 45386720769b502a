"""Edits of single rows in exported JSON: the smallest ones, in the way that the file is written.

Each edit is tested before it is handed out: the row is parsed again, and is what it should be.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from directus_guard.edits.row_values import NotEditableError, changed, loaded
from directus_guard.edits.text import EditableText
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.exports.stored_rows import StoredRow, TextLines
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Edit, Location, RowPatch
    from directus_guard.sources.formats.values import Value

_SPACE: Final = " \t\r\n"
_Span = tuple[int, int]


class RowEditor:
    """Edits of the rows in one file."""

    def __init__(self, path: str, text: str) -> None:
        self._file: Final = EditableText(path, text)
        self._lines: Final = TextLines(self._file.text)
        self._colon: Final = ": " if '": ' in self._file.text else ":"
        self._comma: Final = ", " if self._colon == ": " else ","
        self._ascii: Final = self._file.text.isascii() and "\\u" in self._file.text
        self._unit: Final = self._level()
        self._spread = True
        """Whether the row at hand has a line for each of its members."""

    def edits(self, patches: Iterable[RowPatch]) -> tuple[Edit, ...]:
        """The edits that carry out what is said of rows. Raises `NotEditableError`."""
        found: list[Edit] = []
        gone: list[_Span] = []
        for patch in patches:
            row = self._row(patch.row)
            self._spread = "\n" in row.text
            after = changed(row.values, patch.changes)
            if after is None:
                gone.append(self._file.span(row.place))
            else:
                edits = [edit for name in after for edit in self._member(row, name, after[name])]
                self._test(row, after, edits)
                found += edits
        return (*found, *self._deleted(sorted(gone)))

    def _row(self, place: Location) -> StoredRow:
        if not self._lines.text.startswith("{", self._lines.offset(place)):
            raise NotEditableError
        try:
            return StoredRow(place, self._lines)
        except ValueError:
            raise NotEditableError from None

    def _test(self, row: StoredRow, after: dict[str, Json], edits: Sequence[Edit]) -> None:
        position, end = self._file.span(row.place)
        pieces: list[str] = []
        for edit in sorted(edits, key=lambda edit: edit.location):
            first, last = self._file.span(edit.location)
            pieces += (self._file.text[position:first], edit.text)
            position = last
        if not _same(loaded("".join((*pieces, self._file.text[position:end]))), after):
            raise NotEditableError

    # --- members ---

    def _member(self, row: StoredRow, name: str, value: Json) -> Iterator[Edit]:
        """The edits that give a member another value."""
        if name in row.values and _same(row.values[name], value):
            return
        named = [member for member in row.members if member.name == name]
        if len(named) > 1 or not row.members:
            raise NotEditableError
        start = self._file.span(row.place)[0]
        if not named:
            last = row.members[-1]
            between = self._between(
                start + row.members[-2].end if len(row.members) > 1 else start + 1, start + last.key
            )
            written = f"{json.dumps(name)}{self._colon}{self._written(value, start + last.key)}"
            yield self._file.edit(start + last.end, start + last.end, f",{between}{written}")
            return
        held = row.value(named[0])
        if held is None:
            raise NotEditableError
        yield from self._changed(held, value)

    def _between(self, start: int, end: int) -> str:
        """The white space between two members."""
        return self._file.text[start:end].lstrip(",") if not self._file.text[start:end].strip(_SPACE + ",") else " "

    def _changed(self, present: Value, value: Json) -> Iterator[Edit]:
        before = _plain(present)
        if _same(before, value):
            return
        if isinstance(present, List) and isinstance(value, list) and value:
            kept = _kept(before, value)
            if kept is not None:
                yield from self._without([self._span(item) for item in present.items], kept)
                return
        if (
            isinstance(present, ObjectValue)
            and isinstance(value, dict)
            and present.entries
            and set(value) == set(_names(present))
        ):
            for entry in present.entries:
                yield from self._changed(entry.value, value[entry.key.text])
            return
        start, end = self._span(present)
        yield self._file.edit(start, end, self._written(value, start))

    def _span(self, value: Value) -> _Span:
        """Where a value is, with its quotes."""
        start, end = self._file.span(value.location)
        return (start - 1, end + 1) if isinstance(value, Text) and value.kind is TextKind.STRING else (start, end)

    def _without(self, spans: Sequence[_Span], kept: frozenset[int]) -> Iterator[Edit]:
        """A list without some of its items."""
        run: list[int] = []
        for number in range(len(spans) + 1):
            if number < len(spans) and number not in kept:
                run.append(number)
            elif run:
                first, last = run[0], run[-1]
                if last + 1 < len(spans):
                    yield self._file.edit(spans[first][0], spans[last + 1][0], "")
                else:
                    yield self._file.edit(spans[first - 1][1], spans[last][1], "")
                run = []

    def _written(self, value: Json, offset: int) -> str:
        """A value as the file would write it at an offset."""
        line = self._file.text[self._file.line_start(offset) : self._file.line_stop(offset)]
        if not self._unit or not self._spread:
            return json.dumps(value, ensure_ascii=self._ascii, separators=(self._comma, self._colon))
        text = json.dumps(value, ensure_ascii=self._ascii, indent=self._unit)
        lead = line[: len(line) - len(line.lstrip(" \t"))]
        return text.replace("\n", f"{self._file.line_end}{lead}")

    def _level(self) -> str:
        """What one level is indented by; "" where members of an object share a line."""
        found = _LEVEL.search(self._file.text)
        return found["inner"].removeprefix(found["outer"]) if found else ""

    # --- whole rows ---

    def _deleted(self, gone: Sequence[_Span]) -> Iterator[Edit]:
        """The edits that take rows out of their lists."""
        runs: list[list[_Span]] = []
        for span in gone:
            if runs and not self._file.text[runs[-1][-1][1] : span[0]].strip(_SPACE + ","):
                runs[-1].append(span)
            else:
                runs.append([span])
        for run in runs:
            yield self._without_run(run[0][0], run[-1][1])

    def _without_run(self, start: int, end: int) -> Edit:
        text = self._file.text
        before, after = start, end
        while before > 0 and text[before - 1] in _SPACE:
            before -= 1
        while after < len(text) and text[after] in _SPACE:
            after += 1
        first, last = text[before - 1 : before], text[after : after + 1]
        if first not in ("[", ",") or last not in ("]", ","):
            raise NotEditableError
        if last == ",":
            following = after + 1
            while text[following] in _SPACE:
                following += 1
            return self._file.edit(start, following, "")
        if first == ",":
            return self._file.edit(before - 1, end, "")
        return self._file.edit(before, after, "")


_LEVEL: Final = lazy_pattern(r"^(?P<outer>[ \t]*)(?:\"[^\"\n]{0,200}\": )?[{\[]\r?\n(?P<inner>[ \t]+)\S", re.MULTILINE)


def _plain(value: Value) -> Json:
    """A value as Python has it."""
    if isinstance(value, Text):
        return value.text if value.kind is TextKind.STRING else json.loads(value.text)
    if isinstance(value, List):
        return [_plain(item) for item in value.items]
    if isinstance(value, ObjectValue):
        return {entry.key.text: _plain(entry.value) for entry in value.entries}
    raise NotEditableError


def _names(value: ObjectValue) -> list[str]:
    return [entry.key.text for entry in value.entries]


def _same(before: object, after: object) -> bool:
    """Whether two values are equal, and of the same types: 1 is not true."""
    return json.dumps(before) == json.dumps(after)


def _kept(before: Json, after: list[Json]) -> frozenset[int] | None:
    """The indexes of the items that stay, where nothing else changes."""
    kept: set[int] = set()
    wanted = [json.dumps(item) for item in after]  # once: an item may be as large as the whole list
    for number, item in enumerate(before if isinstance(before, list) else ()):
        if len(kept) < len(wanted) and json.dumps(item) == wanted[len(kept)]:
            kept.add(number)
    return frozenset(kept) if len(kept) == len(wanted) else None
