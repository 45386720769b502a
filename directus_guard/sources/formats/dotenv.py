"""Environment files, as each of their readers reads them (docs/model/environment.md#dotenv-quoting).

The same line means different things to different programs: to node's dotenv `A=b # c` is `b` and `${X}` stays as it is,
Compose interpolates, and only some accept `A: b`. What is returned is what that reader takes, with the exact place.
"""

from __future__ import annotations

import io
import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard import limits
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS: Final = 1024 * 1024
"""A longer file is no environment file."""


class Dialect(Enum):
    """Who reads the file."""

    NODE = auto()
    """npm `dotenv` 16 (lib/main.js `parse`): Directus' own `.env`. Nothing is interpolated."""
    COMPOSE = auto()
    """compose-go's dotenv/parser.go: `env_file` and the project's `.env`. The caller interpolates."""
    LENIENT = auto()
    """It is not known: python-dotenv finds the statements, their values are node's."""


class Quote(Enum):
    """How a value is quoted."""

    NONE = ""
    SINGLE = "'"
    DOUBLE = '"'
    BACKTICK = "`"


class Statement(Struct, frozen=True):
    """One assignment. Lines and columns count from 1 in code points, ends are exclusive, quotes are not included."""

    name: str
    text: Secret
    quote: Quote
    line: int
    column: int
    end_line: int
    end_column: int
    inherited: bool = False
    """A name without a value (Compose): the value comes from the process environment."""


def parse(text: str, dialect: Dialect) -> tuple[Statement, ...]:
    """Every assignment that the dialect sees, in the file's order; of one name written twice the last counts.

    Where Compose would refuse the file, the statements before the mistake are returned; `mistake` describes it.
    """
    if dialect is Dialect.COMPOSE:
        return compose(text)[0]
    if too_large(text):
        return ()
    found = _node(DotenvText(text)) if dialect is Dialect.NODE else _lenient(text)
    return tuple(found)


def accepted(text: str, dialect: Dialect) -> tuple[Statement, ...] | None:
    """`parse`, None where the reader refuses the file: `mistake` says why."""
    if dialect is Dialect.COMPOSE:
        statements, refused = compose(text)
        return None if refused else statements
    return None if mistake(text, dialect) else parse(text, dialect)


