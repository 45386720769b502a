"""The lab itself: its servers start, answer, keep principals apart, and are as before after a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.install import MAJORS
from tests.lab.server import row

if TYPE_CHECKING:
    from tests.lab.server import Lab


@pytest.mark.parametrize("major", MAJORS)
def test_a_server_answers_as_its_version(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        assert server.admin.get("/server/info")["version"] == server.version
        assert server.is_admin(server.token)
        assert not server.is_admin(None)


@pytest.mark.parametrize("major", MAJORS)
def test_an_actor_may_what_its_rows_say_and_is_gone_afterwards(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        server.admin.post("/collections", {"collection": "articles", "schema": {}, "meta": {}})
        actor = server.actor([row("articles", "read")])
        assert server.ask("GET", "/items/articles", token=actor.token).status_code == 200
        assert server.ask("GET", "/items/articles").status_code == 403
        assert server.ask("GET", "/users", token=actor.token).status_code == 403
        assert not server.is_admin(actor.token)
        server.grant_public([row("articles", "read")])
        assert server.ask("GET", "/items/articles").status_code == 200
        server.admin.patch("/settings", {"project_name": "changed"})
    with lab.server(major) as server:
        assert server.ask("GET", "/users/me", token=actor.token).status_code == 401
        assert server.ask("GET", "/items/articles").status_code == 403
        assert server.admin.get("/settings")["project_name"] != "changed"
        assert len(server.admin.get("/users")) == 1


@pytest.mark.parametrize("major", MAJORS)
def test_letters_arrive(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        actor = server.actor()
        assert server.ask("POST", "/auth/password/request", json={"email": actor.email}).status_code == 204
        token = server.mail.token_for(actor.email)
        assert token is not None
        assert token.count(".") == 2


@pytest.mark.parametrize("major", MAJORS)
def test_a_server_that_a_data_model_broke_is_not_used_again(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        wanted = server.admin.get("/schema/snapshot")
        wanted["collections"].append({"collection": "odd/name", "meta": None, "schema": {"name": "odd/name"}})
        difference = server.admin.post("/schema/diff", wanted)
        applied = server.ask("POST", "/schema/apply", token=server.token, json=difference)
        assert not applied.is_success
        assert not server.minds_keys
    with lab.server(major) as server:
        assert server.minds_keys
