"""Requests of a way as reports show them."""

from __future__ import annotations

import json

from msgspec.structs import replace

from directus_guard.directus.flows.records import Operation
from directus_guard.finding import HttpRequest
from tests.support.each import each_case
from tests.support.worlds import ADMIN, ME, THE_PUBLIC, Row, World, flow, operation, path_of

USERS = "directus_users"


def requests(world: World, **who: object) -> list[HttpRequest | None]:
    path = path_of(world, **who)  # type: ignore[arg-type]  # names of `path_of`
    assert path is not None
    return [step.request for step in path.steps]


def test_the_own_role() -> None:
    (request,) = requests(World([Row(USERS, "update", ("role",), ME)]))
    assert request == HttpRequest("PATCH", "/users/me", f'{{"role": "{ADMIN}"}}', "their own account")
    assert request.line == f'PATCH /users/me {{"role": "{ADMIN}"}}'


def test_a_validation_that_refuses_the_bare_key() -> None:
    locked = Row(USERS, "update", ("role",), ME, validation={"role": {"_neq": ADMIN}})
    (request,) = requests(World([locked]))
    assert request is not None
    assert json.loads(request.body) == {"role": {"id": ADMIN}}


def test_what_is_filled_in_and_literals_of_rules() -> None:
    """What a validation asks for may be a secret: it is not shown."""
    secret = {"_and": [{"title": {"_eq": "Zp3vK8qLw2RtYx91"}}, {"title": {"_submitted": True}}]}
    (request,) = requests(World(public=[Row(USERS, "create", validation=secret)]), principal=THE_PUBLIC)
    assert request is not None
    assert request.sender == "anonymous"
    assert "Zp3vK8qLw2RtYx91" not in request.line
    body = json.loads(request.body)
    assert body["title"] == "<a value that is accepted>"
    assert body["email"].startswith("<an e-mail address")


def test_several_accounts() -> None:
    register = {"public_registration": True, "public_registration_role": None}
    world = World(public=[Row(USERS, "update", ("role",), ME)], settings=register)
    first, second = requests(world, principal=THE_PUBLIC)
    assert first is not None
    assert second is not None
    assert (first.method, first.path, first.sender) == ("POST", "/users/register", "anonymous")
    assert (second.path, second.sender) == ("/users/me", "the new user")


@each_case(("method", "in_the_body"), [("POST", True), ("GET", False)])
def test_what_a_script_takes_from_anywhere_is_sent_once(method: str, *, in_the_body: bool) -> None:
    """An object: in the body, or in the query of a request that has none, and never as a header."""
    stores = operation(collection=USERS, permissions="$full", payload="{{script}}")
    code = {"code": "module.exports = (data) => data"}
    script = Operation("script", "script", "exec", "flow-1", code, stores.id, None, stores.location)
    world = World(flows=(replace(flow(method=method), operation=script.id),), operations=(script, stores))
    (request,) = requests(world, principal=THE_PUBLIC)
    assert request is not None
    assert request.headers == ()
    assert ("?" in request.path) is not in_the_body
    assert ("policies" in request.body) is in_the_body
