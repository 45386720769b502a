"""What is told of ways to administrator, word for word, kept in `ways.txt`. `make snapshots` takes today's: read the diff."""

from __future__ import annotations

from typing import Final

import pytest

from directus_guard.directus.access.records import Access
from directus_guard.escalation import steps
from tests.escalation.told import VERSIONS, compared, kept, told
from tests.support.worlds import (
    ADMIN,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    EDITOR_POLICY,
    ME,
    Row,
    World,
    flow,
    operation,
)

USERS: Final = "directus_users"
READS: Final = tuple(
    Row(f"directus_{name}", "read") for name in ("roles", "policies", "access", "operations", "flows", "users")
)
FULL: Final = operation(collection=USERS, permissions="$full", payload="{{$trigger.body}}")
OWN: Final = Row(USERS, "update", ("role",), ME)
LOCK: Final = Row(USERS, "update", ("first_name",), ME, validation={"role": {"_eq": CUSTOMER}})
NOT_THE_ADMINISTRATOR: Final = Row(USERS, "update", ("token",), {"role": {"name": {"_neq": "Administrator"}}})
NOT_ADMIN: Final = {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]}
WORLDS: Final[dict[str, World]] = {
    "own role": World([OWN]),
    "own role and name": World([Row(USERS, "update", ("role", "first_name"), ME)]),
    "new user": World([Row(USERS, "create", ("email", "password", "role"))]),
    "new user without a role": World([Row(USERS, "create", ("email", "password"))]),
    "new user in two steps": World([Row(USERS, "create", ("email", "password")), Row(USERS, "update", ("role",))]),
    "new user that is not active": World([Row(USERS, "create", ("email", "password", "role"), presets={"status": "draft"}), Row(USERS, "update", ("status",))]),
    "own policies": World([Row(USERS, "update", ("policies",), ME), Row("directus_access", "create", ("policy", "user"))]),
    "attachment": World([Row("directus_access", "create")]),
    "changed attachment": World([Row("directus_access", "update", ("policy",), {"role": {"_eq": "$CURRENT_ROLE"}})]),
    "admin access of a policy": World([Row("directus_policies", "update", ("admin_access",))]),
    "new policy": World([Row("directus_policies", "create"), Row("directus_access", "create", validation={"policy": {"_neq": "x"}})]),
    "new permission": World([Row("directus_permissions", "create")]),
    "changed permission": World([Row("directus_permissions", "update")]),
    "fields of a permission": World([Row(USERS, "update", ("first_name",), ME), Row("directus_permissions", "update", ("fields",))]),
    "validation of a permission": World([Row(USERS, "update", ("role",), ME, {"role": {"_eq": EDITOR}}), Row("directus_permissions", "update", ("validation",))]),
    "parent": World([Row("directus_roles", "update", ("parent",))]),
    "admin access of a role": World([Row("directus_roles", "update", ("admin_access",))]),
    "new role": World([Row("directus_roles", "create"), Row(USERS, "update", ("role",), ME, NOT_ADMIN)]),
    "new role and user": World([Row("directus_roles", "create"), Row(USERS, "create", validation=NOT_ADMIN)]),
    "token": World([Row(USERS, "update", ("token",))]),
    "password": World([Row(USERS, "update", ("password",))]),
    "mail": World([Row(USERS, "update", ("email",))]),
    "registration": World(settings={"public_registration": True, "public_registration_role": ADMIN}),
    "registration to be opened": World([Row("directus_settings", "update")]),
    "operation": World([Row("directus_operations", "update")], flows=(flow("schedule"),), operations=(operation("log"),)),
    "webhook and operation": World([Row("directus_operations", "update")], flows=(flow(),), operations=(operation("log"),)),
    "new flow": World([Row("directus_flows", "create"), Row("directus_operations", "create")]),
    "new operation": World([Row("directus_flows", "update"), Row("directus_operations", "create")], flows=(flow("schedule", "inactive"),)),
    "trigger": World([Row("directus_flows", "update", ("trigger",))], flows=(flow("schedule"),), operations=(FULL,)),
    "status": World([Row("directus_flows", "update", ("status",))], flows=(flow("webhook", "inactive", method="POST"),), operations=(FULL,)),
    "driven flow": World(flows=(flow(method="POST"),), operations=(FULL,)),
    "driven flow by GET": World(flows=(flow(),), operations=(operation(collection=USERS, permissions="$full", payload="{{$trigger.query}}"),)),
    "manual flow": World([Row("posts", "read")], flows=(flow("manual", collections=["posts"]),), operations=(FULL,)),
    "deleted lock": World([OWN, Row("directus_permissions", "delete")], customer=[LOCK], access=(Access(CUSTOMER_POLICY, EDITOR, id="access-9"),)),
    "deleted attachment": World([OWN, Row("directus_access", "delete")], customer=[LOCK], access=(Access(CUSTOMER_POLICY, EDITOR, id="access-9"),)),
    "mentioned name": World([NOT_THE_ADMINISTRATOR, Row("directus_roles", "update", ("name",))]),
    "deny list": World([Row(USERS, "create", validation={"role": {"_nin": [ADMIN]}})]),
    "preset": World([Row(USERS, "create", presets={"role": CUSTOMER})]),
    "any role but one": World([Row(USERS, "update", ("role",), ME, {"role": {"_regex": "^1"}})]),
    "what visitors may do": World(public=[Row(USERS, "update", ("token",))]),
    "permission of the public": World([Row("directus_permissions", "create", validation={"policy": {"_neq": EDITOR_POLICY}})]),
}  # fmt: skip

