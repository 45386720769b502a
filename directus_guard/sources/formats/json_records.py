"""Large JSON read record by record: the standard library's decoder, and the place of each record.

What it gives is JSON as Python has it; `json_document` keeps the place of every value, for small manifests.
"""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Raw

from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files.repository import LFS_POINTER, NOT_FETCHED

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from directus_guard.directus.access.filters import Json
    from directus_guard.sources.files.repository import Repository

MAX_BYTES: Final = 256 * 1024 * 1024
"""A file larger than this is not read."""
_BLOCK: Final = 1024 * 1024
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""How a file begins that PowerShell writes of what a command prints."""
_SPACE: Final = lazy_pattern(r"[ \t\r\n]*")
# Possessive groups match wrongly in Python 3.11.2 (Debian 12): only single characters are repeated possessively.
_KEY: Final = lazy_pattern(r"""[ \t\r\n]*+,?[ \t\r\n]*+("[^"\\]*+(?:\\.[^"\\]*+)*")[ \t\r\n]*+:[ \t\r\n]*+""")
"""The key of a member, with what is before it and up to its value."""


def text(repository: Repository, path: str, signs: tuple[bytes, ...]) -> str | None:
    """The text of a file that holds one of the signs, else None; a bound of its own, because exports may be large.

    Without signs it is the text of any file. A file with escaped characters may spell a sign with them, and counts.

    What is too large, not fetched or no UTF-8 is noted as a problem.
    """
    with repository.binary(path) as file:
        data = file.read(MAX_BYTES + 1) if file is not None else b""
    if len(data) > MAX_BYTES:
        repository.problem(path, f"larger than {MAX_BYTES // 2**20} MiB; it was not read", broken=True)
        return None
    if data.startswith(LFS_POINTER):
        repository.problem(path, NOT_FETCHED)
        return None
    if data.startswith(_UTF_16):
        data = data.decode("utf-16", "replace").encode()
    if signs and b"\\u" not in data and not any(sign in data for sign in signs):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        repository.problem(path, f"not valid UTF-8 (byte {error.start + 1})", broken=True)
        return None


def blocks(repository: Repository, path: str) -> Iterator[str]:
    """The text of a file that `text` has read, a part at a time. It ends where the file is not text any longer."""
    with repository.binary(path) as file:
        block = file.read(_BLOCK) if file is not None else b""
        if file is not None and block.startswith(_UTF_16):
            yield (block + file.read(MAX_BYTES)).decode("utf-16", "replace")
            return
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        while file is not None and block:
            try:
                yield decoder.decode(block)
            except UnicodeDecodeError:
                return
            block = file.read(_BLOCK)


class Places:
    """The regions of records that come in the order of the text: every line end is counted once, none is kept."""

    __slots__ = ("_line", "_offset", "_path", "_start", "_text")

    def __init__(self, begin: Location, text: str) -> None:
        """`begin`: where in its file the text begins."""
        self._path, self._text = begin.path, text
        self._offset, self._start = 0, 1 - begin.column
        self._line = begin.line

    def region(self, offset: int, end: int) -> Location:
        """The region of `text[offset:end]`, which does not begin before the one asked for last."""
        text, last = self._text, max(end - 1, offset)
        before = text.count("\n", self._offset, offset)
        if before:
            self._start = text.rindex("\n", self._offset, offset) + 1
        line, column = self._line + before, offset - self._start + 1
        inside = text.count("\n", offset, last)
        if inside:
            self._start = text.rindex("\n", offset, last) + 1
        self._line, self._offset = line + inside, last
        return Location._make((self._path, line, column, self._line, end - self._start + 1))  # the end is given

    def items(self, raws: Iterable[Raw], start: int) -> Iterator[tuple[Raw, int, int, Location]]:
        """The items of the list that begins at `start`, as `raw_items` gives them: each with where it begins and ends, and
        its region. A hundred thousand rows come by here, so `region` is written out."""
        self.region(start, start + 1)
        text, path, line, line_start = self._text, self._path, self._line, self._start
        position, usual, lines, indent = start + 1, "", 0, 0
        for raw in raws:
            written = str(raw, "utf-8")
            # Between items there are white space and commas only, and no item begins with those.
            begin = text.index(written[0], position)
            between = text[position:begin]
            if between != usual:
                usual, lines, indent = between, between.count("\n"), len(between) - between.rfind("\n") - 1
            if lines:
                line += lines
                line_start = begin - indent
            position, first_line, column = begin + len(written), line, begin - line_start + 1
            inside = written.count("\n")
            if inside:
                line += inside
                line_start = begin + written.rindex("\n") + 1
            place = Location._make((path, first_line, column, line, position - line_start + 1))
            yield raw, begin, position, place
        self._offset, self._line, self._start = position, line, line_start


def end_of(text: str, position: int) -> None:
    """Nothing may follow the value that is the whole text: what does is no part of it. Raises `json.JSONDecodeError`."""
    after = skip(text, position)
    if after < len(text):
        raise json.JSONDecodeError("Extra data", text, after)


def listed(decoder: json.JSONDecoder, text: str, start: int) -> Iterator[tuple[object, int, int]]:
    """The items of the list that is the whole text."""
    end_of(text, (yield from items(decoder, text, start)))


def items(decoder: json.JSONDecoder, text: str, start: int) -> Generator[tuple[object, int, int], None, int]:
    """The items of the list that begins at `start`, each with where it begins and ends; at last where the list ends.

    Raises `json.JSONDecodeError`.
    """
    position = skip(text, start + 1)
    while not text.startswith("]", position):
        value, end = decoder.raw_decode(text, position)
        yield value, position, end
        position = skip(text, end)
        if text.startswith(",", position):
            position = skip(text, position + 1)
        elif not text.startswith("]", position):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
    return position + 1


def raw_items(text: str, start: int, end: int | None = None) -> list[Raw] | None:
    """The items of the list `text[start:end]` (no `end`: of the list that is the whole text), undecoded; `Places.items` says
    where each is. None for what is no plain JSON: `items` says why, or can read it all the same (NaN, half surrogates)."""
    try:
        return msgspec.json.decode(text if end is None else text[start:end], type=list[Raw])
    except (msgspec.DecodeError, RecursionError):
        return None


def members(decoder: json.JSONDecoder, text: str, start: int) -> Iterator[tuple[str, object, int, int]]:
    """The members of the object that begins at `start`: key, value, and where the value begins and ends.

    The object is known to be valid: the caller has decoded it.
    """
    return ((key, value, begin, end) for key, _, value, begin, end in keyed_members(decoder, text, start))


def keyed_members(decoder: json.JSONDecoder, text: str, start: int) -> Iterator[tuple[str, int, Json, int, int]]:
    """`members`, with where the key begins after it."""
    after = start + 1
    while key := _KEY.match(text, after):
        begin, end = key.span(1)
        written = text[begin + 1 : end - 1]
        value, after = decoder.raw_decode(text, key.end())
        yield json.loads(key[1]) if "\\" in written else written, begin, value, key.end(), after


def places_of_members(path: str, text: str, start: int) -> dict[str, Location]:
    """The values of the members of the object that begins at `start`, which is known to be valid."""
    places = Places(Location(path), text)
    return {key: places.region(value, after) for key, _, value, after in members(json.JSONDecoder(), text, start)}


def skip(text: str, position: int) -> int:
    """Where the white space at `position` ends."""
    match = _SPACE.match(text, position)
    return match.end() if match else position
