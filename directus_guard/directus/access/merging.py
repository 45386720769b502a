"""The rows of several policies, joined by collection and action; on 10 merged into one.

Rests on `utils/get-permissions.js` of `@directus/api` 21.0.2 (Directus 10.13) and measurements on 10.13.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final, TypeAlias

from directus_guard.directus.access.grants import Grant, GrantRow
from directus_guard.directus.access.item_rules import is_unrestricted, rule_of_row
from directus_guard.directus.access.records import ACTIONS, Permission, say_the_same
from directus_guard.directus.content import content_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.access.filters import Json

Key: TypeAlias = tuple[str, str]
"""A collection and an action."""
RowsByKey: TypeAlias = Mapping[Key, Sequence[GrantRow]]
"""Rows by collection and action."""
_FEW: Final = 8
"""So many policies are asked one by one; where there are more, what each of them has is looked up once."""


def by_key(rows: Iterable[GrantRow]) -> RowsByKey:
    """The rows by the collection and action they are about."""
    found: dict[Key, list[GrantRow]] = {}
    for row in rows:
        found.setdefault((row.permission.collection, row.permission.action), []).append(row)
    return found


class HolderRows(Mapping[Key, Sequence[GrantRow]]):
    """`by_key` of the stored rows of one policy. Most are never asked for, so each is read when its key is."""

    __slots__ = ("_answers", "_changed", "_granted", "_read", "_stored")

    def __init__(self, stored: Iterable[Permission], read: Callable[[Permission], GrantRow]) -> None:
        self._stored: dict[Key, list[Permission]] = {}
        self._granted: dict[Key, Sequence[GrantRow]] = {}
        self._answers: dict[frozenset[Key], bool] = {}
        self._changed: tuple[HolderRows | None, frozenset[Key]] = (None, frozenset())
        self._read = read
        for row in stored:
            self._stored.setdefault((row.collection, row.action), []).append(row)

    def has_any(self, keys: frozenset[Key]) -> bool:
        """Whether there are rows for one of the keys. Each such question is answered once."""
        if keys not in self._answers:
            self._answers[keys] = any(map(self._stored.__contains__, keys))
        return self._answers[keys]

    def changed(self, other: HolderRows) -> frozenset[Key]:
        """The keys for which it and the rows of another model may allow something else. Found once for two policies."""
        if self._changed[0] is not other:
            mine, theirs = self._stored, other._stored
            self._changed = (
                other,
                frozenset(
                    key
                    for key in mine.keys() | theirs.keys()
                    if len(rows := mine.get(key, ())) != len(others := theirs.get(key, ()))
                    or not all(map(say_the_same, rows, others))
                ),
            )
        return self._changed[1]

    def __getitem__(self, key: Key) -> Sequence[GrantRow]:
        if key not in self._granted:
            self._granted[key] = tuple(map(self._read, self._stored[key]))
        return self._granted[key]

    def __contains__(self, key: object) -> bool:
        return key in self._stored

    def __iter__(self) -> Iterator[Key]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


class JoinedRows:
    """The rows of a set of policies by collection and action, joined and merged when first asked for.

    `parts`: what each policy has, made once for all who hold it.
    """

    __slots__ = ("_by_key", "_grants", "_major", "_merge", "_parts", "_taken")

    def __init__(
        self, parts: Sequence[RowsByKey], major: int, *, merge: bool, taken: Mapping[Key, int] | None = None
    ) -> None:
        """`taken`: the number of the one row that counts, for some keys."""
        self._parts = parts
        self._by_key: dict[Key, list[RowsByKey]] | None = None
        self._grants: dict[Key, Grant] = {}
        self._major = major
        self._merge = merge
        self._taken = taken or {}

    def grant(self, collection: str, action: str) -> Grant:
        key = (collection, action)
        if key not in self._grants:
            rows = sorted((row for part in self._with(key) for row in part[key]), key=_row_order)
            if key in self._taken:
                rows = [rows[self._taken[key]]]
            elif self._merge and len(rows) > 1:
                rows = [_merged(rows, self._major)]
            self._grants[key] = Grant(collection, action, tuple(rows), self._major)
        return self._grants[key]

    def taking_one(self, keys: Sequence[Key], most: int) -> tuple[JoinedRows, ...]:
        """The same with one of several rows for each of these keys: every choice, the first rows first; none if there are
        more than `most` of them."""
        numbers = {key: sum(len(part[key]) for part in self._with(key)) for key in keys}
        several = {key: number for key, number in numbers.items() if number > 1}
        if not several or prod(several.values()) > most:
            return ()
        chosen = (dict(zip(several, one, strict=True)) for one in product(*map(range, several.values())))
        return tuple(JoinedRows(self._parts, self._major, merge=self._merge, taken=one) for one in chosen)

    def has_any(self, keys: frozenset[Key]) -> bool:
        """Whether there are rows for one of the keys."""
        return any(
            part.has_any(keys) if isinstance(part, HolderRows) else any(map(part.__contains__, keys))
            for part in self._parts
        )

    def _with(self, key: Key) -> Sequence[RowsByKey]:
        """The parts that have rows for it."""
        if len(self._parts) <= _FEW:
            return [part for part in self._parts if key in part]
        if self._by_key is None:
            self._by_key = {}
            for part in self._parts:
                for its in part:
                    self._by_key.setdefault(its, []).append(part)
        return self._by_key.get(key, ())

    def changed(self, other: JoinedRows) -> frozenset[Key] | None:
        """The keys for which it and another one may allow something else; None where any may."""
        if self._merge or other._merge or self._major != other._major or len(self._parts) != len(other._parts):
            return None  # what is merged depends on the order of the rows
        found: set[Key] = set()
        for part, its in zip(self._parts, other._parts, strict=True):
            if isinstance(part, HolderRows) and isinstance(its, HolderRows):
                found |= part.changed(its)
            else:
                found |= part.keys() | its.keys()
        return frozenset(found)

    def grants(self, among: frozenset[Key] | None = None) -> tuple[Grant, ...]:
        """Those with rows, sorted. `among`: of these keys only."""
        order = {action: index for index, action in enumerate(ACTIONS)}
        found = {key for part in self._parts for key in (part if among is None else among.intersection(part))}
        keys = sorted(found, key=lambda key: (key[0], order.get(key[1], len(order)), key[1]))
        return tuple(self.grant(*key) for key in keys)


def _row_order(row: GrantRow) -> tuple[int, int, str]:
    """By id where there is one, then by content: the order of a file says nothing about the database's."""
    permission = row.permission
    if isinstance(permission.id, int):
        return 0, permission.id, ""
    content = (permission.fields, permission.permissions, permission.validation, permission.presets, permission.id)
    return 1, 0, content_key(content)


def _merged(rows: Sequence[GrantRow], major: int) -> GrantRow:
    """10 merges rows of a role, collection and action into one: rules and validations by OR, fields united apart from
    them (`mergePermissions('or')`). A null rule frees every item (measured); a null validation frees every payload."""
    permissions = [row.permission for row in rows]
    presets: dict[str, Json] = {}
    for permission in permissions:
        if isinstance(permission.presets, Mapping):
            presets.update(permission.presets)
    named = [permission.fields for permission in permissions if permission.fields is not None]
    first = permissions[0]
    merged = Permission(
        collection=first.collection,
        action=first.action,
        permissions=_or([permission.permissions for permission in permissions]),
        validation=_or([permission.validation for permission in permissions]),
        presets=presets or None,
        fields=tuple(dict.fromkeys(name for fields in named for name in fields)) if named else None,
        role=first.role,
        location=first.location,
    )
    return GrantRow(
        merged,
        ", ".join(dict.fromkeys(row.granted_by for row in rows)),
        tuple(source for row in rows for source in row.sources),
        rule_of_row(merged.permissions, major=major),
    )


def _or(rules: Sequence[Json]) -> Json:
    return {} if any(is_unrestricted(rule) for rule in rules) else {"_or": list(rules)}
