"""Without permissions on Directus' collections, flows and registration there is no way to find, so the search is not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import Permission
from directus_guard.directus.export import Settings
from directus_guard.directus.flows.records import Flow
from directus_guard.directus.versions import Version
from directus_guard.escalation import Paths
from directus_guard.finding import Location
from tests.support.random_escalations import POLICIES, instance, wider_instance

if TYPE_CHECKING:
    from directus_guard.directus.export import Export

CONTENT = tuple(
    Permission(
        collection, action, None, None, None, ("*",), policy=policy, role=None if policy == "p-public" else policy[2:],
        id=100 + number,
    )
    for number, (policy, collection, action) in enumerate(
        (policy, collection, action)
        for policy in POLICIES[1:-1]
        for collection in ("posts", "requests")
        for action in ("create", "read", "update", "delete", "share")
    )
)  # fmt: skip


def fixed(export: Export, version: str) -> Export:
    """The same accounts, who may do everything with content and open the Data Studio, and nothing else."""
    parsed = Version.parse(version)
    assert parsed is not None
    model = export.model
    model = replace(
        model,
        version=parsed,
        permissions=(*CONTENT, *(row for row in model.permissions if not row.collection.startswith("directus_"))),
        policies=tuple(replace(policy, app_access=True) for policy in model.policies),
        roles=tuple(replace(role, app_access=True) for role in model.roles),
    )
    return replace(export, model=model, flows=(), operations=(), settings=None)


@pytest.mark.parametrize("number", range(24))
def test_where_nothing_can_be_changed_there_is_no_way(number: int) -> None:
    whole = wider_instance(number) if number % 2 else instance(number)[0]
    versions = ("10.8.0", "10.13.4") if whole.model.version.major < 11 else ("11.1.0", "11.17.4", "12.0.0", "12.4.1")
    for version in versions:
        export = fixed(whole, version)
        assert export.is_fixed
        paths = Paths(export)
        for principal, _ in export.actors:
            assert paths.answer(principal) is None


def test_a_row_on_a_collection_of_directus_a_flow_and_registration_may_change_it() -> None:
    export = fixed(instance(1)[0], "11.17.4")
    row = Permission("directus_users", "read", None, None, None, ("id",), policy="p-editor", id=1)
    held = {"public_registration": True}
    assert export.is_fixed
    assert not replace(export, model=replace(export.model, permissions=(row,))).is_fixed
    assert not replace(export, flows=(Flow("f", "F", "active", "manual", {}, None, Location("f.json")),)).is_fixed
    assert not replace(export, settings=Settings(held, Location("s.json"))).is_fixed
    assert replace(export, settings=Settings({"public_registration": False}, Location("s.json"))).is_fixed
