"""Flows that delete users whom their caller chooses, or all users: not evaluated from 11 on (11.17.4, 12.4.1)."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.escalation import Unplanned
from directus_guard.escalation.tables import OPERATIONS, USERS
from tests.support.worlds import ADMIN, CUSTOMER, THE_EDITOR, THE_PUBLIC, Row, World, answer_of, flow, operation

HOOK: Final = flow("webhook", method="POST")
HAND: Final = flow("manual", collections=["articles"], requireSelection=False)
GONE: Final = flow("event", type="action", scope=["items.delete"], collections=["companies"])
SENT: Final = {"filter": {"email": {"_contains": "{{$trigger.body.domain}}"}}}


def deletes(started: Any, *rows: Row, **options: Any) -> World:
    made = operation("item-delete", **{"collection": USERS, "permissions": "$full", **options})
    return World(rows, flows=(started,), operations=(made,))


@pytest.mark.parametrize("version", ["11.17.4", "12.4.1"])
@pytest.mark.parametrize(
    "options",
    [
        {"key": "{{$accountability.user}}"},
        {"key": "{{$trigger.body.id}}"},
        {"key": ["{{$trigger.body.id}}"]},
        {"query": SENT},
        {},
    ],
)
def test_visitors_choose_who_is_deleted(options: dict[str, Any], version: str) -> None:
    assert isinstance(answer_of(deletes(HOOK, **options), THE_PUBLIC, version), Unplanned)
    assert answer_of(deletes(HOOK, permissions="$trigger", **options), THE_PUBLIC, version) is None


@pytest.mark.parametrize(
    "options",
    [
        {"key": [CUSTOMER]},
        {"query": {"filter": {"status": {"_eq": "archived"}}}},
        {"query": {"filter": {"role": {"_neq": ADMIN}}}},
        {"key": "{{$trigger.body.id}}", "collection": "articles"},
    ],
)
def test_others_choose_who_is_deleted(options: dict[str, Any]) -> None:
    assert answer_of(deletes(HOOK, **options), THE_PUBLIC) is None


def test_accounts_choose_who_is_deleted() -> None:
    assert isinstance(answer_of(deletes(HAND, Row("articles", "read"), key="{{$trigger.body.users}}")), Unplanned)
    companies = {"filter": {"company": {"_in": "{{$trigger.keys}}"}}}
    assert isinstance(answer_of(deletes(GONE, Row("companies", "delete"), query=companies)), Unplanned)
    assert answer_of(deletes(GONE, Row("companies", "read"), query=companies)) is None
    assert answer_of(deletes(GONE, Row("companies", "delete"), key=["{{$accountability.user}}"]), THE_EDITOR) is None


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize(
    ("options", "fields", "reached"),
    [
        ({"collection": USERS, "permissions": "$full"}, ("type",), True),
        ({"collection": "{{$trigger.body.table}}", "permissions": "$full"}, ("type",), True),
        ({"collection": USERS, "permissions": "$full"}, ("name",), False),
        ({"collection": USERS, "permissions": "$trigger"}, ("type",), False),
        ({"collection": "articles", "permissions": "$full"}, ("type",), False),
    ],
)
def test_an_operation_that_reads_is_made_one_that_deletes(
    options: dict[str, Any], fields: tuple[str, ...], reached: bool, version: str
) -> None:
    made = operation("item-read", key="{{$trigger.body.id}}", **options)
    world = World((Row(OPERATIONS, "update", fields),), flows=(HOOK,), operations=(made,))
    assert isinstance(answer_of(world, version=version), Unplanned) is reached
