"""Places in the diff: GitHub shows an alert in a pull request only where its whole region lies in added or changed lines.

A new finding is shown at the first of its places that does. What it is known by stays its own place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.audit.row_frame import row_frame
from directus_guard.finding import Location, Related, State
from directus_guard.sources.exports.stored_rows import StoredRows, TextLines
from directus_guard.sources.files.changed_lines import added_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.audit.renames import Renames
    from directus_guard.finding import Finding, Frame
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.files.store import Store

_MOST_BYTES: Final = 256 * 1024 * 1024
OWN_PLACE: Final = "what it is about"


def in_the_diff(
    findings: Iterable[Finding], repository: Repository, base: Store, head: Store, moved: Renames
) -> tuple[Finding, ...]:
    """The findings, new ones at a line that the change adds where one of their places is on such a line."""
    diff = _Diff(repository, base, head, moved)
    return tuple(
        diff.placed(finding) if finding.state is State.NEW and not finding.live else finding for finding in findings
    )


class _Diff:
    """The added lines of the files that findings name. Each file is compared once."""

    def __init__(self, repository: Repository, base: Store, head: Store, moved: Renames) -> None:
        self._base, self._head, self._moved = base, head, moved
        self._rows = StoredRows(repository)
        self._added: dict[str, frozenset[int]] = {}
        self._texts: dict[str, TextLines] = {}

    def placed(self, finding: Finding) -> Finding:
        """The finding at its first place in the diff."""
        place = next(self._candidates(finding), None)
        if place is None or place == finding.location:
            return replace(finding, in_diff=place is not None)
        named = {one.location for one in finding.related}
        own = () if finding.location in named else (Related(finding.location, OWN_PLACE),)
        # The frame is that of the old place.
        return replace(
            finding,
            location=place,
            home=finding.location,
            related=(*finding.related, *own),
            frame=self._frame(finding, place),
            in_diff=True,
        )

    def _frame(self, finding: Finding, place: Location) -> Frame | None:
        for whole in (finding.row, *(related.location for related in finding.related)):
            if whole.path == place.path and whole.line <= place.line <= whole.end_line:
                row = self._rows.row(whole)
                if row is not None:
                    return row_frame(row, place)
        return None

    def _candidates(self, finding: Finding) -> Iterator[Location]:
        """Places of a finding that lie in the diff, the one that tells most first."""
        members = finding.anchor.places if finding.anchor else ()
        wholes = (finding.row, *(related.location for related in finding.related))
        for place in (finding.location, *members):
            if place.line == place.end_line and place.line in self._lines(place.path):
                yield place
        for whole in wholes:
            yield from self._within(whole, finding.location.line if whole == finding.row else whole.line)

    def _within(self, whole: Location, start: int) -> Iterator[Location]:
        """The added lines of a region that say something, those from `start` on first."""
        added = [line for line in self._lines(whole.path) if whole.line <= line <= whole.end_line]
        for line in sorted(added, key=lambda line: (line < start, line)):
            text = self._text(whole.path).line(line)
            first = whole.column - 1 if line == whole.line else 0
            last = whole.end_column - 1 if line == whole.end_line and whole.end_column > 1 + first else len(text)
            shown = text[first:last]
            if any(map(str.isalnum, shown)):
                column = first + len(shown) - len(shown.lstrip()) + 1
                yield Location(whole.path, line, column, line, first + len(shown.rstrip()) + 1)

    def _lines(self, path: str) -> frozenset[int]:
        if path not in self._added:
            before = _content(self._base, self._moved.name_on_base(path))
            self._added[path] = added_lines(before, _content(self._head, path))
        return self._added[path]

    def _text(self, path: str) -> TextLines:
        if path not in self._texts:
            self._texts[path] = TextLines(_content(self._head, path).decode("utf-8-sig", "replace"))
        return self._texts[path]


def _content(store: Store, path: str) -> bytes:
    """What a file holds; nothing where there is none."""
    try:
        with store.open(path) as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return b""
