"""The access matrix of one export, as plain data: the audit computes it, the reports print it.

Rules and rows are many times the same, so each is listed once, and cells name them by their index.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from directus_guard.finding import Location

MATRIX_ACTIONS: Final = ("create", "read", "update", "delete", "share")


class MatrixLevel(StrEnum):
    """What a cell says of one action."""

    FULL = "full"
    """Every item and field."""
    CONDITIONAL = "conditional"
    NONE = "none"
    """There are rows, and they allow nothing."""


class PrincipalMark(StrEnum):
    """What matters more than the cells of a principal."""

    ADMINISTRATOR = "administrator"
    ESCALATES = "escalates"
    PERHAPS = "perhaps"
    """Not every way to administrator could be followed."""


class MatrixRule(Struct, frozen=True):
    """What one entry of a cell allows. All texts are safe to show: literals that may be secret are masked."""

    words: str
    """The items, in words."""
    rule: str
    """The same as JSON; "" = every item."""
    fields: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    """Fields that `*` does not reach here."""
    validation: str = ""
    """What a payload must satisfy, JSON; "" = nothing."""
    presets: str = ""
    """What fills a payload, JSON; "" = nothing."""


class MatrixGrant(Struct, frozen=True):
    """What a cell allows: the level, and its entries as indexes of `AccessMatrix.rules`."""

    level: MatrixLevel
    rules: tuple[int, ...]


class MatrixCell(NamedTuple):
    """What a principal may do: indexes of the collection, the action and the grant."""

    collection: int
    action: int
    grant: int


class MatrixPrincipal(Struct, frozen=True):
    """One principal and its cells; a cell that is not listed has no rows."""

    name: str
    kind: str
    """`public`, `role` or `user`."""
    mark: PrincipalMark | None
    unsure: bool
    """Whether the export may not show all of its access."""
    policies: tuple[int, ...]
    """Whose rows it has: indexes of `AccessMatrix.policies`."""
    cells: tuple[MatrixCell, ...]


class MatrixRow(NamedTuple):
    """A stored permission: indexes of its policy, collection, action and text, and its place."""

    policy: int
    collection: int
    action: int
    text: int
    location: Location | None


class AccessMatrix(Struct, frozen=True):
    """Who may do what by one export. All texts are safe to show."""

    export: str
    directus: str
    """The version and edition it is judged by, and which of them is assumed."""
    unknown: tuple[str, ...]
    """Why parts of it are not known."""
    collections: tuple[str, ...]
    policies: tuple[str, ...]
    principals: tuple[MatrixPrincipal, ...]
    grants: tuple[MatrixGrant, ...]
    rules: tuple[MatrixRule, ...]
    rows: tuple[MatrixRow, ...]
    texts: tuple[str, ...]
    """What rows say: fields and rule, in words."""


class MarkedCell(Struct, frozen=True):
    """A cell of a matrix that marks a change: letters of actions, as the table of `access` has them."""

    now: str
    """A letter for each action; capital: every item and field."""
    added: str = ""
    """Letters of actions that the change grants, or grants more of."""
    removed: str = ""
    """Letters, as they were on the base, of actions that it takes away, or grants less of."""

    @property
    def changed(self) -> bool:
        """Whether the change has to do with it."""
        return bool(self.added or self.removed)


class MarkedMatrix(Struct, frozen=True):
    """The matrix of one export, with what a change adds and removes. All texts are safe to show."""

    export: str
    directus: str
    principals: tuple[str, ...]
    """Names, with the mark of `access`."""
    collections: tuple[str, ...]
    cells: tuple[tuple[MarkedCell, ...], ...]
    """For each collection one for each principal."""

    @property
    def changed(self) -> bool:
        """Whether any cell is."""
        return any(cell.changed for row in self.cells for cell in row)
