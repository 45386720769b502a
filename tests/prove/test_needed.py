"""What a plan names is on the server under the keys of the export, and a failed plan is refuted only where nothing else is the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import User
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.proof import ProofStatus
from directus_guard.prove import cleanup, state
from directus_guard.prove.apply import apply
from directus_guard.prove.caused_flows import caused
from directus_guard.prove.needed import needed, unknown_keys
from directus_guard.prove.run import plans_of, prove
from tests.prove.servers import client
from tests.support.worlds import ADMIN, EDITOR, PLACE, THE_EDITOR, THE_PUBLIC, Row, World

if TYPE_CHECKING:
    from directus_guard.escalation import Path
    from tests.lab.server import Lab

USERS = "directus_users"
BOSS = "7c7c7c7c-0000-4000-8000-000000000001"
SELF = "7c7c7c7c-0000-4000-8000-000000000002"
OTHER = "7c7c7c7c-0000-4000-8000-000000000003"
NOBODY = "7c7c7c7c-0000-4000-8000-000000000004"
PEOPLE = (User(OTHER, EDITOR, "suspended"), User(SELF, EDITOR, "active"), User(BOSS, ADMIN, "active"))
"""Of the role of the editors the second, because the first cannot sign in."""


def only(key: str) -> dict[str, Any]:
    return {"id": {"_eq": key}}


NAMING = [
    (Row(USERS, "update", ("token",), rule=only(BOSS)), BOSS),
    (Row(USERS, "update", ("role",), rule=only(SELF)), SELF),
]


@pytest.mark.parametrize(("row", "key"), NAMING, ids=["an administrator", "their own"])
def test_users_whom_a_rule_names(row: Row, key: str) -> None:
    export = World([row], users=PEOPLE).export()
    found = needed(export, plans_of(export))
    own = {principal.id: user.id for principal, user in found.own.items()}
    assert own == ({EDITOR: SELF} if key == SELF else {})
    assert [one.id for one in found.users] == ([] if key == SELF else [BOSS])


def test_users_whom_a_flow_names_are_needed_and_others_are_not() -> None:
    write: dict[str, Any] = {"collection": USERS, "key": [OTHER], "payload": {"title": "x"}}
    export = World(
        flows=(Flow("f", "f", "active", "webhook", {}, "o", PLACE),),
        operations=(Operation("o", "o", "item-update", "f", write, None, None, PLACE),), users=PEOPLE,
    ).export()  # fmt: skip
    assert [one.id for one in needed(export, {}).users] == [OTHER]


@pytest.mark.parametrize(("row", "key"), NAMING, ids=["an administrator", "their own"])
def test_a_way_by_a_rule_that_names_a_user_is_proven(lab: Lab, row: Row, key: str) -> None:
    export = World([row], users=PEOPLE).export()
    with lab.server(11) as server, client(server) as asked:
        outcome = prove(asked, (export,))
    assert [one.status for one in outcome.ways[0].attempts.values()] == [ProofStatus.PROVEN], key


def test_a_way_by_a_rule_that_names_nobody_of_the_export_is_not_run(lab: Lab) -> None:
    export = World([Row(USERS, "update", ("role",), rule=only(NOBODY))]).export()
    (path,) = plans_of(export).values()
    assert unknown_keys(path, (ADMIN, EDITOR))
    assert not unknown_keys(path, (ADMIN, NOBODY))
    with lab.server(11) as server, client(server) as asked:
        outcome = prove(asked, (export,))
    (attempt,) = outcome.ways[0].attempts.values()
    assert (attempt.status, attempt.reason) == (
        ProofStatus.NOT_RUN,
        "it rests on a rule that names a key which the export does not have",
    )


# --- flows -----------------------------------------------------------------------------------------------------------


def event(key: str, operation: str, *scope: str, collections: tuple[str, ...] = ()) -> Flow:
    return Flow(
        key, key, "active", "event", {"type": "action", "scope": scope, "collections": collections}, operation, PLACE
    )


def step(key: str, flow: str, kind: str, **options: Any) -> Operation:
    return Operation(key, key, kind, flow, options, None, None, PLACE)


OWN_ROLE = Row(USERS, "update", ("role",))
MAIL = {"url": "https://elsewhere.example.com"}


def flows_of(*flows: Flow, operations: tuple[Operation, ...] = ()) -> tuple[frozenset[str], Path]:
    export = World([OWN_ROLE], flows=flows, operations=operations).export()
    path = plans_of(export)[THE_EDITOR]
    return caused(export, path), path


def test_flows_that_a_write_starts() -> None:
    on_users = event("users", "u", "items.update", collections=(USERS,))
    by_name = event("name", "n", "users.update")
    others = event("others", "o", "items.update", collections=("posts",))
    created = event("created", "c", "items.create", collections=(USERS,))
    signing_in = event("in", "i", "auth.login")
    hook = Flow("hook", "hook", "active", "webhook", {}, "h", PLACE)
    nightly = Flow("nightly", "nightly", "active", "schedule", {"cron": "* * * * * *"}, "x", PLACE)
    found, _ = flows_of(on_users, by_name, others, created, signing_in, hook, nightly)
    assert found == {"users", "name", "in"}


def test_flows_that_a_flow_starts() -> None:
    first = event("first", "a", "items.update", collections=(USERS,))
    told = Flow("told", "told", "active", "operation", {}, "b", PLACE)
    untold = Flow("untold", "untold", "active", "operation", {}, "c", PLACE)
    logged = event("logged", "d", "items.create", collections=("logs",))
    quiet = event("quiet", "e", "items.create", collections=("quiet",))
    operations = (
        Operation("a", "a", "trigger", "first", {"flow": "told"}, "a2", None, PLACE),
        step("a2", "first", "item-create", collection="quiet", payload={}),
        step("b", "told", "item-create", collection="logs", payload={}, emitEvents=True),
    )
    found, _ = flows_of(first, told, untold, logged, quiet, operations=operations)
    assert found == {"first", "told", "logged"}
    any_flow = replace(operations[0], options={"flow": "{{$trigger.flow}}"})
    found, _ = flows_of(first, told, untold, logged, quiet, operations=(any_flow, *operations[1:]))
    assert found == {"first", "told", "untold", "logged"}


def test_the_flow_that_a_way_rests_on() -> None:
    hook = Flow("hook", "hook", "active", "webhook", {"method": "POST"}, "h", PLACE)
    write = step("h", "hook", "item-create", collection=USERS, permissions="$full", payload="{{$trigger.body}}")
    export = World(flows=(hook, replace(hook, id="other", operation=None)), operations=(write,)).export()
    assert caused(export, plans_of(export)[THE_PUBLIC]) == {"hook"}


@pytest.mark.parametrize("collection", [USERS, "posts"])
def test_only_a_flow_in_its_way_makes_a_failed_way_not_run(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, collection: str
) -> None:
    """What a request would have done may be missing only if the way starts its flow."""
    monkeypatch.setattr("directus_guard.prove.carry_out.CarriedPlan._is_won", lambda *_: False)
    told = event("7c7c7c7c-0000-4000-8000-000000000005", "tell", "items.update", collections=(collection,))
    export = World([OWN_ROLE], flows=(told,), operations=(step("tell", told.id, "request", **MAIL),)).export()
    with lab.server(11) as server, client(server) as asked:
        outcome = prove(asked, (export,))
    attempt = outcome.ways[0].attempts["Editor"]
    if collection == USERS:
        assert attempt.status is ProofStatus.NOT_RUN
        assert attempt.reason.endswith("in which something else is in the place of `tell` here")
    else:
        assert attempt.status is ProofStatus.REFUTED


def test_permissions_keep_their_keys(lab: Lab) -> None:
    """Rules may name them. Where two exports' rows have one key, the second gets another."""
    rows = [Row("posts", "read"), Row("posts", "update"), Row("posts", "delete")]
    export = World(rows, customer=[Row("posts", "read")]).export()
    permissions = tuple(
        replace(one, id=key) for one, key in zip(export.model.permissions, (41, "7", 41, None), strict=True)
    )
    export = replace(export, model=replace(export.model, permissions=permissions))
    with lab.server(11) as server, client(server) as asked:
        was = state.take(asked)
        with cleanup.restoring(asked, was):
            applied = apply(asked, export, was)
            assert [applied.row(row) for row in export.model.permissions] == [41, 7, 42, 43]
            stored = {one["id"] for one in server.admin.get("/permissions", limit=-1) if "id" in one}
            assert {41, 7, 42, 43} <= stored
