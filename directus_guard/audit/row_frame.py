"""Code frames of stored rows: the real line of the file, in which texts that may be secret or personal are masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import MASK, is_network, is_secret_name
from directus_guard.directus.masks import is_open_text
from directus_guard.finding import Frame, Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.exports.stored_rows import StoredRow
    from directus_guard.sources.formats.values import Value

_AROUND: Final = 60
"""Characters of a long line that are shown before and after what is underlined."""
_MOST: Final = 100
"""Characters that are underlined."""
_CUT: Final = "…"
_COLUMNS: Final = frozenset(
    {
        "_syncId", "accountability", "action", "app_access", "collection", "color", "fields", "flow", "icon", "id", "key", "name",
        "operation", "parent", "policy", "public_registration_role", "reject", "resolve", "role", "sort", "status", "trigger",
        "type", "user",
    }
)  # fmt: skip
"""Members of rows that hold names, keys and words of Directus, which findings name as well."""
_OPTIONS: Final = frozenset({"method", "return", "permissions", "collection", "collections", "scope", "type", "mode"})
"""Options of flows and operations that hold names and words of Directus."""
_NAME: Final = lazy_pattern(r"[$A-Za-z_*][\w.$:*-]{0,60}", re.ASCII)
_SEEN: Final = lazy_pattern(r"\S")
_FURTHER: Final = lazy_pattern(r"[^ \t,]")
_TEMPLATE: Final = lazy_pattern(r"\{\{\s*[\w.$\[\]]{1,120}\s*\}\}", re.ASCII)
"""A text that something else fills in: it holds a name and no value."""


def row_frame(row: StoredRow, place: Location) -> Frame:
    """The frame of a place in a row. What of its line belongs to other rows is left out."""
    line, whole = row.lines.line(place.line), row.place
    start = whole.column - 1 if whole.line == place.line else 0
    end = whole.end_column - 1 if whole.end_line == place.line else len(line)
    first, last = place.column - 1, min(place.end_column - 1, place.column - 1 + _MOST)
    start, end = max(start, first - _AROUND), min(end, last + _AROUND)
    there = row.on_line(place.line, start, end)
    found = (hidden for one in there for hidden in _hidden(row.value(one), (one.name,), place.line))
    hidden = sorted((one.column - 1, one.end_column - 1) for one in found)
    # A file may be one line: no copy is made of all of it.
    outside = _SEEN.search(line, 0, start), _FURTHER.search(line, end)
    before = f"{_CUT} " if outside[0] else line[:start]
    lead = escape_controls(before.replace("\t", "    ")) + _shown(line, start, first, hidden)
    text = _shown(line, first, last, hidden)
    tail = _shown(line, last, end, hidden) + (f" {_CUT}" if outside[1] else line[end:].rstrip())
    return Frame(place.line, f"{lead}{text}{tail}", len(lead) + 1, len(lead) + 1 + max(len(text), 1))


def _shown(line: str, start: int, end: int, hidden: list[tuple[int, int]]) -> str:
    """A part of a line. Of a hidden text the mask is shown where it begins."""
    shown: list[str] = []
    position = start
    for first, last in hidden:
        if last <= start or first >= end:
            continue
        shown += (line[position : max(first, start)], MASK if first >= start else "")
        position = min(last, end)
    shown.append(line[position:end])
    return escape_controls("".join(shown).replace("\t", "    "))


def _hidden(value: Value | None, path: tuple[str, ...], line: int) -> Iterator[Location]:
    """Where on a line texts are that may be secret or personal: all of it where the value is not known."""
    if value is None:
        yield Location("", line, 1, line, MAX_COLUMN)
    elif isinstance(value, ObjectValue):
        for entry in value.entries:
            name = entry.key.text
            if len(name) > _LONGEST_KEY and entry.key.location.line == line:
                yield entry.key.location
            yield from _hidden(entry.value, (*path, name), line)
    elif isinstance(value, List):
        for item in value.items:
            yield from _hidden(item, path, line)
    elif isinstance(value, Text) and value.location.line == line and not _is_open(path, value):
        yield value.location


MAX_COLUMN: Final = 2**31
_LONGEST_KEY: Final = 64
"""A name of a column or a field is not longer; what is may hold anything."""


def _is_open(path: tuple[str, ...], value: Text) -> bool:
    """Whether the text of a member may be shown."""
    text = value.text
    if value.kind is not TextKind.STRING:
        return True
    if path[:1] == ("fields",) or (len(path) == 1 and path[0] in _COLUMNS):
        return True
    if _TEMPLATE.fullmatch(text) or (path == ("ip_access",) and all(map(is_network, text.split(",")))):
        return True
    if path[-1:] == ("header",) and _NAME.fullmatch(text):
        return True
    if path[:1] == ("options",) and len(path) > 1 and path[1] in _OPTIONS and _NAME.fullmatch(text):
        return True
    return is_open_text(text, is_secret=any(map(is_secret_name, path)))
