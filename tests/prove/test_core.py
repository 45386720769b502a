"""12 without a licence: no rules, three seats, five flows. What does not fit is not run, and the rest is carried out one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.directus.access.records import Edition
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.proof import ProofStatus
from directus_guard.prove.run import prove
from tests.prove.servers import client, database
from tests.support.worlds import PLACE, Row, World

if TYPE_CHECKING:
    from directus_guard.proof import Attempt
    from tests.lab.server import Lab

USERS = "directus_users"
MINE = {"id": {"_eq": "$CURRENT_USER"}}


def carried_out(lab: Lab, world: World) -> dict[str, Attempt]:
    """The attempt of each principal, for a model of an instance with a licence."""
    export = world.export("12.4.1", Edition.LICENSED)
    with lab.server(12) as server, client(server) as asked:
        before = database(server)
        outcome = prove(asked, (export,))
        assert (outcome.left, outcome.trouble) == ((), "")
        assert database(server) == before
    return dict(outcome.ways[0].attempts)


def test_each_principal_has_a_seat_in_its_turn(lab: Lab) -> None:
    found = carried_out(
        lab,
        World(
            [Row(USERS, "update")], [Row(USERS, "create")],
            [Row("directus_access", "create"), Row("directus_access", "read")],
        ),
    )  # fmt: skip
    assert {name: one.status for name, one in found.items()} == dict.fromkeys(
        ("public", "Editor", "Customer"), ProofStatus.PROVEN
    )


def test_a_way_by_a_rule_is_not_run(lab: Lab) -> None:
    found = carried_out(lab, World([Row(USERS, "update", rule=MINE)], customer=[Row(USERS, "update")]))
    assert found["Customer"].status is ProofStatus.PROVEN
    assert found["Editor"].status is ProofStatus.NOT_RUN
    assert found["Editor"].reason.endswith("Directus 12 Core ignores such rows")
    assert found["Editor"].requests == ()


@pytest.mark.parametrize("writing", [1, 6])
def test_flows_of_ways_come_first_and_those_beyond_five_are_not_run(lab: Lab, writing: int) -> None:
    """Of eight flows the last ones make administrators."""
    keys = [f"5e5e5e5e-0000-4000-8000-{number:012d}" for number in range(16)]
    flows = [
        Flow(key, key[-2:], "active", "webhook", {"method": "POST"}, following, PLACE)
        for key, following in zip(keys[:8], keys[8:], strict=True)
    ]
    harmless: dict[str, Any] = {"collection": "posts", "payload": {}}
    makes: dict[str, Any] = {"collection": USERS, "payload": "{{$trigger.body}}", "permissions": "$full"}
    operations = [
        Operation(key, "write", "item-create", flow.id, makes if number >= 8 - writing else harmless, None, None, PLACE)
        for number, (key, flow) in enumerate(zip(keys[8:], flows, strict=True))
    ]
    found = carried_out(lab, World(flows=tuple(flows), operations=tuple(operations)))
    assert found["public"].status is ProofStatus.PROVEN
    (started,) = (one for one in found["public"].requests if "/flows/trigger/" in one)
    assert started.split()[1].rpartition("/")[2] in keys[8 - writing : 8]


def test_a_way_that_starts_a_flow_beyond_five_is_not_run(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directus_guard.prove.apply.CORE_FLOWS", 0)
    flow = Flow("5e5e5e5e-0000-4000-8000-000000000001", "join", "active", "webhook", {"method": "POST"}, "o", PLACE)
    options = {"collection": USERS, "payload": "{{$trigger.body}}", "permissions": "$full"}
    write = Operation("o", "write", "item-create", flow.id, options, None, None, PLACE)
    found = carried_out(lab, World(flows=(flow,), operations=(write,)))
    assert (found["public"].status, found["public"].reason) == (
        ProofStatus.NOT_RUN,
        "the flow that it starts could not be stored",
    )
