"""How Docker reads a Dockerfile: instructions, words, quotes, variables. Every character keeps its place in the file.

Rules after BuildKit's `frontend/dockerfile/parser` and `shell` packages: parser directives, line continuation with
comments in between, here-documents, and shell-like words with `$X`, `${X:-word}`, `${X:+word}` and `${X:?word}`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret, Unprinted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.deployment import Value

_DIRECTIVE: Final = lazy_pattern(r"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(\S.*?)?[ \t\r]*\Z")
_KEYWORD: Final = lazy_pattern(r"[ \t\ufeff]*([A-Za-z]+)(?:[ \t]+|\Z|(?=[\\`][ \t]*\Z))")
_HEREDOC: Final = lazy_pattern(r"\d*<<(-?)([\"']?)([A-Za-z0-9_.]+)\2\Z")
_NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]|[@*#?!$-]")
_BRACE: Final = lazy_pattern(r"\$\{|\}")
_WORDS: Final = {
    sign: lazy_pattern(rf"""(?:{one}[\s\S]?|'[^']*+'?|"(?:[^"{one}]|{one}[\s\S]?)*"?|[^\s'"{one}])+""")
    for sign, one in (("\\", r"\\"), ("`", "`"))
}
"""A word is split at no space after the escape character, or in quotes."""
_WITH_HEREDOC: Final = frozenset({"RUN", "COPY", "ADD"})
_MAX_NESTING: Final = 20
"""`${A:-${B:-…}}` inside each other; Docker's own limit is the stack."""

_MAX_LENGTH: Final = 128 * 1024
"""Linux takes no longer text in an environment (MAX_ARG_STRLEN); variables that double each other grow past any memory."""


class Heredoc(Unprinted, frozen=True):
    """The lines of a here-document. `offset` is where they begin in the file."""

    name: str
    text: str
    offset: int
    quoted: bool
    """Variables in it are not replaced."""


class Instruction(Unprinted, frozen=True):
    """One instruction: `text` are its arguments with the continuations joined."""

    keyword: str
    text: str
    heredocs: tuple[Heredoc, ...]
    _logical: tuple[int, ...]
    _physical: tuple[int, ...]

    def offset(self, index: int) -> int:
        """The place in the file of the character at `index` of `text`."""
        piece = bisect_right(self._logical, index) - 1
        return self._physical[piece] + index - self._logical[piece]

    def runs(self, start: int) -> Iterator[tuple[str, int]]:
        """The parts of the text from `start` on that are written without a break, and where each begins in the file."""
        ends = (*self._logical[1:], len(self.text))
        for first, end, offset in zip(self._logical, ends, self._physical, strict=True):
            begin = max(first, start)
            if begin < end:
                yield self.text[begin:end], offset + begin - first


class Word(Unprinted, frozen=True):
    """A word as it is written, quotes and escapes kept. `start` and `end` count in the instruction's text."""

    text: str
    start: int
    end: int


class Positions:
    """Turns offsets in a text into lines and columns."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._marked = text.startswith("\ufeff")

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, the last one where there are not so many."""
        index = min(line, len(self._starts)) - 1
        shift = 1 if self._marked and index == 0 and column > 1 else 0
        return self._starts[max(index, 0)] + column - 1 + shift

    def region(self, start: int, end: int) -> Location:
        """The region of two offsets; of several lines the first one's."""
        line = bisect_right(self._starts, start) - 1
        column = start - self._starts[line] + 1
        last = bisect_right(self._starts, end) - 1
        length = end - start if last == line else max(self._starts[line + 1] - start - 1, 0)
        shift = 1 if self._marked and line == 0 and column > 1 else 0
        return Location(self._path, line + 1, column - shift, line + 1, column - shift + length)


def read(text: str) -> tuple[tuple[Instruction, ...], str]:
    """All instructions and the escape character. Lines that are no instruction are left out."""
    lines = _lines(text)
    escape = _escape(lines)
    return tuple(_instructions(lines, escape)), escape


def words(instruction: Instruction, escape: str, start: int = 0) -> tuple[Word, ...]:
    """The words of an instruction from `start`, split at spaces outside quotes."""
    return tuple(Word(match[0], *match.span()) for match in _WORDS[escape].finditer(instruction.text, start))


