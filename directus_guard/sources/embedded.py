"""Files that are written inside of another file: where each of their places is in the file that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.finding import Location
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.sources.files.repository import Repository


def places(repository: Repository, text: Location) -> Callable[[Location], Location]:
    """The place in the whole file of a place in a text of its YAML, which is at `text`.

    Only in a block (`|`) the lines are found again; of a text that is written otherwise everything is at its own place.
    Places in other files stay as they are.
    """
    begin = yaml_document.block_text(repository.lines(text.path), text)

    def place(inner: Location) -> Location:
        if inner.path != text.path:
            return inner
        if begin is None:
            return text
        line, column = begin[0] - 1, begin[1]
        return Location(
            inner.path, inner.line + line, inner.column + column, inner.end_line + line, inner.end_column + column
        )

    return place
