"""What the two checks on junctions share: which collections are junctions, and by which fields they link."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.checks.shared.enumerations import first_names
from directus_guard.checks.shared.row_fixes import listed
from directus_guard.checks.shared.rows import every, matches_everything, settable, unpinned
from directus_guard.directus.tri import Tri
from directus_guard.finding import Confidence
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import EffectiveRow, Export

_NUMBERED: Final = lazy_pattern(r"_\d+\Z")
RULE: Final = "a validation with `_eq` or `_in` on both keys"


class Link(Struct, frozen=True):
    """A row on a junction that lets users create or change links."""

    granted: EffectiveRow
    keys: tuple[str, ...]
    """The fields that make the link."""
    open: tuple[str, ...]
    """Those of them that a payload may set to anything."""
    confidence: Confidence
    """High where a snapshot says that it is a junction, else as much as its names do."""

    @property
    def shown(self) -> str:
        if self.confidence is Confidence.LOW:
            return "the fields that link"
        return listed(self.open)


def links(export: Export, action: str) -> Iterator[Link]:
    """The rows on junctions that name a key, and grant something that the principal could not do anyway."""
    junctions = export.schema.junctions if export.schema else {}
    known = export.schema.whole_collections if export.schema else frozenset()
    sides = _sides(export)
    guesses = _Guesses(sides)
    for granted in every(export, action):
        collection = granted.row.collection
        if export.schema and collection in junctions and not (not known and _holds_translations(collection)):
            keys, confidence = junctions[collection], Confidence.HIGH
            owners, others = export.schema.linked(collection)
        elif collection in known or collection.startswith("directus_") or _holds_translations(collection):
            continue
        else:
            keys, confidence = guesses.of(granted.row)
            if not keys:
                continue
            owners, others = _named_sides(collection, sides)
        gains = not owners or any(not _mirrors(export, one, owners, others) for one in granted.principals)
        if gains and any(settable(granted.row, name) for name in keys):
            yield Link(granted, keys, unpinned(export, granted, *keys), confidence)


def _sides(export: Export) -> frozenset[str]:
    """The collections that a junction may link, as far as rows name them."""
    return export.model.collections | {"files", "directus_files", "directus_users"}


def _mirrors(export: Export, principal: Principal, owners: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether a principal may change every item that shows the links and read every item linked: then a row without
    limits on the junction mirrors what holds for the two sides, as the checklist asks."""
    access = export.model.of(principal)
    changed = all(matches_everything(access.items(name, "update")) is Tri.YES for name in owners)
    return changed and all(matches_everything(access.items(name, "read")) is Tri.YES for name in (*owners, *others))


@lru_cache(maxsize=4096)
def _plain(collection: str) -> str:
    """The name without what Directus adds: `junction_` where a side is a system collection, a number where it is taken."""
    return _NUMBERED.sub("", collection).removeprefix("junction_")


def _named_sides(collection: str, sides: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The collections a junction's name is made of, the one that shows the links first; () if it is not known."""
    name = _plain(collection)
    for cut in re.finditer("_", name):
        left, right = name[: cut.start()], name[cut.end() :]
        if left in sides and right in sides:
            return (left,), ("directus_files" if right == "files" else right,)
    return (), ()


class _Guesses:
    """The guesses for an export's rows, each worked out once: many rows are of one collection."""

    def __init__(self, sides: frozenset[str]) -> None:
        self._sides = sides
        self._known: dict[tuple[str, tuple[str, ...]], tuple[tuple[str, ...], Confidence]] = {}

    def of(self, row: Permission) -> tuple[tuple[str, ...], Confidence]:
        """The keys of what looks like a junction, () for what does not."""
        key = row.collection, tuple(row.fields or ())
        if key not in self._known:
            self._known[key] = _guess(*key, self._sides)
        return self._known[key]


def _guess(collection: str, fields: tuple[str, ...], sides: frozenset[str]) -> tuple[tuple[str, ...], Confidence]:
    """The keys of what looks like a junction by Directus' own habits of naming: `posts_tags` with `posts_id` and `tags_id`,
    many-to-any with `item` and `collection`. Tables of translations are built alike, but hold texts."""
    name = _plain(collection)
    ids = tuple(field for field in fields if field.endswith("_id"))
    if {"item", "collection"} <= set(fields) and ids:
        return ("collection", ids[0], "item"), Confidence.MEDIUM
    for cut in re.finditer("_", name):
        left, right = name[: cut.start()], name[cut.end() :]
        keys = (f"{left}_id", f"{'directus_files' if right == 'files' else right}_id")
        if set(keys) <= set(ids):
            return keys, Confidence.MEDIUM
        if "*" in fields and left in sides and right in sides:
            return keys, Confidence.LOW
        if "*" in fields and not _is_namespace(name, sides) and _is_side(left, sides) and _is_side(right, sides):
            return keys, Confidence.LOW
    if "*" in fields and collection.startswith("junction_"):
        return (f"{name}_id",), Confidence.LOW
    return (), Confidence.LOW


def _is_side(name: str, sides: frozenset[str]) -> bool:
    """Whether half of a name is that of a collection: one that a row names, or a plural, as collections are called."""
    return name in sides or f"{name}s" in sides or (name.endswith("s") and not name.endswith("ss"))


def _is_namespace(name: str, sides: frozenset[str]) -> bool:
    """Whether a name begins as those of other collections do: `shop_orders`, `shop_items`, `shop_taxes`."""
    prefix = f"{name.partition('_')[0]}_"
    return sum(side.startswith(prefix) for side in sides) > _PAIR


_PAIR: Final = 2
"""Collections that may begin with the same word by chance: `posts_tags` and `posts_files`."""


def _holds_translations(collection: str) -> bool:
    """Tables of translations are built like junctions, but hold texts."""
    return _plain(collection).endswith("_translations")


def unknown(export: Export, action: str) -> Iterator[CheckResult]:
    """The answer about collections that no data model describes, and whose names do not say that they link anything."""
    known = {*export.schema.whole_collections, *export.schema.junctions} if export.schema else set()
    guesses = _Guesses(_sides(export))
    names = sorted(
        {
            granted.row.collection
            for granted in every(export, action)
            if granted.row.collection not in known
            and not granted.row.collection.startswith("directus_")
            and not _holds_translations(granted.row.collection)
            and ("*" in (granted.row.fields or ()) or len(granted.row.fields or ()) > 1)
            and not guesses.of(granted.row)[0]
        }
    )
    if names and (export.schema is None or not export.schema.complete):
        listed = first_names(names)
        yield NotEvaluated(f"no data model says whether {listed} links items", export.location)
