"""`directus-guard access --output text`: tables of collections by principals, as wide as the terminal."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from directus_guard.report.terminal import WIDTH, Paint, Tone, wrapped
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.access_listing import AccessColumn, AccessListing
    from directus_guard.report.writers import Appearance

LEGEND: Final = "C R U D S: create, read, update, delete, share. Capital: every item and field; small: restricted; `-`: not at all; `?`: not known; `*`: administrator; `!`: can become one; `!?`: perhaps, not every way could be followed."

HEADING: Final = 14
"""Characters in a line of a heading, unless a word has more."""
CELL: Final = 5
"""Characters in a cell: a letter for each action."""


def text(listings: Sequence[AccessListing], appearance: Appearance) -> Iterator[str]:
    """The lines. Off a terminal they have 80 columns."""
    width = appearance.width or WIDTH
    paint = Paint(color=appearance.color)
    for listing in listings:
        yield paint(f"{clean(listing.export)} ({listing.directus})", Tone.BOLD)
        for reason in listing.unknown:
            yield from wrapped(f"not known: {reason}", 2, 2, width)
        yield ""
        first = min(max((len(name) for name in listing.collections), default=0) or 10, width // 2)
        for block in _blocks(listing.columns, width - first):
            yield from _table(listing.collections, block, first, paint)
            yield ""
        for note in listing.excluded:
            yield from wrapped(note, width=width)
            yield ""
    if listings and not appearance.quiet:
        yield from wrapped(LEGEND, width=width)


def _blocks(columns: Sequence[AccessColumn], room: int) -> Iterator[list[AccessColumn]]:
    block: list[AccessColumn] = []
    used = 0
    for column in columns:
        width = _width(column) + 2
        if block and used + width > room:
            yield block
            block, used = [], 0
        block.append(column)
        used += width
    if block:
        yield block


def _table(collections: Sequence[str], block: Sequence[AccessColumn], first: int, paint: Paint) -> Iterator[str]:
    """Headings have as many lines as they need. A collection that is wider than its column has a line of its own."""
    headings = [_heading(column) for column in block]
    height = max(map(len, headings), default=0)
    for line in range(height):
        parts = (["", *heading][max(line - height + len(heading) + 1, 0)] for heading in headings)
        yield _row(" " * first, [_padded(column, part, paint) for column, part in zip(block, parts, strict=True)])
    for collection in collections:
        if len(collection) > first:
            yield collection
        name = f"{collection if len(collection) <= first else '':<{first}}"
        yield _row(name, [_cell(column, column.cells[collection], paint) for column in block])


def _heading(column: AccessColumn) -> list[str]:
    """The lines of a heading, broken between words."""
    return list(wrapped(column.heading, width=HEADING))


def _width(column: AccessColumn) -> int:
    return max(CELL, *map(len, _heading(column)))


def _padded(column: AccessColumn, shown: str, paint: Paint) -> str:
    """A line of a heading, as wide as the column. Who is administrator, or can become one, catches the eye."""
    tone = Tone.RED if column.heading.endswith(("*", "!", "!?")) else Tone.BOLD
    return paint(shown, tone) + " " * (_width(column) - len(shown))


def _cell(column: AccessColumn, letters: str, paint: Paint) -> str:
    """The letters of a cell, as wide as the column; what is not restricted, restricted and not known is coloured."""
    runs = ("".join(run) for _, run in groupby(letters, _tone))
    return "".join(_painted(run, paint) for run in runs) + " " * (_width(column) - len(letters))


def _painted(run: str, paint: Paint) -> str:
    tone = _tone(run[0])
    return paint(run, tone) if tone else run


def _tone(letter: str) -> Tone | None:
    if letter.isalpha():
        return Tone.GREEN if letter.isupper() else Tone.YELLOW
    return Tone.PURPLE if letter == "?" else None


def _row(name: str, cells: Sequence[str]) -> str:
    return "  ".join((name, *cells)).rstrip()
