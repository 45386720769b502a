"""Where a way to administrator is shown, and its changes as data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks.access import _escalation
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.records import Permission
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.escalation import Path
from directus_guard.escalation.cuts import Cut
from directus_guard.escalation.cuts.changes import FlowChange, OperationChange, PermissionChange, SettingsChange
from directus_guard.finding import Confidence, DeleteRow, Location, RemoveFields, ReplaceFields, RowPatch, SetMember
from tests.support.each import each_case
from tests.support.rows import permission, write
from tests.support.worlds import World

if TYPE_CHECKING:
    import pathlib

    from directus_guard.escalation.cuts import Change

PLACE: Final = Location("p.json", 2)
ROW: Final = Permission("directus_users", "update", fields=("email", "role"), policy="p 1", location=PLACE)
EVERY: Final = replace(ROW, fields=("*",))
OPERATION: Final = Operation("o", "o", "item-create", "f", {"permissions": "$full"}, None, None, PLACE)
FLOW: Final = Flow("f", "F", "active", "webhook", {}, "o", PLACE)
PAGES: Final = {
    PermissionChange: "settings/policies/p%201",
    OperationChange: "settings/flows/f/o",
    FlowChange: "settings/flows/f",
    SettingsChange: "settings/project",
}
"""The page of the Data Studio for each kind of change."""
CHANGES: Final[list[tuple[Change, Any, Any]]] = [
    (PermissionChange(ROW, None, ""), (("action",),), (DeleteRow(),)),
    (
        PermissionChange(ROW, replace(ROW, fields=("email",)), "", ("role",)),
        (("fields", "role"),),
        (RemoveFields(("role",)),),
    ),
    (
        PermissionChange(EVERY, replace(EVERY, fields=("email",), permissions={"a": 1}), "", ("role",)),
        (("fields", "*"), ("permissions",)),
        (ReplaceFields(("email",)), SetMember(("permissions",), '{"a": 1}')),
    ),
    (
        PermissionChange(ROW, replace(ROW, validation={"role": {"_eq": "$CURRENT_ROLE"}}), ""),
        (("validation",),),
        (SetMember(("validation",), '{"role": {"_eq": "$CURRENT_ROLE"}}'),),
    ),
    (
        OperationChange(OPERATION, replace(OPERATION, options={"permissions": "$trigger"}), ""),
        (("options", "permissions"), ("type",)),
        (SetMember(("options", "permissions"), '"$trigger"'),),
    ),
    (OperationChange(OPERATION, None, ""), (("type",),), ()),
    (
        FlowChange(FLOW, replace(FLOW, status="inactive"), ""),
        (("status",), ("trigger",)),
        (SetMember(("status",), '"inactive"'),),
    ),
    (
        SettingsChange((("public_registration", False),), PLACE, ""),
        (("public_registration",),),
        (SetMember(("public_registration",), "false"),),
    ),
]


@each_case(("change", "members", "data"), CHANGES)
def test_each_change_has_its_members_and_its_data(change: Change, members: Any, data: Any) -> None:
    export, cut = World().export(), Cut((change,), ())
    way = _escalation.Way(Path("", (), (), Confidence.HIGH), cut, [PUBLIC], PUBLIC, {})
    assert _escalation._place(export, way) == (PLACE, members)
    assert _escalation._studio(export, way) == PAGES[type(change)]
    assert _escalation._patches(export, cut) == ((RowPatch(PLACE, data),) if data else ())


def test_what_is_in_no_file_has_the_place_of_the_export() -> None:
    export = World().export()
    cut = Cut((PermissionChange(replace(ROW, location=None), None, ""),), ())
    way = _escalation.Way(Path("", (), (), Confidence.HIGH), cut, [PUBLIC], PUBLIC, {})
    assert _escalation._place(export, way) == (export.location, (("action",),))
    assert _escalation._patches(export, cut) == ()
    assert _escalation._studio(export, replace(way, cut=None)) == ""


def test_a_way_by_registration_is_shown_at_the_setting(tmp_path: pathlib.Path) -> None:
    settings = {
        "id": 1, "project_name": "x", "auth_login_attempts": 25, "auth_password_policy": "/^.{12,}$/",
        "public_registration": True, "public_registration_role": "admins", "public_registration_verify_email": True,
        "public_registration_email_filter": {"email": {"_ends_with": "@example.com"}},
    }  # fmt: skip
    write(tmp_path, [permission("editor", "posts", "read")], settings=settings)
    (finding,) = (one for one in audit(Options(root=tmp_path)).findings if one.check == "escalation-path-public")
    line = (tmp_path / finding.location.path).read_text(encoding="utf-8").split("\n")[finding.location.line - 1]
    assert line.strip().startswith('"public_registration')
    assert finding.fix is not None
    (patch,) = finding.fix.rows
    assert json.loads((tmp_path / patch.row.path).read_text(encoding="utf-8"))["id"] == 1
