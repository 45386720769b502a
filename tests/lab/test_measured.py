"""What was found by comparing model and servers, one fact a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.directus.access.filters import NOTHING, Opaque
from directus_guard.directus.access.item_rules import parse
from directus_guard.directus.access.records import Permission
from tests.lab.pull import pulled
from tests.lab.random_access import make_collections
from tests.lab.server import row

if TYPE_CHECKING:
    from tests.lab.server import Actor, Lab, Server


def read(server: Server, actor: Actor, path: str) -> tuple[int, Any]:
    answer = server.ask("GET", path, token=actor.token)
    return answer.status_code, answer.json().get("data")


@pytest.mark.parametrize("major", [10, 11])
def test_rows_without_fields_serve_bare_keys(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        make_collections(server)
        server.admin.post("/items/docs", [{"title": "a"}, {"title": "b"}])
        actor = server.actor([row("docs", "read", fields=[], permissions={"title": {"_eq": "b"}})])
        assert read(server, actor, "/items/docs?fields=title,status") == (200, [2])
        assert pulled(server).model.of_user(actor.id).items("docs", "read") != NOTHING
        assert read(server, actor, "/items/docs/2?fields=title")[0] == 403


@pytest.mark.parametrize("major", [10, 11])
def test_nicontains_is_no_operator_of_any_field(lab: Lab, major: int) -> None:
    rule: Any = {"title": {"_nicontains": "x"}}
    with lab.server(major) as server:
        make_collections(server)
        actor = server.actor([row("docs", "read", permissions=rule)])
        assert read(server, actor, "/items/docs")[0] == 400
    assert isinstance(parse(rule, major=major), Opaque)


def test_10_hides_a_row_without_validation_behind_the_merged_one(lab: Lab) -> None:
    with lab.server(10) as server:
        make_collections(server)
        locked = row("docs", "create", validation={"status": {"_eq": "draft"}})
        # A row with its key says that the answer has keys.
        actor = server.actor([locked, row("docs", "create", fields=["title"]), row("directus_files", "read")], app=True)
        stored = pulled(server).model.permissions
        merged = [one for one in stored if (one.collection, one.action) == ("docs", "create") and not one.system]
        assert [(type(one), one.id) for one in merged] == [(Permission, None)]
        assert merged[0].validation
        body = {"status": "published"}
        assert server.ask("POST", "/items/docs", token=actor.token, json=body).status_code == 204
        access = pulled(server).model.of_user(actor.id)
        assert access.grant("docs", "create").accepts(body, access.context(actor.id))


def test_12_takes_no_rows_with_limits_and_no_fourth_seat(lab: Lab) -> None:
    with lab.server(12) as server:
        actor = server.actor()
        for limited in (
            row("directus_files", "read", permissions={"title": {"_eq": "a"}}),
            row("directus_files", "create", validation={"title": {"_eq": "a"}}),
            row("directus_files", "create", presets={"title": "a"}),
            row("directus_files", "read", fields=["id"]),
        ):
            body = {**limited, "policy": actor.policy}
            answer = server.ask("POST", "/permissions", token=server.token, json=body)
            assert answer.json()["errors"][0]["extensions"]["code"] == "RESOURCE_RESTRICTED", limited


@pytest.mark.parametrize("major", [10, 11])
def test_what_goes_with_a_role_is_asked_for(lab: Lab, major: int) -> None:
    """Its attachments (10: permissions), its users, and the roles that inherit from it, with the rights of whoever deletes it."""
    with lab.server(major) as server:
        for more, goes in (
            ("plain", True), ("held", False), ("used", False), ("parent", False), ("registration", True),
        ):  # fmt: skip
            if major < 11 and more == "parent":
                continue
            key = server.admin.post("/roles", {"name": more})["id"]
            if more == "held" and major >= 11:
                server.attach(server.policy([]), role=key)
            elif more == "held":
                server.permissions([row("directus_files", "read")], role=key)
            elif more == "used":
                server.member(key)
            elif more == "parent":
                server.admin.post("/roles", {"name": "child", "parent": key})
            elif more == "registration":
                on = {"public_registration": True, "public_registration_verify_email": False}
                server.admin.patch("/settings", {**on, "public_registration_role": key})
            actor = server.actor([row("directus_roles", "delete")])
            assert (server.ask("DELETE", f"/roles/{key}", token=actor.token).status_code == 204) is goes, more
        assert server.admin.get("/settings")["public_registration_role"] is None
        new = {"email": "newcomer@example.com", "password": "a long password"}
        assert server.ask("POST", "/users/register", json=new).status_code == 204
        (user,) = server.admin.get("/users", **{"filter[email][_eq]": new["email"], "fields": "role,status"})
        assert user == {"role": None, "status": "active"}
