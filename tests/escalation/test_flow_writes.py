"""Which writes of a flow make an administrator: fields that the caller chooses, of which rows, with whose rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.access.schema import Schema
from directus_guard.directus.flows.data import ABSENT, CallerIdentity, CallerInput, KnownValue, RecordValue, SecretValue
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.steps import FlowStep
from directus_guard.directus.tri import Tri
from directus_guard.escalation.flow_writes import full_access, makes_administrator
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.work import Work
from tests.support.worlds import ADMIN, CUSTOMER, World, flow, operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.flows.data import Value

SENT: Final = CallerInput(("$trigger", "body", "x"))
TEXT: Final = CallerInput(("$trigger", "query", "x"), text=True)
STATE: Final = AccessState(World().export(), Work(100_000))
OLD: Final = AccessState(World().export("10.13.4"), Work(100_000))


def record(members: Mapping[str, Value]) -> RecordValue:
    return RecordValue(members, ABSENT)


def step(type_: str, rights: Rights | None, inputs: Mapping[str, Value]) -> FlowStep:
    return FlowStep(flow(), operation(type_), Tri.YES, rights, Tri.YES, inputs, frozenset())


def made(table: str, kind: str, fields: tuple[str, ...], state: AccessState = STATE, **more: Value) -> Tri:
    """Whether a write with full access makes an administrator: `created`, `chosen` by the caller, `named` or `own`."""
    keys: dict[str, dict[str, Value]] = {
        "created": {}, "chosen": {"key": SENT}, "named": {"key": KnownValue("some-user")}, "own": {"key": CallerIdentity()}, "fixed": {},
    }  # fmt: skip
    # Text: an object below a relation makes an administrator by itself.
    payload = record(dict.fromkeys(fields, TEXT))
    inputs = {"collection": KnownValue(table), "payload": payload, **keys[kind], **more}
    return makes_administrator(state, step("item-create" if kind == "created" else "item-update", Rights.FULL, inputs))


SURE: Final = [
    ("users", "created", ("role", "email")), ("users", "created", ("role", "token")), ("users", "created", ("policies", "email")), ("users", "created", ("policies", "token")), ("users", "own", ("role",)),
    ("users", "own", ("policies",)), ("users", "chosen", ("role",)), ("users", "chosen", ("policies",)), ("users", "chosen", ("token",)), ("users", "chosen", ("password",)), ("users", "chosen", ("email",)), ("users", "named", ("role", "token")),
    ("users", "named", ("policies", "token")), ("access", "created", ("policy", "user")), ("access", "created", ("policy", "role")), ("access", "chosen", ("policy",)), ("access", "chosen", ("user",)),
    ("access", "chosen", ("role",)), ("permissions", "created", ("collection", "action", "policy")), ("permissions", "created", ("collection", "action", "role")), ("permissions", "chosen", ("collection", "action")),
    ("policies", "created", ("admin_access", "users")), ("policies", "created", ("admin_access", "roles")), ("policies", "chosen", ("admin_access",)), ("policies", "chosen", ("users",)), ("policies", "chosen", ("roles",)),
    ("roles", "created", ("users", "parent")), ("roles", "created", ("users", "policies")), ("roles", "created", ("users", "admin_access")), ("roles", "chosen", ("admin_access",)), ("roles", "chosen", ("parent",)),
    ("roles", "chosen", ("policies",)), ("roles", "chosen", ("users",)), ("settings", "fixed", ("public_registration", "public_registration_role")),
]  # fmt: skip
UNSURE: Final = [
    ("users", "named", ("role", "email")), ("permissions", "chosen", ("fields",)), ("permissions", "chosen", ("permissions",)), ("operations", "created", ("type", "options", "flow")), ("operations", "chosen", ("options",)),
    ("flows", "chosen", ("options",)), ("flows", "chosen", ("trigger",)),
]  # fmt: skip


ONLY_10: Final = (
    ("permissions", "created", ("collection", "action", "role")), ("roles", "created", ("users", "admin_access")), ("roles", "chosen", ("admin_access",)),
)  # fmt: skip
"""What the rows of later versions do not have."""


@pytest.mark.parametrize(
    ("answer", "case"), [*((Tri.YES, case) for case in SURE), *((Tri.UNKNOWN, case) for case in UNSURE)]
)
def test_fields_that_decide_it(answer: Tri, case: tuple[str, str, tuple[str, ...]]) -> None:
    collection, kind, fields = case
    state, other = (OLD, STATE) if case in ONLY_10 else (STATE, OLD)
    assert made(f"directus_{collection}", kind, fields, state) is answer
    assert made(f"directus_{collection}", kind, (*fields, "first_name"), state) is answer
    new = collection in ("access", "policies") or not {"policies", "policy", "parent"}.isdisjoint(fields)
    assert made(f"directus_{collection}", kind, fields, other) is (Tri.NO if case in ONLY_10 or new else answer)
    assert made("posts", kind, fields, state) is Tri.NO
    if len(fields) > 1:
        for left_out in fields:
            assert (
                made(f"directus_{collection}", kind, tuple(name for name in fields if name != left_out), state)
                is Tri.NO
            )
    if kind in ("created", "own", "chosen"):
        assert made(f"directus_{collection}", "fixed", fields, state) is Tri.NO


@pytest.mark.parametrize(
    ("collection", "kind", "fields"),
    [("users", "created", ("role",)), ("users", "created", ("email", "token")), ("users", "own", ("token",)), ("users", "named", ("role",)), ("users", "named", ("password",)), ("access", "created", ("user", "role")),
     ("roles", "created", ("parent",)), ("roles", "chosen", ("name",)), ("settings", "fixed", ("public_registration_role",)), ("flows", "created", ("trigger", "options"))],
)  # fmt: skip
def test_fields_that_do_not(collection: str, kind: str, fields: tuple[str, ...]) -> None:
    assert made(f"directus_{collection}", kind, fields) is Tri.NO


def test_registration_that_is_open_needs_its_role_only() -> None:
    for value, answer in ((True, Tri.YES), (False, Tri.NO), (None, Tri.NO)):
        state = AccessState(World(settings={"public_registration": value}).export(), Work(100_000))
        assert made("directus_settings", "fixed", ("public_registration_role",), state) is answer


@pytest.mark.parametrize(
    ("rights", "permissions", "unchecked", "answer"),
    [
        (Rights.FULL, None, False, Tri.YES), (Rights.CALLER, None, False, Tri.NO), (Rights.CALLER, None, True, Tri.YES), (Rights.PUBLIC, None, False, Tri.NO), (Rights.PUBLIC, None, True, Tri.NO), (Rights.CANNOT_TELL, None, False, Tri.UNKNOWN),
        (Rights.CANNOT_TELL, None, True, Tri.UNKNOWN), (Rights.ROLE, KnownValue(ADMIN), False, Tri.YES), (Rights.ROLE, KnownValue(CUSTOMER), False, Tri.NO), (Rights.ROLE, SENT, False, Tri.NO), (None, None, False, Tri.NO), (None, None, True, Tri.NO),
    ],
)  # fmt: skip
def test_with_whose_rights(rights: Rights | None, permissions: Value | None, unchecked: bool, answer: Tri) -> None:
    inputs: dict[str, Value] = {"collection": KnownValue("directus_users"), "payload": SENT, "key": SENT}
    inputs |= {"permissions": permissions} if permissions is not None else {}
    for type_, writes in (
        ("item-update", True),
        ("item-create", True),
        ("item-read", False),
        ("item-delete", False),
        ("log", False),
    ):
        held = step(type_, rights, inputs)
        expected = answer if writes else Tri.NO
        assert full_access(STATE, held, unchecked=unchecked) is expected
        assert makes_administrator(STATE, held, unchecked=unchecked) is expected


@pytest.mark.parametrize(
    ("value", "answer"),
    [(KnownValue(ADMIN), Tri.YES), (KnownValue(CUSTOMER), Tri.NO), (KnownValue(True), Tri.YES), (KnownValue(None), Tri.NO), (SENT, Tri.YES), (TEXT, Tri.YES), (SecretValue(), Tri.NO), (CallerIdentity(), Tri.NO)],
)  # fmt: skip
def test_a_role_that_stands_there(value: Value, answer: Tri) -> None:
    payload = record({"role": value, "email": SENT})
    assert made("directus_users", "created", (), payload=payload) is answer


@pytest.mark.parametrize("name", ["first_name", "email", "token"])
def test_a_name_that_looks_like_an_administrators(name: str) -> None:
    payload = record({name: KnownValue(ADMIN), "role": TEXT})
    assert made("directus_users", "created", (), payload=payload) is Tri.NO


def test_what_a_policy_is_attached_to_may_be_the_caller() -> None:
    for name, answer in (("user", Tri.YES), ("role", Tri.YES), ("policy", Tri.NO)):
        other = "policy" if name != "policy" else "user"
        payload = record({name: CallerIdentity(), other: TEXT})
        assert made("directus_access", "created", (), payload=payload) is answer


def test_one_of_several_items_is_enough() -> None:
    chosen = record({"role": TEXT, "email": TEXT})
    half, other = record({"role": TEXT}), record({"email": TEXT})
    for members, answer in (
        ((("0", half), ("1", chosen)), Tri.YES),
        ((("0", half), ("1", other)), Tri.NO),
        ((("a", chosen),), Tri.NO),
    ):
        assert made("directus_users", "created", (), payload=record(dict(members))) is answer


@pytest.mark.parametrize(
    ("key", "query", "answer"),
    [
        (CallerIdentity(), None, Tri.YES), (record({"0": CallerIdentity()}), None, Tri.YES), (record({"0": KnownValue("x")}), None, Tri.NO), (KnownValue("x"), None, Tri.NO), (KnownValue(""), KnownValue({"a": 1}), Tri.UNKNOWN),
        (None, KnownValue({"a": 1}), Tri.UNKNOWN), (KnownValue("x"), KnownValue({"a": 1}), Tri.NO), (KnownValue("x"), record({"a": CallerIdentity()}), Tri.UNKNOWN), (None, None, Tri.NO), (None, TEXT, Tri.YES), (TEXT, None, Tri.YES),
    ],
)  # fmt: skip
def test_whose_record_is_written(key: Value | None, query: Value | None, answer: Tri) -> None:
    more: dict[str, Any] = {name: value for name, value in (("key", key), ("query", query)) if value is not None}
    assert made("directus_users", "fixed", ("role",), **more) is answer


@pytest.mark.parametrize(
    ("collection", "answer"),
    [(SENT, Tri.YES), (TEXT, Tri.YES), (SecretValue(), Tri.NO), (KnownValue("posts"), Tri.NO), (KnownValue(5), Tri.NO)],
)
def test_a_collection_that_is_sent(collection: Value, answer: Tri) -> None:
    assert made("directus_users", "own", ("role",), collection=collection) is answer


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        (SENT, Tri.UNKNOWN),
        (TEXT, Tri.UNKNOWN),
        (KnownValue({"a": 1}), Tri.NO),
        (record({"author": SENT}), Tri.UNKNOWN),
        (record({"author": TEXT}), Tri.NO),
    ],
)
def test_an_object_below_a_relation_that_is_not_known(payload: Value, answer: Tri) -> None:
    for schema in (None, Schema()):
        state = AccessState(World().export(schema=schema), Work(100_000))
        assert made("posts", "created", (), state, payload=payload) is answer
