"""Writes as HTTP requests: what is sent where, and what has to be filled in."""

from __future__ import annotations

from msgspec.structs import replace

from directus_guard.escalation.account import Account
from directus_guard.escalation.catalogue import KINDS
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.entrance import TAKE_OVER
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests import accounts, permissions, rights
from directus_guard.escalation.requests.request import (
    CREATE,
    DELETE,
    INVITE,
    LOGIN,
    READ,
    REGISTER,
    RESET,
    START,
    TRACK,
    UPDATE,
    NewRow,
    Request,
    SomeAdministrator,
)
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import NEW
from directus_guard.escalation.work import Work
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER_POLICY, EDITOR, Row, World

ME = Person(Account(role=EDITOR), "me")
NEWBORN = Person(Account(role=ADMIN), NEWCOMER)


def test_where_requests_go() -> None:
    (own,) = accounts.set_role(ME, ADMIN)
    assert (own.method, own.endpoint, own.item, own.body) == ("PATCH", ("users",), ME, {"role": ADMIN})
    (entered,) = accounts.register(NEWBORN)
    assert (entered.method, entered.endpoint) == ("POST", ("users", "register"))
    assert accounts.new_user(NEWBORN, with_role=True)[-1].endpoint == ("users", "invite")
    (gone,) = rights.delete("directus_policies", CUSTOMER_POLICY)
    assert (gone.method, gone.endpoint, gone.item, gone.body) == ("DELETE", ("policies",), CUSTOMER_POLICY, {})
    assert Request("articles", CREATE).endpoint == ("items", "articles")
    assert not Request("articles", CREATE, item="x").names_item
    started = Request("directus_flows", START, item="f")
    assert (started.endpoint, started.names_item) == (("flows", "trigger"), True)
    assert accounts.registration({"public_registration": True})[0].endpoint == ("settings",)


def test_what_is_filled_in() -> None:
    (taken,) = accounts.take_over(None, "token", inactive=True)
    assert taken.item == SomeAdministrator()
    assert taken.body == {"token": accounts.TOKEN, "status": "active"}
    (attached,) = rights.attach(NEW, ME)
    assert attached.body == {"policy": NewRow("directus_policies"), "user": ME}
    (public,) = rights.attach(CUSTOMER_POLICY, None)
    assert public.body == {"policy": CUSTOMER_POLICY}


def test_a_permission_is_created_with_all_fields_or_with_presets() -> None:
    facts = AccessState(World([Row("posts", "read")]).export(), Work(1000))
    whole, *preset = permissions.create(facts, CUSTOMER_POLICY, "directus_users", "update", ("*",))
    assert whole.body["fields"] == ["*"]
    assert preset[0].body["presets"] == {"role": ADMIN}


@each_case(
    ("action", "method", "users", "posts", "names_item"),
    [
        (CREATE, "POST", "users", "items/posts", False), (UPDATE, "PATCH", "users", "items/posts", True), (DELETE, "DELETE", "users", "items/posts", True), (READ, "GET", "users", "items/posts", True),
        (REGISTER, "POST", "users/register", "items/posts/register", False), (INVITE, "POST", "users/invite", "items/posts/invite", False), (START, "POST", "users/trigger", "items/posts/trigger", True),
        (TRACK, "PATCH", "users/me/track/page", "users/me/track/page", False), (LOGIN, "POST", "auth/login", "auth/login", False), (RESET, "POST", "auth/password/reset", "auth/password/reset", False),
    ],
)  # fmt: skip
def test_each_action(action: str, method: str, users: str, posts: str, names_item: bool) -> None:
    request = Request("directus_users", action, {"a": "x", "b": 1}, item="i")
    assert (request.method, "/".join(request.endpoint), request.names_item) == (method, users, names_item)
    assert replace(request, gets=True).method == "GET"
    assert replace(request, item=None).names_item is (action == START)
    assert "/".join(Request("posts", action).endpoint) == posts
    assert request.names == ("i", "x")


@each_case("step", [step for _, step, _ in TAKE_OVER])
def test_steps_that_take_an_account_over(step: str) -> None:
    assert step in KINDS
