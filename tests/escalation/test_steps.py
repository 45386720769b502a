"""Every step of the catalogue: where its precondition holds it is taken, and where one part is missing it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.records import Access
from directus_guard.escalation import Paths, steps
from directus_guard.escalation.catalogue import KINDS
from directus_guard.finding import Confidence
from tests.support.each import each_case
from tests.support.worlds import (
    ADMIN,
    ADMIN_POLICY,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    EDITOR_POLICY,
    ME,
    SQLITE,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    flow,
    names,
    operation,
    path_of,
)

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal

USERS: Final = "directus_users"
ACCESS: Final = "directus_access"
NOT_ADMIN: Final = {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]}
FULL: Final = operation(collection=USERS, permissions="$full", payload="{{$trigger.body}}")

Case = tuple[str, World, World]
LOCK: Final = Row(USERS, "update", ("first_name",), ME, validation={"role": {"_eq": CUSTOMER}})
LOCKING: Final = (Access(CUSTOMER_POLICY, EDITOR, id="access-9"),)
NOT_THE_ADMINISTRATOR: Final = Row(USERS, "update", ("token",), {"role": {"name": {"_neq": "Administrator"}}})
CASES: Final[dict[str, Case]] = {
    "own-role": (
        "11.17.4",
        World([Row(USERS, "update", ("role",), ME)]),
        World([Row(USERS, "update", ("role",), ME, validation={"role": {"_eq": EDITOR}})]),
    ),
    "new-user": (
        "11.17.4",
        World([Row(USERS, "create", ("email", "password", "role"))]),
        World([Row(USERS, "create", ("first_name", "role"))]),
    ),
    "invite": (
        "11.17.4",
        World([
            Row(USERS, "create", ("email", "role", "status"), presets={"status": "invited"}, validation={"status": {"_eq": "invited"}})
        ]),
        World([
            Row(USERS, "create", ("email", "role", "status"), presets={"status": "draft"}, validation={"status": {"_eq": "draft"}})
        ]),
    ),
    "own-policies": (
        "11.17.4",
        World([Row(USERS, "update", ("policies",), ME), Row(ACCESS, "create", ("policy", "user"))]),
        World([Row(USERS, "update", ("policies",), ME), Row(ACCESS, "create", ("policy", "user"), validation={"user": {"_null": True}})]),
    ),
    "attach-policy": (
        "11.17.4",
        World([Row(ACCESS, "create", ("policy", "user"))]),
        World([Row(ACCESS, "create", ("policy",))]),
    ),
    "reattach-policy": (
        "11.17.4",
        World([Row(ACCESS, "update", ("policy",), {"role": {"_eq": "$CURRENT_ROLE"}})]),
        World([Row(ACCESS, "update", ("policy",), {"role": {"_eq": CUSTOMER}})]),
    ),
    "policy-admin-access": (
        "11.17.4",
        World([Row("directus_policies", "update", ("admin_access",))]),
        World([Row("directus_policies", "update", ("admin_access",), {"id": {"_eq": CUSTOMER_POLICY}})]),
    ),
    "new-admin-policy": (
        "11.17.4",
        World([
            Row("directus_policies", "create"),
            Row(ACCESS, "create", validation={"_and": [{"policy": {"_neq": ADMIN_POLICY}}, {"policy": {"id": {"_neq": ADMIN_POLICY}}}]}),
        ]),
        World([
            Row("directus_policies", "create", validation={"admin_access": {"_eq": False}}),
            Row(ACCESS, "create", validation={"_and": [{"policy": {"_neq": ADMIN_POLICY}}, {"policy": {"id": {"_neq": ADMIN_POLICY}}}]}),
        ]),
    ),
    "permission-create": (
        "11.17.4",
        World([Row("directus_permissions", "create", validation={"policy": {"_eq": EDITOR_POLICY}})]),
        World([Row("directus_permissions", "create", validation={"policy": {"_eq": CUSTOMER_POLICY}})]),
    ),
    "permission-update": (
        "11.17.4",
        World([Row("directus_permissions", "update", ("collection", "fields", "permissions"), {"policy": {"_eq": EDITOR_POLICY}})]),
        World([Row("directus_permissions", "update", ("collection", "fields", "permissions"), {"policy": {"_eq": CUSTOMER_POLICY}})]),
    ),
    "public-permission": (
        "12.4.1",
        World([Row("directus_permissions", "create")]),
        World([Row("directus_permissions", "create", ("collection", "action", "policy"))]),
    ),
    "role-parent": (
        "11.17.4",
        World([Row("directus_roles", "update", ("parent",))]),
        World([Row("directus_roles", "update", ("parent",), {"name": {"_eq": "Customer"}})]),
    ),
    "role-admin-access": (
        "10.13.4",
        World([Row("directus_roles", "update", ("admin_access",))]),
        World([Row("directus_roles", "update", ("name",))]),
    ),
    "child-role": (
        "11.17.4",
        World([Row("directus_roles", "create"), Row(USERS, "create", validation=NOT_ADMIN)]),
        World([Row("directus_roles", "create", ("name",)), Row(USERS, "create", validation=NOT_ADMIN)]),
    ),
    "new-admin-role": (
        "10.13.4",
        World([Row("directus_roles", "create"), Row(USERS, "update", ("role",), ME, validation=NOT_ADMIN)]),
        World([Row("directus_roles", "create", ("name",)), Row(USERS, "update", ("role",), ME, validation=NOT_ADMIN)]),
    ),
    "promote-user": (
        "11.17.4",
        World(
            [Row(USERS, "update", ("role",), {"role": {"_eq": CUSTOMER}})],
            settings={"public_registration": True, "public_registration_role": CUSTOMER},
        ),
        World(
            [Row(USERS, "update", ("role",), {"role": {"_eq": CUSTOMER}}, validation={"role": {"_eq": CUSTOMER}})],
            settings={"public_registration": True, "public_registration_role": CUSTOMER},
        ),
    ),
    "take-over-token": (
        "11.17.4",
        World([Row(USERS, "update", ("token",))]),
        World([Row(USERS, "update", ("token",), {"role": {"_neq": ADMIN}})]),
    ),
    "take-over-password": (
        "11.17.4",
        World([Row(USERS, "update", ("password",))]),
        World([Row(USERS, "update", ("password",), ME)]),
    ),
    "take-over-email": (
        "11.17.4",
        World([Row(USERS, "update", ("email",))]),
        World([Row(USERS, "update", ("email",), {"status": {"_eq": "archived"}})]),
    ),
    "public-registration": (
        "11.17.4",
        World(settings={"public_registration": True, "public_registration_role": ADMIN}),
        World(settings={"public_registration": False, "public_registration_role": ADMIN}),
    ),
    "registration-role": (
        "12.4.1",
        World([Row("directus_settings", "update")]),
        World([Row("directus_settings", "update", ("public_registration_role",))]),
    ),
    "operation-rewrite": (
        "11.17.4",
        World([Row("directus_operations", "update")], flows=(flow("schedule"),), operations=(operation("log"),)),
        World([Row("directus_operations", "update")], flows=(flow("schedule", "inactive"),), operations=(operation("log"),)),
    ),
    "flow-build": (
        "12.4.1",
        World([Row("directus_flows", "create"), Row("directus_operations", "create")]),
        World([Row("directus_flows", "create")]),
    ),
    "flow-trigger": (
        "11.17.4",
        World([Row("directus_flows", "update", ("trigger",))], flows=(flow("schedule"),), operations=(FULL,)),
        World([Row("directus_flows", "update", ("name",))], flows=(flow("schedule"),), operations=(FULL,)),
    ),
    "flow-drive": (
        "11.17.4",
        World(flows=(flow(method="POST"),), operations=(FULL,)),
        World(flows=(flow(method="POST"),), operations=(operation(collection="posts", permissions="$full", payload={"note": "{{$trigger.body}}"}),)),
    ),
    "delete-lock": (
        "11.17.4",
        World([Row(USERS, "update", ("role",), ME), Row("directus_permissions", "delete")], customer=[LOCK], access=LOCKING),
        World([Row(USERS, "update", ("role",), ME)], customer=[LOCK], access=LOCKING),
    ),
    "change-mentioned": (
        "11.17.4",
        World([NOT_THE_ADMINISTRATOR, Row("directus_roles", "update", ("name",))]),
        World([NOT_THE_ADMINISTRATOR]),
    ),
}  # fmt: skip
PUBLIC_STEPS: Final = ("public-registration", "flow-drive")


def who(step: str) -> Principal:
    return THE_PUBLIC if step in PUBLIC_STEPS else THE_EDITOR


@each_case("step", CASES)
def test_a_step_is_taken_where_its_precondition_holds(step: str) -> None:
    version, there, _ = CASES[step]
    path = path_of(there, who(step), version)
    assert path is not None
    assert step in (names(path) or [])
    assert all(told.location is not None for told in path.steps)


@each_case("step", CASES)
def test_a_step_is_refused_where_a_part_of_it_is_missing(step: str) -> None:
    version, _, missing = CASES[step]
    assert path_of(missing, who(step), version, SQLITE) is None


def test_every_step_of_the_catalogue_has_a_case() -> None:
    assert set(CASES) == {kind.id for kind in steps() if not kind.reason}
    assert list(KINDS) == [kind.id for kind in steps()]


def test_a_step_exists_in_its_versions_only() -> None:
    for step, (_, there, _) in CASES.items():
        for version in ("10.13.4", "11.17.4", "12.4.1"):
            path = path_of(there, who(step), version)
            for told in path.steps if path else ():
                major = int(version.split(".")[0])
                assert KINDS[told.id].applies((major,)), (step, version)


def test_what_was_not_carried_out_on_a_server_is_less_sure() -> None:
    for step, (version, there, _) in CASES.items():
        path = path_of(there, who(step), version)
        assert path is not None
        if not KINDS[step].measured:
            assert path.confidence is not Confidence.HIGH, step


# --- the reasons why a step works although the row looks locked ------------------------------------------------------


def test_a_deny_list_on_a_foreign_key_is_said_not_to_hold() -> None:
    path = path_of(World([Row(USERS, "create", validation={"role": {"_nin": [ADMIN]}})]))
    assert path is not None
    assert '`{"id": …}`' in path.steps[0].action


def test_a_preset_is_said_not_to_lock() -> None:
    path = path_of(World([Row(USERS, "create", presets={"role": CUSTOMER})]))
    assert path is not None
    assert "preset does not lock" in path.steps[0].action


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_that_can_be_read_makes_a_path_surer() -> None:
    update = Row(USERS, "update", ("role",), ME)
    unread = path_of(World([update]))
    read = path_of(World([update, Row("directus_roles", "read", ("id", "name"))]))
    other = path_of(World([update, Row("directus_roles", "read", ("id", "name"), {"id": {"_in": "$CURRENT_ROLES"}})]))
    assert unread is not None
    assert read is not None
    assert other is not None
    assert (unread.confidence, read.confidence, other.confidence) == (
        Confidence.MEDIUM,
        Confidence.HIGH,
        Confidence.MEDIUM,
    )
    assert "directus_roles, which they can read" in read.steps[0].action
    assert "must first learn" in unread.steps[0].action


def test_the_key_of_the_public_policy_is_a_constant() -> None:
    path = path_of(World([Row("directus_permissions", "create")]))
    assert path is not None
    assert path.steps[0].id == "public-permission"
    assert path.confidence is Confidence.HIGH
    assert "the same in every Directus" in path.steps[0].action


def test_what_a_rule_rests_on_and_nobody_knows_makes_a_path_less_sure() -> None:
    reads = Row("directus_users", "read")
    sure = path_of(World([Row(USERS, "update", ("token",)), reads]))
    perhaps = path_of(World([Row(USERS, "update", ("token",), {"team": {"_eq": 5}}), reads]))
    unknown = path_of(World([Row(USERS, "update", ("token",), {"place": {"_intersects": "x"}}), reads]))
    told = [path.confidence if path else None for path in (sure, perhaps, unknown)]
    assert told == [Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW]


def test_the_surest_path_is_told_not_the_shortest_doubtful_one() -> None:
    rows = [Row(USERS, "update", ("token",), {"place": {"_intersects": "x"}}), Row("directus_permissions", "create")]
    path = path_of(World(rows))
    assert path is not None
    assert path.steps[0].id == "public-permission"
    assert path.confidence is Confidence.HIGH


def test_administrators_escalate_nowhere() -> None:
    export = World([Row(USERS, "update")]).export()
    (admin,) = [one for one in export.model.principals() if one.id == ADMIN]
    paths = Paths(export)
    assert paths.of(admin) is None
    assert not paths.escalates(admin)
