"""Flows that an account starts only with a permission that it was given, or without what held it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.escalation.tables import PERMISSIONS, USERS
from tests.support.worlds import ADMIN, THE_EDITOR, THE_PUBLIC, Row, World, answer_of, flow, names, operation, path_of

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal

OWN: Final = {
    "collection": USERS,
    "permissions": "$full",
    "key": ["{{$accountability.user}}"],
    "payload": {"role": ADMIN},
}
SENT: Final = {**OWN, "key": ["{{$trigger.payload.user}}"]}
VERSIONS: Final = ("10.13.4", "11.17.4")


def world(*rows: Row, options: Any = OWN, public: bool = False, **trigger: Any) -> World:
    started = (
        flow("event", type="action", collections=["requests"], **trigger)
        if trigger
        else flow("manual", collections=["requests"])
    )
    held: dict[str, Any] = {"public" if public else "editor": rows}
    return World(flows=(started,), operations=(operation("item-update", **options),), **held)


def only(name: str, value: str) -> Any:
    return {name: {"_eq": value}}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("action", ["create", "update", "delete"])
def test_a_new_permission_starts_a_flow_of_events(action: str, version: str) -> None:
    new = Row(PERMISSIONS, "create", validation={"_and": [only("collection", "requests"), only("action", action)]})
    made = world(new, scope=[f"items.{action}"])
    found = path_of(made, version=version)
    assert found is not None
    assert [step.id for step in found.steps][-1] == "flow-drive"
    other = Row(PERMISSIONS, "create", validation=only("collection", "articles"))
    assert answer_of(world(other, scope=[f"items.{action}"]), version=version) is None


def test_a_new_permission_starts_a_flow_by_hand() -> None:
    """10 asks for no permission to start one."""
    assert path_of(world(Row(PERMISSIONS, "create", validation=only("collection", "requests")))) is not None
    assert answer_of(world(Row(PERMISSIONS, "create", validation=only("collection", "articles")))) is None


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("principal", [THE_EDITOR, THE_PUBLIC])
def test_whoever_makes_the_permission(principal: Principal, version: str) -> None:
    new = Row(PERMISSIONS, "create", validation=only("collection", "requests"))
    made = world(new, options=SENT, public=principal == THE_PUBLIC, scope=["items.create"])
    assert names(path_of(made, principal, version)) == ["public-permission", "flow-drive"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("held", "change"),
    [
        (Row("requests", "read"), Row(PERMISSIONS, "update", ("action",), only("collection", "requests"), only("action", "create"))),
        (Row("requests", "create", ("name",)), Row(PERMISSIONS, "update", ("fields",), only("collection", "requests"))),
        (Row("requests", "create", validation={"user": {"_null": True}}), Row(PERMISSIONS, "update", ("validation",), only("collection", "requests"))),
    ],
    ids=["its action", "its fields", "its validation"],
)  # fmt: skip
def test_a_permission_is_changed(held: Row, change: Row, version: str) -> None:
    made = world(held, change, options=SENT, scope=["items.create"])
    assert names(path_of(made, version=version)) == ["permission-update", "flow-drive"]
    assert not names(path_of(world(held, options=SENT, scope=["items.create"]), version=version))


def test_a_field_that_cannot_be_sent_starts_nothing() -> None:
    """Only the collection may be changed: the field that the flow takes the key from is not among those of the permission."""
    change = Row(PERMISSIONS, "update", ("collection",), only("collection", "files"), only("collection", "requests"))
    made = world(Row("files", "create", ("name",)), change, options=SENT, scope=["items.create"])
    assert answer_of(made) is None


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize("action", ["create", "update", "delete", None])
def test_a_flow_is_given_an_event_that_the_account_can_cause(action: str | None, version: str) -> None:
    """Found at random: only the creation of items was thought of. Without any permission a flow that blocks is started."""
    started = flow("event", type="action", scope=["items.create"], collections=["orders"])
    promotes = operation(
        "item-update",
        collection="directus_users",
        permissions="$full",
        key=["{{$accountability.user}}"],
        payload={"role": ADMIN},
    )
    rows = [Row("directus_flows", "update", ("options",)), *([Row("articles", action)] if action else [])]
    world = World(rows, flows=(started,), operations=(promotes,))
    assert names(path_of(world, version=version)) == ["flow-trigger", "flow-drive"]
