"""The data model: which fields lead to some collections."""

from __future__ import annotations

from typing import Final

from directus_guard.directus.access.schema import Field, Relation, Schema, relations_to

USERS: Final = "directus_users"


def test_fields_that_lead_somewhere_over_any_number_of_relations() -> None:
    schema = Schema(
        relations=(
            Relation("leads", "user_created", USERS),
            Relation("leads", "team", "teams", one_field="leads"),
            Relation("tags", "item", allowed_collections=("orders", USERS)),
            Relation("orders", "shop", "shops"),
            Relation("shops", "town", "towns", one_field="shops"),
        )
    )
    assert relations_to(schema.relations, frozenset({USERS})) == {
        "leads": ("team", "user_created"),
        "teams": ("leads",),
        "tags": ("item",),
        "orders": (),
        "shops": (),
        "towns": (),
    }


def test_relations_that_close_a_circle() -> None:
    schema = Schema(relations=(Relation("a", "b", "b"), Relation("b", "a", "a"), Relation("b", "owner", USERS)))
    assert relations_to(schema.relations, frozenset({USERS})) == {"a": ("b",), "b": ("a", "owner")}


def test_what_a_junction_links() -> None:
    """Those whose items show the links, and the others. A relation outside of the junction is neither."""
    schema = Schema(
        relations=(
            Relation("posts_tags", "post", "posts", one_field="tags", junction_field="tag"),
            Relation("posts_tags", "tag", "tags", junction_field="post"),
            Relation("posts_tags", "user_created", USERS),
            Relation("pages_blocks", "item", allowed_collections=("texts", "images"), junction_field="page"),
            Relation("pages_blocks", "page", "pages", one_field="blocks", junction_field="item"),
            Relation("a_b", "a", "a", junction_field="b"),
            Relation("a_b", "b", "b", junction_field="a"),
        )
    )
    assert schema.linked("posts_tags") == (("posts",), ("tags",))
    assert schema.linked("pages_blocks") == (("pages",), ("texts", "images"))
    assert schema.linked("a_b") == (("a", "b"), ())
    assert schema.linked("posts") == ((), ())


def test_fields_that_a_new_item_must_have() -> None:
    fields = (
        Field("posts", "title", required=True),
        Field("posts", "text"),
        Field("tags", "name"),
        Field("posts", "branch", required=True),
    )
    assert Schema(fields=fields).required_fields == {"posts": ("title", "branch")}