class Expansion(Unprinted, frozen=True):
    """A word with quotes removed and variables replaced.

    `text` holds fallbacks, or nothing, in the place of what is unknown; `reason` is "" when all of it is known.
    """

    text: str
    reason: str = ""
    has_fallback: bool = True

    @property
    def value(self) -> Value:
        """What the process gets."""
        if not self.reason:
            return Known(Secret(self.text))
        fallback = Secret(self.text) if self.has_fallback else None
        return Unknown(self.reason, fallback, written=fallback)


class BuildScope(Struct, frozen=True):
    """The variables an instruction sees. `complete`: a name that is not in it is really unset."""

    values: Mapping[str, Value]
    complete: bool
    escape: str


def expand(word: str, scope: BuildScope) -> Expansion:
    """Remove the quotes and escapes of a word and replace its variables."""
    return _Expander(word, scope).run()


class _Expander:
    """One pass over a word."""

    def __init__(self, word: str, scope: BuildScope, depth: int = 0) -> None:
        self._word, self._scope, self._depth = word, scope, depth
        self._index = 0
        self._out: list[str] = []
        self._reason = ""
        self._has_fallback = True
        self._length = 0

    def run(self) -> Expansion:
        word, quote = self._word, ""
        while self._index < len(word):
            character = word[self._index]
            if quote == "'":
                self._index += 1
                if character == "'":
                    quote = ""
                else:
                    self._out.append(character)
            elif character == self._scope.escape:
                self._escaped(quote)
            elif character == "$":
                self._variable()
            elif character == quote or (not quote and character in "\"'"):
                quote = "" if quote else character
                self._index += 1
            else:
                self._out.append(character)
                self._index += 1
        return Expansion("".join(self._out), self._reason, self._has_fallback)

    def _escaped(self, quote: str) -> None:
        following = self._word[self._index + 1 : self._index + 2]
        if quote and following not in ('"', "$", self._scope.escape):
            self._out.append(self._scope.escape)
            self._index += 1
            return
        self._out.append(following)
        self._index += 2

    def _variable(self) -> None:
        word = self._word
        if word.startswith("${", self._index):
            start = self._index + 2
            end = _closing_brace(word, start)
            self._index = end + 1
            self._braced(word[start:end])
            return
        match = _NAME.match(word, self._index + 1)
        if match is None:
            self._out.append("$")
            self._index += 1
            return
        self._index = match.end()
        self._add(self._look_up(match[0]))

    def _braced(self, body: str) -> None:
        match = _NAME.match(body)
        if match is None:
            self._add(Expansion("", "a variable reference is malformed", has_fallback=False))
            return
        name, rest = match[0], body[match.end() :]
        held = self._look_up(name)
        operator = rest[:2] if rest[:1] == ":" else rest[:1]
        word = rest[len(operator) :]
        if not operator or operator[-1:] == "?":
            self._add(held)
        elif self._depth >= _MAX_NESTING or operator[-1:] not in ("-", "+"):
            self._add(
                Expansion(
                    "", f"`${{{name}…}}` is changed by the Dockerfile in a way that is not followed", has_fallback=False
                )
            )
        else:
            self._add(self._alternative(name, held, operator, _Expander(word, self._scope, self._depth + 1).run()))

    def _alternative(self, name: str, expansion: Expansion, operator: str, word: Expansion) -> Expansion:
        """`:-` and `:+` ask whether the variable is set and not empty, `-` and `+` whether it is set."""
        is_set = name in self._scope.values
        filled = bool(expansion.text) if operator[0] == ":" else is_set
        if operator[-1] == "+":
            if expansion.reason:
                return Expansion(word.text, expansion.reason, has_fallback=False)
            return word if filled else Expansion("")
        if expansion.reason and not (filled and expansion.has_fallback):
            return Expansion(word.text, expansion.reason, word.has_fallback)
        return expansion if filled else word

    def _look_up(self, name: str) -> Expansion:
        value = self._scope.values.get(name)
        if isinstance(value, Known):
            return Expansion(value.text.reveal())
        if isinstance(value, Unknown):
            fallback = value.fallback
            return Expansion(fallback.reveal() if fallback else "", value.reason, fallback is not None)
        if self._scope.complete:
            return Expansion("")
        return Expansion("", f"`${name}` is not set in the Dockerfile", has_fallback=False)

    def _add(self, part: Expansion) -> None:
        self._length += len(part.text)
        if self._length > _MAX_LENGTH:
            part = Expansion("", "its text is longer than any environment takes", has_fallback=False)
        self._out.append(part.text)
        if part.reason:
            self._reason = self._reason or part.reason
            self._has_fallback = self._has_fallback and part.has_fallback


