"""What to change: it closes every way, nothing of it can be left out, and it is the smallest of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from directus_guard.checks.access.escalation_path import escalation_path
from directus_guard.checks.access.escalation_path_public import escalation_path_public
from directus_guard.checks.result import Failure
from directus_guard.directus.access.records import Access, Edition, Permission
from directus_guard.directus.flows.records import Operation
from directus_guard.escalation import Paths
from directus_guard.escalation.cuts import Cuts, applied
from directus_guard.escalation.cuts.alternatives import without_fields
from directus_guard.escalation.cuts.changes import FlowChange, OperationChange
from directus_guard.finding import Confidence, Location
from tests.escalation import trial
from tests.support.random_escalations import instance, pinned_instance
from tests.support.sampling import one_in
from tests.support.worlds import (
    ADMIN,
    CUSTOMER,
    CUSTOMER_POLICY,
    EDITOR,
    ME,
    THE_EDITOR,
    THE_PUBLIC,
    Row,
    World,
    flow,
    operation,
)

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export
    from directus_guard.escalation.cuts import Change

USERS: Final = "directus_users"


def sentences(world: World, principal: Principal = THE_EDITOR, version: str = "11.17.4") -> list[str]:
    return sentences_of(world.export(version), principal)


def sentences_of(export: Export, principal: Principal = THE_EDITOR) -> list[str]:
    path = Paths(export).of(principal)
    assert path is not None
    cut = Cuts(export).of(principal, path.plan)
    assert cut is not None
    return [change.sentence for change in cut.changes]


def escalates(export: Export, principal: Principal, *changes: Change) -> bool:
    return Paths(applied(export, changes)).way(principal) is not None


def judged(export: Export) -> int:
    """How many principals of a random configuration have a way, all of which their cuts close."""
    number = 0
    for principal, answer, wrong in trial.judge(export):
        assert not [one for one in wrong if not one.startswith(trial.NO_PLAN)], (principal, wrong)
        number += answer == trial.WAY
    return number


@pytest.mark.parametrize("generator", sorted(trial.GENERATORS))
def test_cuts_of_random_configurations(generator: str) -> None:
    assert sum(judged(trial.GENERATORS[generator](seed)) for seed in range(10)) > 2


@pytest.mark.thorough
def test_cuts_of_many_random_configurations() -> None:
    """`make every` takes eight times as many."""
    seeds = list(one_in(8, range(1000, 1600), "cuts"))
    assert sum(judged(instance(seed)[0]) for seed in seeds) > 0.8 * len(seeds)
    assert sum(judged(pinned_instance(seed)) for seed in range(120, 130)) > 5


def test_a_field_is_dropped() -> None:
    world = World([Row(USERS, "update", ("first_name", "role"), ME)])
    assert sentences(world) == [
        "Remove `role` from `fields` of the permission of policy `Editor` to update `directus_users`"
    ]


def test_the_profile_is_left_where_a_row_names_all_fields() -> None:
    names = "`first_name`, `last_name`, `email`, `password`, `avatar`, `language` and `tfa_secret`"
    of = "the permission of policy `Editor` to update `directus_users`"
    assert sentences(World([Row(USERS, "update", rule=ME)])) == [f"Set `fields` of {of} to {names}"]
    own = '`{"id": {"_eq": "$CURRENT_USER"}}`'
    assert sentences(World([Row(USERS, "update")])) == [
        f"Set the item rule of {of} to {own}. Set its `fields` to {names}"
    ]
    (create,) = sentences(World([Row(USERS, "create")]))
    assert create.endswith(
        "to create `directus_users` to `first_name`, `last_name`, `email`, `password` and `language`"
    )


def test_what_a_rule_compares_with_is_not_shown() -> None:
    (change,) = sentences(World([Row(USERS, "update", rule={"email": {"_eq": "ann@example.com"}})]))
    assert '{"_and": [RULE, {"id": {"_eq": "$CURRENT_USER"}}]}' in change
    assert "ann@" not in change


def test_the_only_field_is_pinned() -> None:
    (pin,) = sentences(World([Row(USERS, "update", ("role",), ME)]))
    assert pin.startswith(
        'Add `{"role": {"_eq": "$CURRENT_ROLE"}}` to `validation` of the permission of policy `Editor`'
    )


def test_visitors_lose_what_lets_them_write() -> None:
    (gone,) = sentences(World(public=[Row(USERS, "create")]), THE_PUBLIC)
    assert gone.startswith("Delete the permission of ")


@pytest.mark.parametrize("collection", ["directus_policies", "directus_roles"])
def test_all_fields_of_what_only_administrators_write(collection: str) -> None:
    assert sentences(World([Row(collection, "update")])) == [
        f"Delete the permission of policy `Editor` to update `{collection}`"
    ]


def test_a_rule_is_narrowed_where_no_other_field_is_left() -> None:
    (narrow,) = sentences(World([Row(USERS, "update", ("password", "email"))]))
    assert narrow.startswith("Set the item rule of the permission of policy `Editor` to update `directus_users` to ")


def test_a_permission_that_can_be_moved_to_users_is_among_the_ways() -> None:
    """Found at random: the permission on articles was left out of account, and the fix closed one of two ways."""
    own = Row(USERS, "update", ("first_name", "role"), ME)
    moves = Row("directus_permissions", "update", ("fields", "collection"))
    assert sentences(World([own, moves, Row("articles", "create")])) == [
        "Delete the permission of policy `Editor` to update `directus_permissions`",
        "Remove `role` from `fields` of the permission of policy `Editor` to update `directus_users`",
    ]


def test_a_harmless_permission_stays_where_another_one_lets_it_be_moved() -> None:
    moves = Row("directus_permissions", "update", ("collection",), {"collection": {"_eq": "articles"}})
    assert sentences(World([moves, Row("articles", "create")])) == [
        "Delete the permission of policy `Editor` to update `directus_permissions`"
    ]


def test_a_permission_is_deleted_that_makes_no_sense_without_the_field() -> None:
    world = World([Row("directus_access", "create")])
    assert sentences(world) == ["Delete the permission of policy `Editor` to create `directus_access`"]


def test_on_core_permissions_are_deleted() -> None:
    export = World([Row(USERS, "update")]).export("12.4.1", Edition.CORE)
    assert sentences_of(export) == ["Delete the permission of policy `Editor` to update `directus_users`"]


def test_on_10_roles_have_permissions() -> None:
    world = World([Row(USERS, "update", ("role",), ME)], public=[Row(USERS, "create", ("email", "token", "role"))])
    assert sentences(world, THE_PUBLIC, version="10.13.4") == [
        "Delete the permission of the public role to create `directus_users`"
    ]


def test_several_changes_where_there_are_several_ways() -> None:
    world = World(
        [Row(USERS, "update", ("role", "title")), Row("directus_policies", "update", ("name", "admin_access"))]
    )
    assert sentences(world) == [
        "Remove `admin_access` from `fields` of the permission of policy `Editor` to update `directus_policies`",
        "Remove `role` from `fields` of the permission of policy `Editor` to update `directus_users`",
    ]


def test_a_flow_with_full_access_gets_the_rights_of_its_trigger() -> None:
    world = World(
        flows=(flow(),),
        operations=(operation(collection=USERS, permissions="$full", payload="{{$trigger.body}}"),),
    )
    assert sentences(world, THE_PUBLIC) == [
        "Set `permissions` of the operation `make` of the flow `Sign up` to `$trigger`"
    ]


def test_registration_gives_no_role_that_makes_an_administrator() -> None:
    world = World(settings={"public_registration": True, "public_registration_role": ADMIN})
    assert sentences(world, THE_PUBLIC) == ["Set `public_registration_role` to null"]
    opened = World(public=[Row(USERS, "update", rule=ME)], settings={"public_registration": True})
    (gone,) = sentences(opened, THE_PUBLIC)
    assert gone.startswith("Delete the permission of ")


def test_changes_of_flows_that_only_may_be_a_way_come_last() -> None:
    """A script's result may be a role. Without it a way is left of which the requests are not known."""
    stores = operation(
        "item-update", collection=USERS, permissions="$full", key="{{$trigger.body.keys}}", payload="{{script}}"
    )
    script = Operation(
        "script",
        "script",
        "exec",
        "flow-1",
        {"code": "module.exports = (data) => data"},
        stores.id,
        None,
        Location("operations.json", 2),
    )
    begins = replace(flow("manual", collections=["posts"]), operation="script")
    surely = Row(USERS, "update", ("role", "title"), ME)
    world = World([surely, Row("posts", "read")], flows=(begins,), operations=(script, stores))
    export = world.export("11.17.4")
    path = Paths(export).of(THE_EDITOR)
    assert path is not None
    cut = Cuts(export).of(THE_EDITOR, path.plan)
    assert cut is not None
    assert [change.sentence for change in cut.changes if change.key in cut.unsure] == [
        "Set `permissions` of the operation `make` of the flow `Sign up` to `$trigger`"
    ]
    (failure,) = failures(world)
    assert failure.fix is not None
    (patch,) = failure.fix.rows
    assert patch.row == Location("permissions.json", 2)
    assert failure.subject.key == "test Editor update directus_users"
    assert failure.fix.description.split("\n") == [
        "Remove `role` from `fields` of the permission of policy `Editor` to update `directus_users`.",
        "Unless you do this too, another way may be left: Set `permissions` of the operation `make` of the flow `Sign up` to `$trigger`.",
    ]


