"""Operations whose key or type an account may change: the result takes the place of other data, or a condition lets through."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.escalation.tables import OPERATIONS, USERS
from tests.support.worlds import ADMIN, CUSTOMER, PLACE, Row, World, confidence

VERSIONS: Final = ("10.13.4", "11.17.4")
FLOW, SECOND_FLOW = "33333333-aaaa-4aaa-8aaa-111111111111", "44444444-aaaa-4aaa-8aaa-111111111111"
OWN: Final = ["{{$accountability.user}}"]
FULL: Final = {"collection": USERS, "permissions": "$full"}
IS_ADMIN: Final = ("asks", "condition", {"filter": {"$accountability": {"role": {"_eq": ADMIN}}}})
MAKES: Final = ("makes", "item-create", {**FULL, "payload": "{{$trigger.body.user}}"})
HARMLESS: Final = ("makes", "item-create", {**FULL, "payload": {"email": "{{$trigger.body.email}}", "role": CUSTOMER}})
NOTES: Final = ("notes", "transform", {"json": "{{$trigger.body}}"})
FIXED: Final = ("notes", "transform", {"json": {"role": CUSTOMER}})
LOOKS_UP: Final = ("mine", "item-read", {**FULL, "key": OWN})
COPIES: Final = ("copies", "item-update", {**FULL, "key": OWN, "payload": {"role": "{{mine.role}}"}})
COPIES_FIXED: Final = ("copies", "item-update", {**FULL, "key": OWN, "payload": {"role": CUSTOMER}})

Kind = tuple[str, str, dict[str, Any]]


def chain(flow: str, *kinds: Kind, trigger: str = "webhook") -> tuple[Flow, tuple[Operation, ...]]:
    """A flow that runs operations one after the other."""
    keys = [f"{flow[:-1]}{number}" for number in range(2, 2 + len(kinds))]
    operations = tuple(
        Operation(id_, key, kind, flow, options, following, None, PLACE)
        for id_, following, (key, kind, options) in zip(keys, (*keys[1:], None), kinds, strict=True)
    )
    return Flow(flow, "Sign up", "active", trigger, {"method": "POST"}, keys[0], PLACE), operations


def said(fields: tuple[str, ...], *kinds: Kind, validation: Any = None) -> set[str]:
    flow, operations = chain(FLOW, *kinds)
    rows = [Row(OPERATIONS, "update", fields, validation=validation)] if fields else []
    return {confidence(World(rows, flows=(flow,), operations=operations), one) for one in VERSIONS}


@pytest.mark.parametrize(
    ("fields", "kinds", "reached"),
    [
        (("key",), (NOTES, IS_ADMIN, MAKES), True),
        (("key",), (LOOKS_UP, NOTES, COPIES), True),
        (("type",), (IS_ADMIN, MAKES), True),
        ((), (NOTES, IS_ADMIN, MAKES), False),
        (("name",), (NOTES, IS_ADMIN, MAKES), False),
        (("key",), (IS_ADMIN, MAKES), False),
        (("key",), (FIXED, IS_ADMIN, MAKES), False),
        (("key",), (NOTES, IS_ADMIN, HARMLESS), False),
        (("key",), (LOOKS_UP, NOTES, COPIES_FIXED), False),
    ],
)
def test_a_key_or_a_type_is_changed(fields: tuple[str, ...], kinds: tuple[Kind, ...], *, reached: bool) -> None:
    assert ("nothing" not in said(fields, *kinds)) is reached


@pytest.mark.parametrize(
    ("validation", "reached"),
    [
        ({"key": {"_starts_with": "$"}}, True),
        ({"key": {"_eq": "$accountability"}}, True),
        ({"key": {"_nstarts_with": "$"}}, False),
        ({"key": {"_eq": "other"}}, False),
    ],
)
def test_the_keys_that_a_validation_lets_through(validation: Any, *, reached: bool) -> None:
    assert ("nothing" not in said(("key",), NOTES, IS_ADMIN, MAKES, validation=validation)) is reached


def test_the_operation_of_a_flow_that_another_one_starts() -> None:
    second, operations = chain(
        SECOND_FLOW, NOTES, IS_ADMIN, ("makes", "item-create", {**FULL, "payload": "{{$trigger.user}}"})
    )
    starts = ("starts", "trigger", {"flow": SECOND_FLOW, "payload": "{{$trigger.body}}"})
    first, starting = chain(FLOW, starts)
    notes = replace(operations[0], options={"json": "{{$trigger}}"})
    held = (*starting, notes, *operations[1:])
    flows = (first, replace(second, trigger="operation"))
    rows = [Row(OPERATIONS, "update", ("key",))]
    for version in VERSIONS:
        assert confidence(World(rows, flows=flows, operations=held), version) != "nothing"
        assert confidence(World((), flows=flows, operations=held), version) == "nothing"
