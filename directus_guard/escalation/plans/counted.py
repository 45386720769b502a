"""Which of several permissions of one kind Directus 10 takes.

It merges them for roles with app access only. For other roles and for the public it takes the first that the database
returns (`services/authorization.js`, `utils/get-permissions.js` of `@directus/api` 21.0.2; measured on 10.13.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from directus_guard.escalation.tables import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.access.model import AccessModel
    from directus_guard.directus.access.records import Permission

Kind: TypeAlias = tuple[str | None, str, str]
"""A role (None: the public), a collection and an action."""


class CountedPermissions(Struct, frozen=True):
    """The permissions that count. `crowded`: the kinds of which there are others, so that the database chooses."""

    rows: tuple[Permission, ...]
    crowded: frozenset[Kind] = frozenset()


def first_of_each(
    permissions: Mapping[object, Permission],
    merged: frozenset[str],
    *,
    keyed: bool,
    ahead: frozenset[object] = frozenset(),
) -> CountedPermissions:
    """The first permission of each kind: those in `ahead`, then by key, new ones last; all of the roles in `merged`.

    `keyed`: whether a permission without a key is several, which the API answers as one.
    """
    found: dict[Kind, Permission] = {}
    crowded: set[Kind] = set()
    kept: list[Permission] = []
    ordered = sorted(permissions.items(), key=lambda one: (one[0] not in ahead, _order(one[1])))
    for _, row in ordered:
        kind = (row.role, row.collection, row.action)
        if row.role in merged:
            kept.append(row)
            continue
        if kind in found or (keyed and row.id is None):
            crowded.add(kind)
        found.setdefault(kind, row)
    return CountedPermissions((*kept, *found.values()), frozenset(crowded))


def without_first(rows: Iterable[Permission]) -> Iterator[Permission]:
    """The permissions without the first of each kind of which there are several."""
    kinds: dict[Kind, dict[tuple[object, ...], Permission]] = {}
    for row in sorted(rows, key=_order):
        kinds.setdefault((row.role, row.collection, row.action), {})[row.identity] = row
    for found in kinds.values():
        yield from list(found.values())[1 if len(found) > 1 else 0 :]


def may_have_several(model: AccessModel) -> bool:
    """Whether some role without app access, or the public, has several permissions of one kind, or an account may make it so."""
    if model.has_policies:
        return False
    merged = {role.id for role in model.roles if role.app_access}
    kinds = [(row.role, row.collection, row.action) for row in model.permissions if row.role not in merged]
    changes = any(row.collection == PERMISSIONS and row.action in ("create", "update") for row in model.permissions)
    return changes or len(kinds) > len(set(kinds))


def _order(row: Permission) -> tuple[bool, int]:
    return (False, row.id) if isinstance(row.id, int) else (True, 0)
