"""What validations and presets leave to the attacker, carried out on real servers."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.escalation import Path, Paths
from tests.lab.carried_out import Run
from tests.lab.pull import pulled
from tests.lab.server import row
from tests.lab.stored_rows import Database
from tests.support.sampling import one_of, paired

if TYPE_CHECKING:
    from tests.lab.server import Lab

USERS: Final = "directus_users"
PERMISSIONS: Final = "directus_permissions"
MINE: Final = {"id": {"_eq": "$CURRENT_USER"}}


def new_permission(rule: Any = None, presets: Any = None) -> dict[str, Any]:
    pinned: list[Any] = [{"collection": {"_eq": USERS}}, {"action": {"_eq": "update"}}]
    pinned += [{"fields": rule}] if rule else []
    fields = ["collection", "action", "policy", "role", *(() if presets else ("fields",))]
    return row(PERMISSIONS, "create", fields=fields, validation={"_and": pinned}, presets=presets)


def changed_permission(**more: Any) -> dict[str, Any]:
    return row(PERMISSIONS, "update", **{"fields": ["fields"], "permissions": {"collection": {"_eq": USERS}}, **more})


TITLE: Final = row(USERS, "update", fields=["title"], permissions=MINE)
GRANTED: Final[dict[str, list[dict[str, Any]]]] = {
    "an address that ends as it must": [
        row(USERS, "create", fields=["email", "password", "role"], validation={"email": {"_ends_with": "@example.com"}}),
    ],
    "a preset gives the fields of a new permission": [new_permission(presets={"fields": ["role"]})],
    "a validation names one field": [new_permission({"_eq": "role"})],
    "a validation refuses all fields": [new_permission({"_ncontains": "*"})],
    "a validation asks for a field": [new_permission({"_contains": "title"})],
    "a validation names the fields of a change": [TITLE, changed_permission(validation={"fields": {"_in": ["title", "role"]}})],
    "a preset gives the fields of a change": [TITLE, changed_permission(fields=["validation"], presets={"fields": ["role"]})],
    "a preset takes the item rule away": [
        row(USERS, "update", fields=["role"], permissions={"id": {"_null": True}}),
        changed_permission(fields=["validation"], presets={"permissions": None}),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("name", "major"), paired(GRANTED, [10, 11]))
def test_the_plan_makes_an_administrator(lab: Lab, name: str, major: int) -> None:
    with lab.server(major) as server, closing(Database(server)) as database:
        server.admin.patch("/settings", {"auth_login_attempts": None})
        actor = server.actor(GRANTED[name])
        path = Paths(pulled(server)).answer(Principal(PrincipalKind.ROLE, actor.role, "role"))
        assert isinstance(path, Path)
        before = database.take()
        try:
            done = Run(server, database, actor.token, actor.id).carry_out(path)
        finally:
            database.put(before)
        assert done.won, (done, path.sentences)


@pytest.mark.parametrize("major", one_of([10, 11], "an empty payload sets the token of a preset"))
def test_an_empty_payload_sets_the_token_of_a_preset(lab: Lab, major: int) -> None:
    """The account can read its presets, so it knows the token."""
    token = f"token-of-the-preset-{major}"
    with lab.server(major) as server, closing(Database(server)) as database:
        actor = server.actor([row(USERS, "update", fields=["first_name"], presets={"token": token})], app=major == 10)
        answer = server.ask("GET", "/permissions/me" if major > 10 else "/permissions", token=actor.token).text
        assert token in answer, answer[:300]
        assert Paths(pulled(server)).answer(Principal(PrincipalKind.ROLE, actor.role, "role")) is not None
        before = database.take()
        try:
            administrator = server.admin.get("/users/me")["id"]
            assert server.ask("PATCH", f"/users/{administrator}", token=actor.token, json={}).is_success
            assert server.is_admin(token)
        finally:
            database.put(before)
