"""The model of flows against real servers: what strangers reach, and what the model says they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.directus.flows.data import ABSENT, RecordValue
from directus_guard.directus.flows.model import FlowModel
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.flows.start import Caller
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from tests.lab.build_flow import build
from tests.lab.install import MAJORS
from tests.lab.server import row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.lab.server import Lab, Server

HERE: Final = Location("flows.json")
SECRET: Final = "Zp3vK8qLw2RtYx91"

TRIES: Final[tuple[dict[str, Any], ...]] = (
    {"json": {"kind": "order", "amount": 11, "admin": True, "note": {"deep": "x"}}, "headers": {"x-api-key": "undefined", "x-hook": "Bearer undefined"}},
    {"json": {}, "params": {"admin": "true", "token": "changeme"}, "headers": {"x-api-key": "changeme"}},
    {"json": {"kind": None, "amount": "10"}, "params": {"token": ""}},
)  # fmt: skip
"""What a stranger sends: each with things that are known to everybody."""

CONDITIONS: Final[dict[str, Any]] = {
    "user": {"$accountability": {"user": {"_nnull": True}}},
    "nobody": {"$accountability": {"user": {"_null": True}}},
    "role": {"$accountability": {"role": {"_eq": "2f1c7e0a-0000-4000-8000-000000000000"}}},
    "other role": {"$accountability": {"role": {"_neq": "2f1c7e0a-0000-4000-8000-000000000000"}}},
    "no role of none": {"$accountability": {"role": {"_in": []}}},
    "not empty": {"$accountability": {"user": {"_nempty": True}}},
    "myself": {"$accountability": {"user": {"_eq": "$CURRENT_USER"}}},
    "admin": {"$accountability": {"admin": {"_eq": True}}},
    "admin, short": {"$accountability": {"admin": True}},
    "two keys": {"$accountability": {"app": {"_eq": False}, "user": {"_nnull": True}}},
    "below a field": {"$accountability": {"user": {"_and": [{"_nnull": True}, {"_nempty": True}]}}},
    "either": {"_or": [{"$accountability": {"user": {"_nnull": True}}}, {"$trigger": {"body": {"kind": {"_eq": "order"}}}}]},
    "both": {"_and": [{"$accountability": {"user": {"_nnull": True}}}, {"$trigger": {"body": {"kind": {"_eq": "order"}}}}]},
    "empty": {},
    "empty and": {"_and": []},
    "empty or": {"_or": []},
    "nothing": None,
    "header there": {"$trigger": {"headers": {"x-api-key": {"_nnull": True}}}},
    "header": {"$trigger": {"headers": {"x-api-key": {"_eq": SECRET}}}},
    "header not": {"$trigger": {"headers": {"x-api-key": {"_neq": SECRET}}}},
    "environment": {"$trigger": {"headers": {"x-api-key": {"_eq": "{{$env.HOOK_SECRET}}"}}}},
    "environment in text": {"$trigger": {"headers": {"x-hook": {"_eq": "Bearer {{ $env.HOOK_SECRET }}"}}}},
    "query": {"$trigger": {"query": {"token": {"_eq": "changeme"}}}},
    "query true": {"$trigger": {"query": {"admin": {"_eq": True}}}},
    "body true": {"$trigger": {"body": {"admin": {"_eq": True}}}},
    "amount": {"$trigger": {"body": {"amount": {"_gt": 10}}}},
    "braces": {"$trigger": {"headers": {"x-api-key": {"_neq": "{{"}}}},
}  # fmt: skip


def hit(name: str, end: str, **more: Any) -> dict[str, Any]:
    options = {"collection": "hits", "permissions": "$full", "payload": {"name": f"{name}: {end}"}, **more}
    return {"key": end, "type": "item-create", "options": options}


def guarded(name: str, type_: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": "guard", "type": type_, "options": options, "resolve": "in", "reject": "out"},
        hit(name, "in"),
        hit(name, "out"),
    ]


def told(server: Server, operations: Iterable[dict[str, Any]], caller: Caller, **flow: Any) -> dict[str, Tri]:
    """What the model says of the same: by the key of each operation, whether the caller gets there."""
    held = [
        Operation(one["key"], one["key"], one["type"], "f", one["options"], one.get("resolve"), one.get("reject"), HERE)
        for one in operations
    ]
    one = Flow(
        "f",
        "f",
        "active",
        str(flow.get("trigger", "webhook")),
        flow.get("options", {"method": "POST"}),
        held[0].key,
        HERE,
    )
    version = Version(*(int(part) for part in server.version.split(".")))
    model = FlowModel((one,), held, version=version, public_may=caller.may)
    return {step.operation.key: step.reach for step in model.run(one, caller, RecordValue({}, ABSENT)).steps}


def hits(server: Server) -> set[str]:
    return {one["name"] for one in server.admin.get("/items/hits", limit=-1)}


def collection(server: Server, name: str) -> None:
    fields = [{"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}},
              {"field": "name", "type": "string", "schema": {}, "meta": {}}]  # fmt: skip
    server.admin.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": fields})


@pytest.mark.parametrize("major", MAJORS)
def test_strangers_reach_what_the_model_says(lab: Lab, major: int) -> None:
    """27 conditions, two ways each: whatever is reached was said to be, and what was said to be is reached."""
    wrong: list[str] = []
    stranger = Caller(signed_in=False, may=lambda _collection, _action: Tri.NO)
    with lab.server(major) as server:
        collection(server, "hits")
        for name, filter_ in CONDITIONS.items():
            operations = guarded(name, "condition", {"filter": filter_})
            flow = build(server, name, operations)
            for tried in TRIES:
                server.ask("POST", f"/flows/trigger/{flow}", **tried)
            said = told(server, operations, stranger)
            server.admin.delete(f"/flows/{flow}")  # 12 Core allows five at a time
            for end in ("in", "out"):
                expected = {Tri.YES: True, Tri.NO: False}.get(said.get(end, Tri.NO))
                if (f"{name}: {end}" in hits(server)) is not expected:
                    wrong.append(f"{server.version} {name}: {end} is said to be {said.get(end)}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("major", MAJORS)
def test_permissions_of_operations_stop_strangers(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        collection(server, "hits")
        collection(server, "open")
        server.grant_public([row("open", "read")])

        def may(name: str, action: str) -> Tri:
            return Tri.YES if (name, action) == ("open", "read") else Tri.NO

        stranger = Caller(signed_in=False, may=may)
        for name, type_, options in (
            ("read users", "item-read", {"collection": "directus_users", "permissions": "$trigger"}),
            ("read open", "item-read", {"collection": "open", "permissions": "$public"}),
            ("create", "item-create", {"collection": "hits", "payload": {"name": "x"}, "permissions": "$trigger"}),
            ("read with full access", "item-read", {"collection": "directus_users", "permissions": "$full"}),
        ):
            operations = guarded(name, type_, options)
            flow = build(server, name, operations)
            server.ask("POST", f"/flows/trigger/{flow}", json={})
            said = told(server, operations, stranger)
            server.admin.delete(f"/flows/{flow}")
            assert (f"{name}: in" in hits(server)) is (said["in"] is Tri.YES), name


@pytest.mark.parametrize("major", MAJORS)
def test_who_starts_a_manual_flow(lab: Lab, major: int) -> None:
    """A stranger, one where the public may read the collection, and a user who may."""
    with lab.server(major) as server:
        collection(server, "hits")
        collection(server, "open")
        collection(server, "closed")
        server.grant_public([row("open", "read")])
        actor = server.actor([row("closed", "read")])
        item = {name: server.admin.post(f"/items/{name}", {"name": "x"})["id"] for name in ("open", "closed")}
        for name, token in (("closed", None), ("open", None), ("closed", actor.token)):

            def may(asked: str, action: str, token: str | None = token) -> Tri:
                allowed = asked == ("open" if token is None else "closed") and action == "read"
                return Tri.YES if allowed else Tri.NO

            caller = Caller(signed_in=token is not None, may=may)
            case = f"{name} {'member' if token else 'stranger'}"
            how = {"trigger": "manual", "options": {"collections": [name]}}
            flow = build(server, case, [hit(case, "in")], **how)
            answer = server.ask(
                "POST", f"/flows/trigger/{flow}", token=token, json={"collection": name, "keys": [item[name]]}
            )
            said = told(server, [hit(case, "in")], caller, **how).get("in", Tri.NO)
            server.admin.delete(f"/flows/{flow}")
            assert (f"{case}: in" in hits(server)) is (said is Tri.YES), (server.version, case, answer.text)


@pytest.mark.parametrize("major", MAJORS)
def test_all_data_is_answered_also_to_those_a_condition_stops(lab: Lab, major: int) -> None:
    with lab.server(major) as server:
        read = {
            "key": "read",
            "type": "item-read",
            "options": {"collection": "directus_users", "permissions": "$full"},
            "resolve": "guard",
        }
        guard = {"key": "guard", "type": "condition", "options": {"filter": CONDITIONS["user"]}}
        flow = build(server, "all", [read, guard], options={"method": "POST", "return": "$all"})
        answer = server.ask("POST", f"/flows/trigger/{flow}", json={}, headers={"x-key": "sent"}).json()
        data = answer.get("data", answer)
        assert data["read"][0]["email"]
        assert data["$trigger"]["headers"]["x-key"] == "sent"
        assert "$env" in data
