"""The data model of a Directus project: its collections, fields and relations, as far as a snapshot or an instance tells.

The records are those of `GET /schema/snapshot` and of `directus schema snapshot`
(docs/model/exports.md#schema-snapshots): no system collections there, but an instance's own `/collections`, `/fields`
and `/relations` have them too.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.finding import Location


class Collection(Struct, frozen=True):
    """directus_collections. `accountability` None: neither activity nor revisions are kept."""

    name: str
    hidden: bool = False
    singleton: bool = False
    accountability: str | None = "all"
    location: Location | None = None
    has_table: bool = False
    """Whether the source says that it is a table; others only group collections, and have no field."""


class Field(Struct, frozen=True):
    """directus_fields with its column. `special` are Directus' marks (`m2o`, `conceal`, `hash`, `user-created` …)."""

    collection: str
    name: str
    type: str = "unknown"
    special: tuple[str, ...] = ()
    nullable: bool | None = None
    """None: not known."""
    primary_key: bool = False
    location: Location | None = None
    required: bool = False
    """Whether a new item must be given a value: the column takes no null, and neither it nor Directus fills one in."""


GENERATED: Final = frozenset({"uuid", "user-created", "role-created", "date-created"})
"""Marks of fields that Directus fills in itself."""


class Relation(Struct, frozen=True):
    """directus_relations, seen from the many side: `collection.field` points at `related_collection`.

    `related_collection` None: many-to-any, to one of `allowed_collections`, named by the field `one_collection_field`.
    `one_field`: the alias on the other side. `junction_field`: the other foreign key, where `collection` is a junction.
    """

    collection: str
    field: str
    related_collection: str | None = None
    one_field: str | None = None
    junction_field: str | None = None
    one_collection_field: str | None = None
    allowed_collections: tuple[str, ...] = ()
    location: Location | None = None
    on_delete: str = ""
    """What the database does with these items once what they point at is deleted (`CASCADE`); "" where that is not known."""


class Schema(Struct, frozen=True, dict=True):
    """Everything known of the data model."""

    collections: tuple[Collection, ...] = ()
    fields: tuple[Field, ...] = ()
    relations: tuple[Relation, ...] = ()
    source: str = ""
    """The file, or the folder, that tells it."""
    complete: bool = False
    """Whether a collection or field that is not here does not exist, as far as Directus manages it (system collections
    apart)."""
    others: tuple[str, ...] = ()
    """Further sources that describe it, too, and were left out."""
    broken: bool = False
    """Whether some of it is lost: what is here is true, what is not here may exist."""
    vendor: str = ""
    """The database of the instance that it is of, as Directus names it (`postgres`, `sqlite`); "" where that is not known."""

    @cached_property
    def by_collection(self) -> Mapping[str, Mapping[str, Field]]:
        """The fields of each collection by name; a collection without fields is there too."""
        found: dict[str, dict[str, Field]] = {collection.name: {} for collection in self.collections}
        for field in self.fields:
            found.setdefault(field.collection, {})[field.name] = field
        return found

    @cached_property
    def without_fields(self) -> frozenset[str]:
        """Tables without a single field: each has its key at least, so that nothing is known of theirs."""
        return frozenset(one.name for one in self.collections if one.has_table and not self.by_collection[one.name])

    @cached_property
    def whole_collections(self) -> frozenset[str]:
        """The collections of which every field and relation is known."""
        return frozenset() if self.broken else frozenset(self.by_collection) - self.without_fields

    @cached_property
    def required_fields(self) -> Mapping[str, tuple[str, ...]]:
        """The fields of each collection without which no item is created, in the order of the source."""
        found: dict[str, tuple[str, ...]] = {}
        for field in self.fields:
            if field.required:
                found[field.collection] = (*found.get(field.collection, ()), field.name)
        return found

    @cached_property
    def relations_of(self) -> Mapping[str, tuple[Relation, ...]]:
        """The relations of each collection that holds the foreign key, in the order of the file."""
        found: dict[str, tuple[Relation, ...]] = {}
        for relation in self.relations:
            found[relation.collection] = (*found.get(relation.collection, ()), relation)
        return found

    @cached_property
    def collection(self) -> Mapping[str, Collection]:
        """The collections by name."""
        return {collection.name: collection for collection in self.collections}

    @cached_property
    def junctions(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that make a link, by junction collection: its two foreign keys, and for many-to-any the field that
        names the other side.

        Tables of translations are built alike but hold texts; they are none (`translations` marks the field that shows them).
        """
        found: dict[str, tuple[str, ...]] = {}
        for collection, relations in self.relations_of.items():
            linking = [relation for relation in relations if relation.junction_field]
            if not linking or any(self._shows_translations(relation) for relation in linking):
                continue
            keys = {
                name for one in linking for name in (one.field, one.junction_field, one.one_collection_field) if name
            }
            found[collection] = tuple(sorted(keys))
        return found

    def _shows_translations(self, relation: Relation) -> bool:
        shown = self.by_collection.get(relation.related_collection or "", {}).get(relation.one_field or "")
        return shown is not None and "translations" in shown.special

    def linked(self, junction: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The collections that a junction links: those whose items show the links, and the others."""
        relations = [one for one in self.relations_of.get(junction, ()) if one.junction_field]
        shown = tuple(one.related_collection for one in relations if one.related_collection and one.one_field)
        others = [one.related_collection for one in relations if one.related_collection and not one.one_field]
        others += [name for one in relations if not one.related_collection for name in one.allowed_collections]
        return (shown, tuple(others)) if shown else (tuple(others), ())

    def is_foreign_key(self, collection: str, field: str) -> bool:
        """Whether a field points at another collection."""
        return any(relation.field == field for relation in self.relations_of.get(collection, ()))


def relations_to(relations: Iterable[Relation], wanted: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    """The fields of each collection whose related rows are of some collections, or lead there over further relations."""
    edges: dict[str, set[tuple[str, str]]] = {}
    into: dict[str, set[str]] = {}
    for one in relations:
        many = [one.related_collection] if one.related_collection else list(one.allowed_collections)
        pairs = [(one.collection, one.field, target) for target in many]
        if one.one_field and one.related_collection:
            pairs.append((one.related_collection, one.one_field, one.collection))
        for collection, field, target in pairs:
            edges.setdefault(collection, set()).add((field, target))
            into.setdefault(target, set()).add(collection)
    leading = set(wanted)
    waiting = sorted(leading)
    while waiting:
        for collection in into.get(waiting.pop(), set()) - leading:
            leading.add(collection)
            waiting.append(collection)
    return {
        collection: tuple(sorted({field for field, target in found if target in leading}))
        for collection, found in edges.items()
    }
