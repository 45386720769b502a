"""What every editor of a format can do. It answers None where it cannot: nothing is edited that is not understood wholly.

Each edit is tested before it is handed out: the file is parsed again, and everything but the one value is as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from directus_guard.finding import Edit, Location


class Editor(Protocol):
    """Edits of one file that sets variables. A `place` is the region of a variable's value, or of its name without one."""

    def written(self, place: Location) -> str | None:
        """The text of a value as the format reads it, references not replaced; None where no value is there."""

    def set(self, place: Location, value: str) -> Edit | None:
        """Give a value another text."""

    def remove(self, place: Location, name: str) -> Edit | None:
        """Take the variable out."""

    def rename(self, place: Location, name: str, to: str) -> Edit | None:
        """Give the variable another name."""

    def add(self, beside: Location, name: str, value: str) -> Edit | None:
        """Set another variable below that one, written as that one is."""
