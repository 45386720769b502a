"""What is known of rows of system collections before a rule is asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.directus.access.filters import And, Condition, Quantified
from directus_guard.directus.access.records import Access, User
from directus_guard.escalation.account import Account
from directus_guard.escalation.records import AccessRecords
from directus_guard.escalation.rule_keys import named_roles
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.work import Work
from tests.support.generate_rules import effective
from tests.support.worlds import ADMIN, ADMIN_POLICY, CUSTOMER, CUSTOMER_POLICY, EDITOR, EDITOR_POLICY, World

if TYPE_CHECKING:
    from directus_guard.escalation.tables import Known

OLD, NEW = "10.13.4", "11.17.4"


def records(version: str) -> AccessRecords:
    return AccessRecords(World().export(version))


def spelled(known: Known) -> dict[str, Any]:
    return {".".join(path): value for path, value in known.items()}


def test_a_user_is_known_with_the_role() -> None:
    """On 10 with what the role may do: it has no policies."""
    flags = {"role.admin_access": True, "role.app_access": False}
    known = {"id": "user-1", "status": "active", "role": ADMIN, "role.name": "Administrator"}
    assert spelled(records(NEW).row_of_user("user-1", ADMIN)) == known
    assert spelled(records(OLD).row_of_user("user-1", ADMIN)) == {**known, **flags}
    assert spelled(records(OLD).row_of_user("user-1", "other", "draft")) == {
        "id": "user-1", "status": "draft", "role": "other",
    }  # fmt: skip
    assert spelled(records(NEW).row_of_user("user-1", None)) == {"id": "user-1", "status": "active", "role": None}


def test_a_role_has_a_parent_or_may_do_something_itself() -> None:
    named = {"id": ADMIN, "name": "Administrator"}
    assert spelled(records(NEW).row_of_role(ADMIN)) == {**named, "parent": None}
    assert spelled(records(OLD).row_of_role(ADMIN)) == {**named, "admin_access": True, "app_access": False}
    assert spelled(records(OLD).row_of_role("other")) == {"id": "other"}


def test_a_policy_is_known_with_what_it_gives() -> None:
    assert spelled(records(NEW).row_of_policy(ADMIN_POLICY)) == {
        "id": ADMIN_POLICY, "name": "Administrator", "admin_access": True, "app_access": False,
    }  # fmt: skip
    assert spelled(records(NEW).row_of_policy("other")) == {"id": "other"}


def test_an_attachment_has_an_id_where_the_export_has_it() -> None:
    row = Access(ADMIN_POLICY, EDITOR)
    known = {"policy": ADMIN_POLICY, "role": EDITOR, "user": None}
    assert spelled(AccessRecords.row_of_attachment(row)) == known
    assert spelled(AccessRecords.row_of_attachment(Access(ADMIN_POLICY, EDITOR, id="a"))) == {**known, "id": "a"}


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"role": {"_eq": "r1"}}, {"r1"}),
        ({"role": {"id": {"_in": ["r1", "r2"]}}}, {"r1", "r2"}),
        ({"role": {"_neq": "$CURRENT_ROLE"}}, set()),
        ({"title": {"_eq": "x"}}, set()),
        ({"_and": [{"avatar": {"_some": {"id": {"_eq": 1}}}}, {"role": {"_eq": "r1"}}]}, {"r1"}),
        ({"role": {"_contains": "r"}}, None),
        ({"role": {"name": {"_eq": "Editor"}}}, None),
    ],
)
def test_roles_that_a_rule_names(rule: Any, named: set[str] | None) -> None:
    assert named_roles(effective(rule)) == named


@pytest.mark.parametrize(("path", "named"), [(("posts",), {"r1"}), (("role", "users"), None)])
def test_a_rule_on_many_related_items_may_tell_roles_apart(path: tuple[str, ...], named: set[str] | None) -> None:
    many = Quantified(path, True, Condition(("id",), "_eq", 1))
    named_one = Condition(("role",), "_eq", "r1")
    for branches in ((many, named_one), (named_one, many)):
        assert named_roles(And(branches)) == named


@pytest.mark.parametrize(
    ("rule", "reached"),
    [
        # By the policies of the role, where the role is known, and by those of the user itself.
        ({"role": {"policies": {"policy": {"_eq": ADMIN_POLICY}}}}, "NEVER NEVER NEVER ALWAYS SOMETIMES"),
        ({"role": {"policies": {"policy": {"_eq": EDITOR_POLICY}}}}, "ALWAYS NEVER NEVER NEVER SOMETIMES"),
        ({"role": {"policies": {"policy": {"name": {"_eq": "Editor"}}}}}, "ALWAYS NEVER NEVER NEVER SOMETIMES"),
        ({"policies": {"policy": {"_eq": CUSTOMER_POLICY}}}, "ALWAYS NEVER SOMETIMES SOMETIMES SOMETIMES"),
        ({"policies": {"policy": {"name": {"_eq": "Customer"}}}}, "ALWAYS NEVER SOMETIMES SOMETIMES SOMETIMES"),
        ({"policies": {"_none": {"policy": {"_eq": CUSTOMER_POLICY}}}}, "NEVER ALWAYS SOMETIMES SOMETIMES SOMETIMES"),
    ],
)
def test_which_users_a_rule_on_policies_reaches(rule: Any, reached: str) -> None:
    world = World(
        users=(User("u1", EDITOR), User("u2", CUSTOMER)), access=(Access(CUSTOMER_POLICY, user="u1", id="access-9"),)
    )
    state = AccessState(world.export(NEW), Work(1_000_000))
    asker = state.attacker(Account(role=EDITOR))
    users = (("u1", EDITOR), ("u2", CUSTOMER), ("x", None), ("y", ADMIN), ("z", "other"))
    answers = [state.reach(effective(rule), state.row_of_user(*user), asker) for user in users]
    assert " ".join(one.name for one in answers) == reached


def test_the_administrators_of_an_export() -> None:
    """One of each role and status is named for all of them; those that a rule names are apart. Who is not in the export is known
    by its key."""
    users = (
        User("u1", ADMIN, "active"), User("u2", EDITOR, "draft"), User("u3", ADMIN, "suspended"), User("u4", ADMIN, None),
        User("u5", ADMIN, "active"), User("u6", CUSTOMER, "active"),
    )  # fmt: skip
    attached = (Access(ADMIN_POLICY, user="u2"), Access(ADMIN_POLICY, user="u9"), Access(CUSTOMER_POLICY, user="u6"))
    held = AccessRecords(World(users=users, access=attached).export(NEW))
    assert held.known_administrators == {"u1", "u2", "u4", "u5", "u9"}
    assert [spelled(one) for one in held.administrators()] == [
        {"id": "u4", "status": "active", "role": ADMIN, "role.name": "Administrator"},
        {"id": "u1", "status": "active", "role": ADMIN, "role.name": "Administrator"},
        {"id": "u2", "status": "draft", "role": EDITOR, "role.name": "Editor"},
        {"id": "u9", "status": "active"},
    ]
    assert [one["id",] for one in held.administrators(frozenset(["u1", "u6"]))] == ["u4", "u1", "u5", "u2", "u9"]
    (some,) = records(NEW).administrators()
    assert some["role",] == ADMIN
    assert records(NEW).known_administrators == {some["id",]}
