"""Fields that a preset writes on update, although no row lets them be sent: the adversary's first find."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from tests.support.worlds import ADMIN, ADMIN_POLICY, CUSTOMER_POLICY, ME, Row, World, names, path_of

USERS: Final = "directus_users"
ACCESS: Final = "directus_access"
PERMISSIONS: Final = "directus_permissions"
OPEN: Final = {"role": {"_null": True}}


@pytest.mark.parametrize("policy", [CUSTOMER_POLICY, None])
def test_a_preset_on_update_gives_an_attachment_its_policy(policy: str | None) -> None:
    presets = None if policy is None else {"policy": policy}
    editor = [Row(ACCESS, "update", ("user",), OPEN, presets=presets)]
    customer = [Row(USERS, "update", ("role",), ME)]
    assert (path_of(World(editor, customer=customer)) is not None) is (policy is not None)


def test_policy_and_holder_of_an_attachment_change_in_one_request() -> None:
    """After the first of two requests, the rule does not reach the attachment any more."""
    editor = [Row(ACCESS, "update", ("user", "policy"), {"user": {"_null": True}})]
    assert path_of(World(editor)) is not None


@pytest.mark.parametrize(("given", "escalates"), [(ADMIN, True), (None, False)])
def test_a_preset_on_update_gives_users_their_role(given: Any, *, escalates: bool) -> None:
    world = World([Row(USERS, "update", ("first_name",), ME, presets={"role": given})])
    for version in ("10.13.4", "11.17.4"):
        assert (path_of(world, version=version) is not None) is escalates


@pytest.mark.parametrize(("field", "escalates"), [("role", True), ("token", True), ("role", False), ("token", False)])
def test_a_preset_that_ends_the_account(field: str, *, escalates: bool) -> None:
    """On a server the account of the attacker was draft, and signed out: measured on 11.17.4."""
    fields = (field, "status") if escalates else (field,)
    rule = ME if field == "role" else None
    path = path_of(World([Row(USERS, "update", fields, rule, presets={"status": "draft"})]))
    assert (path is not None) is escalates
    if path is not None:
        (request,) = (step.request for step in path.steps)
        assert request is not None
        assert json.loads(request.body)["status"] == "active"


def test_a_preset_on_update_switches_a_policy_on() -> None:
    world = World([Row("directus_policies", "update", ("name",), presets={"admin_access": True})])
    assert path_of(world) is not None


@pytest.mark.parametrize(
    ("presets", "escalates"),
    [
        (None, True),
        ({"fields": ["id"]}, False),
        ({"action": "read"}, True),
        ({"collection": "articles"}, True),
    ],
)
def test_a_preset_writes_the_members_of_a_permission_that_are_not_sent(presets: Any, *, escalates: bool) -> None:
    changes = Row(PERMISSIONS, "update", ("collection", "action"), {"collection": {"_eq": "articles"}}, presets=presets)
    assert (path_of(World([changes, Row("articles", "update")])) is not None) is escalates


@pytest.mark.parametrize(("presets", "escalates"), [(None, True), ({"action": "read"}, False)])
def test_a_preset_takes_what_a_permission_has_and_nobody_may_send(presets: Any, *, escalates: bool) -> None:
    changes = Row(PERMISSIONS, "update", ("collection",), {"collection": {"_eq": "articles"}}, presets=presets)
    assert (path_of(World([changes, Row("articles", "update")])) is not None) is escalates


@pytest.mark.parametrize("fields", [("first_name",), ()])
def test_a_preset_of_a_row_without_fields_is_written_by_an_empty_payload(fields: tuple[str, ...]) -> None:
    assert path_of(World([Row(USERS, "update", fields, ME, presets={"role": ADMIN})])) is not None
    assert path_of(World([Row(USERS, "update", fields, {"id": {"_null": True}}, presets={"role": ADMIN})])) is None


def test_the_administrator_policy_by_a_preset() -> None:
    editor = [Row(ACCESS, "update", ("role",), presets={"policy": ADMIN_POLICY})]
    assert path_of(World(editor)) is not None


PRESETS: Final = Row(PERMISSIONS, "update", ("presets",))


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4"])
@pytest.mark.parametrize("refused", ["token", "password"])
def test_a_user_is_made_by_presets_alone(refused: str, version: str) -> None:
    """Their permission lets nothing be sent that makes an account; they may write its presets."""
    made = Row(USERS, "create", ("first_name",), validation={refused: {"_null": True}})
    path = path_of(World([PRESETS, made]), version=version)
    assert names(path) == ["permission-update", "new-user"]
    assert path is not None
    change, create = path.requests
    assert change is not None
    assert create is not None
    assert set(change.body["presets"]) == {"role", *(("email", "password") if refused == "token" else ("token",))}  # type: ignore[arg-type]  # presets are an object
    assert create.body == {}


@pytest.mark.parametrize("refused", ["user", "role"])
def test_an_attachment_is_made_by_presets_alone(refused: str) -> None:
    made = Row(ACCESS, "create", ("id",), validation={refused: {"_null": True}})
    assert names(path_of(World([PRESETS, made]))) == ["permission-update", "attach-policy"]


def test_presets_alone_that_a_validation_refuses() -> None:
    made = Row(USERS, "create", ("first_name",), validation={"role": {"_null": True}})
    assert path_of(World([PRESETS, made])) is None
