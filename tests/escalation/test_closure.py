"""Ways through other accounts: registration, new users, accounts taken over, policies and roles that escalate further."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.directus.access.records import Access, Edition, User
from directus_guard.escalation import Paths
from directus_guard.finding import Confidence
from tests.support.each import each_case
from tests.support.worlds import (
    ADMIN,
    ADMIN_POLICY,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    ME,
    THE_CUSTOMER,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    flow,
    names,
    operation,
    path_of,
)

USERS: Final = "directus_users"
OWN_ROLE: Final = Row(USERS, "update", ("role",), ME)
OPEN: Final = {"public_registration": True, "public_registration_role": CUSTOMER}


def test_anonymous_registers_and_the_role_of_registration_escalates() -> None:
    world = World(customer=[OWN_ROLE], settings=OPEN)
    path = path_of(world, THE_PUBLIC)
    assert names(path) == ["public-registration", "own-role"]
    assert path is not None
    assert [step.location.path for step in path.steps if step.location] == ["settings.json", "permissions.json"]
    assert path.steps[1].action.startswith("as a user with the role `Customer`: ")
    assert names(path_of(world, THE_CUSTOMER)) == ["own-role"]
    assert path_of(world, THE_EDITOR) is None


def test_registration_without_a_role_gives_an_account_with_the_publics_rows() -> None:
    world = World(public=[OWN_ROLE], settings={"public_registration": True, "public_registration_role": None})
    assert names(path_of(world, THE_PUBLIC)) == ["public-registration", "own-role"]
    assert path_of(World(public=[OWN_ROLE]), THE_PUBLIC) is None


@each_case(
    ("more", "confidence"),
    [
        ({}, Confidence.HIGH),
        ({"public_registration_email_filter": {"email": {"_ends_with": "@example.com"}}}, Confidence.MEDIUM),
        (
            {
                "public_registration_email_filter": {"email": {"_ends_with": "@example.com"}},
                "public_registration_verify_email": False,
            },
            Confidence.HIGH,
        ),
    ],
)
def test_a_filter_on_addresses_makes_registration_less_sure(more: dict[str, object], confidence: Confidence) -> None:
    path = path_of(World(settings={"public_registration": True, "public_registration_role": ADMIN, **more}), THE_PUBLIC)
    assert path is not None
    assert path.confidence is confidence


def test_anonymous_creates_a_user_that_a_validation_pins_to_a_role_that_escalates() -> None:
    create = Row(USERS, "create", validation={"role": {"_eq": EDITOR}})
    world = World([Row("directus_access", "create")], public=[create])
    assert names(path_of(world, THE_PUBLIC)) == ["new-user", "attach-policy"]
    assert path_of(World(public=[create]), THE_PUBLIC) is None
    assert path_of(world, THE_CUSTOMER) is None


def test_a_preset_may_give_a_new_user_its_role() -> None:
    fields = ("email", "password")
    path = path_of(World(public=[Row(USERS, "create", fields, presets={"role": ADMIN})]), THE_PUBLIC)
    assert names(path) == ["new-user"]
    assert path_of(World(public=[Row(USERS, "create", fields, presets={"role": EDITOR})]), THE_PUBLIC) is None


def test_an_account_that_is_no_administrators_is_taken_over_and_goes_on() -> None:
    token = Row(USERS, "update", ("token",), {"role": {"_eq": CUSTOMER}})
    path = path_of(World([token], customer=[Row("directus_policies", "update")]))
    assert names(path) == ["take-over-token", "policy-admin-access"]
    assert path is not None
    assert "role `Customer`" in path.steps[0].action
    assert path_of(World([token])) is None


def test_everybody_but_administrators_is_taken_over() -> None:
    token = Row(USERS, "update", ("token",), {"role": {"_neq": ADMIN}})
    path = path_of(World([token], customer=[Row("directus_policies", "update")]))
    assert names(path) == ["take-over-token", "policy-admin-access"]
    assert path is not None
    assert "role `Customer`" in path.steps[0].action


def test_an_account_is_taken_over_and_promoted() -> None:
    row = Row(USERS, "update", ("token", "role"), {"role": {"_eq": CUSTOMER}})
    assert names(path_of(World([row]))) == ["take-over-token", "promote-user"]
    assert path_of(World([Row(USERS, "update", ("token", "role"), {"role": {"_eq": EDITOR}})])) is not None
    pinned = Row(
        USERS, "update", ("token", "role"), {"role": {"_eq": CUSTOMER}}, validation={"role": {"_eq": CUSTOMER}}
    )
    assert path_of(World([pinned])) is None


def test_one_joins_a_role_that_escalates() -> None:
    row = Row(USERS, "update", ("role",), ME, validation={"role": {"_in": [CUSTOMER]}})
    assert names(path_of(World([row], customer=[Row("directus_roles", "update")]))) == ["own-role", "role-parent"]
    assert path_of(World([row])) is None


def test_one_adds_a_policy_that_escalates() -> None:
    row = Row("directus_access", "create", validation={"policy": {"_eq": CUSTOMER_POLICY}})
    world = World([row], customer=[Row("directus_roles", "update", ("parent",))])
    assert names(path_of(world)) == ["attach-policy", "role-parent"]
    assert path_of(World([row])) is None


def test_who_has_a_role_and_adds_a_policy_has_not_the_publics_rows() -> None:
    attach = Row("directus_access", "create", validation={"policy": {"_eq": CUSTOMER_POLICY}})
    assert path_of(World([attach], public=[OWN_ROLE], customer=[Row("orders", "read")])) is None


def test_any_policy_but_the_administrators_may_be_added() -> None:
    refused = {"_and": [{"policy": {"_neq": ADMIN_POLICY}}, {"policy": {"id": {"_neq": ADMIN_POLICY}}}]}
    world = World([Row("directus_access", "create", validation=refused)], customer=[Row("directus_roles", "update")])
    path = path_of(world)
    assert names(path) == ["attach-policy", "role-parent"]
    assert path is not None
    assert path.steps[0].action.startswith("attach the policy `Customer` to ")


def test_rows_of_ones_own_and_of_an_added_policy_work_together() -> None:
    attach = Row("directus_access", "create", validation={"policy": {"_eq": CUSTOMER_POLICY}})
    flows = Row("directus_flows", "create")
    world = World([attach, flows], customer=[Row("directus_operations", "create")])
    assert names(path_of(world)) == ["attach-policy", "flow-build", "flow-build", "flow-build"]
    assert path_of(World([flows], customer=[Row("directus_operations", "create")])) is None


def test_a_parent_that_escalates_is_inherited() -> None:
    row = Row("directus_roles", "update", ("parent",), validation={"parent": {"_eq": CUSTOMER}})
    world = World([row], customer=[Row("directus_policies", "update", ("admin_access",))])
    assert names(path_of(world)) == ["role-parent", "policy-admin-access"]


def test_the_public_may_attach_a_policy_to_whoever_has_an_account() -> None:
    world = World(public=[Row("directus_access", "create")])
    path = path_of(world)
    assert names(path) == ["attach-policy"]
    assert path is not None
    assert path.steps[0].action.startswith("anonymously: ")
    assert path_of(world, THE_PUBLIC) is None
    with_account = World(public=[Row("directus_access", "create")], settings=OPEN)
    assert names(path_of(with_account, THE_PUBLIC)) == ["public-registration", "attach-policy"]


def test_what_the_public_can_do_alone_is_told_of_the_public_only() -> None:
    export = World(public=[Row(USERS, "create")]).export()
    paths = Paths(export)
    assert paths.of(THE_PUBLIC) is not None
    assert paths.of(THE_EDITOR) is None
    assert paths.escalates(THE_EDITOR)


def test_flags_of_the_publics_policies_have_no_effect() -> None:
    world = World(public=[Row("directus_policies", "update", ("admin_access",))])
    path = path_of(world, THE_PUBLIC)
    assert path is None


def test_giving_administration_away_is_told_with_doubt() -> None:
    path = path_of(World([Row(USERS, "update", ("role",), {"role": {"_eq": CUSTOMER}})]))
    assert path is not None
    assert path.confidence is Confidence.LOW
    assert names(path) == ["promote-user"]


# --- users of the export -----------------------------------------------------------------------------------------------


def test_known_administrators_decide_whether_a_rule_reaches_one() -> None:
    row = Row(USERS, "update", ("token",), {"id": {"_in": ["user-1", "user-2"]}})
    boss = User("user-1", ADMIN, "active")
    clerk = User("user-2", CUSTOMER, "active")
    other = User("user-9", ADMIN, "active")
    assert names(path_of(World([row], users=(boss, clerk)))) == ["take-over-token"]
    assert path_of(World([row], users=(other, clerk))) is None
    assert names(path_of(World([row], users=(other, boss)))) == ["take-over-token"]


def test_an_administrator_by_an_attached_policy_is_one() -> None:
    row = Row(USERS, "update", ("token",), {"role": {"_eq": CUSTOMER}})
    attached = Access(ADMIN_POLICY, user="user-2", id="access-9")
    world = World([row], users=(User("user-2", CUSTOMER, "active"),), access=(attached,))
    assert names(path_of(world)) == ["take-over-token"]


def test_a_second_factor_stops_a_new_password_but_no_token() -> None:
    boss = User("user-1", ADMIN, "active", has_second_factor=True)
    reads = Row(USERS, "read")
    password = path_of(World([Row(USERS, "update", ("password",)), reads], users=(boss,)))
    token = path_of(World([Row(USERS, "update", ("token",)), reads], users=(boss,)))
    assert password is not None
    assert token is not None
    assert (password.confidence, token.confidence) == (Confidence.MEDIUM, Confidence.HIGH)


def test_a_rule_that_names_ones_own_user_reaches_it() -> None:
    row = Row(USERS, "update", ("role",), {"id": {"_eq": "user-3"}})
    assert path_of(World([row], users=(User("user-3", EDITOR, "active"), User("user-1", ADMIN)))) is not None
    assert path_of(World([row], users=(User("user-3", ADMIN, "active"), User("user-1", ADMIN)))) is None


# --- editions and flows --------------------------------------------------------------------------------------------------


def test_on_core_rows_with_rules_are_dormant() -> None:
    world = World([Row(USERS, "update", ("role",))])
    assert Paths(world.export("12.4.1", Edition.CORE)).of(THE_EDITOR) is None
    assert Paths(world.export("12.4.1", Edition.LICENSED)).of(THE_EDITOR) is not None
    assert Paths(World([Row(USERS, "update")]).export("12.4.1", Edition.CORE)).of(THE_EDITOR) is not None


FULL: Final = {"collection": USERS, "permissions": "$full"}


@each_case(
    ("options", "driven"),
    [
        ({**FULL, "payload": "{{$trigger.body}}"}, True),
        ({**FULL, "payload": {"email": "{{$trigger.body.email}}", "role": "{{$trigger.body.role}}"}}, True),
        ({**FULL, "payload": {"email": "{{$trigger.body.email}}", "role": ADMIN}}, True),
        ({**FULL, "payload": {"email": "{{$trigger.body.email}}", "role": CUSTOMER}}, False),
        ({**FULL, "payload": {"email": "{{$trigger.body.email}}"}}, False),
        ({**FULL, "payload": "{{$trigger.body}}", "permissions": "$trigger"}, False),
        ({**FULL, "payload": "{{$trigger.body}}", "permissions": ADMIN}, True),
        ({**FULL, "payload": "{{$trigger.body}}", "permissions": CUSTOMER}, False),
        ({**FULL, "payload": "{{$trigger.body}}", "collection": "{{$trigger.body.collection}}"}, True),
        ({**FULL, "payload": {"note": "{{$trigger.body}}"}, "collection": "orders"}, False),
        ({**FULL, "payload": {"x": 1}, "collection": "{{$trigger.body.collection}}"}, False),
    ],
)
def test_a_webhook_that_writes_what_it_is_sent(options: dict[str, Any], driven: bool) -> None:
    world = World(flows=(flow(method="POST"),), operations=(operation(**options),))
    assert names(path_of(world, THE_PUBLIC)) == (["flow-drive"] if driven else None)
    assert path_of(world, THE_EDITOR) is None


def test_a_manual_flow_is_driven_by_those_who_may_read_its_collection() -> None:
    world = World(
        [Row("orders", "read")],
        flows=(flow("manual", collections=["orders"]),),
        operations=(operation(**FULL, payload="{{$trigger.body.data}}"),),
    )
    assert names(path_of(world, THE_EDITOR)) == ["flow-drive"]
    assert path_of(world, THE_CUSTOMER) is None


def test_a_flow_that_changes_the_callers_own_user() -> None:
    update = operation(
        "item-update", **FULL, key="{{$accountability.user}}", payload={"role": "{{$trigger.body.role}}"}
    )
    other = operation("item-update", **FULL, key="user-7", payload={"role": "{{$trigger.body.role}}"})
    run = (flow("manual", collections=["orders"]),)
    assert path_of(World([Row("orders", "read")], flows=run, operations=(update,))) is not None
    assert path_of(World([Row("orders", "read")], flows=run, operations=(other,))) is None


@pytest.mark.parametrize(
    ("written", "drives"),
    [
        ({"key": ["{{$accountability.user}}"]}, True),  # as the Studio stores it
        ({"key": ["user-7", "{{$accountability.user}}"]}, True),
        ({"query": {"filter": {"id": {"_eq": "{{$accountability.user}}"}}}}, True),
        ({"query": {"filter": {"email": {"_nnull": True}}}}, True),  # all of them
        ({"key": ["user-7"]}, False),
        ({"key": ["user-7"], "query": {"limit": 1}}, False),
    ],
)
def test_a_flow_that_makes_the_caller_an_administrator(written: dict[str, Any], *, drives: bool) -> None:
    update = operation("item-update", **FULL, **written, payload={"role": "{{$trigger.body.role}}"})
    run = (flow("manual", collections=["orders"]),)
    found = path_of(World([Row("orders", "read")], flows=run, operations=(update,)))
    assert (found is not None) is drives


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    ("row", "drives"),
    [
        ({"policy": "{{$trigger.body.policy}}", "user": "{{$accountability.user}}"}, True),
        ({"policy": "{{$trigger.body.policy}}", "role": "{{$accountability.role}}"}, True),
        ({"policy": "{{$trigger.query.policy}}", "user": "user-7"}, False),
    ],
)
def test_a_flow_that_attaches_a_policy_to_the_caller(row: dict[str, Any], *, drives: bool, listed: bool) -> None:
    options = FULL | {"collection": "directus_access", "payload": [row] if listed else row}
    run = (flow("manual", collections=["orders"]),)
    found = path_of(World([Row("orders", "read")], flows=run, operations=(operation("item-create", **options),)))
    assert (found is not None) is drives


@pytest.mark.parametrize(
    ("more", "fields", "confidence"),
    [
        ([], ("name", "parent"), Confidence.MEDIUM),
        ([Row("directus_roles", "read")], ("name", "parent"), Confidence.HIGH),
        ([], ("id", "name", "parent"), Confidence.HIGH),
    ],
)
def test_the_key_of_a_new_row_is_told_to_whoever_reads_it_or_chooses_it(
    more: list[Row], fields: tuple[str, ...], confidence: Confidence
) -> None:
    knows = Row("directus_users", "read", ("role",))
    both = {"_and": [{"role": {"_neq": ADMIN}}, {"role": {"id": {"_neq": ADMIN}}}]}
    world = World(
        [
            knows,
            Row("directus_roles", "create", fields),
            Row("directus_users", "update", ("role",), ME, validation=both),
            *more,
        ]
    )
    path = path_of(world)
    assert path is not None
    assert path.confidence is confidence
