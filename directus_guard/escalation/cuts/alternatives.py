"""How one thing that a way rests on is taken away: the smallest change first, deleting it last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.system_data import NEW_PROFILE, OWN_PROFILE, system_fields
from directus_guard.escalation.cuts.changes import (
    OWN_RECORD,
    OWN_ROLE,
    FlowChange,
    OperationChange,
    PermissionChange,
    SettingsChange,
    listed,
    named,
)
from directus_guard.escalation.tables import ACCESS, FLOWS, OPERATIONS, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.cuts.changes import Change

DECIDING: Final[Mapping[str, tuple[str, ...]]] = {
    USERS: ("email", "password", "status", "token", "policies", "role"),
    ROLES: ("name", "id", "users", "policies", "children", "admin_access", "parent"),
    POLICIES: ("name", "id", "app_access", "users", "roles", "permissions", "admin_access"),
    ACCESS: ("user", "role", "policy"),
    PERMISSIONS: ("presets", "validation", "permissions", "fields", "action", "role", "policy", "collection"),
    SETTINGS: ("public_registration_email_filter", "public_registration", "public_registration_role"),
    FLOWS: ("id", "name", "status", "options", "operations", "operation", "trigger"),
    OPERATIONS: ("id", "key", "flow", "resolve", "reject", "position_x", "position_y", "type", "options"),
}
"""The fields that ways rest on, those that people need most first: they are kept if they can be."""

_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    ROLES: frozenset({"name"}),
    POLICIES: frozenset({"name"}),
    ACCESS: frozenset({"policy", "user", "role"}),
    PERMISSIONS: frozenset({"collection", "action", "policy", "role"}),
    FLOWS: frozenset({"name", "trigger"}),
    OPERATIONS: frozenset({"key", "type", "flow", "options", "position_x", "position_y"}),
}
"""Without these fields nothing can be created: a permission without them is of no use."""


_ALL_DECIDE: Final = frozenset({ACCESS, PERMISSIONS})
"""Collections without a field that would be worth naming in place of `*`."""


_ADMINISTRATORS_ONLY: Final = frozenset({POLICIES, ROLES})
"""Collections whose every permission to write is a finding: where a permission names all fields, it goes."""


def only_deleting_helps(export: Export, row: Permission) -> bool:
    """12 Core ignores rows with rules, validations or named fields; and visitors have no business to write."""
    if row.action != "read" and _is_public(export, row):
        return True
    return export.is_core


def without_row(export: Export, row: Permission) -> PermissionChange:
    """The permission is deleted."""
    return PermissionChange(row, None, f"Delete {named(export, row)}")


def without_fields(export: Export, row: Permission, names: tuple[str, ...]) -> PermissionChange | None:
    """The permission loses fields; None if nothing useful is left of it."""
    if row.action not in ("create", "read", "update") or not names:
        return None
    held = row.fields or ()
    every = "*" in held
    if every and (row.collection in _ALL_DECIDE or (row.action != "read" and row.collection in _ADMINISTRATORS_ONLY)):
        return None
    known = tuple(sorted(system_fields(export.model.version).get(row.collection, {}))) if every else held
    left = tuple(name for name in known if name not in names)
    needed = _NEEDED.get(row.collection, frozenset()) if row.action == "create" else frozenset()
    if not left or needed & set(names):
        return None
    becomes = replace(row, fields=left)
    place = f"`fields` of {named(export, row)}"
    sentence = (
        f"Replace `*` in {place}: name fields without {listed(names)}"
        if every
        else f"Remove {listed(names)} from {place}"
    )
    return PermissionChange(row, becomes, sentence, names)


def fewer_fields(export: Export, row: Permission) -> tuple[PermissionChange, ...]:
    """The permission without all the fields that ways may rest on; where nothing would be left, without some of them."""
    held = row.fields or ()
    names = tuple(name for name in DECIDING.get(row.collection, ()) if "*" in held or name in held)
    whole = without_fields(export, row, names)
    if whole is not None:
        return (whole,)
    parts = (without_fields(export, row, names[number:]) for number in range(len(names) - 1, 0, -1))
    return tuple(part for part in parts if part is not None)


def pinned(export: Export, row: Permission) -> PermissionChange | None:
    """A validation holds `role` to the role of whoever sends it."""
    held = row.fields or ()
    if row.collection != USERS or row.action not in ("create", "update") or not {"*", "role"} & set(held):
        return None
    validation: Json = OWN_ROLE if is_unrestricted(row.validation) else {"_and": [row.validation, OWN_ROLE]}
    sentence = f"Add `{json.dumps(OWN_ROLE)}` to `validation` of {named(export, row)}"
    return PermissionChange(row, replace(row, validation=validation), sentence)


def profiled(export: Export, row: Permission) -> PermissionChange | None:
    """A permission on users with all fields is left the profile; to update, that of their own record."""
    if row.collection != USERS or row.action not in ("create", "update") or "*" not in (row.fields or ()):
        return None
    creates = row.action == "create"
    names = NEW_PROFILE if creates else OWN_PROFILE
    becomes = replace(row, fields=names)
    if creates or row.permissions == OWN_RECORD:
        return PermissionChange(row, becomes, f"Set `fields` of {named(export, row)} to {listed(names)}")
    rule, sentence = _own_record(export, row)
    return PermissionChange(row, replace(becomes, permissions=rule), f"{sentence}. Set its `fields` to {listed(names)}")


def _own_record(export: Export, row: Permission) -> tuple[Json, str]:
    """An item rule that leaves their own record of what the row's rule allows, and what to change for it."""
    shown, rule_of = json.dumps(OWN_RECORD), f"the item rule of {named(export, row)}"
    if is_unrestricted(row.permissions):
        return OWN_RECORD, f"Set {rule_of} to `{shown}`"
    changed = f'Change {rule_of} to `{{"_and": [RULE, {shown}]}}`, with its present rule in place of `RULE`'
    return {"_and": [row.permissions, OWN_RECORD]}, changed


def _is_public(export: Export, row: Permission) -> bool:
    """Whether visitors have the permission: they have no role."""
    if not export.model.has_policies:
        return row.role is None
    return any(one.policy == row.policy and one.role is None and one.user is None for one in export.model.access)


def narrowed(export: Export, row: Permission) -> PermissionChange | None:
    """The permission on users reaches their own record only."""
    if row.collection != USERS or row.action not in ("update", "delete"):
        return None
    rule, sentence = _own_record(export, row)
    return PermissionChange(row, replace(row, permissions=rule), sentence)


def of_operation(operation: Operation, flow: Flow) -> Iterator[Change]:
    """The operation has the rights of whoever starts its flow; the flow is off; the operation is gone."""
    called = f"the operation `{escape_controls(operation.key)}` of the flow `{escape_controls(flow.name)}`"
    if operation.options.get("permissions") != "$trigger":
        limited = replace(operation, options={**operation.options, "permissions": "$trigger"})
        yield OperationChange(operation, limited, f"Set `permissions` of {called} to `$trigger`")
    yield FlowChange(
        flow, replace(flow, status="inactive"), f"Set `status` of the flow `{escape_controls(flow.name)}` to `inactive`"
    )
    yield OperationChange(operation, None, f"Delete {called}")


def of_registration(export: Export) -> Iterator[SettingsChange]:
    """Registration gives no role; or it is off."""
    if export.settings is None:
        return
    for name, value, sentence in (
        ("public_registration_role", None, "Set `public_registration_role` to null"),
        ("public_registration", False, "Set `public_registration` to false"),
    ):  # fmt: skip
        yield SettingsChange(((name, value),), export.settings.place(name), sentence)
