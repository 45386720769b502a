"""The rows of directus_access with their indexes, which models that share the rows share."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from directus_guard.directus.access.records import Access

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_FEW: Final = 6
"""So many questions are answered by a look at every row, before an index is made: of most states of a plan few are asked."""


class AttachedRows(tuple[Access, ...]):  # noqa: SLOT001 - its indexes are kept with it
    """Rows of directus_access. Each index is made once, in time that grows with the rows, and goes with them."""

    _asked = 0

    @classmethod
    def of(cls, rows: Iterable[Access]) -> Self:
        """The rows with indexes; those that have some keep them."""
        return rows if isinstance(rows, cls) else cls(rows)

    def policies_of(self, roles: Sequence[str]) -> list[str]:
        """The policies of roles, those of the first one first, each role's in the order in which Directus reads them."""
        self._asked += len(roles)
        if self._asked <= _FEW:
            held = sorted((row for row in self if row.role in roles), key=_order)
            return [row.policy for role in roles for row in held if row.role == role]
        by_role = self._by_role
        return [row.policy for role in roles for row in by_role.get(role, ())]

    @cached_property
    def _by_role(self) -> Mapping[str | None, Sequence[Access]]:
        found: dict[str | None, list[Access]] = {}
        for row in sorted(self, key=_order):
            found.setdefault(row.role, []).append(row)
        return found

    @cached_property
    def by_user(self) -> Mapping[str, Sequence[Access]]:
        """The rows of each user, in that order."""
        found: dict[str, list[Access]] = {}
        for row in sorted((row for row in self if row.user is not None), key=_order):
            found.setdefault(row.user or "", []).append(row)
        return found

    @cached_property
    def public(self) -> Sequence[Access]:
        """The rows of the public, in that order."""
        return sorted((row for row in self if row.role is None and row.user is None), key=_order)


def _order(row: Access) -> tuple[bool, int, str]:
    return row.sort is None, row.sort or 0, row.policy
