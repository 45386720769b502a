"""The generated tables of system collections agree with themselves, and with the permissions that Directus ships.

The longer tests compare them with the packages that they are made from.
"""

from __future__ import annotations

import re
from typing import Final

from directus_guard.directus.access.system_data import app_access_rows, recommended_app_rows
from directus_guard.directus.access.system_fields_data import SYSTEM_FIELDS, SYSTEM_RELATIONS
from directus_guard.directus.versions import NEWEST

LIKE_NO_OTHER: Final = {
    "directus_extensions": {"bundle", "enabled", "folder", "id", "source"},
    "directus_migrations": {"name", "timestamp", "version"},
    "directus_relations": {
        "id",
        "junction_field",
        "many_collection",
        "many_field",
        "one_allowed_collections",
        "one_collection",
        "one_collection_field",
        "one_deselect_action",
        "one_field",
        "sort_field",
    },
    "directus_translations": {"id", "key", "language", "value"},
}
"""Collections that no relation leads to."""
_NAME: Final = re.compile(r"[a-z_]+(?:[0-9]+_?)*")
_SINCE: Final = re.compile(r"[<>](\d+)\.(\d+)")


def name(written: str) -> str:
    """A name without what is written after it."""
    match = _NAME.match(written)
    assert match is not None, written
    return match[0]


COLLECTIONS: Final = {name(line): line.partition(":")[2].split() for line in SYSTEM_FIELDS}
POINTING: Final = {
    (collection, name(field)) for collection, fields in COLLECTIONS.items() for field in fields if "*" in field
}


def test_a_field_points_at_a_collection_where_a_relation_says_so() -> None:
    assert {(name(collection), name(field)) for collection, field, *_ in map(str.split, SYSTEM_RELATIONS)} == POINTING


def test_a_relation_leads_to_a_collection_and_its_field() -> None:
    for collection, field, other, *back in map(str.split, SYSTEM_RELATIONS):
        assert name(other) in COLLECTIONS, (collection, field)
        fields = map(name, COLLECTIONS[name(other)])
        # The fields of a collection are an alias that no version has as a row.
        assert not back or name(back[0]) in fields or name(back[0]) == "fields"


def test_every_collection_is_of_directus() -> None:
    assert all(name(line).startswith("directus_") for line in SYSTEM_FIELDS)
    related = {name(one) for relation in SYSTEM_RELATIONS for one in relation.split()[:3:2]}
    assert set(COLLECTIONS) - related == set(LIKE_NO_OTHER)
    assert {one: set(map(name, COLLECTIONS[one])) for one in LIKE_NO_OTHER} == LIKE_NO_OTHER


def test_the_permissions_that_directus_ships_are_of_these_collections_and_fields() -> None:
    for row in (*app_access_rows(NEWEST), *recommended_app_rows(NEWEST)):
        fields = set(map(name, COLLECTIONS[row.collection]))
        assert set(row.fields or ()) - {"*"} <= fields, row
