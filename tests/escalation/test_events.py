"""What allows a write whose event starts a flow, and how sure it is that the write is carried out."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.escalation.account import Account
from directus_guard.escalation.evidence import Allowed
from directus_guard.escalation.plans.events import may_cause, plain
from directus_guard.escalation.plans.state import beginning
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.accounts import EMAIL, PASSWORD
from directus_guard.escalation.requests.request import CREATE, DELETE, UPDATE, Chosen, Request, SomeAdministrator
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import ME as MYSELF
from directus_guard.escalation.work import Work
from directus_guard.finding import Confidence
from tests.support.each import each_case
from tests.support.worlds import EDITOR, EDITOR_POLICY, Row, World, flow

USERS: Final = "directus_users"
ME: Final = Person(Account(role=EDITOR), MYSELF)
SCHEMA: Final = Schema(
    collections=(Collection("posts"),), complete=True,
    fields=tuple(Field("posts", name, type=type_) for name, type_ in (("id", "integer"), ("title", "string"), ("body", "text"), ("meta", "json"), ("tags", "csv"), ("n", "integer"))),
)  # fmt: skip
HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
CHOSEN: Final = Chosen("any value")


def caused(request: Request, *rows: Row, schema: Schema | None = None) -> Confidence | str:
    """How sure it is, or why it is refused."""
    export = replace(World(rows, flows=(flow("event"),)).export(schema=schema), schema=schema)
    access = AccessState(export, Work(1_000_000))
    state = beginning(access, (ME,), frozenset([EDITOR_POLICY]), (), MYSELF)
    found = may_cause(state, access.attacker(ME.account), request)
    return found.confidence if isinstance(found, Allowed) else found


@each_case(
    ("body", "schema", "sure"),
    [
        ({}, None, HIGH), ({"title": CHOSEN}, None, MEDIUM), ({"title": CHOSEN}, SCHEMA, HIGH), ({"body": CHOSEN}, SCHEMA, HIGH), ({"meta": CHOSEN}, SCHEMA, HIGH), ({"tags": CHOSEN}, SCHEMA, HIGH), ({"n": CHOSEN}, SCHEMA, LOW), ({"nowhere": CHOSEN}, SCHEMA, LOW),
        ({"title": CHOSEN, "n": CHOSEN}, SCHEMA, LOW), ({"title": CHOSEN}, replace(SCHEMA, collections=(), fields=()), MEDIUM),
    ],
)  # fmt: skip
def test_fields_that_take_a_text(body: dict[str, Any], schema: Schema | None, sure: Confidence) -> None:
    assert caused(Request("posts", CREATE, body, by=ME), Row("posts", "create"), schema=schema) is sure


@each_case(
    ("body", "sure"),
    [
        ({"first_name": "x"}, HIGH), ({"email": EMAIL, "password": PASSWORD}, HIGH), ({"password": "something"}, LOW), ({"password": CHOSEN}, LOW), ({"role": {"name": "x"}}, HIGH), ({"policies": {"create": []}}, HIGH), ({"tags": {"a": 1}}, HIGH),
        ({"email": "x"}, "email of a user cannot be that"), ({"email": CHOSEN}, "email of a user cannot be that"), ({"first_name": {"a": 1}}, "first_name of a user cannot be that"), ({"password": {"a": 1}}, "password of a user cannot be that"),
    ],
)  # fmt: skip
def test_fields_of_a_user(body: dict[str, Any], sure: Confidence | str) -> None:
    """A password is hashed before a flow gets it; an address has to be one."""
    assert caused(Request(USERS, CREATE, body, by=ME), Row(USERS, "create")) == sure


@each_case(
    ("request_", "rows", "sure"),
    [
        (Request("posts", CREATE, {"title": "x"}), (), "no permission to create in posts"),
        (Request("posts", CREATE, {"title": "x"}), (Row("posts", "update"),), "no permission to create in posts"),
        (Request("posts", CREATE, {"title": "x"}), (Row("posts", "create", ("id",)),), "no permission to create in posts with title"),
        (Request("posts", CREATE, {"title": "x"}), (Row("posts", "create", ("id",)), Row("posts", "create", ("title",))), MEDIUM),
        (Request("posts", DELETE, item=CHOSEN), (Row("posts", "delete"),), HIGH),
        (Request("posts", DELETE, item=CHOSEN), (Row("posts", "delete", rule={"status": {"_eq": "draft"}}),), MEDIUM),
        (Request("posts", DELETE, item=CHOSEN), (), "no permission to delete in posts"),
        (Request(USERS, UPDATE, {"first_name": "x"}, ME), (Row(USERS, "update"),), HIGH),
        (Request(USERS, UPDATE, {"first_name": "x"}, ME), (Row(USERS, "update", rule={"id": {"_eq": "$CURRENT_USER"}}),), HIGH),
        (Request(USERS, UPDATE, {"first_name": "x"}, ME), (Row(USERS, "update", rule={"role": {"_eq": EDITOR}}),), HIGH),
    ],
)  # fmt: skip
def test_the_permission_of_the_write(request_: Request, rows: tuple[Row, ...], sure: Confidence | str) -> None:
    assert caused(replace(request_, by=ME), *rows) == sure


def test_what_has_to_be_filled_in_is_a_text() -> None:
    value: Any = {"a": CHOSEN, "b": [CHOSEN, 1, None], "c": SomeAdministrator(), "d": True, "e": 1.5, "f": "x"}
    assert plain(value) == {
        "a": "(any value)",
        "b": ["(any value)", 1, None],
        "c": "(a key)",
        "d": True,
        "e": 1.5,
        "f": "x",
    }