def _closing_brace(word: str, start: int) -> int:
    """The index of the `}` that closes a `${` whose body begins at `start`; the word's end if there is none."""
    depth = 1
    for brace in _BRACE.finditer(word, start):
        depth += -1 if brace[0] == "}" else 1
        if depth == 0:
            return brace.start()
    return len(word)


class _Line(Struct, frozen=True):
    text: str
    offset: int


def _lines(text: str) -> list[_Line]:
    lines, offset = [], 0
    for part in text.split("\n"):
        lines.append(_Line(part.removesuffix("\r"), offset))
        offset += len(part) + 1
    return lines


def _escape(lines: list[_Line]) -> str:
    """The `escape` parser directive, which must stand above everything else."""
    for line in lines:
        match = _DIRECTIVE.match(line.text.lstrip("\ufeff \t"))
        if match is None:
            break
        if match[1].lower() == "escape":
            return "`" if match[2] == "`" else "\\"
    return "\\"


def _instructions(lines: list[_Line], escape: str) -> Iterator[Instruction]:
    index, ends = 0, _Terminators(lines)
    while index < len(lines):
        line = lines[index]
        keyword = _KEYWORD.match(line.text)
        if keyword is None:
            index += 1
            continue
        text, logical, physical, index = _joined(lines, index, keyword.end(), escape)
        name = keyword[1].upper()
        heredocs, index = _heredocs(lines, index, text, ends) if name in _WITH_HEREDOC else ((), index)
        yield Instruction(name, text, heredocs, logical, physical)


def _joined(
    lines: list[_Line], index: int, start: int, escape: str
) -> tuple[str, tuple[int, ...], tuple[int, ...], int]:
    """The text of an instruction whose arguments begin at column `start` of line `index`, and the line after it."""
    pieces: list[str] = []
    logical: list[int] = []
    physical: list[int] = []
    length = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if pieces and (_is_comment(line.text) or not line.text.strip()):
            continue  # Docker drops comments and (with a warning) blank lines inside an instruction
        body, goes_on = _continued(line.text[start:], escape)
        pieces.append(body)
        logical.append(length)
        physical.append(line.offset + start)
        length += len(body)
        start = 0
        if not goes_on:
            break
    return "".join(pieces).rstrip(), tuple(logical), tuple(physical), index


def _continued(text: str, escape: str) -> tuple[str, bool]:
    """The line without a continuation character at its end, and whether it had one; a doubled one is none."""
    trimmed = text.rstrip(" \t")
    if trimmed.endswith(escape) and not trimmed.endswith(escape * 2):
        return trimmed[:-1], True
    return text, False


def _is_comment(text: str) -> bool:
    return text.lstrip("\ufeff \t").startswith("#")


def _heredocs(lines: list[_Line], index: int, text: str, ends: _Terminators) -> tuple[tuple[Heredoc, ...], int]:
    """The here-documents that `text` announces, from line `index` on, and the line after the last of them."""
    found: list[Heredoc] = []
    for word in text.split():
        match = _HEREDOC.match(word)
        end = ends.after(index, match[3], tabs=match[1] == "-") if match else None
        if match is None or end is None:
            continue
        offset = lines[index].offset
        body = "".join(f"{line.text.lstrip(chr(9)) if match[1] else line.text}\n" for line in lines[index:end])
        found.append(Heredoc(match[3], body, offset, bool(match[2])))
        index = end + 1
    return tuple(found), index


class _Terminators:
    """Where the lines stand that can end a here-document; looked up once, so that many open ones stay cheap."""

    def __init__(self, lines: list[_Line]) -> None:
        self._lines = lines
        self._numbers: dict[str, list[int]] = {}

    def after(self, start: int, name: str, *, tabs: bool) -> int | None:
        """The first line from `start` on that is `name`; `tabs`: it may be indented with tabs."""
        if not self._numbers:
            for number, line in enumerate(self._lines):
                self._numbers.setdefault(line.text.lstrip("\t"), []).append(number)
        numbers = self._numbers.get(name, [])
        for position in range(bisect_left(numbers, start), len(numbers)):
            if tabs or not self._lines[numbers[position]].text.startswith("\t"):
                return numbers[position]
        return None
