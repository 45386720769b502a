"""Permissions that hold others back, by a validation or by presets, and every way to take them out of the way."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.records import Access, Role
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.escalation.reach import rights
from directus_guard.escalation.reach.closure import Closure
from directus_guard.escalation.reach.facts import Flagged
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.work import Work
from directus_guard.finding import Confidence
from tests.support.each import each_case
from tests.support.worlds import ADMIN, CUSTOMER, CUSTOMER_POLICY, EDITOR, ME, SQLITE, THE_EDITOR, Row, World, answer_of

if TYPE_CHECKING:
    from directus_guard.directus.export import Export

USERS: Final = "directus_users"
PERMISSIONS: Final = "directus_permissions"
FREE_CREATE: Final = Row(USERS, "create", ("role", "token", "status"))
LOCK: Final = Row(
    USERS,
    "create",
    ("first_name",),
    validation={"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]},
)
OF_USERS: Final = {"collection": {"_eq": USERS}}


@each_case(
    ("changed", "presets"),
    [
        ("collection", None),
        ("action", None),
        ("policy", None),
        ("validation", None),
        ("icon", {"action": "read"}),
        ("icon", {"collection": "articles"}),
        ("icon", {"policy": CUSTOMER_POLICY}),
    ],
)
def test_a_lock_is_made_a_permission_for_something_else(changed: str, presets: Any) -> None:
    """`icon` stands for a member that does not matter: the preset writes the one that does."""
    change = Row(PERMISSIONS, "update", (changed,), OF_USERS, presets=presets)
    assert answer_of(World([FREE_CREATE, LOCK, change]), schema=SQLITE) is not None


@pytest.mark.parametrize("changed", ["icon", "fields"])
def test_a_lock_stays_where_nothing_that_matters_may_be_changed(changed: str) -> None:
    assert (
        answer_of(World([FREE_CREATE, LOCK, Row(PERMISSIONS, "update", (changed,), OF_USERS)]), schema=SQLITE) is None
    )


@pytest.mark.parametrize(
    ("member", "validation"),
    [("collection", {"collection": {"_eq": USERS}}), ("action", {"action": {"_eq": "create"}})],
)
def test_a_lock_stays_where_it_may_only_be_made_what_it_is(member: str, validation: Any) -> None:
    change = Row(PERMISSIONS, "update", (member,), OF_USERS, validation=validation)
    assert answer_of(World([FREE_CREATE, LOCK, change]), schema=SQLITE) is None


TURN: Final = Row(PERMISSIONS, "update", ("collection",), {"collection": {"_eq": "articles"}})
HOLDS: Final = Row(PERMISSIONS, "update", ("id",), {"id": {"_null": True}}, presets={"action": "read"})
ARTICLES: Final = Row("articles", "update")


@pytest.mark.thorough
def test_presets_that_hold_back_are_deleted() -> None:
    assert answer_of(World([TURN, HOLDS, ARTICLES]), schema=SQLITE) is None
    rule = {"collection": {"_eq": PERMISSIONS}}
    assert answer_of(World([TURN, HOLDS, ARTICLES, Row(PERMISSIONS, "delete", rule=rule)]), schema=SQLITE) is not None
    assert (
        answer_of(World([TURN, HOLDS, ARTICLES, Row(PERMISSIONS, "delete", rule={"collection": {"_eq": "articles"}})]))
        is None
    )


def test_the_preset_of_a_new_users_role_is_taken_away() -> None:
    """Without it a new user has no role, and with it the permissions of the public."""
    create = Row(USERS, "create", ("token", "status"))
    pins = Row(USERS, "create", ("first_name",), presets={"role": CUSTOMER})
    promote = Row(USERS, "update", ("role",), {"_and": [{"role": {"_null": True}}, ME]})
    public = [promote]
    for more, escalates in (
        ((), False),
        ((Row(PERMISSIONS, "delete"),), True),
        ((Row(PERMISSIONS, "update", ("presets",), {"action": {"_eq": "create"}}, {"fields": {"_null": True}}),), True),
    ):
        assert (answer_of(World([create, pins, *more], public=public)) is not None) is escalates


@pytest.mark.parametrize("deleted", ["between", "locked", CUSTOMER])
def test_deleting_a_role_takes_no_lock_away(deleted: str) -> None:
    """The server takes the role from those that inherit from it with the same rights: whoever may do that needs no deletion."""
    own = Row(USERS, "update", ("role",), ME)
    lock = Row(USERS, "update", ("first_name",), ME, validation={"role": {"_eq": CUSTOMER}})
    delete = Row("directus_roles", "delete", rule={"id": {"_eq": deleted}})
    parents = Row("directus_roles", "update", ("parent",), validation={"parent": {"_null": True}})
    for rows, escalates in (([own, delete], False), ([own, delete, parents], True)):
        export = World(rows, customer=[lock], access=(Access(CUSTOMER_POLICY, "locked", id="access-9"),)).export()
        tree = (Role("locked", "Locked"), Role("between", "Between", "locked"))
        roles = tuple(replace(one, parent="between") if one.id == EDITOR else one for one in export.model.roles)
        inherited = replace(export, model=replace(export.model, roles=(*roles, *tree)))
        answer = Paths(inherited).answer(THE_EDITOR)
        assert isinstance(answer, Path) if escalates else answer is None


REGISTERS: Final = {
    "public_registration": True,
    "public_registration_verify_email": False,
    "public_registration_role": "spare",
}
PUBLIC_ROW: Final = Row(USERS, "update", ("role",), ME)


def spare(world: World, *, attached: bool = False) -> Export:
    """The role of registration is one without permissions and users."""
    export = world.export()
    access = (
        (*export.model.access, Access(CUSTOMER_POLICY, "spare", id="access-9")) if attached else export.model.access
    )
    return replace(
        export, model=replace(export.model, roles=(*export.model.roles, Role("spare", "Spare")), access=access)
    )


def test_the_role_of_registration_is_deleted() -> None:
    """Whoever registers then has no role, and the permissions of the public: for a record of their own."""
    delete = Row("directus_roles", "delete", rule={"id": {"_eq": "spare"}})
    known = Row("directus_roles", "read")
    world = World([delete, known], public=[PUBLIC_ROW, known], settings=REGISTERS)
    path = Paths(spare(world)).of(THE_EDITOR)
    assert path is not None
    sent = [(step.request.method, step.request.path) for step in path.steps if step.request]
    assert sent == [("DELETE", "/roles/spare"), ("POST", "/users/register"), ("PATCH", "/users/me")]
    assert path.confidence is Confidence.MEDIUM
    # What is attached to the role is deleted with the same rights.
    assert isinstance(Paths(spare(world, attached=True)).answer(THE_EDITOR), Unplanned)
    detaches = dataclasses.replace(
        world, editor=[*world.editor, Row("directus_access", "delete", rule={"role": {"_eq": "spare"}})]
    )
    assert Paths(spare(detaches, attached=True)).of(THE_EDITOR) is not None
    assert Paths(spare(dataclasses.replace(world, editor=[known]))).answer(THE_EDITOR) is None
    assert Paths(spare(dataclasses.replace(world, public=[known]))).answer(THE_EDITOR) is None


@pytest.mark.parametrize("switches", [True, False])
def test_registration_is_switched_on_once_its_role_is_deleted(*, switches: bool) -> None:
    delete = Row("directus_roles", "delete", rule={"id": {"_eq": "spare"}})
    on = Row("directus_settings", "update", ("public_registration" if switches else "project_name",))
    settings = {**REGISTERS, "public_registration": False}
    path = Paths(spare(World([delete, on], public=[PUBLIC_ROW], settings=settings))).of(THE_EDITOR)
    assert (path is not None) is switches


@pytest.mark.parametrize("action", ["create", "update"])
@pytest.mark.parametrize(
    ("validation", "expected"),
    [({"_eq": False}, type(None)), ({"_in": [False, None]}, type(None)), ({"_neq": True}, Unplanned), (None, Path)],
)
def test_a_list_of_what_is_refused_is_not_known_to_hold_administrator_access(
    action: str, validation: Any, expected: type
) -> None:
    """Found at random. The pin that is proposed lists what is accepted."""
    lock = None if validation is None else {"admin_access": validation}
    for version, collection in (("10.13.4", "directus_roles"), ("11.17.4", "directus_policies")):
        world = World([Row(collection, action, validation=lock)])
        if action == "create":
            assert _switches_on(world.export(version)) is (expected is not type(None))
        else:
            assert isinstance(answer_of(world, version=version), expected)


def _switches_on(export: Export) -> bool:
    """Whether `admin_access` of a new row is switched on."""
    state = AccessState(export, Work(10**6))
    closure = Closure(state, state.account(THE_EDITOR), Confidence.LOW, visitor=False)
    closure.begin_round()
    channel = rights.new_policies if state.model.has_policies else rights.new_roles
    return any(isinstance(fact, Flagged) for acting in closure.current for fact, _ in channel(closure, acting))
