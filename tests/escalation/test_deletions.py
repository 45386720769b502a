"""What deleting a role asks for, and what goes with it."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from directus_guard.directus.access.records import Access, Role, User
from directus_guard.escalation.account import Account
from directus_guard.escalation.plans.acceptance import Accepted, Refusal, attempt
from directus_guard.escalation.plans.state import SimulatedState, beginning
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.request import DELETE, Request
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import ME as MYSELF
from directus_guard.escalation.work import Work
from tests.support.each import each_case
from tests.support.worlds import CUSTOMER, CUSTOMER_POLICY, EDITOR, Row, World

ROLES, USERS, ACCESS, PERMISSIONS = "directus_roles", "directus_users", "directus_access", "directus_permissions"
ME: Final = Person(Account(role=EDITOR), MYSELF)
DELETES: Final = Row(ROLES, "delete")
SUSPENDS: Final = Row(USERS, "update", ("status", "role"))
PARENTS: Final = Row(ROLES, "update", ("parent",))
DETACHES: Final = Row(ACCESS, "delete")
OF_CUSTOMERS: Final = (User("user-7", CUSTOMER), User("user-8", EDITOR, status="invited"))


def started(rows: list[Row], version: str, users: tuple[User, ...], roles: tuple[Role, ...]) -> SimulatedState:
    world = World(
        rows, customer=[Row(USERS, "update", ("title",))], users=users, settings={"public_registration_role": CUSTOMER}
    )
    export = world.export(version)
    export = replace(export, model=replace(export.model, roles=(*export.model.roles, *roles)))
    holders = frozenset([EDITOR_HOLDER[version], CUSTOMER_HOLDER[version]])
    state = beginning(AccessState(export, Work(1_000_000)), (ME,), holders, (), MYSELF)
    return replace(state, usable=frozenset([MYSELF]))


CUSTOMER_HOLDER: Final = {"10.13.4": CUSTOMER, "11.17.4": CUSTOMER_POLICY}
EDITOR_HOLDER: Final = {"10.13.4": EDITOR, "11.17.4": "aaaaaaaa-2222-4222-8222-222222222222"}


def refused(
    rows: list[Row], version: str = "11.17.4", users: tuple[User, ...] = (), roles: tuple[Role, ...] = ()
) -> str:
    """Why the editor cannot delete the role of customers; "" if they can."""
    outcome = attempt(started(rows, version, users, roles), Request(ROLES, DELETE, item=CUSTOMER, by=ME))
    return outcome.reason if isinstance(outcome, Refusal) else ""


NO_USER: Final = f"no permission to take the role from this item of {USERS}"
NO_CHILD: Final = f"no permission to take the parent from this item of {ROLES}"


@each_case(
    ("rows", "reason"),
    [
        ([DELETES, DETACHES, SUSPENDS], ""),
        ([DETACHES, SUSPENDS], f"no permission to delete this item of {ROLES}"),
        ([Row(ROLES, "delete", rule={"id": {"_neq": CUSTOMER}}), DETACHES, SUSPENDS], f"no permission to delete this item of {ROLES}"),
        # Its attachments and its users are changed with the same rights.
        ([DELETES, SUSPENDS], f"no permission to delete this item of {ACCESS}, which goes with the role"),
        ([DELETES, Row(ACCESS, "delete", rule={"role": {"_neq": CUSTOMER}}), SUSPENDS], f"no permission to delete this item of {ACCESS}, which goes with the role"),
        ([DELETES, Row(ACCESS, "delete", rule={"role": {"_eq": CUSTOMER}}), SUSPENDS], ""),
        ([DELETES, DETACHES], NO_USER),
        ([DELETES, DETACHES, Row(USERS, "update", ("status",))], NO_USER),
        ([DELETES, DETACHES, Row(USERS, "update", ("role",))], NO_USER),
        ([DELETES, DETACHES, Row(USERS, "update", rule={"role": {"_eq": EDITOR}})], NO_USER),
        ([DELETES, DETACHES, Row(USERS, "update", validation={"status": {"_eq": "suspended"}})], ""),
        ([DELETES, DETACHES, Row(USERS, "update", validation={"status": {"_neq": "suspended"}})], NO_USER),
        ([DELETES, DETACHES, Row(USERS, "update", validation={"role": {"_null": True}})], ""),
        ([DELETES, DETACHES, Row(USERS, "update", validation={"role": {"_nnull": True}})], NO_USER),
        ([DELETES, DETACHES, Row(USERS, "update", validation={"title": {"_submitted": True}})], NO_USER),
    ],
)  # fmt: skip
def test_a_role_with_users(rows: list[Row], reason: str) -> None:
    assert refused(rows, users=OF_CUSTOMERS) == reason


def test_a_role_without_users() -> None:
    assert refused([DELETES, DETACHES]) == ""
    assert refused([DELETES, DETACHES], users=OF_CUSTOMERS[1:]) == ""


@each_case(
    ("row", "reason"),
    [
        (PARENTS, ""), (Row(ROLES, "update", ("name",)), NO_CHILD), (Row("orders", "update"), NO_CHILD), (Row(ROLES, "update", rule={"id": {"_neq": "child"}}), NO_CHILD),
        (Row(ROLES, "update", validation={"parent": {"_null": True}}), ""), (Row(ROLES, "update", validation={"parent": {"_nnull": True}}), NO_CHILD),
    ],
)  # fmt: skip
def test_a_role_that_another_inherits_from(row: Row, reason: str) -> None:
    assert refused([DELETES, DETACHES, row], roles=(Role("child", "Child", parent=CUSTOMER),)) == reason
    assert refused([DELETES, DETACHES, row], roles=(Role("child", "Child", parent=EDITOR),)) == ""


def test_before_there_were_policies_its_permissions_go_with_it() -> None:
    assert refused([DELETES, Row(PERMISSIONS, "delete")], "10.13.4") == ""
    assert refused([DELETES, DETACHES], "10.13.4").startswith(f"no permission to delete this item of {PERMISSIONS}")


@each_case("version", ["10.13.4", "11.17.4"])
def test_what_goes_with_a_role(version: str) -> None:
    child, other = Role("child", "Child", parent=CUSTOMER), Role("other", "Other", parent=EDITOR)
    rows = [DELETES, DETACHES, SUSPENDS, PARENTS, Row(PERMISSIONS, "delete")]
    state = started(rows, version, (*OF_CUSTOMERS, User("user-9", CUSTOMER, status="invited")), (child, other))
    state = replace(state, usable=frozenset([MYSELF, "user-7"]))
    outcome = attempt(state, Request(ROLES, DELETE, item=CUSTOMER, by=ME))
    assert isinstance(outcome, Accepted)
    after = outcome.state
    assert set(state.roles) - set(after.roles) == {CUSTOMER}
    assert (after.roles["child"].parent, after.roles["other"].parent) == (None, EDITOR)
    users: Any = {key: (user.role, user.status) for key, user in after.users.items() if "user-" in str(key)}
    assert users == {"user-7": (None, "suspended"), "user-8": (EDITOR, "invited"), "user-9": (None, "suspended")}
    assert after.usable == {MYSELF}
    assert after.settings is not None
    assert after.settings.values == {"public_registration_role": None}
    gone: set[Access | object] = {row for row in state.attachments.values() if row not in after.attachments.values()}
    assert {row.role for row in gone if isinstance(row, Access)} == (set() if version == "10.13.4" else {CUSTOMER})
    left = {row.fields for row in after.permissions.values()}
    assert (("title",) in left) is (version == "11.17.4")
    assert ("status", "role") in left
    # Registration into another role stays.
    assert state.settings is not None
    kept = replace(state, settings=replace(state.settings, values={"public_registration_role": EDITOR}))
    for one, values in ((kept, {"public_registration_role": EDITOR}), (replace(state, settings=None), None)):
        outcome = attempt(one, Request(ROLES, DELETE, item=CUSTOMER, by=ME))
        assert isinstance(outcome, Accepted)
        assert (outcome.state.settings and outcome.state.settings.values) == values