def test_a_flow_that_the_server_starts_is_switched_off() -> None:
    started = flow("event", type="action", scope=["items.create"], collections=[USERS])
    acting = operation(
        collection=USERS, permissions="$full", payload={"email": "{{$trigger.payload.email}}", "role": ADMIN}
    )
    world = World(flows=(started,), operations=(acting,), settings={"public_registration": True, "public_registration_role": CUSTOMER})  # fmt: skip
    assert sentences(world, THE_PUBLIC) == ["Set `status` of the flow `Sign up` to `inactive`"]


def failures(world: World, version: str = "11.17.4") -> list[Failure]:
    export = world.export(version)
    found = [*escalation_path.judge(export), *escalation_path_public.judge(export)]
    return [one for one in found if isinstance(one, Failure)]


def test_principals_that_the_same_changes_stop_are_one_finding() -> None:
    token = Row(USERS, "update", ("token",), {"role": {"_eq": CUSTOMER}})
    (failure,) = failures(World([token], customer=[Row("directus_policies", "update")]))
    assert failure.subject.key == "test Customer update directus_policies"
    assert dict(failure.subject.details)["principals"] == ("Customer", "Editor")
    assert failure.title == "Customer and 1 more can become administrator"
    assert failure.fix is not None
    assert failure.fix.description.startswith("Delete the permission of policy `Customer`")
    (other,) = failure.details
    assert other.startswith("`Editor`: set the static token of the user with the role `Customer`; then as a user")


