"""What an instance and an export disagree about: nothing where they mean the same, and the right side where they do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role
from directus_guard.directus.drift import Side, best_match, differences
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.directus.versions import NEWEST_OF
from directus_guard.finding import Location
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACE = Location("directus/permissions.json", 3)
ROW = Permission("posts", "read", {"state": {"_eq": "on"}}, None, None, ("*",), policy="p", id=1, location=PLACE)
FLOW = Flow("f", "hook", "active", "webhook", {"method": "GET"}, "o", PLACE)
OPERATION = Operation("o", "call", "log", "f", {"message": "x"}, None, None, PLACE)


def side(*permissions: Permission, **more: Any) -> Export:
    model = AccessModel(
        source="x",
        version=more.pop("version", NEWEST_OF[11]),
        edition=more.pop("edition", Edition.LICENSED),
        roles=more.pop("roles", (Role("r", "Editors"),)),
        policies=more.pop("policies", (Policy("p", "Editing"),)),
        access=more.pop("access", (Access("p", role="r"),)),
        permissions=permissions or (ROW,),
    )
    return Export("directus", PLACE, model, **more)


def found(instance: Export, export: Export) -> dict[str, Side]:
    return {f"{one.kind} {one.name}": one.wider for one in differences(instance, export)}


def test_the_same_said_differently_is_no_drift() -> None:
    spelled = replace(ROW, permissions={"_and": [{"state": {"_in": ["on"]}}, {}]}, id=7)
    assert found(side(spelled), side()) == {}
    assert found(side(ROW, ROW), side()) == {}


@each_case(
    ("more", "name"),
    [
        (replace(ROW, permissions=None), "permission Editors posts"),
        (replace(ROW, permissions={"state": {"_in": ["on", "off"]}}), "permission Editors posts"),
        (Permission("posts", "update", fields=("title",), policy="p"), "permission Editors posts"),
        (Permission("users", "read", fields=("title",), policy="p"), "permission Editors users"),
    ],
)
def test_which_side_allows_more(more: Permission, name: str) -> None:
    wide, narrow = side(ROW, more), side()
    assert found(wide, narrow) == {name: Side.INSTANCE}
    assert found(narrow, wide) == {name: Side.REPOSITORY}


def test_administrators_and_roles_of_one_side() -> None:
    admin = side(policies=(Policy("p", "Editing", admin_access=True),))
    assert found(admin, side()) == {"role Editors administrator": Side.INSTANCE}
    other = side(roles=(Role("r", "Editors"), Role("s", "Guests")))
    assert found(side(), other) == {"role Guests": Side.REPOSITORY}
    assert found(other, side()) == {"role Guests": Side.INSTANCE}
    renamed = side(roles=(Role("x", "Editors"),), access=(Access("p", role="x"),))
    assert found(renamed, side()) == {}


def test_protections() -> None:
    strict = side(policies=(Policy("p", "Editing", enforce_tfa=True, ip_access=("10.0.0.1",)),))
    assert found(side(), strict) == {
        "policy Editing enforce_tfa": Side.INSTANCE,
        "policy Editing ip_access": Side.INSTANCE,
    }
    more = side(policies=(Policy("p", "Editing"), Policy("q", "Unused", enforce_tfa=True)))
    assert found(more, side()) == {}


def test_what_core_ignores_is_no_difference() -> None:
    """The export tells no edition; the instance runs without a licence, so that its row with a rule does nothing."""
    stored = side(ROW, version=NEWEST_OF[12])
    assert found(side(edition=Edition.CORE, version=NEWEST_OF[12]), stored) == {}
    assert found(side(replace(ROW, permissions=None), edition=Edition.CORE, version=NEWEST_OF[12]), stored) == {
        "permission Editors posts": Side.INSTANCE
    }


def test_flows() -> None:
    known = {"flows": (FLOW,), "operations": (OPERATION,)}
    assert found(side(**known), side(**known)) == {}
    asleep = {"flows": (replace(FLOW, status="inactive"),), "operations": (OPERATION,)}
    assert found(side(**known), side(**asleep)) == {"flow hook status": Side.INSTANCE}
    changed = {"flows": (FLOW,), "operations": (replace(OPERATION, options={"message": "y"}),)}
    assert found(side(**known), side(**changed)) == {"flow hook content": Side.NEITHER}
    more = {"flows": (FLOW, replace(FLOW, id="g", name="other")), "operations": (OPERATION,)}
    assert found(side(**more), side(**known)) == {"flow other": Side.INSTANCE}
    assert found(side(**known), side(**more)) == {"flow other": Side.REPOSITORY}
    sleeping = {"flows": (FLOW, replace(FLOW, id="g", name="other", status="inactive")), "operations": (OPERATION,)}
    assert found(side(**sleeping), side(**known)) == found(side(**known), side(**sleeping)) == {}
    listed = {
        "flows": (replace(FLOW, options={"method": "GET", "collections": ["a", "b"]}),),
        "operations": (OPERATION,),
    }
    assert found(side(**listed), side(**listed)) == {}
    assert found(side(**listed), side(**known)) == {"flow hook content": Side.NEITHER}


@pytest.mark.parametrize("part", [ExportPart.FLOWS, ExportPart.OPERATIONS])
def test_flows_that_the_token_does_not_see_are_not_compared(part: ExportPart) -> None:
    blind = side(gaps=(Gap(part, "the token may not read them"),))
    assert found(blind, side(flows=(FLOW,), operations=(OPERATION,))) == {}


@each_case(
    ("key", "here", "there", "wider"),
    [
        ("public_registration", True, False, Side.INSTANCE),
        ("public_registration", None, False, None),
        ("public_registration_verify_email", True, False, Side.REPOSITORY),
        ("auth_login_attempts", 100, 10, Side.INSTANCE),
        ("custom_css", "a{}", None, Side.NEITHER),
        ("project_name", "a", "b", None),
    ],
)
def test_settings(key: str, here: object, there: object, wider: Side | None) -> None:
    def holding(value: Any) -> Export:
        values: Mapping[str, Any] = {key: value}
        return side(settings=Settings(values, PLACE))

    assert found(holding(here), holding(there)) == ({f"settings {key}": wider} if wider else {})


def test_what_one_side_does_not_tell_is_left_out() -> None:
    wide = side(ROW, Permission("users", "delete", policy="p"))
    partly = replace(side(), gaps=(Gap(ExportPart.ATTACHMENTS, "gone"),))
    assert found(wide, partly) == found(replace(wide, gaps=(Gap(ExportPart.PERMISSIONS, "gone"),)), side()) == {}


def test_the_export_that_belongs_to_it() -> None:
    stranger = side(roles=(Role("z", "Others"),), policies=(Policy("y", "Other"),), access=(Access("y", role="z"),))
    assert best_match(side(), (stranger,)) is stranger
    ours = side()
    assert best_match(side(), (stranger, ours)) is ours
    assert best_match(side(), (ours, side())) is None
    assert best_match(side(), ()) is None
    # By what they have in common of roles and policies together: the ids of others may be the same in both.
    half = side(policies=(Policy("y", "Other"),), access=(Access("y", role="r"),))
    assert best_match(side(), (half, ours)) is ours
    policy = side(roles=(Role("z", "Others"),), access=(Access("p", role="z"),))
    assert best_match(side(), (policy, stranger)) is policy


def test_what_differs_is_named() -> None:
    wide = side(ROW, Permission("posts", "update", fields=("title", "text"), policy="p"))
    (one,) = differences(wide, side())
    assert (
        one.message == "In the instance role `Editors` may update more of `posts` (`text`, `title`), through `Editing`."
    )


@each_case(
    ("fields", "named"),
    [
        (("a",), " (`a`)"),
        (("a", "b", "c", "d", "e", "f", "g", "h"), " (`a`, `b`, `c`, `d`, `e` and 3 more)"),
        (("*",), ""),
    ],
)
def test_many_fields_are_counted(fields: tuple[str, ...], named: str) -> None:
    (one,) = differences(side(ROW, Permission("posts", "update", fields=fields, policy="p")), side())
    assert named in one.message
    assert bool(named) is ("(`" in one.message)


@pytest.mark.parametrize(("here", "there"), [(True, False), (100, 10)])
def test_switches_and_numbers_are_shown(here: object, there: object) -> None:
    def holding(value: Any) -> Export:
        key = "mcp_enabled" if isinstance(value, bool) else "auth_login_attempts"
        values: Mapping[str, Any] = {key: value}
        return side(settings=Settings(values, PLACE))

    (one,) = differences(holding(here), holding(there))
    assert one.values == (json.dumps(there), json.dumps(here))


def said(instance: Export, export: Export) -> list[str]:
    return [one.message for one in differences(instance, export)]


def test_what_is_said_of_access() -> None:
    wide = replace(ROW, permissions=None)
    update = Permission("posts", "update", fields=("title", "state"), policy="p")
    assert said(side(wide), side()) == ["In the instance role `Editors` may read more of `posts`, through `Editing`."]
    assert said(side(), side(wide)) == ["In the repository role `Editors` may read more of `posts`, through `Editing`."]
    assert said(side(ROW, update), side()) == [
        "In the instance role `Editors` may update more of `posts` (`state`, `title`), through `Editing`."
    ]
    admin = side(policies=(Policy("p", "Editing", admin_access=True),))
    assert said(admin, side()) == ["`Editors` is administrator in the instance only."]
    assert said(side(), admin) == ["`Editors` is administrator in the repository only."]
    other = side(roles=(Role("r", "Editors"), Role("s", "Guests")))
    assert said(side(), other) == ["The role `Guests` is in the repository only."]
    assert said(other, side()) == ["The role `Guests` is in the instance only."]


def test_what_is_said_of_protections() -> None:
    def policy(**more: Any) -> Export:
        return side(policies=(Policy("p", "Editing", **more),))

    assert said(policy(), policy(enforce_tfa=True)) == [
        "In the instance `Editing` does not require two-factor authentication."
    ]
    assert said(policy(enforce_tfa=True), policy()) == [
        "In the repository `Editing` does not require two-factor authentication."
    ]
    addresses = "`Editing` allows other IP addresses in the instance than in the repository."
    for here, there, wider in (
        ((), ("10.0.0.1",), Side.INSTANCE),
        (("10.0.0.1",), (), Side.REPOSITORY),
        (("10.0.0.2",), ("10.0.0.1",), Side.NEITHER),
    ):
        assert said(policy(ip_access=here), policy(ip_access=there)) == [addresses]
        assert found(policy(ip_access=here), policy(ip_access=there)) == {"policy Editing ip_access": wider}
    assert said(policy(ip_access=("10.0.0.1", "10.0.0.2")), policy(ip_access=("10.0.0.2", "10.0.0.1"))) == []


def test_what_is_said_of_flows() -> None:
    known = {"flows": (FLOW,), "operations": (OPERATION,)}
    asleep = {"flows": (replace(FLOW, status="inactive"),), "operations": (OPERATION,)}
    assert said(side(**known), side(**asleep)) == ["The flow `hook` is active in the instance only."]
    assert said(side(**asleep), side(**known)) == ["The flow `hook` is active in the repository only."]
    changed = {"flows": (FLOW,), "operations": (replace(OPERATION, options={"message": "y"}),)}
    assert said(side(**known), side(**changed)) == [
        "The trigger or the operations of the flow `hook` differ between the instance and the repository."
    ]
    more = {"flows": (FLOW, replace(FLOW, id="g", name="other")), "operations": (OPERATION,)}
    assert said(side(**more), side(**known)) == ["The active flow `other` (webhook) is in the instance only."]
    assert said(side(**known), side(**more)) == ["The active flow `other` is in the repository only."]


@pytest.mark.parametrize(
    "change",
    [{"key": "x"}, {"type": "mail"}, {"options": {}}, {"resolve": "x"}, {"reject": "x"}],
)  # fmt: skip
def test_each_part_of_an_operation_is_compared(change: dict[str, Any]) -> None:
    known = {"flows": (FLOW,), "operations": (OPERATION,)}
    changed = {"flows": (FLOW,), "operations": (replace(OPERATION, **change),)}
    assert found(side(**known), side(**changed)) == {"flow hook content": Side.NEITHER}


@pytest.mark.parametrize("change", [{"trigger": "event"}, {"options": {"method": "POST"}}, {"operation": "x"}])
def test_each_part_of_a_flow_is_compared(change: dict[str, Any]) -> None:
    known = {"flows": (FLOW,), "operations": (OPERATION,)}
    assert found(side(**known), side(flows=(replace(FLOW, **change),), operations=(OPERATION,))) == {
        "flow hook content": Side.NEITHER
    }
