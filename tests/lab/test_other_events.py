"""Events that are not about items, and answers of blocking flows, on real servers: what they give, and what is said of it."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.escalation import Path, Paths, Unplanned
from tests.lab import server as lab_server
from tests.lab.build_flow import build
from tests.lab.carried_out import Run
from tests.lab.pull import pulled
from tests.lab.server import row
from tests.lab.stored_rows import Database
from tests.support.sampling import one_of, paired

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.server import Actor, Lab, Server

USERS: Final = "directus_users"
MAJORS: Final = (10, 11, 12)
EMAIL, PASSWORD = "new@example.com", "a-password-of-the-lab"
SENT: Final = {"email": "{{$trigger.payload.email}}", "password": "{{$trigger.payload.password}}"}


def blocking(
    server: Server, scope: str, type_: str, options: dict[str, Any], *, answers: bool = True, **more: Any
) -> None:
    """A flow that an event starts, switched on when it is complete: from then on requests depend on it."""
    named = json.loads(json.dumps(options).replace("$administrator", server.admin_role))
    flow = build(
        server, "on event", [{"key": "does", "type": type_, "options": named}], trigger="event", status="inactive",
        options={"type": "filter", "scope": [scope], **({"return": "$last"} if answers else {}), **more},
    )  # fmt: skip
    server.admin.patch(f"/flows/{flow}", {"status": "active"})


def new_user(path: str) -> dict[str, Any]:
    return {"collection": USERS, "permissions": "$full", "payload": path}


def said(server: Server, actor: Actor | None) -> Path | Unplanned | None:
    principal = PUBLIC if actor is None else Principal(PrincipalKind.ROLE, actor.role, "role")
    return Paths(pulled(server)).answer(principal)


def soon(holds: Callable[[], bool]) -> bool:
    for _ in range(20):
        if holds():
            return True
        time.sleep(0.3)
    return False


def signed_in(server: Server, email: str, password: str) -> str | None:
    answer = server.ask("POST", "/auth/login", json={"email": email, "password": password})
    return str(answer.json()["data"]["access_token"]) if answer.is_success else None


@pytest.mark.parametrize(
    "major", one_of(MAJORS, "a request for an address that is not there starts a flow for visitors")
)
def test_a_request_for_an_address_that_is_not_there_starts_a_flow_for_visitors(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        blocking(server, "request.not_found", "item-create", new_user("{{$trigger.request.body}}"), answers=False)
        body = {"email": EMAIL, "password": PASSWORD, "role": server.admin_role}

        def won() -> bool:
            server.ask("POST", "/nowhere", json=body)
            token = signed_in(server, EMAIL, PASSWORD)
            return token is not None and server.is_admin(token)

        assert soon(won)
        assert said(server, None) is not None


UNASKED: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "authenticate": ("GET", "/server/ping", {}),
    "request.error": ("GET", "/users/me?access_token=no-token-of-anybody", {}),
    "email.send": ("POST", "/auth/password/request", {"email": "admin@example.com"}),
}


@pytest.mark.parametrize(("scope", "major"), paired(UNASKED, MAJORS))
def test_without_a_caller_the_rights_of_the_trigger_are_unlimited(lab: Lab, scope: str, major: int) -> None:
    method, path, body = UNASKED[scope]
    with lab.server(major) as server:
        actor = server.actor()
        made = {
            "collection": USERS,
            "permissions": "$trigger",
            "key": [actor.id],
            "payload": {"role": "$administrator"},
        }
        blocking(server, scope, "item-update", made, answers=False)

        def won() -> bool:
            server.ask(method, path, json=body or None)
            server.ask("POST", "/utils/cache/clear?system", token=server.token)
            return server.is_admin(actor.token)

        assert soon(won)
        assert said(server, None) is not None


@pytest.mark.parametrize("major", one_of(MAJORS, "the answer before each request is who sends it"))
def test_the_answer_before_each_request_is_who_sends_it(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        anybody = {"user": None, "role": "$administrator", "roles": ["$administrator"], "admin": True, "app": True}
        blocking(server, "authenticate", "transform", {"json": anybody})
        assert soon(lambda: server.is_admin(None))
        assert said(server, None) is not None


@pytest.mark.parametrize("major", one_of(MAJORS, "the answer at sign in is what the token says"))
def test_the_answer_at_sign_in_is_what_the_token_says(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        actor = server.actor()
        claims = {"id": "{{$trigger.payload.id}}", "role": "$administrator", "admin_access": True, "app_access": True}
        blocking(server, "auth.jwt", "transform", {"json": claims})
        assert soon(lambda: server.is_admin(signed_in(server, actor.email, actor.password)))
        assert said(server, actor) is not None


@pytest.mark.parametrize("major", one_of(MAJORS, "who signs in is known to the flow"))
def test_who_signs_in_is_known_to_the_flow(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        actor = server.actor()
        promote = {
            "collection": USERS, "permissions": "$full", "key": ["{{$trigger.user}}"], "payload": {"role": "$administrator"},
        }  # fmt: skip
        blocking(server, "auth.login", "item-update", promote, answers=False)

        def won() -> bool:
            signed_in(server, actor.email, actor.password)
            server.ask("POST", "/utils/cache/clear?system", token=server.token)
            return server.is_admin(signed_in(server, actor.email, actor.password))

        assert soon(won)
        assert said(server, actor) is not None


ANSWERS: Final[dict[str, tuple[bool, str, dict[str, Any]]]] = {
    "a fixed role for who registers": (True, "items.create", {**SENT, "role": "$administrator"}),
    "a role that who registers names": (True, "items.create", {**SENT, "role": "{{$trigger.payload.last_name}}"}),
    "a role for who visits a page": (False, "items.update", {"role": "$administrator"}),
}


@pytest.mark.parametrize(("name", "major"), paired(ANSWERS, MAJORS))
def test_the_plan_by_an_answer_makes_an_administrator(lab: Lab, name: str, major: int) -> None:
    """Each on one version; `make every` takes all."""
    registers, scope, answer = ANSWERS[name]
    with lab.server(major) as server, closing(Database(server)) as database:
        actor = server.actor(app=True)
        registration = {
            "public_registration": True, "public_registration_role": actor.role, "public_registration_verify_email": False,
        }  # fmt: skip
        server.admin.patch("/settings", {"auth_login_attempts": None, **(registration if registers else {})})
        blocking(server, scope, "transform", {"json": answer}, collections=[USERS])
        path = said(server, None if registers else actor)
        assert isinstance(path, Path)
        before = database.take()
        try:
            done = Run(server, database, None if registers else actor.token, actor.id).carry_out(path)
            won = done.won or (not registers and soon(lambda: _once_forgotten(server, actor.token)))
        finally:
            database.put(before)
        assert won, (done, path.sentences)


def _once_forgotten(server: Server, token: str) -> bool:
    server.ask("POST", "/utils/cache/clear?system", token=server.token)
    return server.is_admin(token)


@pytest.mark.parametrize("major", [10, 11])
def test_a_requested_write_is_checked_after_the_answer(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        actor = server.actor(
            [row(USERS, "update", fields=["first_name"], permissions={"id": {"_eq": "$CURRENT_USER"}})]
        )
        blocking(server, "items.update", "transform", {"json": {"role": "$administrator"}}, collections=[USERS])
        answer = server.ask("PATCH", "/users/me", token=actor.token, json={"first_name": "x"})
        assert answer.status_code == 403
        assert "role" in answer.text or major == 10


@pytest.mark.parametrize("major", one_of(MAJORS, "what a flow stores starts another one without a caller"))
def test_what_a_flow_stores_starts_another_one_without_a_caller(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        store = {
            "collection": "directus_folders",
            "permissions": "$full",
            "emitEvents": True,
            "payload": {"name": "{{$trigger.body.name}}"},
        }
        hook = build(server, "hook", [{"key": "store", "type": "item-create", "options": store}])
        payload = {"email": "{{$trigger.payload.name}}@example.com", "password": PASSWORD, "role": server.admin_role}
        write = {"collection": USERS, "permissions": "$trigger", "payload": payload}
        build(
            server, "goes on", [{"key": "write", "type": "item-create", "options": write}], trigger="event",
            options={"type": "action", "scope": ["items.create"], "collections": ["directus_folders"]},
        )  # fmt: skip

        def won() -> bool:
            server.ask("POST", f"/flows/trigger/{hook}", json={"name": "new"})
            token = signed_in(server, EMAIL, PASSWORD)
            return token is not None and server.is_admin(token)

        assert soon(won)
        assert said(server, None) is not None


@pytest.mark.parametrize("major", one_of(MAJORS, "a flow hands out the tokens of sessions"))
def test_a_flow_hands_out_the_tokens_of_sessions(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        actor = server.actor([row("directus_folders", "read")])
        read = {"collection": "directus_sessions", "permissions": "$full", "query": {"fields": ["token", "user"]}}
        flow = build(
            server, "by hand", [{"key": "read", "type": "item-read", "options": read}], trigger="manual",
            options={"collections": ["directus_folders"], "requireSelection": False},
        )  # fmt: skip
        token = signed_in(server, lab_server.EMAIL, lab_server.PASSWORD)
        assert token is not None
        started = server.ask(
            "POST", f"/flows/trigger/{flow}", token=actor.token, json={"collection": "directus_folders"}
        )
        sessions = [one["token"] for one in started.json()]
        answers = [server.ask("POST", "/auth/refresh", json={"refresh_token": one, "mode": "json"}) for one in sessions]
        taken = [one.json()["data"]["access_token"] for one in answers if one.is_success]
        assert any(server.is_admin(one) for one in taken)
        assert said(server, actor if major > 10 else None) is not None