_CONFLICT: Final = lazy_pattern(r"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)
_UNMERGED: Final = "a merge left its marks in the file: which of its lines count is not known"


def too_large(text: str) -> Unknown | None:
    """Why what a file sets is unknown, if it is too large to be parsed."""
    reason = _too_large(text)
    return Unknown(f"the file has {reason}") if reason else None


def _too_large(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        return f"more than {MAX_CHARACTERS // 2**20} MiB"
    lines = limits.ENVIRONMENT_LINES
    return limits.over(lines) if text.count("\n") + text.count("\r") >= lines.number else ""


def mistake(text: str, dialect: Dialect) -> tuple[int, str] | None:
    """Line and description of what makes the dialect's reader refuse the whole file, None if it takes it.

    The lenient ones pass over the marks of a merge, and the last side counts: that is never meant.
    """
    if dialect is Dialect.COMPOSE:
        return compose(text)[1]
    if reason := _too_large(text):
        return 1, f"{reason}: no environment file"
    conflict = _CONFLICT.search(text)
    return (text.count("\n", 0, conflict.start()) + 1, _UNMERGED) if conflict else None


def compose(text: str) -> tuple[tuple[Statement, ...], tuple[int, str] | None]:
    """`parse` and `mistake` of a file that Compose reads."""
    if reason := _too_large(text):
        return (), (1, f"{reason}: no environment file")
    found = tuple(_compose(DotenvText(text)))
    refused = next((item for item in found if isinstance(item, _Refused)), None)
    return (
        tuple(item for item in found if isinstance(item, Statement)),
        (refused.line, refused.reason) if refused else None,
    )


class DotenvText:
    """A text with unified line ends, and the place of each of its characters."""

    def __init__(self, text: str, line: int = 1) -> None:
        self.text: Final = text.replace("\r\n", "\n").replace("\r", "\n")
        self._first = line
        self._line = line
        self._start = 0
        self._searched = 0
        """Between the start of the line and here is no line end: one long line is searched once, not for each place."""

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a character; cheap when asked for in rising order."""
        if index < self._start:
            self._line, self._start, self._searched = self._first, 0, 0
        while True:
            end = self.text.find("\n", self._searched, index)
            if end < 0:
                self._searched = max(self._searched, index)
                return self._line, index - self._start + 1
            self._line += 1
            self._start = self._searched = end + 1


def _statement(source: DotenvText, name: str, value: str, quote: Quote, start: int, end: int) -> Statement:
    line, column = source.place(start)
    end_line, end_column = source.place(max(start, end))
    return Statement(name, Secret(value), quote, line, column, end_line, end_column)


# --- node ------------------------------------------------------------------------------------------------------------
# npm dotenv matches one regular expression over the whole text. These pieces match the same, in linear time: where its
# lazy and greedy spaces compete, only one way of sharing them can succeed.

_BLANK: Final = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_LINE_ENDS: Final = "\n\u2028\u2029"
_BLANKS: Final = lazy_pattern(f"[{_BLANK}]*+")
_KEY: Final = lazy_pattern(rf"(?:export[{_BLANK}]++)?([A-Za-z0-9_.-]++)(?:[{_BLANK}]*+=|:[{_BLANK}])")
_TO_LINE_END: Final = lazy_pattern(f"[^{_LINE_ENDS}]*+")
_PLAIN: Final = lazy_pattern(r"[^#\n]++")
_QUOTED: Final = {
    Quote.SINGLE: lazy_pattern(r"[^'\\]*+(?:\\'?[^'\\]*+)*"),
    Quote.DOUBLE: lazy_pattern(r'[^"\\]*+(?:\\"?[^"\\]*+)*'),
    Quote.BACKTICK: lazy_pattern(r"[^`\\]*+(?:\\`?[^`\\]*+)*"),
}
_STRIPPED: Final = lazy_pattern(rf"(?<![^{_LINE_ENDS}])(['\"`])(.*)\1(?![^{_LINE_ENDS}])", re.DOTALL)
_TRIMMED: Final = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def _node(source: DotenvText) -> Iterator[Statement]:
    text = source.text
    position = 0
    while position < len(text):
        start = _end(_BLANKS, text, position)
        key = _KEY.match(text, start)
        if key is None:
            position = _next_line(text, start)
            continue
        statement, after = _node_value(source, key[1], key.end())
        yield statement
        position = _next_line(text, after)


def _node_value(source: DotenvText, name: str, start: int) -> tuple[Statement, int]:
    """The statement, and where the search goes on (somewhere on the line where the value ends)."""
    text = source.text
    opening = _end(_BLANKS, text, start)
    if opening < len(text) and text[opening] in "'\"`":
        quote = Quote(text[opening])
        close = _closing(text, opening, quote)
        if close is not None:
            value = _unquoted(text[opening : close + 1])
            return _statement(source, name, value, quote, opening + 1, close), close
    plain = _PLAIN.match(text, start)
    if plain is None:
        return _statement(source, name, "", Quote.NONE, start, start), start
    raw = plain[0].strip(_TRIMMED)
    first = plain.start() + len(plain[0]) - len(plain[0].lstrip(_TRIMMED))
    value = _unquoted(raw)
    bare = value == raw
    quote = Quote.NONE if bare or raw[:1] not in "'\"`" else Quote(raw[0])
    inset = 0 if bare or quote is Quote.NONE else 1
    return _statement(source, name, value, quote, first + inset, first + len(raw) - inset), plain.end()


def _closing(text: str, opening: int, quote: Quote) -> int | None:
    """The index of the quote that ends the value: the first unescaped one, else the last escaped one that may."""
    first = _end(_QUOTED[quote], text, opening + 1)
    if first < len(text) and _may_end(text, first + 1):
        return first
    candidate = text.rfind(f"\\{quote.value}", opening + 1, first)
    while candidate >= 0:
        if _may_end(text, candidate + 2):
            return candidate + 1
        candidate = text.rfind(f"\\{quote.value}", opening + 1, candidate)
    return None


def _may_end(text: str, position: int) -> bool:
    """Whether only spaces, and perhaps a comment, follow on the line."""
    after = _end(_BLANKS, text, position)
    if after == len(text) or text[after] == "#":
        return True
    return any(end in text[position:after] for end in _LINE_ENDS)


def _unquoted(raw: str) -> str:
    value = raw
    if raw[:1] in "'\"`" or "\u2028" in raw or "\u2029" in raw:
        value = _STRIPPED.sub(lambda match: match[2], raw)
    if raw.startswith('"'):
        value = value.replace("\\n", "\n").replace("\\r", "\r")
    return value


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _next_line(text: str, position: int) -> int:
    return _end(_TO_LINE_END, text, position) + 1


# --- lenient ---------------------------------------------------------------------------------------------------------


def _lenient(text: str) -> Iterator[Statement]:
    """What python-dotenv takes for a statement, and `KEY: value` lines; read as node reads that statement alone."""
    offset = 1
    for statement in _lenient_statements(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")):
        yield from _node(DotenvText(statement, offset))
        offset += statement.count("\n")


_ONE_LINE: Final = lazy_pattern(
    r"""[^\S\n]*#.*|[^'"=\n]*(?:=[^\S\n]*(?:[^\s'"].*|(?:'[^'\\\n]*'|"[^"\\\n]*")(?:[^'"\n]*|[^\S\n]*#.*))?)?"""
)
"""A comment, or a line whose value is not quoted or ends its quote: there python-dotenv ends a statement with the line."""


def _lenient_statements(text: str) -> Iterator[str]:
    """The parts of a text in which python-dotenv finds a statement each."""
    lines = list(io.StringIO(text))
    if all(_ONE_LINE.fullmatch(line.rstrip("\n")) for line in lines):
        yield from lines
        return
    from dotenv.parser import parse_stream  # noqa: PLC0415 - 8 ms, and few files need it

    yield from (binding.original.string for binding in parse_stream(io.StringIO(text)))


# --- compose ---------------------------------------------------------------------------------------------------------

_GO_SPACE: Final = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""Go's unicode.IsSpace."""
_SPACE: Final = "\t\v\f\r \u0085\u00a0"
"""The parser's own isSpace: no line end."""
_PLAIN_NAME: Final = lazy_pattern(r"[A-Za-z0-9_.\-\[\] \t]*+")
"""The characters of nearly every name."""
_EXPORT: Final = lazy_pattern(rf"export(?=[\t\n\f\r ])[{_SPACE}]*+")
_SPACES: Final = lazy_pattern(f"[{_SPACE}]*+")
_SKIPPED: Final = lazy_pattern(rf"(?:[{_GO_SPACE}]++|#[^\n]*+)*")
"""What is between statements."""
_TO_LINE_FEED: Final = lazy_pattern(r"[^\n]*+")
_ESCAPE: Final = lazy_pattern(r"\\(?:[abcfnrtv$\\]|0[0-9]{0,3})")
"""A quote after a backslash is taken in before."""
_SHORT: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "$": "$$",
}


