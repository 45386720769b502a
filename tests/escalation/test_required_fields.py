"""Columns that take no null: a new item without a value for them is refused."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.escalation import Path
from directus_guard.escalation.tables import USERS
from tests.support.each import each_case
from tests.support.worlds import Row, World, answer_of, flow, operation

VERSIONS: Final = ("10.13.4", "11.17.4", "12.4.1")
NEEDS: Final = Schema(fields=(Field(USERS, "branch", nullable=False, required=True),), vendor="sqlite")
MAY_BE_NULL: Final = Schema(fields=(Field(USERS, "branch", nullable=True),), vendor="sqlite")
CREATES: Final = ("email", "password", "role")


@each_case(
    ("row", "schema", "found"),
    [
        (Row(USERS, "create", CREATES), NEEDS, False),
        (Row(USERS, "create", (*CREATES, "branch")), NEEDS, True),
        (Row(USERS, "create", CREATES, presets={"branch": "north"}), NEEDS, True),
        (Row(USERS, "create"), NEEDS, True),
        (Row(USERS, "create", CREATES), MAY_BE_NULL, True),
        (Row(USERS, "create", CREATES), None, True),
    ],
)
def test_a_user_with_a_field_that_must_have_a_value(row: Row, schema: Schema | None, found: bool) -> None:
    world = World([row])
    assert {isinstance(answer_of(world, version=one, schema=schema), Path) for one in VERSIONS} == {found}


def reviewed(fields: tuple[str, ...], *, required: bool) -> Any:
    """A flow gives the role of a new application to whoever sent it."""
    started = replace(
        flow("event", type="action", scope=["items.create"], collections=["applications"]), operation="operation-1"
    )
    gives = operation(
        "item-update", collection=USERS, permissions="$full", key=["{{$accountability.user}}"],
        payload={"role": "{{$trigger.payload.role}}"},
    )  # fmt: skip
    columns = [Field("applications", name, nullable=not required, required=required) for name in ("reviewer",)]
    schema = Schema(
        (Collection("applications", has_table=True),),
        (Field("applications", "id", primary_key=True), Field("applications", "role", "uuid"), *columns),
        vendor="sqlite",
    )
    world = World([Row("applications", "create", fields)], flows=(started,), operations=(gives,))
    return [isinstance(answer_of(world, version=one, schema=schema), Path) for one in VERSIONS]


@each_case(
    ("fields", "required", "found"),
    [(("role",), True, False), (("role", "reviewer"), True, True), (("role",), False, True)],
)
def test_an_item_that_starts_a_flow(fields: tuple[str, ...], required: bool, found: bool) -> None:
    assert reviewed(fields, required=required) == [found] * 3