OTHERS: Final[dict[str, World]] = {
    "delete the role of registration": World([Row("directus_roles", "delete")], public=[OWN], settings={"public_registration": True, "public_registration_role": CUSTOMER}),
    "delete the role of registration, and switch that on": World(
        [Row("directus_roles", "delete"), Row("directus_settings", "update", ("public_registration",))], public=[OWN], settings={"public_registration": False, "public_registration_role": CUSTOMER},
    ),
    "a flow that is completed by another permission": World(
        [
            Row("directus_flows", "create", ("name", "trigger")), Row("directus_flows", "update", ("operation",)), Row("directus_operations", "create", ("key", "type", "flow", "position_x", "position_y")),
            Row("directus_operations", "update", ("options",)),
        ],
    ),
}  # fmt: skip
"""More, in two versions."""


@pytest.mark.parametrize("reads", [False, True], ids=["alone", "reading keys"])
@pytest.mark.parametrize("name", WORLDS)
def test_a_way_is_told_as_kept(name: str, reads: bool) -> None:
    world = WORLDS[name]
    if reads:
        world = World(
            [*world.editor, *READS], world.public, world.customer, world.settings, world.users, world.access, world.flows, world.operations,
        )  # fmt: skip
    lines = [line for version in VERSIONS for line in (f" {version}", *told(world, version))]
    compared(f"{name}{', reading keys' if reads else ''}", lines)


@pytest.mark.parametrize("name", OTHERS)
def test_another_way_is_told_as_kept(name: str) -> None:
    compared(name, [line for version in VERSIONS[:2] for line in (f" {version}", *told(OTHERS[name], version))])


def test_the_catalogue_is_as_kept() -> None:
    compared(
        "catalogue",
        [
            line
            for kind in steps()
            for line in (
                f" {kind.id}: {kind.title}{' (a reason)' if kind.reason else ''}",
                f"  needs {kind.needs}",
                f"  gives {kind.gives}",
                f"  measured {', '.join(kind.measured) or 'nowhere'}; exists {', '.join(version for version in VERSIONS if kind.applies(tuple(map(int, version.split('.')))))}",
            )
        ],
    )


def test_nothing_else_is_kept() -> None:
    """What begins with the name of a table and a colon is that of another module."""
    assert {name for name in kept() if ": " not in name} == {
        "catalogue",
        *WORLDS,
        *OTHERS,
        *(f"{name}, reading keys" for name in WORLDS),
    }