def test_the_same_names_for_different_changes_stay_apart() -> None:
    world = World([Row(USERS, "update", ("role", "title"))], customer=[Row(USERS, "update", ("role", "title"))])
    assert [one.subject.key for one in failures(world)] == [
        "test Customer update directus_users",
        "test Editor update directus_users",
    ]


def test_the_surest_way_is_shown() -> None:
    both = Access(CUSTOMER_POLICY, EDITOR, id="both")
    own = Row(USERS, "update", ("role", "title"), ME)
    (failure,) = failures(World([Row("directus_roles", "read")], customer=[own], access=(both,)))
    assert dict(failure.subject.details)["principals"] == ("Customer", "Editor")
    assert failure.confidence is Confidence.HIGH
    assert failure.details == ("`Customer`: set the role of their own user to the administrator role.",)


def test_no_cut_where_too_much_would_have_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directus_guard.escalation.cuts.search.MOST_CHANGES", 1)
    rows = [Row("directus_access", "create"), Row("directus_permissions", "create")]
    (failure,) = failures(World(rows))
    assert failure.fix is not None
    assert "not worked out" in failure.fix.description
    assert failure.subject.key.startswith("test Editor ")


def test_known_configurations_are_kept_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directus_guard.escalation.cuts.search.MOST_KEPT", 1)
    assert sentences(World([Row(USERS, "update", ("role", "title"), ME)]))


def test_settings_that_are_not_there_stay_so() -> None:
    export = World([Row(USERS, "update")]).export()
    assert applied(export, ()).settings is None
    assert applied(replace(export, flows=(flow(),)), ()).flows == (flow(),)


@pytest.mark.parametrize(
    ("collection", "needed"),
    [
        ("directus_roles", {"name"}),
        ("directus_policies", {"name"}),
        ("directus_access", {"policy", "user", "role"}),
        ("directus_permissions", {"collection", "action", "policy", "role"}),
        ("directus_flows", {"name", "trigger"}),
        ("directus_operations", {"key", "type", "flow", "options", "position_x", "position_y"}),
    ],
)
def test_without_what_every_new_item_needs_a_permission_is_of_no_use(collection: str, needed: set[str]) -> None:
    export = World().export("11.17.4")
    create = Permission(collection, "create", policy=EDITOR, fields=(*sorted(needed), "note", "icon"))
    for name in needed:
        assert without_fields(export, create, (name,)) is None
        assert without_fields(export, replace(create, action="update"), (name,)) is not None
    assert without_fields(export, create, ("icon",)) is not None
    assert without_fields(export, replace(create, fields=("icon",)), ("icon",)) is None


def test_changes_of_two_flows_are_two_changes() -> None:
    """Also where both flows have one name, so that the sentences are the same."""
    first, second = flow(), replace(flow(), id="flow-2")
    same = FlowChange(first, first, "Set the flow to inactive")
    assert same.key != FlowChange(second, second, "Set the flow to inactive").key
    assert same.key != FlowChange(first, first, "Delete the flow").key
    one, other = operation(), replace(operation(), id="operation-2")
    assert OperationChange(one, one, "Delete it").key != OperationChange(other, other, "Delete it").key
