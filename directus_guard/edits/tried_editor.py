"""An editor that tries each edit once, and only so many: a trial reads the whole file again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.limits import OverBudgetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.edits.editor import Editor
    from directus_guard.finding import Edit, Location
    from directus_guard.limits import Budget

LEAST: Final = 400
"""Characters that a trial counts at least: that of a file of a few lines costs as much."""


class TriedEditor:
    """See `Editor`. Many findings ask for one edit. Where no trial is left it answers None."""

    def __init__(self, editor: Editor, characters: int, room: Budget) -> None:
        """`characters`: of the file. `room`: how many may be read in all trials."""
        self._editor: Final = editor
        self._cost: Final = max(characters, LEAST)
        self._room: Final = room
        self._tried: Final[dict[tuple[str, Location, str, str], Edit | None]] = {}

    def written(self, place: Location) -> str | None:
        """See `Editor.written`."""
        return self._editor.written(place)

    def set(self, place: Location, value: str) -> Edit | None:
        """See `Editor.set`."""
        return self._try(("set", place, "", value), lambda: self._editor.set(place, value))

    def remove(self, place: Location, name: str) -> Edit | None:
        """See `Editor.remove`."""
        return self._try(("remove", place, name, ""), lambda: self._editor.remove(place, name))

    def rename(self, place: Location, name: str, to: str) -> Edit | None:
        """See `Editor.rename`."""
        return self._try(("rename", place, name, to), lambda: self._editor.rename(place, name, to))

    def add(self, beside: Location, name: str, value: str) -> Edit | None:
        """See `Editor.add`."""
        return self._try(("add", beside, name, value), lambda: self._editor.add(beside, name, value))

    def _try(self, asked: tuple[str, Location, str, str], make: Callable[[], Edit | None]) -> Edit | None:
        if asked not in self._tried:
            try:
                self._room.spend(self._cost)
            except OverBudgetError:
                return None
            self._tried[asked] = make()
        return self._tried[asked]
