"""The collections, fields and relations of a project on the server, as far as access rests on them.

Columns may be empty, whatever the project has: nothing here is about its content, and an item can be made without knowing
what it must have. Where the export has no data model, tables with the fields that its rows name stand in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.schema import Field, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.access.schema import Relation
    from directus_guard.directus.export import Export
    from directus_guard.prove.applied import Json, Row
    from directus_guard.prove.client import WriteClient
    from directus_guard.prove.writer import Writer

_TYPES: Final = frozenset(
    {
        "alias", "bigInteger", "binary", "boolean", "csv", "date", "dateTime", "decimal", "float", "hash", "integer", "json",
        "string", "text", "time", "timestamp", "uuid",
    }
)  # fmt: skip
"""Types that every database has without an extension; others become texts."""
_SYSTEM: Final = "directus_"
_GROUPS: Final = ("_and", "_or")


def store(writer: Writer, export: Export, most: int | None) -> Mapping[str, str]:
    """Make what is not there. `most`: so many collections are allowed. The field that is the key, by collection."""
    existing = _existing(writer.client)
    fields = _fields(writer, export, existing)
    own = {name: found for name, found in fields.items() if not name.startswith(_SYSTEM)}
    if most is not None and len(own) > most:
        for name in list(own)[most:]:
            writer.leave_out("collections", name, f"this edition has no more than {most}")
        own = dict(list(own.items())[:most])
    without_table = {one.name for one in (export.schema.collections if export.schema else ()) if not one.has_table}
    collections = {name: _collection(name, found, name in without_table and not found) for name, found in own.items()}
    more = {
        f"{name}.{field.name}": (name, _field(field))
        for name, found in fields.items()
        if name.startswith(_SYSTEM)
        for field in found.values()
    }
    relations = {
        f"{one.collection}.{one.field}": _relation(one)
        for one in (export.schema.relations if export.schema else ())
        if f"{one.collection}.{one.field}" not in existing.relations
    }
    there = set(collections)
    if not _at_once(writer.client, collections, more, relations):
        there = _one_by_one(writer, collections, more, relations)
    return {name: _key(own[name]).name for name in there if own[name] or name not in without_table}


def _at_once(
    client: WriteClient,
    collections: Mapping[str, Row],
    more: Mapping[str, tuple[str, Row]],
    relations: Mapping[str, Row],
) -> bool:
    """Make all of it in one transaction, as `directus schema apply` does; False where the server does not take it whole."""
    if not (collections or more or relations):
        return True
    snapshot = client.admin("GET", "/schema/snapshot")
    if not isinstance(snapshot, dict):
        return False
    made: list[Json] = []
    fields: list[Json] = []
    for name, row in collections.items():
        made.append({"collection": name, "meta": {}, "schema": None if row["schema"] is None else {"name": name}})
        listed = row.get("fields")
        fields += [
            {"collection": name, **one} for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)
        ]
    fields += [{"collection": name, **row} for name, row in more.values()]
    # A collection without a table has no `schema` at all there.
    made = [{name: value for name, value in one.items() if value is not None} for one in made if isinstance(one, dict)]
    return become(client, {
        **snapshot, "collections": [*snapshot.get("collections", ()), *made],
        "fields": [*snapshot.get("fields", ()), *fields], "relations": [*snapshot.get("relations", ()), *relations.values()],
    })  # fmt: skip


def become(client: WriteClient, snapshot: Mapping[str, object]) -> bool:
    """Make the data model what a snapshot of this server says; whether the server did."""
    answer = client.send("POST", "/schema/diff", snapshot, token=client.administrator, patience=PATIENCE)
    if answer.ok and isinstance(answer.data, dict):
        answer = client.send("POST", "/schema/apply", answer.data, token=client.administrator, patience=PATIENCE)
    return answer.ok


PATIENCE: Final = 300.0
"""Seconds that a server may take for a whole data model."""


def _one_by_one(
    writer: Writer, collections: Mapping[str, Row], more: Mapping[str, tuple[str, Row]], relations: Mapping[str, Row]
) -> set[str]:
    """Make what the server takes, and note what it does not; the collections that are there."""
    rows = list(collections.items())
    answers = writer.store("collections", rows, fields="collection")
    for name, (collection, row) in more.items():
        _send(writer, f"fields/{collection}", name, row)
    for name, row in relations.items():
        _send(writer, "relations", name, row)
    return {name for (name, _), answer in zip(rows, answers, strict=True) if answer is not None}


def singletons(export: Export) -> frozenset[str]:
    """The collections that have one item, which is there without being made."""
    return frozenset(one.name for one in (export.schema.collections if export.schema else ()) if one.singleton)


def _send(writer: Writer, path: str, name: str, body: Row) -> None:
    client = writer.client
    answer = client.send("POST", f"/{path}", body, token=client.administrator)
    if not answer.ok:
        table = path.partition("/")[0]
        writer.leave_out(table, name, f"the server refused it: {answer.status} {answer.reason}".rstrip())


class _Existing:
    """The fields and relations of the server, each as `collection.field`."""

    def __init__(self, fields: frozenset[str], relations: frozenset[str]) -> None:
        self.fields: Final = fields
        self.relations: Final = relations


def _existing(client: WriteClient) -> _Existing:
    return _Existing(*(frozenset(_pairs(client.admin("GET", f"/{table}"))) for table in ("fields", "relations")))


def _pairs(rows: object) -> Iterator[str]:
    for one in rows if isinstance(rows, list) else ():
        if isinstance(one, dict):
            yield f"{one.get('collection')}.{one.get('field')}"


# --- which fields ----------------------------------------------------------------------------------------------------


def _fields(writer: Writer, export: Export, existing: _Existing) -> dict[str, dict[str, Field]]:
    """The fields to make, by collection: those of the data model, and those that rows name where it does not tell."""
    schema = export.schema or Schema()
    found: dict[str, dict[str, Field]] = {
        one.name: {} for one in schema.collections if not one.name.startswith(_SYSTEM)
    }
    for field in schema.fields:
        if f"{field.collection}.{field.name}" not in existing.fields:
            found.setdefault(field.collection, {})[field.name] = field
    described = schema.by_collection if not schema.broken else {}
    for collection, name in sorted(_named(export)):
        system = collection.startswith(_SYSTEM)
        if (collection in described and not system) or f"{collection}.{name}" in existing.fields:
            continue
        if system and not (name and any(one.startswith(f"{collection}.") for one in existing.fields)):
            continue
        if collection not in found and not system:
            writer.leave_out(
                "collections", collection, "the export does not say its fields: text fields are there instead"
            )
        fields = found.setdefault(collection, {})
        if name and name not in fields:
            fields[name] = Field(collection, name, "string")
            if system:
                writer.leave_out(
                    "fields", f"{collection}.{name}", "the export does not say its type: a text field is there instead"
                )
    return found


def _named(export: Export) -> set[tuple[str, str]]:
    """The collections that rows and flows name, each with the fields that rows name; "" for none."""
    found: set[tuple[str, str]] = set()
    for row in export.model.permissions:
        if row.system:
            continue
        names = {"", *(row.fields or ()), *_keys_of(row.permissions), *_keys_of(row.validation)}
        names |= set(row.presets) if isinstance(row.presets, dict) else set()
        found |= {(row.collection, name) for name in names if _is_plain(name)}
    options = [*(flow.options for flow in export.flows), *(one.options for one in export.operations)]
    for one in options:
        named = one.get("collections")
        listed = [*(named if isinstance(named, list) else []), one.get("collection")]
        found |= {
            (name, "") for name in listed if isinstance(name, str) and name and "{" not in name and "/" not in name
        }
    return found


def _is_plain(name: str) -> bool:
    return name != "*" and not any(sign in name for sign in ".$(:/ ")


def _keys_of(rule: object) -> Iterator[str]:
    """The fields of the collection itself that a rule names."""
    if not isinstance(rule, dict):
        return
    for name, value in rule.items():
        if name in _GROUPS:
            for one in value if isinstance(value, list) else ():
                yield from _keys_of(one)
        elif not str(name).startswith("_"):
            yield str(name)


# --- rows ------------------------------------------------------------------------------------------------------------


def _key(fields: Mapping[str, Field]) -> Field:
    """The field that is the key; `id`, which Directus adds, where none is."""
    named = fields.get("id")
    plain = Field("", "id", "integer", primary_key=True)
    return next((one for one in fields.values() if one.primary_key), plain if named is None else _as_key(named))


def _as_key(field: Field) -> Field:
    return Field(field.collection, field.name, field.type, field.special, primary_key=True)


def _collection(name: str, fields: Mapping[str, Field], folder: bool) -> Row:
    if folder:
        return {"collection": name, "schema": None, "meta": {}}
    key = _key(fields)
    others = [one for one in fields.values() if one.name != key.name]
    made: list[Json] = [_key_field(key), *map(_field, others)]
    return {"collection": name, "schema": {}, "meta": {}, "fields": made}


def _key_field(field: Field) -> Row:
    kind = field.type if field.type in ("integer", "bigInteger", "uuid", "string") else "string"
    counts = kind in ("integer", "bigInteger")
    special: list[Json] = ["uuid"] if kind == "uuid" else []
    return {
        "field": field.name, "type": kind, "meta": {"special": special},
        "schema": {"is_primary_key": True, "has_auto_increment": counts},
    }  # fmt: skip


def _field(field: Field) -> Row:
    special: list[Json] = list(field.special)
    alias = field.type == "alias" or not _STORED_NOWHERE.isdisjoint(field.special)
    kind = "alias" if alias else field.type if field.type in _TYPES else "text"
    return {"field": field.name, "type": kind, "schema": None if alias else {}, "meta": {"special": special or None}}


_STORED_NOWHERE: Final = frozenset({"alias", "no-data", "o2m", "m2m", "m2a", "files", "translations", "group"})


def _relation(relation: Relation) -> Row:
    related = relation.related_collection
    allowed: list[Json] = list(relation.allowed_collections)
    return {
        "collection": relation.collection, "field": relation.field, "related_collection": related,
        "schema": {"on_delete": "SET NULL"} if related else None,
        "meta": {
            "one_field": relation.one_field, "junction_field": relation.junction_field,
            "one_collection_field": relation.one_collection_field, "one_allowed_collections": allowed or None,
        },
    }  # fmt: skip


def item_bodies(keys: Mapping[str, str], schema: Schema | None) -> Iterable[tuple[str, Row]]:
    """For each collection the body that makes an item of it."""
    by_collection = schema.by_collection if schema else {}
    for collection, name in sorted(keys.items()):
        field = by_collection.get(collection, {}).get(name)
        counted = field is None or field.type in ("integer", "bigInteger", "uuid")
        yield collection, {} if counted else {name: "directus-guard"}
