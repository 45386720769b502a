"""A role or policy that gives nothing, until another permission changes it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec import structs

from directus_guard.directus.access.records import Permission, Policy
from directus_guard.escalation import Paths
from directus_guard.escalation.tables import ACCESS, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS
from tests.support.worlds import (
    ADMIN,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    ME,
    PLACE,
    THE_EDITOR,
    Row,
    World,
    answer_of,
    flow,
    operation,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def only(name: str, key: object) -> Any:
    """A rule or validation that names one key."""
    return {name: {"_eq": key}}


ENTRANCES: Final = {
    "a new user": Row(USERS, "create", ("email", "password", "role"), validation=only("role", CUSTOMER)),
    "one's own role": Row(USERS, "update", ("role",), ME, only("role", CUSTOMER)),
    "registration": Row(SETTINGS, "update", ("public_registration_role",), validation=only("public_registration_role", CUSTOMER)),
    "a parent": Row(ROLES, "update", ("parent",), only("id", EDITOR), only("parent", CUSTOMER)),
    "an attachment": Row(ACCESS, "create", ("policy", "user"), validation=only("policy", CUSTOMER_POLICY)),
}  # fmt: skip
"""What gives the editor the role of customers or its policy, and nothing else."""
CHANGES: Final = {
    "the flag of the policy": Row(POLICIES, "update", ("admin_access",), only("id", CUSTOMER_POLICY)),
    "a policy attached": Row(ACCESS, "create", ("policy", "role"), validation=only("role", CUSTOMER)),
    "another policy": Row(ACCESS, "update", ("policy",), only("id", "access-3")),
    "a new permission": Row(PERMISSIONS, "create", validation=only("policy", CUSTOMER_POLICY)),
    "a changed permission": Row(PERMISSIONS, "update", ("collection", "action", "fields"), only("policy", CUSTOMER_POLICY)),
    "a parent of the role": Row(ROLES, "update", ("parent",), only("id", CUSTOMER), only("parent", ADMIN)),
}  # fmt: skip
"""What makes that role worth having."""
CHANGES_ON_10: Final = {
    "the flag of the role": Row(ROLES, "update", ("admin_access",), only("id", CUSTOMER)),
    "a new permission": Row(PERMISSIONS, "create", validation=only("role", CUSTOMER)),
    "a changed permission": Row(PERMISSIONS, "update", ("collection", "action", "fields"), only("role", CUSTOMER)),
}
OF_THE_ROLE: Final = ("a policy attached", "another policy", "a parent of the role")
"""Changes that whoever only has the policy gains nothing by."""


def world(*rows: Row) -> World:
    harmless = Row("directus_files", "read")
    return World(
        rows, customer=[harmless], settings={"public_registration": True, "public_registration_verify_email": False}
    )


def pairs() -> Iterator[tuple[str, str]]:
    """All of them but two rows of one action, whose validations hold together."""
    for (entrance, first), (change, second) in product(ENTRANCES.items(), CHANGES.items()):
        if (first.collection, first.action) != (second.collection, second.action):
            yield entrance, change


@pytest.mark.parametrize(("entrance", "change"), list(pairs()))
def test_what_is_worth_nothing_yet(entrance: str, change: str) -> None:
    found = path_of(world(ENTRANCES[entrance], CHANGES[change]))
    assert (found is not None) is not (entrance == "an attachment" and change in OF_THE_ROLE)


OWN: Final = {
    "collection": USERS,
    "permissions": "$full",
    "key": ["{{$accountability.user}}"],
    "payload": {"role": ADMIN},
}
FLOWS_OF_CUSTOMERS: Final = {
    "items are created": (Row("requests", "create"), flow("event", type="action", scope=["items.create"], collections=["requests"])),
    "items are updated": (Row("requests", "update"), flow("event", type="action", scope=["items.update"], collections=["requests"])),
    "by hand": (Row("requests", "read"), flow("manual", collections=["requests"])),
}  # fmt: skip


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize("started", FLOWS_OF_CUSTOMERS)
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_a_role_whose_users_start_a_flow(entrance: str, started: str, version: str) -> None:
    """The flow makes whoever starts it an administrator; the editor cannot start it."""
    if version < "11" and ENTRANCES[entrance].collection in (ROLES, ACCESS):
        return  # neither a parent nor an attachment
    row, of_customers = FLOWS_OF_CUSTOMERS[started]
    made = replace(
        world(ENTRANCES[entrance]), customer=[row], flows=(of_customers,), operations=(operation("item-update", **OWN),)
    )
    assert path_of(made, version=version) is not None
    started_by_all = started == "by hand" and version < "11"
    assert (answer_of(replace(made, editor=()), version=version) is not None) is started_by_all


@pytest.mark.parametrize(
    "change",
    [
        Row(POLICIES, "update", ("admin_access",), only("id", "unattached")),
        Row(PERMISSIONS, "create", validation=only("policy", "unattached")),
        Row(PERMISSIONS, "update", ("collection", "action", "fields"), only("policy", "unattached")),
    ],
)
def test_a_policy_without_holders(change: Row) -> None:
    attach = Row(ACCESS, "create", ("policy", "user"), validation=only("policy", "unattached"))
    export = World([attach, change]).export()
    row = Permission("directus_files", "read", None, None, None, ("*",), "unattached", id=99, location=PLACE)
    model = structs.replace(
        export.model,
        policies=(*export.model.policies, Policy("unattached", "Unattached")),
        permissions=(*export.model.permissions, row),
    )
    assert Paths(structs.replace(export, model=model)).of(THE_EDITOR) is not None


@pytest.mark.parametrize("change", CHANGES_ON_10)
@pytest.mark.parametrize("entrance", ["a new user", "one's own role", "registration"])
def test_the_same_without_policies(entrance: str, change: str) -> None:
    assert path_of(world(ENTRANCES[entrance], CHANGES_ON_10[change]), version="10.13.4") is not None


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_an_entrance_alone_gives_nothing(entrance: str) -> None:
    assert answer_of(world(ENTRANCES[entrance])) is None


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_alone_gives_nothing(change: str) -> None:
    assert answer_of(world(CHANGES[change])) is None
