"""Who can do what in one export, as plain data: the audit computes it, the reports print it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.access_matrix import AccessMatrix


class AccessColumn(Struct, frozen=True):
    """What one principal can do."""

    heading: str
    """The principal's name, safe to show, with its mark."""
    cells: Mapping[str, str]
    """A letter for each action, by collection."""


class AccessListing(Struct, frozen=True):
    """The table of one export."""

    export: str
    directus: str
    """The version and edition it is judged by, and which of them is assumed."""
    unknown: tuple[str, ...]
    """Why parts of it are not known."""
    collections: tuple[str, ...]
    """Safe to show."""
    columns: tuple[AccessColumn, ...]
    excluded: tuple[str, ...]
    """Where every item does not mean every field: a sentence each."""


class AccessTables(Protocol):
    """Who can do what in several exports, computed in the shape that is asked for."""

    def listings(self) -> tuple[AccessListing, ...]:
        """A table for each export."""
        ...

    def matrices(self) -> tuple[AccessMatrix, ...]:
        """A matrix for each export."""
        ...

    def as_json(self) -> Mapping[str, object]:
        """As docs/contract.md#access-v1 has it."""
        ...
