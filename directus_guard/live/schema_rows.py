"""Rows of /collections, /fields and /relations: the data model."""

from __future__ import annotations

from pydantic import Field

from directus_guard.directus.access import schema
from directus_guard.live.answers import Flag, ServerAnswer, Texts


class CollectionMeta(ServerAnswer):
    """directus_collections."""

    hidden: Flag = False
    singleton: Flag = False
    accountability: str | None = None
    system: Flag = False


class CollectionRow(ServerAnswer):
    """One row of /collections; without a schema it is a folder."""

    collection: str
    meta: CollectionMeta | None = None
    schema_: dict[str, object] | None = Field(None, alias="schema")

    def record(self) -> schema.Collection:
        """The record of the model."""
        meta = self.meta or CollectionMeta(accountability="all")
        return schema.Collection(self.collection, meta.hidden, meta.singleton, meta.accountability)


class FieldMeta(ServerAnswer):
    """directus_fields."""

    special: Texts = ()
    system: Flag = False


class Column(ServerAnswer):
    """The column in the database."""

    is_nullable: bool | None = None
    is_primary_key: Flag = False
    default_value: object = None
    has_auto_increment: Flag = False
    is_generated: Flag = False


class FieldRow(ServerAnswer):
    """One row of /fields."""

    collection: str
    field: str
    type: str = "unknown"
    meta: FieldMeta | None = None
    schema_: Column | None = Field(None, alias="schema")

    def record(self) -> schema.Field:
        """The record of the model."""
        special = self.meta.special if self.meta else ()
        column = self.schema_ or Column()
        own = self.meta is None or not self.meta.system
        filled = column.is_primary_key or column.has_auto_increment or column.is_generated
        lacks = column.is_nullable is False and column.default_value is None and not filled
        return schema.Field(
            self.collection, self.field, self.type, special, column.is_nullable, column.is_primary_key,
            required=own and lacks and schema.GENERATED.isdisjoint(special),
        )  # fmt: skip


class RelationMeta(ServerAnswer):
    """directus_relations."""

    one_field: str | None = None
    junction_field: str | None = None
    one_collection_field: str | None = None
    one_allowed_collections: Texts = ()


class ForeignKey(ServerAnswer):
    """The foreign key of a relation, as the database has it."""

    on_delete: str | None = None


class RelationRow(ServerAnswer):
    """One row of /relations."""

    collection: str
    field: str
    related_collection: str | None = None
    meta: RelationMeta | None = None
    schema_: ForeignKey | None = Field(None, alias="schema")

    def record(self) -> schema.Relation:
        """The record of the model."""
        meta = self.meta or RelationMeta()
        return schema.Relation(
            self.collection, self.field, self.related_collection, meta.one_field, meta.junction_field,
            meta.one_collection_field, meta.one_allowed_collections,
            on_delete=(self.schema_ or ForeignKey()).on_delete or "",
        )  # fmt: skip
