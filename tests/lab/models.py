"""A data model with relations of every kind, made on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.lab.server import Server


INTEGER: Final = {"is_primary_key": True, "has_auto_increment": True}


def collection(server: Server, name: str, *fields: dict[str, Any]) -> None:
    """A collection with an `id`, as the Studio makes it."""
    key = {"field": "id", "type": "integer", "meta": {"hidden": True}, "schema": INTEGER}
    server.admin.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": [key, *fields]})


def field(name: str, type_: str = "string", *special: str) -> dict[str, Any]:
    schema: dict[str, Any] | None = None if type_ == "alias" else {}
    return {"field": name, "type": type_, "meta": {"special": list(special) or None}, "schema": schema}


def relation(server: Server, many: str, key: str, one: str | None, **meta: Any) -> None:
    body = {"collection": many, "field": key, "related_collection": one, "meta": meta}
    server.admin.post("/relations", body | ({"schema": {"on_delete": "SET NULL"}} if one else {}))


def model(server: Server) -> None:
    """Posts with tags (many-to-many), translations and blocks (many-to-any)."""
    collection(server, "tags", field("name"))
    collection(server, "languages", field("name"))
    collection(server, "hero", field("title"))
    collection(
        server,
        "posts",
        field("status"),
        field("secret", "hash", "hash", "conceal"),
        field("tags", "alias", "m2m"),
        field("translations", "alias", "translations"),
        field("blocks", "alias", "m2a"),
    )
    collection(server, "posts_tags", field("posts_id", "integer"), field("tags_id", "integer"))
    relation(server, "posts_tags", "tags_id", "tags", junction_field="posts_id")
    relation(server, "posts_tags", "posts_id", "posts", one_field="tags", junction_field="tags_id")
    collection(
        server, "posts_translations", field("posts_id", "integer"), field("languages_id", "integer"), field("title")
    )
    relation(server, "posts_translations", "languages_id", "languages", junction_field="posts_id")
    relation(server, "posts_translations", "posts_id", "posts", one_field="translations", junction_field="languages_id")
    collection(server, "posts_blocks", field("posts_id", "integer"), field("item"), field("collection"))
    any_ = {"one_collection_field": "collection", "one_allowed_collections": ["hero"]}
    relation(server, "posts_blocks", "item", None, junction_field="posts_id", **any_)
    relation(server, "posts_blocks", "posts_id", "posts", one_field="blocks", junction_field="item")
