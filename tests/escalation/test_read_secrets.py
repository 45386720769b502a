"""Secrets in operations that an account can read: a token for Directus, and what a condition of a flow asks for."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.escalation import Path, Unplanned
from directus_guard.escalation.tables import ACCESS, FLOWS, OPERATIONS, REVISIONS, USERS
from tests.support.worlds import EDITOR, THE_PUBLIC, Row, World, answer_of, flow, operation

USER: Final = "44444444-4444-4444-8444-444444444444"
SECRET: Final = "5f2c9a7d1b3e4f60"
READS: Final = Row(OPERATIONS, "read")
TOKEN: Final = {"method": "POST", "url": "http://directus:8055/utils/cache/clear", "headers": [{"header": "Authorization", "value": f"Bearer {SECRET}"}]}  # fmt: skip
VERSIONS: Final = ("10.13.4", "11.17.4")


def sends(options: dict[str, Any], *rows: Row, public: tuple[Row, ...] = ()) -> World:
    """A flow that the clock starts sends a request."""
    clock = flow("schedule", cron="0 0 * * *")
    return World(rows, public, flows=(clock,), operations=(operation("request", **options),))


def guarded(filter_: dict[str, Any], *rows: Row, payload: Any = "{{$trigger.body}}") -> World:
    """A webhook creates a user of what is sent, behind a condition."""
    made = operation("item-create", collection=USERS, permissions="$full", payload=payload)
    guard = replace(operation("condition", filter=filter_), id="operation-0", key="guard", resolve="operation-1")
    started = replace(flow("webhook", method="POST"), operation="operation-0")
    return World(rows, flows=(started,), operations=(guard, made))


def signed(secret: str, *rows: Row, what: str = "verify") -> World:
    """A webhook creates a user of what a token names, which is verified with a secret."""
    made = operation("item-create", collection=USERS, permissions="$full", payload="{{token.user}}")
    options = {"operation": what, "secret": secret, "token": "{{$trigger.body.token}}"}
    first = replace(operation("json-web-token", **options), id="operation-0", key="token", resolve="operation-1")
    started = replace(flow("webhook", method="POST"), operation="operation-0")
    return World(rows, flows=(started,), operations=(first, made))


def header(value: object) -> dict[str, Any]:
    return {"$trigger": {"headers": {"x-key": {"_eq": value}}}}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", [READS, Row(OPERATIONS, "read", ("id", "options")), Row(REVISIONS, "read")])
def test_a_token_for_directus_can_be_read(row: Row, version: str) -> None:
    assert isinstance(answer_of(sends(TOKEN, row), version=version), Unplanned)


@pytest.mark.parametrize(
    ("options", "row"),
    [
        (TOKEN, Row(FLOWS, "read")),
        (TOKEN, Row(OPERATIONS, "read", ("id", "key"))),
        (TOKEN, Row(OPERATIONS, "read", rule={"key": {"_eq": "another"}})),
        ({**TOKEN, "url": "https://api.mail.example/send"}, READS),
        ({**TOKEN, "headers": [{"header": "Authorization", "value": "Bearer {{$env.TOKEN}}"}]}, READS),
        ({**TOKEN, "headers": [{"header": "Accept", "value": "text/plain"}]}, READS),
    ],
)
def test_nothing_that_leads_on_can_be_read(options: dict[str, Any], row: Row) -> None:
    assert answer_of(sends(options, row)) is None


def test_a_way_with_a_plan_is_told_first() -> None:
    """An attachment to the one user whom a validation names leads on with low confidence, too."""
    pinned = Row(ACCESS, "create", ("policy", "user"), validation={"user": {"_eq": USER}})
    assert isinstance(answer_of(sends(TOKEN, READS, pinned)), Path)


def test_visitors_read_a_token() -> None:
    assert isinstance(answer_of(sends(TOKEN, public=(READS,)), THE_PUBLIC), Unplanned)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", [READS, Row(REVISIONS, "read")])
def test_what_a_condition_asks_for_can_be_read(row: Row, version: str) -> None:
    assert isinstance(answer_of(guarded(header(SECRET), row), version=version), Unplanned)
    assert answer_of(guarded(header(SECRET)), version=version) is None


@pytest.mark.parametrize(
    "world",
    [
        guarded(header("{{$env.KEY}}"), READS),
        guarded({"$accountability": {"role": {"_eq": "77777777-7777-4777-8777-777777777777"}}}, READS),
        guarded(
            {"_and": [header(SECRET), {"$accountability": {"role": {"_eq": "77777777-7777-4777-8777-777777777777"}}}]},
            READS,
        ),
        guarded(header(SECRET), READS, payload={"first_name": "{{$trigger.body.name}}"}),
        guarded(header(SECRET), Row(OPERATIONS, "read", ("id", "key"))),
    ],
    ids=["a variable", "a role", "a role, too", "nothing decisive", "no options"],
)
def test_what_can_be_read_does_not_lead_on(world: World) -> None:
    assert answer_of(world) is None


@pytest.mark.parametrize(
    "filter_",
    [
        {"_and": [header(SECRET), {"$accountability": {"role": {"_null": True}}}]},
        {"_and": [header(SECRET), {"$accountability": {"role": {"_eq": EDITOR}}}]},
        {"_or": [header(SECRET), header("{{$env.KEY}}")]},
        {"$trigger": {"headers": {"x-key": {"_in": ["short", SECRET]}}}},
        {"$trigger": {"_and": [{"headers": {"x-key": {"_eq": SECRET}}}, {"body": {"kind": {"_eq": "short"}}}]}},
    ],
    ids=["no role", "their role", "one of two", "a list", "below the trigger"],
)
def test_a_condition_that_asks_for_more_than_the_secret(filter_: dict[str, Any]) -> None:
    assert isinstance(answer_of(guarded(filter_, READS)), Unplanned)
    assert answer_of(guarded(filter_)) is None


def test_the_secret_of_tokens_can_be_read() -> None:
    assert isinstance(answer_of(signed("s", READS)), Unplanned)
    assert answer_of(signed("s")) is None
    assert answer_of(signed("s", READS, what="sign")) is None


def signs(payload: Any, secret: str = SECRET, **started: Any) -> World:
    """A flow that signs something, beside the one that verifies tokens."""
    verifies = signed(SECRET)
    options = {"operation": "sign", "secret": secret, "payload": payload}
    status = started.pop("status", "active")
    trigger = started.pop("trigger", "webhook")
    other = replace(flow(trigger, status, **{"method": "POST", **started}), id="flow-2", operation="operation-9")
    sign = replace(operation("json-web-token", **options), id="operation-9", key="sign", flow="flow-2")
    return World(flows=(*verifies.flows, other), operations=(*verifies.operations, sign))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("world", "reached"),
    [
        (signs("{{$trigger.body}}"), True),
        (signs({"user": {"role": "{{$trigger.body.role}}"}}), True),
        (signs({"user": "{{$last}}"}), True),
        (signs({"user": "{{read[0].id}}"}), False),
        (signs("{{$trigger.body}}", "another-secret-1234"), False),
        (signs("{{$trigger.body}}", status="inactive"), False),
        (signs("{{$trigger.body}}", trigger="schedule", cron="0 0 * * *"), False),
        (signed(SECRET), False),
    ],
)
def test_a_token_that_another_flow_signs(world: World, version: str, *, reached: bool) -> None:
    assert isinstance(answer_of(world, THE_PUBLIC, version), Unplanned) is reached
