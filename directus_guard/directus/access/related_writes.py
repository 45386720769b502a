"""What a payload writes beside its own item: related items, in the fields of relations. Each such write needs a permission
of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.schema import Schema


class RelatedField(Struct, frozen=True):
    """The other side of a relation, seen from a field of a collection."""

    collection: str
    foreign_key: str | None = None
    """The field there that points back; None: the field is the foreign key itself."""
    primary_key: str | None = None
    """None: not known."""


class RelatedWrite(Struct, frozen=True):
    """A write to a related item. `names`: the fields that it sets there."""

    field: str
    collection: str
    action: str
    names: tuple[str, ...]


def links_of(schema: Schema | None, collection: str) -> Mapping[str, RelatedField]:
    """The relations of a collection, by its field; of many-to-any nothing."""
    found: dict[str, RelatedField] = {}
    if schema is None:
        return found
    for relation in schema.relations:
        if relation.collection == collection and relation.related_collection:
            related = relation.related_collection
            found[relation.field] = RelatedField(related, None, _primary_key(schema, related))
        if relation.related_collection == collection and relation.one_field:
            many = relation.collection
            found[relation.one_field] = RelatedField(many, relation.field, _primary_key(schema, many))
    return found


def _primary_key(schema: Schema, collection: str) -> str | None:
    if collection.startswith("directus_"):
        return "id"
    known = schema.by_collection.get(collection, {}).values()
    return next((field.name for field in known if field.primary_key), None)


def related_writes(name: str, link: RelatedField, value: Json) -> Iterator[RelatedWrite]:
    """The writes that a value for the field of a relation is, as far as it is plain what each of them does."""
    elements: list[Json] = [value] if link.foreign_key is None else []
    if link.foreign_key is not None and isinstance(value, (list, tuple)):
        elements = list(value)
    elif link.foreign_key is not None and isinstance(value, Mapping):
        parts = (value.get(part) for part in ("create", "update"))
        elements = [one for part in parts if isinstance(part, (list, tuple)) for one in part]
    for element in elements:
        yield from _write(name, link, element)


def _write(name: str, link: RelatedField, element: Json) -> Iterator[RelatedWrite]:
    own = () if link.foreign_key is None else (link.foreign_key,)
    if isinstance(element, Mapping):
        if link.primary_key is not None:
            is_there = link.primary_key in element
            names = tuple(one for one in element if one != link.primary_key)
            action = "update" if is_there else "create"
            yield RelatedWrite(name, link.collection, action, tuple(dict.fromkeys((*names, *own))))
    elif own and element is not None:
        yield RelatedWrite(name, link.collection, "update", own)


def is_refused(access: PrincipalAccess, write: RelatedWrite) -> bool:
    """Whether no permission gives a write: none is for the action, or one of its fields is in none."""
    grant = access.grant(write.collection, write.action)
    return not grant.rows or not all(map(grant.reaches, write.names))
