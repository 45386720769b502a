"""What the figures of random configurations count."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from directus_guard.escalation.tables import POLICIES, ROLES, USERS
from tests.escalation import trial
from tests.support.worlds import ME, Row, World, flow as flow_of, operation


def kinds(world: World, version: str) -> set[str]:
    return {kind for principal, kind, _ in trial.judge(world.export(version)) if principal.name == "Editor"}


@pytest.mark.parametrize(("version", "collection"), [("10.13.4", ROLES), ("11.17.4", POLICIES)])
@pytest.mark.parametrize(
    ("validation", "kind"),
    [
        ({"admin_access": {"_neq": True}}, trial.DENY_LIST),
        ({"admin_access": {"_eq": False}}, "nothing"),
        (None, trial.WAY),
    ],
)
def test_a_deny_list_is_counted_apart(version: str, collection: str, validation: Any, kind: str) -> None:
    assert kinds(World([Row(collection, "update", ("admin_access",), validation=validation)]), version) == {kind}


def test_whatever_else_is_reached_is_not_evaluated() -> None:
    """Stored data that the caller may have written, beside a deny list."""
    denies = Row(POLICIES, "update", ("admin_access",), validation={"admin_access": {"_neq": True}})
    reads = operation("item-read", collection="articles", key=["1"], permissions="$full")
    write = operation("item-update", collection=USERS, key=["{{$accountability.user}}"], permissions="$full", payload="{{make}}")  # fmt: skip
    operations = (replace(reads, resolve="write"), replace(write, id="write", key="write"))
    stores = Row("articles", "update")
    made = World([denies, stores], flows=(flow_of(method="POST"),), operations=operations)
    assert kinds(made, "11.17.4") == {trial.NOT_EVALUATED}


def test_a_part_of_a_fix_that_closes_a_deny_list() -> None:
    free = Row(USERS, "update", ("role",), ME)
    denies = Row(POLICIES, "update", ("admin_access",), validation={"admin_access": {"_neq": True}})
    ((_, kind, wrong),) = [one for one in trial.judge(World([free, denies]).export()) if one[0].name == "Editor"]
    assert kind == trial.WAY
    assert {one.partition(":")[0] for one in wrong} <= {trial.NO_PLAN_OF_DENY_LIST}
    assert wrong
