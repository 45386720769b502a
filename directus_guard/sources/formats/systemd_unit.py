"""Unit files of systemd, and of Podman's Quadlet: assignments with their drop-ins, words, specifiers, environment files.

After systemd.syntax(7), systemd.exec(5) and systemd's `extract-word.c` and `env-file.c`. Each text knows its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats import traced
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.traced import Piece, Traced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.sources.files.repository import Repository

MAX_CHARACTERS: Final = 1024 * 1024
"""A longer file is no unit."""
_BLANKS: Final = " \t\r\n"
_NAME: Final = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SECTION: Final = lazy_pattern(r"\[([^\[\]\r\n]{1,100})\]\s*\Z")
_SPECIFIER: Final = lazy_pattern(r"%(.)", re.DOTALL)
_NUMBERED: Final = lazy_pattern(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}")
_SINGLE: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"', "'": "'", "s": " "}  # fmt: skip


class Assignment(Unprinted, frozen=True):
    """One `Key=value` of a section, its line continuations joined."""

    section: str
    key: str
    value: Traced


class Unit:
    """A unit with its drop-ins."""

    def __init__(self, assignments: Iterable[Assignment]) -> None:
        self._assignments: Final = tuple(assignments)

    def all(self, section: str, key: str) -> tuple[Traced, ...]:
        """The values of a key that may be given many times; an empty one takes back those before it."""
        found: list[Traced] = []
        for item in self._assignments:
            if item.section == section and item.key == key:
                if item.value.text:
                    found.append(item.value)
                else:
                    found.clear()
        return tuple(found)

    def last(self, section: str, key: str) -> Traced | None:
        """The value of a key that counts once: the last one."""
        found = [item.value for item in self._assignments if item.section == section and item.key == key]
        return found[-1] if found and found[-1].text else None

    def has(self, section: str) -> bool:
        """Whether the unit has a section with something in it."""
        return any(item.section == section for item in self._assignments)


def unit(repository: Repository, path: str, drop_ins: Sequence[str] = ()) -> Unit | None:
    """The unit of a file, with the drop-ins (paths, in the order in which they count) laid over it. None: not readable."""
    text = repository.text(path)
    if text is None:
        return None
    found = list(assignments(path, text))
    for other in drop_ins:
        found += assignments(other, repository.text(other) or "")
    return Unit(found)


def assignments(path: str, text: str) -> Iterator[Assignment]:
    """Every assignment of a file, in its order."""
    section = ""
    for line in _lines(path, text[:MAX_CHARACTERS]):
        header = _SECTION.match(line.text)
        if header:
            section = header[1]
            continue
        key, sign, value = line.partition("=")
        if sign:
            yield Assignment(section, key.text.strip(), _stripped(value))


def _lines(path: str, text: str) -> Iterator[Traced]:
    """The lines that say something. A backslash at an end joins the next line with a space, without comments in between."""
    positions = Positions(path, text)
    open_: list[Traced] = []
    offset = 0
    for raw in text.split("\n"):
        start, offset = offset, offset + len(raw) + 1
        line = raw.rstrip("\r")
        begin = start + len(line) - len(line.lstrip(" \t\ufeff"))
        content = text[begin : start + len(line)]
        if content[:1] in ("#", ";") or (not content and not open_):
            continue
        goes_on = content.endswith("\\")
        end = start + len(line) - goes_on
        piece = traced.part(positions, text, begin if not open_ else start, end)
        open_.append(piece)
        if goes_on:
            open_.append(Traced(positions, (Piece(" ", end, end + 1),)))
        else:
            yield _stripped(open_[0].joined(open_[1:]))
            open_ = []
    if open_:
        yield _stripped(open_[0].joined(open_[1:]))


def _stripped(text: Traced) -> Traced:
    start = len(text.text) - len(text.text.lstrip(_BLANKS))
    return text.cut(start, max(len(text.text.rstrip(_BLANKS)), start))


def words(value: Traced, *, relaxed: bool = False) -> tuple[Traced, ...]:
    """The words of a value: split at spaces outside of quotes, with quotes and C escapes resolved.

    systemd ignores the rest of a value from a mistake on (an unknown escape, a quote without an end); `relaxed`: Podman
    keeps it as it is.
    """
    found: list[Traced] = []
    text, index = value.text, 0
    while index < len(text):
        if text[index] in _BLANKS:
            index += 1
            continue
        word, index = _word(value, index, relaxed=relaxed)
        if word is None:
            break
        found.append(word)
    return tuple(found)


def _word(value: Traced, index: int, *, relaxed: bool) -> tuple[Traced | None, int]:
    text, quote, begin = value.text, "", index
    pieces: list[Piece] = []
    start = index

    def keep(end: int) -> None:
        if end > start:
            pieces.extend(value.cut(start, end).pieces)

    while index < len(text):
        character = text[index]
        if character == "\\":
            keep(index)
            made, length = _escape(text, index + 1)
            if made is None and not relaxed:
                return None, index
            held = value.cut(index, index + 1 + length)
            place = held.pieces[0]
            pieces.append(Piece(held.text if made is None else made, place.start, held.pieces[-1].end))
            index += 1 + length
            start = index
        elif character == quote or (not quote and character in "\"'"):
            keep(index)
            quote = "" if quote else character
            index += 1
            start = index
        elif not quote and character in _BLANKS:
            break
        else:
            index += 1
    keep(index)
    if quote and not relaxed:
        return None, index
    return value.made(pieces or value.cut(begin + 1, begin + 1).pieces), index


def _escape(text: str, index: int) -> tuple[str | None, int]:
    """What the escape after a backslash means and how long it is; None for what systemd does not know."""
    character = text[index : index + 1]
    if character in _SINGLE and character:
        return _SINGLE[character], 1
    numbered = _NUMBERED.match(text, index)
    if numbered is None:
        return None, len(character)
    digits = numbered[0]
    number = int(digits, 8) if digits.isdigit() else int(digits[1:], 16)
    return (chr(number), len(digits)) if 0 < number < 0x110000 else (None, len(digits))


def expanded(word: Traced) -> Traced:
    """The word with `%%` as `%`. What another specifier (`%i`, `%h`) gives is only known on the machine."""
    pieces: list[Piece] = []
    begin = 0
    for match in _SPECIFIER.finditer(word.text):
        pieces += word.cut(begin, match.start()).pieces if match.start() > begin else ()
        held = word.cut(*match.span()).pieces
        span = (held[0].start, held[-1].end)
        reason = f"systemd fills in `%{match[1] if match[1].isprintable() else '?'}`"
        pieces.append(Piece("%", *span) if match[1] == "%" else Piece.hole(*span, reason))
        begin = match.end()
    return word.made([*pieces, *word.cut(begin).pieces]) if begin else word


def environment(value: Traced, origin: str, *, relaxed: bool = False) -> Iterator[Variable]:
    """The variables of one `Environment=`."""
    for word in words(value, relaxed=relaxed):
        name, sign, text = word.partition("=")
        if sign and _NAME.match(name.text):
            yield expanded(text).variable(name.text, origin)


def given(path: str, text: str) -> dict[str, Traced]:
    """The variables that a service's own `Environment=` gives to its commands, by name."""
    found: dict[str, Traced] = {}
    for value in Unit(assignments(path, text)).all("Service", "Environment"):
        for word in words(value):
            name, sign, held = word.partition("=")
            if sign and _NAME.match(name.text):
                found[name.text] = expanded(held)
    return found


