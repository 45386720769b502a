"""The words of a shell text: quotes, escapes, `$name`, `${name}` and `$(…)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats import holes
from directus_guard.sources.formats.shell_words import MAX_NESTED, SPACES, RawWord, ShellLiteral, VariableUse
from directus_guard.sources.formats.traced import Piece, Traced

if TYPE_CHECKING:
    from collections.abc import Callable


NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED: Final = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]*)(\[[@*]\])?(?:(:?[-=])|(:?[?]))?")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}  # fmt: skip
_ENDS: Final = frozenset(" \t\r\n;&|()<>")


class WordLexer:
    """Splits a text into words and their parts. Positions are indexes into `text`."""

    def __init__(self, script: Traced, read_commands: Callable[[int, int, int], None]) -> None:
        """`read_commands` takes the commands of a `$(…)`: where they begin and end, and how deep they are nested."""
        self.script = script
        self.text = script.text
        self._read_commands = read_commands
        self._broken = False

    def line_end(self, index: int, end: int) -> int:
        found = self.text.find("\n", index, end)
        return end if found < 0 else found

    def items(self, index: int, end: int, depth: int) -> tuple[list[RawWord], int]:
        found: list[RawWord] = []
        while index < end:
            character = self.text[index]
            if character == ")":
                return found, index + 1
            if character in SPACES:
                index += 1
            elif character == "#":
                index = self.line_end(index, end)
            elif character == "\\" and self.text.startswith(("\n", "\r\n"), index + 1):
                index = self.text.index("\n", index) + 1
            elif character in ";&|(<>":
                index += 1
            else:
                word, index = self.word(index, end, depth)
                found.append(word)
        return found, index

    def word(self, index: int, end: int, depth: int) -> tuple[RawWord, int]:
        """The word that begins at `index`, and where it ends."""
        parts: RawWord = []
        text, begin = self.text, index
        while index < end and text[index] not in _ENDS:
            character = text[index]
            if character == "\\":
                self._literal(parts, begin, index)
                if text.startswith(("\n", "\r\n"), index + 1):
                    index = text.index("\n", index) + 1
                else:
                    self._literal(parts, index + 1, min(index + 2, end), quoted=True)
                    index = min(index + 2, end)
                begin = index
            elif character == "'" and (close := text.find("'", index + 1, end)) >= 0:
                self._literal(parts, begin, index)
                self._literal(parts, index + 1, close, quoted=True, empty=True)
                index = begin = close + 1
            elif character == '"' and (close := self._closing(index + 1, end, '"')) >= 0:
                self._literal(parts, begin, index)
                parts += self.expandable(index + 1, close, depth) or [
                    ShellLiteral(self.script.cut(index + 1, index + 1), quoted=True)
                ]
                index = begin = close + 1
            elif character in "\"'":
                self._literal(parts, begin, index)
                begin, index = index, self.line_end(index, end)
                parts.append(self._hole(begin, index, "its quotes are not closed", quoted=False))
                begin = index
            elif character in "$`":
                self._literal(parts, begin, index)
                part, index = self._dollar(index, end, depth, quoted=False)
                parts.append(part)
                begin = index
            else:
                index += 1
        self._literal(parts, begin, index)
        return parts, max(index, begin)

    def _literal(self, parts: RawWord, start: int, end: int, *, quoted: bool = False, empty: bool = False) -> None:
        if end > start or empty:
            parts.append(ShellLiteral(self.script.cut(start, end), quoted))

    def expandable(self, index: int, end: int, depth: int) -> RawWord:
        """A text in double quotes, or a here-document."""
        parts: RawWord = []
        text, begin = self.text, index
        while index < end:
            character = text[index]
            if character == "\\" and text[index + 1 : index + 2] in ('"', "\\", "$", "`", "\n"):
                self._literal(parts, begin, index, quoted=True)
                begin = index + 1 if text[index + 1] != "\n" else index + 2
                index += 2
            elif character in "$`":
                self._literal(parts, begin, index, quoted=True)
                part, index = self._dollar(index, end, depth, quoted=True)
                parts.append(part)
                begin = index
            else:
                index += 1
        self._literal(parts, begin, end, quoted=True)
        return parts

    def _dollar(self, index: int, end: int, depth: int, *, quoted: bool) -> tuple[ShellLiteral | VariableUse, int]:
        """What begins with `$` or a backquote, and where it ends."""
        text = self.text
        if text[index] == "`":
            close = text.find("`", index + 1, end)
            if close >= 0:
                return self._substituted(index, index + 1, close, depth, quoted=quoted), close + 1
            return ShellLiteral(self.script.cut(index, index + 1), quoted), index + 1
        following = text[index + 1 : index + 2]
        if following == "(":
            close = self._closing(index + 2, end, ")")
            if close < 0:
                return self._hole(index, index + 2, _COMPUTED, quoted=quoted), index + 2
            if text.startswith("((", index + 1):
                return self._hole(index, close + 1, _COMPUTED, quoted=True), close + 1
            return self._substituted(index, index + 2, close, depth, quoted=quoted), close + 1
        if following == "{":
            close = self._closing(index + 2, end, "}")
            if close < 0:
                return self._hole(index, index + 2, _COMPUTED, quoted=quoted), index + 2
            return self._braced(index, close, quoted=quoted), close + 1
        if following == "'" and not quoted:
            match = _ANSI.match(text, index + 2, end)
            if match is not None and match.end() < end and text[match.end()] == "'":
                return self._ansi(match), match.end() + 1
        if following == '"' and not quoted:
            return ShellLiteral(self.script.cut(index, index), quoted=False), index + 1
        name = NAME.match(text, index + 1, end)
        if name is not None:
            if _CONTINUED.match(text, name.end()):  # the name goes on in the next line
                return self._hole(index, name.end(), _COMPUTED, quoted=quoted), name.end()
            return VariableUse(name[0], (index, name.end()), quoted), name.end()
        if following and following in "0123456789@*#?$!-":
            return self._hole(index, index + 2, "it is an argument of the script", quoted=quoted), index + 2
        return ShellLiteral(self.script.cut(index, index + 1), quoted), index + 1

    def _braced(self, index: int, close: int, *, quoted: bool) -> VariableUse:
        match = _BRACED.match(self.text, index + 2, close)
        span = (index, close + 1)
        if match is None:
            return self._hole(*span, _COMPUTED, quoted=quoted)
        rest = self.text[match.end() : close]
        if match[4] or (not match[3] and not rest):
            return VariableUse(match[1], span, quoted, every=bool(match[2]))
        if match[3]:
            plain = rest[1:-1] if len(rest) > 1 and rest[0] == rest[-1] and rest[0] in "\"'" else rest
            simple = not holes.are_in(plain) and not _NOT_PLAIN.search(plain)
            even_empty = match[3].startswith(":")
            return VariableUse(match[1], span, quoted, fallback=plain if simple else None, even_empty=even_empty)
        return self._hole(*span, _COMPUTED, quoted=quoted)

    def _substituted(self, index: int, start: int, close: int, depth: int, *, quoted: bool) -> VariableUse:
        """`$(…)`: its value is not known; the commands in it are commands too."""
        if depth < MAX_NESTED:
            self._read_commands(start, close, depth + 1)
        return self._hole(index, close + 1, _COMPUTED, quoted=quoted)

    def _hole(self, start: int, end: int, reason: str, *, quoted: bool) -> VariableUse:
        return VariableUse("", (start, end), quoted, reason)

    def _ansi(self, match: re.Match[str]) -> ShellLiteral:
        if "\\" not in match[0]:
            return ShellLiteral(self.script.cut(*match.span()), quoted=True)
        pieces = self.script.cut(*match.span()).pieces
        text = holes.as_read(_ANSI_ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[0]), match[0]))
        return ShellLiteral(self.script.made([Piece(text, pieces[0].start, pieces[-1].end)]), quoted=True)

    def _closing(self, index: int, end: int, opener: str) -> int:
        """The index of the character that closes, -1 where there is none: then no further search is made."""
        if self._broken:
            return -1
        text, stack = self.text, [opener]
        while index < end:
            character, top = text[index], stack[-1]
            if character == "\\":
                index += 2
                continue
            if character == top:
                stack.pop()
                if not stack:
                    return index
            elif character == "$" and text.startswith(("(", "{"), index + 1):
                stack.append(")" if text[index + 1] == "(" else "}")
                index += 1
            elif character == "`":
                stack.append("`")
            elif top != '"':
                if character == "'":
                    close = text.find("'", index + 1, end)
                    index = close if close >= 0 else index
                elif character == '"':
                    stack.append('"')
                elif character == "(" and top == ")":
                    stack.append(")")
                elif character == "#" and top == ")" and text[index - 1] in SPACES:
                    index = self.line_end(index, end)
                    continue
            index += 1
        self._broken = True
        return -1


_COMPUTED: Final = "it is worked out when the script runs"
_CONTINUED: Final = lazy_pattern(r"(?:\\\r?\n){1,40}[A-Za-z0-9_]")
_ANSI: Final = lazy_pattern(r"(?:[^'\\]|\\.)*", re.DOTALL)
_ANSI_ESCAPE: Final = lazy_pattern(r"\\(.)", re.DOTALL)
_NOT_PLAIN: Final = lazy_pattern(r"[$`\\\"']")
