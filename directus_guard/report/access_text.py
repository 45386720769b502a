"""`directus-guard access --output text`: tables of collections by principals, no line longer than 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.report.terminal import WIDTH, wrapped
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.access_listing import AccessColumn, AccessListing

LEGEND: Final = "C R U D S: create, read, update, delete, share. Capital: every item and field; small: restricted; `-`: not at all; `?`: not known; `*`: administrator; `!`: can become one; `!?`: perhaps, not every way could be followed."


def text(listings: Sequence[AccessListing]) -> Iterator[str]:
    """The lines."""
    for listing in listings:
        yield f"{escape_controls(listing.export)} ({listing.directus})"
        yield from (f"  not known: {escape_controls(reason)}"[:WIDTH] for reason in listing.unknown)
        yield ""
        first = max((len(name) for name in listing.collections), default=10)
        first = min(max(first, 10), WIDTH // 2)
        for block in _blocks(listing.columns, WIDTH - first):
            yield from _table(listing.collections, block, first)
            yield ""
        for note in listing.excluded:
            yield from wrapped(note)
            yield ""
    if listings:
        yield from wrapped(LEGEND)


def _blocks(columns: Sequence[AccessColumn], room: int) -> Iterator[list[AccessColumn]]:
    block: list[AccessColumn] = []
    used = 0
    for column in columns:
        width = max(len(column.heading), 5) + 2
        if block and used + width > room:
            yield block
            block, used = [], 0
        block.append(column)
        used += width
    if block:
        yield block


def _table(collections: Sequence[str], block: Sequence[AccessColumn], first: int) -> Iterator[str]:
    widths = [max(len(column.heading), 5) for column in block]
    heads = "".join(f"  {column.heading:<{width}}" for column, width in zip(block, widths, strict=True))
    yield f"{'':<{first}}{heads}".rstrip()
    for collection in collections:
        shown = collection if len(collection) <= first else f"{collection[: first - 1]}…"
        cells = "".join(f"  {column.cells[collection]:<{width}}" for column, width in zip(block, widths, strict=True))
        yield f"{shown:<{first}}{cells}".rstrip()
