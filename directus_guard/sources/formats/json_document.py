"""JSON with exact positions, for manifests (exports have a reader of their own).

A tokeniser and a stack: no recursion, so nesting costs nothing, and one pass, so cost is linear.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard import limits
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files import signs
from directus_guard.sources.formats.values import List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

# Possessive groups match wrongly in Python 3.11.2 (Debian 12): only single characters are repeated possessively.
_TOKEN: Final = lazy_pattern(
    r"""[ \t\r\n]++
      | (?P<comment> //[^\n]*+ | /\*[^*]*+\*++(?:[^/*][^*]*+\*++)*/ )
      | (?P<string> "[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*" )
      | (?P<number> -?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)? )
      | (?P<word> true|false|null )
      | (?P<mark> [][{}:,] )""",
    re.VERBOSE,
)
_WORDS: Final = {"true": TextKind.BOOLEAN, "false": TextKind.BOOLEAN, "null": TextKind.NULL}


class JsonError(Exception):
    """The text is not JSON. `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def document(repository: Repository, path: str, *, comments: bool = False) -> Value | None:
    """The value of the file; None with a problem noted when it is not readable or not valid JSON."""
    text = repository.text(path)
    if text is None:
        return None
    try:
        return parse(path, text, comments=comments)
    except JsonError as error:
        incomplete = signs.is_broken_part(text)
        repository.problem(path, f"not valid JSON: {error}", error.line, incomplete=incomplete, broken=True)
        return None


def parse(path: str, text: str, *, comments: bool = False) -> Value:
    """The value of `text`; `path` is only written into the locations. `comments`: allow them, and commas before a close.

    Raises `JsonError`.
    """
    return _Reader(Location(path), text.removeprefix("\ufeff"), comments=comments).read()


def parse_part(start: Location, text: str) -> Value:
    """The value of a text that begins at `start` in its file. Raises `JsonError`."""
    return _Reader(start, text, comments=False).read()


class _Expect(Enum):
    VALUE = auto()
    VALUE_OR_CLOSE = auto()
    KEY = auto()
    KEY_OR_CLOSE = auto()
    COLON = auto()
    COMMA_OR_CLOSE = auto()
    END = auto()


class _Open(Struct):
    """A collection whose end has not come yet."""

    start: int
    is_object: bool
    key: Text | None = None
    entries: list[ObjectEntry] = field(default_factory=list)
    items: list[Value] = field(default_factory=list)


class _Reader:
    def __init__(self, start: Location, text: str, *, comments: bool) -> None:
        self._start, self._text, self._comments = start, text, comments
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._stack: list[_Open] = []
        self._expect = _Expect.VALUE
        self._result: Value | None = None

    def read(self) -> Value:
        left = limits.JSON_PIECES.number
        for token, kind in self._tokens():
            left -= 1
            if left < 0:
                raise self._error(limits.over(limits.JSON_PIECES), token.start())
            if kind == "mark":
                self._mark(token)
            elif self._expect in (_Expect.KEY, _Expect.KEY_OR_CLOSE):
                self._key(token, kind)
            elif self._expect in (_Expect.VALUE, _Expect.VALUE_OR_CLOSE):
                self._add(self._scalar(token, kind))
            else:
                raise self._error("a comma or a colon is missing", token.start())
        if self._result is None:
            raise self._error("the text ends too early", len(self._text))
        return self._result

    def _tokens(self) -> Iterator[tuple[re.Match[str], str]]:
        index = 0
        while index < len(self._text):
            token = _TOKEN.match(self._text, index)
            if token is None:
                raise self._error("unexpected character", index)
            kind = token.lastgroup
            if kind == "comment" and not self._comments:
                raise self._error("comments are not allowed", index)
            if kind is not None and kind != "comment":
                if self._expect is _Expect.END:
                    raise self._error("text after the end", index)
                yield token, kind
            index = token.end()

    def _mark(self, token: re.Match[str]) -> None:
        mark, expect = token[0], self._expect
        opened = self._stack[-1] if self._stack else None
        if mark in "{[" and expect in (_Expect.VALUE, _Expect.VALUE_OR_CLOSE):
            self._stack.append(_Open(token.start(), mark == "{"))
            self._expect = _Expect.KEY_OR_CLOSE if mark == "{" else _Expect.VALUE_OR_CLOSE
        elif mark == ":" and expect is _Expect.COLON:
            self._expect = _Expect.VALUE
        elif mark == "," and expect is _Expect.COMMA_OR_CLOSE and opened:
            closable = self._comments
            if opened.is_object:
                self._expect = _Expect.KEY_OR_CLOSE if closable else _Expect.KEY
            else:
                self._expect = _Expect.VALUE_OR_CLOSE if closable else _Expect.VALUE
        elif opened and mark == ("}" if opened.is_object else "]") and expect in _CLOSABLE:
            self._stack.pop()
            self._add(self._close(opened, token.end()))
        else:
            raise self._error(f"unexpected {mark!r}", token.start())

    def _key(self, token: re.Match[str], kind: str) -> None:
        if kind != "string":
            raise self._error("a key must be a string", token.start())
        self._stack[-1].key = self._scalar(token, kind)
        self._expect = _Expect.COLON

    def _scalar(self, token: re.Match[str], kind: str) -> Text:
        start, end = token.span()
        if kind != "string":
            return Text(token[0], _WORDS.get(token[0], TextKind.NUMBER), self._region(start, end))
        try:
            text: str = json.loads(token[0])
        except ValueError:
            raise self._error("invalid escape in a string", start) from None
        if not text.isprintable():
            text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate has no UTF-8 form
        return Text(text, TextKind.STRING, self._region(start + 1, end - 1))

    def _close(self, opened: _Open, end: int) -> Value:
        region = self._region(opened.start, end)
        return ObjectValue(tuple(opened.entries), region) if opened.is_object else List(tuple(opened.items), region)

    def _add(self, value: Value) -> None:
        if not self._stack:
            self._result, self._expect = value, _Expect.END
            return
        opened = self._stack[-1]
        if opened.key is not None:
            opened.entries.append(ObjectEntry(opened.key, value))
        else:
            opened.items.append(value)
        self._expect = _Expect.COMMA_OR_CLOSE

    def _region(self, start: int, end: int) -> Location:
        line, column = self._place(start)
        return Location(self._start.path, line, column, *self._place(end))

    def _place(self, offset: int) -> tuple[int, int]:
        """Line and column in the file."""
        line = bisect_right(self._starts, offset) - 1
        before = 0 if line else self._start.column - 1
        return line + self._start.line, offset - self._starts[line] + 1 + before

    def _error(self, message: str, offset: int) -> JsonError:
        return JsonError(message, self._place(offset)[0])


_CLOSABLE: Final = frozenset({_Expect.COMMA_OR_CLOSE, _Expect.VALUE_OR_CLOSE, _Expect.KEY_OR_CLOSE})
