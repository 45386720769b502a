"""The data model: which fields lead to some collections."""

from __future__ import annotations

from typing import Final

from directus_guard.directus.access.schema import Relation, Schema, relations_to

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
