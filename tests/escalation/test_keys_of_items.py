"""An operation that takes the keys of the items which its caller writes for those of users.

Measured on 10.13.4, 11.17.4 and 12.4.1 with a blocking flow, which runs before Directus asks for permissions: users are written,
and what is below a relation of them, if the collection has UUIDs; with numbers Directus refuses the keys. 12 refuses a list of
keys within the list of keys, the others take it.
"""

from __future__ import annotations

from typing import Final

import pytest

from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.escalation.tables import USERS
from tests.support.worlds import THE_PUBLIC, World, flow, operation

ARTICLES: Final = (Collection("articles"),)
NUMBERS: Final = Schema(ARTICLES, (Field("articles", "id", "integer", primary_key=True),), complete=True)
UUIDS: Final = Schema(ARTICLES, (Field("articles", "id", "uuid", primary_key=True),), complete=True)
IN_A_LIST: Final = ["{{$trigger.keys}}"]


def answer(key: object, schema: Schema | None, version: str) -> str:
    made = operation("item-update", collection=USERS, permissions="$full", key=key, payload="{{$trigger.payload}}")
    blocks = flow("event", type="filter", scope=["items.update"], collections=["articles"])
    found = Paths(World(flows=(blocks,), operations=(made,)).export(version, schema=schema)).answer(THE_PUBLIC)
    if isinstance(found, Path):
        return found.confidence.value
    return "not evaluated" if isinstance(found, Unplanned) else "nothing"


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4", "12.4.1"])
@pytest.mark.parametrize("key", ["{{$trigger.keys}}", ["{{$trigger.keys[0]}}"]])
def test_the_type_of_the_keys_decides(key: object, version: str) -> None:
    assert answer(key, NUMBERS, version) == "nothing"
    assert answer(key, UUIDS, version) == "high"
    assert answer(key, None, version) == "low"
    assert answer(key, Schema(broken=True), version) == "low"


@pytest.mark.parametrize(("version", "expected"), [("10.13.4", "high"), ("11.17.4", "high"), ("12.4.1", "nothing")])
def test_a_list_within_the_list(version: str, expected: str) -> None:
    assert answer(IN_A_LIST, UUIDS, version) == expected
    assert answer(IN_A_LIST, NUMBERS, version) == "nothing"