class _Refused(Struct, frozen=True):
    line: int
    reason: str


def _compose(source: DotenvText) -> Iterator[Statement | _Refused]:
    text = source.text
    position = 1 if text.startswith("\ufeff") else 0
    while True:
        position = _end(_SKIPPED, text, position)
        if position == len(text):
            return
        key = _compose_key(source, position)
        if isinstance(key, _Refused):
            yield key
            return
        name, start, inherited = key
        if inherited:
            line, column = source.place(position)
            yield Statement(name, Secret(""), Quote.NONE, line, column, line, column + len(name), inherited=True)
            position = start
            continue
        value = _compose_value(source, name, start)
        if isinstance(value, _Refused):
            yield value
            return
        statement, position = value
        yield statement


def _compose_key(source: DotenvText, position: int) -> tuple[str, int, bool] | _Refused:
    """The name, where its value begins, and whether there is none."""
    text = source.text
    position = _end(_EXPORT, text, position)
    for index in range(_end(_PLAIN_NAME, text, position), len(text)):
        character = text[index]
        if character in "=:\n":
            name = text[position:index].rstrip(_GO_SPACE)
            if " " in name:
                return _Refused(source.place(position)[0], "a name with a space in it")
            return name, _end(_SPACES, text, index + 1), character == "\n"
        if character not in "_.-[]" and character not in _SPACE and not (character.isalpha() or character.isnumeric()):
            return _Refused(source.place(index)[0], "an unexpected character in a name")
    # A last line without an end is no statement: the parser finds an empty name in it.
    return "", len(text), False


def _compose_value(source: DotenvText, name: str, start: int) -> tuple[Statement, int] | _Refused:
    text = source.text
    if start >= len(text) or text[start] not in "'\"":
        end = _end(_TO_LINE_FEED, text, start)
        value = text[start:end].split(" #", 1)[0].rstrip(_GO_SPACE)
        return _statement(source, name, value, Quote.NONE, start, start + len(value)), min(end + 1, len(text))
    quote = Quote(text[start])
    kept: list[str] = []
    escaped = False
    for index in range(start + 1, len(text)):
        character = text[index]
        if character != quote.value:
            if not escaped and character == "\\":
                escaped = True
                continue
            kept.append(f"\\{character}" if escaped else character)
            escaped = False
        elif escaped:
            kept.append(character)
            escaped = False
        else:
            value = "".join(kept)
            if quote is Quote.DOUBLE:
                value = _ESCAPE.sub(_escape, value)
            return _statement(source, name, value, quote, start + 1, index), index + 1
    return _Refused(source.place(start)[0], "a quoted value without its closing quote")


def _escape(match: re.Match[str]) -> str:
    """What Go's strconv.Unquote makes of an escape; an escaped dollar becomes `$$`, a literal one for the interpolation."""
    code = match[0][1:]
    if code in _SHORT:
        return _SHORT[code]
    octal = code[1:]  # `\\0` and up to three digits become Go's `\\ddd`
    if len(octal) == 3 and all(digit in "01234567" for digit in octal) and int(octal, 8) < 128:
        return chr(int(octal, 8))
    return match[0]
