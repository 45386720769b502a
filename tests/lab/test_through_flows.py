"""Plans that go through a flow which writes a part of what makes an administrator, sent to real servers."""

from __future__ import annotations

import json
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.escalation import Path, Paths
from tests.lab.build_flow import build
from tests.lab.carried_out import Run
from tests.lab.pull import pulled
from tests.lab.server import row
from tests.lab.stored_rows import Database
from tests.support.sampling import on_one

if TYPE_CHECKING:
    from tests.lab.server import Lab, Server

USERS, PERMISSIONS = "directus_users", "directus_permissions"


def sent(name: str) -> str:
    return "{{$trigger.body." + name + "}}"


SETS_ROLES: Final = [row(USERS, "update", fields=["role"])]
PINNED: Final = [row(USERS, "update", fields=["role"], validation={"role": {"_eq": "$other"}})]

CASES: Final[dict[str, tuple[tuple[int, ...], list[dict[str, Any]], bool, dict[str, Any]]]] = {
    "new users have the editor's role": (
        (10, 11), SETS_ROLES, True,
        {"type": "item-create", "collection": USERS, "payload": {"email": sent("e"), "password": sent("p"), "role": "$role"}},
    ),
    "the own user gets the role": (
        (10, 11), [], False,
        {"type": "item-update", "collection": USERS, "key": ["{{$accountability.user}}"], "payload": {"role": "{{$trigger.query.role}}"}},
    ),
    "an object as the role of a fixed user": (
        (10, 11, 12), [], True, {"type": "item-update", "collection": USERS, "key": ["$user"], "payload": {"role": sent("role")}},
    ),
    "a file below a fixed user": (
        (10, 11, 12), [], True, {"type": "item-update", "collection": USERS, "key": ["$user"], "payload": {"avatar": sent("a")}},
    ),
    "whom a notification is for": (
        (10, 11, 12), [], True,
        {"type": "item-create", "collection": "directus_notifications", "payload": {"recipient": sent("r"), "subject": "x"}},
    ),
    "the parent of a fixed role": (
        (11, 12), [], False,
        {"type": "item-update", "collection": "directus_roles", "key": ["$role"], "payload": {"parent": "{{$trigger.query.p}}"}},
    ),
    "the switch of a fixed role": (
        (10,), [], False,
        {"type": "item-update", "collection": "directus_roles", "key": ["$role"], "payload": {"admin_access": sent("a")}},
    ),
    "the policy of a fixed attachment": (
        (11, 12), [], False,
        {"type": "item-update", "collection": "directus_access", "key": ["$attachment"], "payload": {"policy": "{{$trigger.query.p}}"}},
    ),
    "the collection of a permission": (
        (10, 11), [row("articles", "update", fields=["role"])], False,
        {"type": "item-update", "collection": PERMISSIONS, "key": [sent("k")], "payload": {"collection": sent("c")}},
    ),
    "the validation of a permission": (
        (10, 11), PINNED, False,
        {"type": "item-update", "collection": PERMISSIONS, "key": [sent("k")], "payload": {"validation": sent("v")}},
    ),
}  # fmt: skip


@pytest.mark.real
@pytest.mark.lab
@pytest.mark.parametrize(("name", "major"), on_one((name, majors) for name, (majors, _, _, _) in CASES.items()))
def test_the_plan_makes_an_administrator(lab: Lab, name: str, major: int) -> None:
    """Each on one of its versions; `make every` takes all."""
    _, rows, anonymous, options = CASES[name]
    with lab.server(major) as server, closing(Database(server)) as database:
        # Who carries a plan out tries every account's password.
        server.admin.patch("/settings", {"auth_login_attempts": None})
        (other, _), (role, policy) = server.role(), server.role()
        server.permissions(json.loads(json.dumps(rows).replace("$other", other)), **_holder(major, role, policy))
        member, fixed = server.member(role, policy), server.member(other)
        keys = {"$role": role, "$user": fixed.id, "$attachment": _attachment(server, policy)}
        _write(server, options, keys)
        principal = PUBLIC if anonymous else Principal(PrincipalKind.ROLE, role, "role")
        path = Paths(pulled(server)).answer(principal)
        assert isinstance(path, Path), path
        before = database.take()
        try:
            done = Run(server, database, None if anonymous else member.token, member.id).carry_out(path)
            won = done.won or (not anonymous and _once_forgotten(server, member.token))
        finally:
            database.put(before)  # the administrator's token, too
        assert won, (done, path.sentences)


def _once_forgotten(server: Server, token: str) -> bool:
    """Whether it is an administrator's once the server forgets the roles and attachments that it holds in memory."""
    for _ in range(10):
        server.ask("POST", "/utils/cache/clear?system", token=server.token)
        if server.is_admin(token):
            return True
        time.sleep(0.5)
    return False


def _holder(major: int, role: str, policy: str | None) -> dict[str, str | None]:
    return {"role": role} if major < 11 else {"policy": policy}


def _attachment(server: Server, policy: str | None) -> str:
    if policy is None:
        return ""
    return str(server.admin.get(f"/policies/{policy}", fields="roles")["roles"][0])


def _write(server: Server, options: dict[str, Any], keys: dict[str, str]) -> None:
    """A webhook with the operation, names in it replaced by keys."""
    text = json.dumps(options)
    for name, key in keys.items():
        text = text.replace(f'"{name}"', json.dumps(key))
    held = json.loads(text)
    build(server, "hook", [{"key": "write", "type": held.pop("type"), "options": {"permissions": "$full", **held}}])
