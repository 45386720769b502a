"""Records of a schema snapshot: collections, fields and relations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.schema import GENERATED, Collection, Field, Relation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.finding import Location
    from directus_guard.sources.exports.snapshot_parts import SnapshotParts


def add_listed_record(parts: SnapshotParts, key: str, value: object, location: Location) -> bool:
    """Take one record of a list of a whole snapshot; False for what is no record. Each has `meta`, be it null."""
    if not isinstance(value, dict):
        return False
    record = SnapshotRecord(parts, value, location)
    if "meta" not in value:
        parts.note(f"has a record in `{key}` without `meta`", location)
    if key == "relations":
        _add_relation(record, "")
    elif key == "fields":
        _add_field(record, "")
    else:
        add_collection(record)
    return True


def add_record(parts: SnapshotParts, value: object, location: Location, collection: str = "") -> bool:
    """Sort one record by its keys; False for anything else, which is not ours."""
    if not isinstance(value, dict):
        return False
    record = SnapshotRecord(parts, value, location)
    meta = value.get("meta")
    if "field" in value and ("related_collection" in value or (isinstance(meta, dict) and "many_field" in meta)):
        _add_relation(record, collection)
    elif "field" in value and "type" in value:
        _add_field(record, collection)
    elif "collection" in value and "field" not in value and ("meta" in value or "schema" in value):
        add_collection(record)
    else:
        return False
    return True


class SnapshotRecord(Struct, frozen=True):
    """One record, whose members are read as the types Directus writes; another type is noted."""

    parts: SnapshotParts
    values: Mapping[str, object]
    location: Location

    def below(self, key: str) -> SnapshotRecord:
        """The object of a member; null is an empty one."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, dict):
            self._note(key, "an object")
        if isinstance(value, dict) and "$ref" in value:
            self._note(key, "an object")
        return SnapshotRecord(self.parts, value if isinstance(value, dict) else {}, self.location)

    def name(self, key: str, otherwise: str = "") -> str:
        value = self.values.get(key, otherwise)
        if not isinstance(value, str) or not value or "${" in value:
            self._note(key, "a name")
        return value if isinstance(value, str) else otherwise

    def name_or_null(self, key: str) -> str | None:
        return None if self.values.get(key) is None else self.name(key)

    def names(self, key: str) -> tuple[str, ...]:
        """A list of texts, also written as one with commas."""
        value = self.values.get(key)
        if isinstance(value, str) and "${" not in value:
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if isinstance(value, list) and all(isinstance(part, str) and "${" not in part for part in value):
            return tuple(value)
        if value is not None:
            self._note(key, "a list of names")
        return ()

    def flag(self, key: str) -> bool | None:
        value = self.values.get(key)
        if value in (True, False, None):
            return None if value is None else bool(value)
        self._note(key, "true or false")
        return None

    def _note(self, key: str, expected: str) -> None:
        self.parts.note(f"has a record whose `{key}` is not {expected}", self.location)


def add_collection(record: SnapshotRecord) -> None:
    """Take a collection."""
    meta = record.below("meta")
    record.below("schema")
    record.parts.collections.append(
        Collection(
            name=record.name("collection"),
            hidden=meta.flag("hidden") is True,
            singleton=meta.flag("singleton") is True,
            accountability=meta.name_or_null("accountability") if "accountability" in meta.values else "all",
            location=record.location,
            has_table=isinstance(record.values.get("schema"), dict),
        )
    )


_KEY: Final = frozenset({"collection", "field"})


def _add_field(record: SnapshotRecord, collection: str) -> None:
    """Take a field. Where Directus manages it, `meta` tells what is special of it; only an alias has no column.

    Directus always writes `special`. Who writes a snapshot by hand leaves it out where nothing is special, and so does
    Directus read it. Where no field has it, or `meta` was cut down to its key, it is not known.
    """
    meta, column = record.below("meta"), record.below("schema")
    managed = isinstance(record.values.get("meta"), dict)
    if "special" in meta.values:
        record.parts.says_special = True
    elif managed and meta.values.keys() - {"id"} == _KEY:
        record.parts.partial = True
    elif managed:
        record.parts.lacks_special = True
    if managed and "schema" not in record.values and record.values.get("type") != "alias":
        record.parts.note("has a field without `schema`", record.location)
    record.parts.fields.append(
        Field(
            collection=record.name("collection", collection),
            name=record.name("field"),
            type=record.name("type"),
            special=meta.names("special"),
            nullable=column.flag("is_nullable"),
            primary_key=column.flag("is_primary_key") is True,
            location=record.location,
            required=_is_required(column, meta.names("special")),
        )
    )


def _is_required(column: SnapshotRecord, special: tuple[str, ...]) -> bool:
    """Whether a new item must be given a value for a column. Keys are mostly made; without `default_value` it is not known."""
    if column.flag("is_nullable") is not False or column.values.get("default_value", "") is not None:
        return False
    filled = column.flag("is_primary_key") or column.flag("has_auto_increment") or column.flag("is_generated")
    return not filled and GENERATED.isdisjoint(special)


def _add_relation(record: SnapshotRecord, collection: str) -> None:
    meta = record.below("meta")
    if "related_collection" not in record.values:
        record.name("related_collection")
    if "many_field" in meta.values and "junction_field" not in meta.values:
        record.parts.note("has a relation without `junction_field`", record.location)
    record.parts.relations.append(
        Relation(
            collection=record.name("collection", collection),
            field=record.name("field"),
            related_collection=record.name_or_null("related_collection"),
            one_field=meta.name_or_null("one_field"),
            junction_field=meta.name_or_null("junction_field"),
            one_collection_field=meta.name_or_null("one_collection_field"),
            allowed_collections=meta.names("one_allowed_collections"),
            location=record.location,
            on_delete=record.below("schema").name_or_null("on_delete") or "",
        )
    )
