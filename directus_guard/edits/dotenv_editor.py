"""Edits of environment files. Each of their readers must agree that only the one variable has changed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from directus_guard.sources.formats.dotenv import Dialect, Quote, Statement, accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.edits.text import EditableText
    from directus_guard.finding import Edit, Location

_Values = list[tuple[str, str, bool]]


class DotenvEditor:
    """See `Editor`."""

    def __init__(self, text: EditableText) -> None:
        self._text: Final = text
        self._read: Final = {} if text.has_other_line_ends else dict(_readings(text.text))

    def written(self, place: Location) -> str | None:
        """See `Editor.written`."""
        found = self._statement(place)
        return found.text.reveal() if found else None

    def set(self, place: Location, value: str) -> Edit | None:
        """See `Editor.set`."""
        found = self._statement(place)
        if found is None or not _is_writable(value):
            return None
        start, end = self._span(found)
        for quote in _quotes(found.quote):
            edit = self._quoted(found, quote, value, start, end)
            if self._changes(edit, found, lambda one: [(one.name, value, False)]):
                return edit
        return None

    def _quoted(self, statement: Statement, quote: Quote, value: str, start: int, end: int) -> Edit:
        if quote is statement.quote:
            return self._text.edit(start, end, value)
        inset = 0 if statement.quote is Quote.NONE else 1
        return self._text.edit(start - inset, end + inset, f"{quote.value}{value}{quote.value}")

    def remove(self, place: Location, name: str) -> Edit | None:
        """See `Editor.remove`."""
        found = self._statement(place)
        if found is None or found.name != name:
            return None
        edit = self._text.without_lines(*self._span(found))
        return edit if self._changes(edit, found, lambda _: []) else None

    def rename(self, place: Location, name: str, to: str) -> Edit | None:
        """See `Editor.rename`."""
        found = self._statement(place)
        if found is None or found.name != name:
            return None
        start, _ = self._span(found)
        first = self._text.text.rfind(name, self._text.line_start(start), start)
        if first < 0:
            return None
        edit = self._text.edit(first, first + len(name), to)
        return edit if self._changes(edit, found, lambda one: [(to, one.text.reveal(), one.inherited)]) else None

    def add(self, beside: Location, name: str, value: str) -> Edit | None:
        """See `Editor.add`."""
        found = self._statement(beside)
        if found is None or not _is_writable(value) or self._has(name):
            return None
        start, end = self._span(found)
        line = self._text.text[self._text.line_start(start) : start]
        lead = line[: line.find(found.name)]
        for quote in _quotes(self._usual_quote()):
            edit = self._text.line_after(end, f"{lead}{name}={quote.value}{value}{quote.value}")
            if self._changes(edit, found, lambda one: [_plain(one), (name, value, False)]):
                return edit
        return None

    def _usual_quote(self) -> Quote:
        """How most values of the file are written."""
        counted = Counter(one.quote for read in self._read.values() for one in read if one.text.reveal())
        return counted.most_common(1)[0][0] if counted else Quote.NONE

    def _statement(self, place: Location) -> Statement | None:
        """The statement whose value is at the place."""
        spans = self._text.spans(place)
        return next(
            (one for read in self._read.values() for one in read if self._span(one) in spans),
            None,
        )

    def _has(self, name: str) -> bool:
        return any(one.name == name for read in self._read.values() for one in read)

    def _span(self, statement: Statement) -> tuple[int, int]:
        start = self._text.offset(statement.line, statement.column)
        return start, self._text.offset(statement.end_line, statement.end_column)

    def _changes(self, edit: Edit, statement: Statement, change: Callable[[Statement], _Values]) -> bool:
        """Whether every reader of the file as it was reads it as before, but for the one statement."""
        after = self._text.after([edit]).removeprefix("\ufeff")
        for dialect, before in self._read.items():
            wanted: _Values = []
            for one in before:
                same = (one.line, one.column) == (statement.line, statement.column)
                wanted += change(one) if same else [_plain(one)]
            read = accepted(after, dialect)
            if read is None or [_plain(one) for one in read] != wanted:
                return False
        return bool(self._read)


def _readings(text: str) -> Iterator[tuple[Dialect, tuple[Statement, ...]]]:
    """What each reader that takes the file finds in it. The lenient one first: it is what finds deployments."""
    for dialect in (Dialect.LENIENT, Dialect.NODE, Dialect.COMPOSE):
        read = accepted(text, dialect)
        if read is not None:
            yield dialect, read


def _plain(statement: Statement) -> tuple[str, str, bool]:
    return statement.name, statement.text.reveal(), statement.inherited


def _quotes(first: Quote) -> tuple[Quote, ...]:
    return tuple(dict.fromkeys((first, Quote.DOUBLE, Quote.SINGLE)))


def _is_writable(value: str) -> bool:
    """Whether a value is the same to every reader: Compose replaces `$`, and a line holds one value."""
    return value.isprintable() and "$" not in value and "\\" not in value
