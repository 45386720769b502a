"""What no plan was found for although a fix needed it: each found at random, as a part of a fix that seemed to be of no use."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import User
from directus_guard.escalation import Unplanned
from directus_guard.escalation.tables import ACCESS, FLOWS, OPERATIONS, PERMISSIONS, SETTINGS, USERS
from directus_guard.finding import Confidence
from tests.support.worlds import (
    ADMIN,
    CUSTOMER,
    EDITOR,
    EDITOR_POLICY,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    answer_of,
    flow,
    names,
    operation,
    path_of,
)

TEN: Final = "10.13.4"
OTHER: Final = "44444444-4444-4444-8444-444444444444"
PROMOTES: Final[dict[str, Any]] = {
    "collection": USERS, "permissions": "$full", "key": ["{{$trigger.payload.user}}"], "payload": {"role": ADMIN},
}  # fmt: skip


def requests(*rows: Row, **more: Any) -> World:
    """A flow makes the user an administrator whom a new item of `requests` names."""
    started = flow("event", type="action", scope=["items.create"], collections=["requests"])
    made = operation("item-update", **PROMOTES)
    return World(rows, flows=(started,), operations=(made,), **more)


# --- a flow whose key the validation gives ---------------------------------------------------------------------------

PINNED: Final = Row("requests", "create", ("user",), validation={"user": {"_eq": OTHER}})


@pytest.mark.parametrize("users", [(), (User(OTHER, CUSTOMER, "active"),)])
def test_another_user_is_made_an_administrator(users: tuple[User, ...]) -> None:
    path = path_of(requests(PINNED, users=users))
    assert path is not None
    assert path.confidence is Confidence.LOW
    assert "a validation names another user, who becomes an administrator" in path.steps[-1].action
    (request,) = path.requests
    assert request is not None
    assert request.body == {"user": OTHER}


@pytest.mark.parametrize("users", [(User(OTHER, ADMIN, "active"),), (User(EDITOR, EDITOR, "active"),)])
def test_nothing_is_planned_with_a_user_who_is_administrator_or_not_there(users: tuple[User, ...]) -> None:
    assert isinstance(answer_of(requests(PINNED, users=users)), Unplanned)


def test_their_own_user_comes_first() -> None:
    either = Row("requests", "create", ("user",), validation={"user": {"_neq": OTHER}})
    path = path_of(requests(either))
    assert path is not None
    assert "another user" not in path.steps[-1].action


# --- rows that were gained -------------------------------------------------------------------------------------------


def test_what_lets_a_new_user_sign_in_is_part_of_the_plan() -> None:
    change = Row(PERMISSIONS, "update", ("fields",), {"collection": {"_eq": USERS}})
    path = path_of(World([change, Row(USERS, "create", ("role",))]))
    assert names(path) == ["permission-update", "new-user"]


@pytest.mark.parametrize("version", [TEN, "11.17.4"])
def test_presets_turn_registration_on(version: str) -> None:
    """A permission without fields may be made, with presets."""
    holder = "role" if version == TEN else "policy"
    made = Row(
        PERMISSIONS, "create", ("collection", "action", holder, "presets"), validation={"collection": {"_eq": SETTINGS}}
    )
    path = path_of(World([made]), version=version)
    assert path is not None
    assert "public-registration" in (names(path) or [])


# --- flows that are changed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("public", [False, True])
def test_a_flow_that_only_others_start(*, public: bool) -> None:
    """An operation that makes a new user does the same for whoever starts it, one that updates its caller does not."""
    started = flow("event", type="action", scope=["items.update"], collections=["articles"])
    rows = (Row(OPERATIONS, "update"),)
    world = World(
        () if public else rows, rows if public else (), flows=(started,), operations=(operation("item-update"),)
    )
    path = path_of(world, THE_PUBLIC if public else THE_EDITOR)
    assert path is not None
    assert path.confidence is Confidence.LOW
    assert path.requests[-1] is None
    assert "they wait until another user starts the flow" in path.steps[-1].action
    only_options = Row(OPERATIONS, "update", ("options",))
    assert isinstance(
        answer_of(World([only_options], flows=(started,), operations=(operation("item-update"),))), Unplanned
    )


# --- an attachment that only a named user may be given ---------------------------------------------------------------


def given_to(user: str, *rows: Row, users: tuple[User, ...] = ()) -> World:
    return World((Row(ACCESS, "create", ("policy", "user"), validation={"user": {"_eq": user}}), *rows), users=users)


def test_the_named_user_may_be_their_own() -> None:
    path = path_of(given_to(OTHER))
    assert path is not None
    assert path.confidence is Confidence.LOW
    assert "only if their own user is the one that the permission names" in path.steps[0].action


def test_the_named_user_is_one_of_theirs() -> None:
    path = path_of(given_to(OTHER, users=(User(OTHER, EDITOR, "active"),)))
    assert path is not None
    assert path.confidence is Confidence.MEDIUM


@pytest.mark.parametrize("more", [(), (Row(USERS, "create", ("token",)),)], ids=["alone", "with a new user"])
def test_the_named_user_is_known_to_be_another(more: tuple[Row, ...]) -> None:
    """The key of a new user is random."""
    assert answer_of(given_to(OTHER, *more, users=(User(OTHER, CUSTOMER, "active"),))) is None


def test_a_new_user_may_have_a_key_of_their_choice() -> None:
    new = Row(USERS, "create", ("id", "token"))
    assert answer_of(given_to(OTHER, new, users=(User(EDITOR_POLICY, CUSTOMER, "active"),))) is not None


# --- an event whose payload lacks what the flow takes ----------------------------------------------------------------


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row("requests", "create", ("title",)), False),
        (Row("requests", "create", ("title", "user")), True),
        (Row("requests", "create"), True),
        (Row("requests", "create", ("title",), presets={"user": "$CURRENT_USER"}), True),
    ],
    ids=["another field", "the field", "all fields", "a preset"],
)
def test_the_field_that_names_the_user_is_sent(row: Row, reached: bool, version: str) -> None:
    assert (answer_of(requests(row), version=version) is not None) is reached


def test_directus_adds_the_key_of_a_new_item() -> None:
    """The flow promotes whoever is created, and no caller has to send `id`."""
    started = flow("event", type="action", scope=["items.create"], collections=[USERS])
    made = operation("item-update", **{**PROMOTES, "key": ["{{$trigger.payload.id}}"]})
    row = Row(USERS, "create", ("email", "password"))
    assert answer_of(World((row,), flows=(started,), operations=(made,))) is not None


def test_a_flow_that_blocks_may_add_the_field() -> None:
    world = requests(Row("requests", "create", ("title",)))
    blocks = replace(world.flows[0], id="flow-2", options={**world.flows[0].options, "type": "filter"}, operation=None)
    assert answer_of(dataclasses.replace(world, flows=(*world.flows, blocks))) is not None


def test_a_preset_names_their_own_user() -> None:
    row = Row(ACCESS, "create", ("policy",), presets={"user": "$CURRENT_USER"})
    assert answer_of(World((row,), users=(User(OTHER, CUSTOMER, "active"),))) is not None


# --- a preset that takes the role of administrators ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "role", "reached"),
    [
        (("token",), CUSTOMER, False),
        (("token",), ADMIN, True),
        (("role", "token"), CUSTOMER, True),
        (("token",), "$CURRENT_ROLE", False),
    ],
)
def test_an_administrator_who_gets_another_role_is_none(fields: tuple[str, ...], role: str, reached: bool) -> None:
    row = Row(USERS, "update", fields, {"role": {"_eq": ADMIN}}, presets={"role": role})
    assert (answer_of(World((row,))) is not None) is reached


# --- a flow of one account, with the operation of another one --------------------------------------------------------


def test_two_accounts_build_a_flow() -> None:
    """The editor creates the operation, a visitor the flow, each with a key of their choice."""
    world = World((Row(OPERATIONS, "create"),), public=(Row(FLOWS, "create"),))
    path = path_of(world)
    assert names(path) == ["flow-build", "flow-build", "flow-build"]
    assert path is not None
    assert {step.request.sender for step in path.steps if step.request} == {"anonymous", "their own account"}
    only = World((Row(OPERATIONS, "create", ("key", "type")),), public=(Row(FLOWS, "create"),))
    assert answer_of(only) is None


@pytest.mark.parametrize(
    "validation",
    [
        {"user": {"_eq": "$CURRENT_USER"}},
        {"_and": [{"user": {"_eq": "$CURRENT_USER"}}, {"policy": {"_nnull": True}}]},
        {"user": {"_in": ["$CURRENT_USER", OTHER]}},
    ],
)
@pytest.mark.parametrize("users", [(), (User(OTHER, CUSTOMER, "active"),)], ids=["unknown users", "known users"])
@pytest.mark.parametrize(
    "row", [Row(ACCESS, "create", ("policy", "user")), Row(ACCESS, "update", ("user",))], ids=["create", "update"]
)
def test_an_attachment_to_themselves(row: Row, users: tuple[User, ...], validation: Any) -> None:
    """A validation that lets only their own user through holds nothing back (worked on 11.17.4)."""
    world = World((dataclasses.replace(row, validation=validation),), users=users)
    path = path_of(world)
    assert path is not None
    assert path.confidence is not Confidence.LOW


def test_whoever_registers_may_attach_to_themselves() -> None:
    row = Row(ACCESS, "create", ("policy", "user"), validation={"user": {"_eq": "$CURRENT_USER"}})
    settings = {
        "public_registration": True,
        "public_registration_role": EDITOR,
        "public_registration_verify_email": False,
    }
    assert path_of(World((row,), settings=settings), THE_PUBLIC) is not None