def environment_file(path: str, text: str, origin: str) -> Iterator[Variable]:
    """The variables of an `EnvironmentFile=`, as systemd reads it.

    `#` and `;` begin comments, quotes may only begin a value or follow another quoted part, a backslash at the end of a
    line joins the next one, and nothing is replaced.
    """
    text = text[:MAX_CHARACTERS]
    source = traced.whole(path, text)
    index = 0
    while index < len(text):
        line_end = text.find("\n", index)
        line_end = len(text) if line_end < 0 else line_end
        line = text[index:line_end].lstrip(" \t\ufeff")
        if not line.strip() or line[0] in "#;" or "=" not in line:
            index = line_end + 1
            continue
        name = line.partition("=")[0].strip()
        value, index = _file_value(source, text.index("=", index) + 1)
        if _NAME.match(name):
            yield value.variable(name, origin)


def _file_value(source: Traced, index: int) -> tuple[Traced, int]:
    """The value that begins at `index`, and where the next line begins."""
    text = source.text
    begin, quote, plain, kept = index, "", False, 0
    found: list[tuple[int, int, str | None]] = []

    def add(start: int, end: int, made: str | None = None) -> None:
        if made is None and found and found[-1][2] is None and found[-1][1] == start and kept < len(found):
            found[-1] = (found[-1][0], end, None)
        else:
            found.append((start, end, made))

    while index < len(text):
        character, following = text[index], text[index + 1 : index + 2]
        if character == "\\" and following == "\n" and quote != "'":
            index += 2
            continue
        if not quote and character == "\n":
            break
        if (quote and character == quote) or (not quote and not plain and character in "\"'"):
            quote = "" if quote else character
            kept = len(found)
            index += 1
        elif character == "\\" and following and (following in '"\\`$' if quote == '"' else not quote):
            add(index, index + 2, following)
            plain, kept = plain or not quote, len(found)
            index += 2
        elif quote or character not in " \t\r":
            end = _run(text, index + 1, quote)
            add(index, end)
            plain, kept = plain or not quote, len(found)
            index = end
        else:
            if found:
                add(index, index + 1)
            index += 1
    end = text.find("\n", index)
    pieces = [
        Piece(text[start:stop] if made is None else made, held[0].start, held[-1].end)
        for start, stop, made in found[:kept]
        for held in [source.cut(start, stop).pieces]
    ]
    return source.made(pieces or source.cut(begin, begin).pieces), len(text) if end < 0 else end + 1


_RUN: Final = {
    "": lazy_pattern(r"[^\s\\\"']*"), "'": lazy_pattern(r"[^'\\]*"), '"': lazy_pattern(r'[^"\\]*'),
}  # fmt: skip


def _run(text: str, index: int, quote: str) -> int:
    """Where a run of characters that mean themselves ends."""
    found = _RUN[quote].match(text, index)
    return found.end() if found else index
