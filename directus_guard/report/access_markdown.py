"""`directus-guard access --output markdown`: the tables of `access_text` as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.report.access_text import LEGEND
from directus_guard.report.markdown import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.access_listing import AccessListing


def markdown(listings: Sequence[AccessListing]) -> Iterator[str]:
    """The lines."""
    for listing in listings:
        yield f"## {_cell(listing.export)}"
        yield ""
        yield f"{listing.directus}."
        yield ""
        yield "| collection | " + " | ".join(_cell(column.heading) for column in listing.columns) + " |"
        yield "|---|" + "---|" * len(listing.columns)
        for collection in listing.collections:
            cells = " | ".join(f"`{column.cells.get(collection, '-----')}`" for column in listing.columns)
            yield f"| {_cell(collection)} | {cells} |"
        yield ""
        for note in listing.excluded:
            yield f"- {escape(note)}"
            yield ""
    yield LEGEND


def _cell(name: str) -> str:
    encoded = "".join(letter if letter.isalnum() or letter in " _./-" else f"&#{ord(letter)};" for letter in name)
    return encoded.replace("_", "\\_")
