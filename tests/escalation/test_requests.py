"""Writes as HTTP requests: what is sent where, and what has to be filled in."""

from __future__ import annotations

from directus_guard.escalation.account import Account
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests import accounts, permissions, rights
from directus_guard.escalation.requests.request import CREATE, START, NewRow, Request, SomeAdministrator
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import NEW
from directus_guard.escalation.work import Work
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
