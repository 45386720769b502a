"""Records of an export as what they mean: roles, policies, permissions, users, flows, operations and settings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from directus_guard.directus.access.records import ACTIONS, Permission, Policy, Role, User
from directus_guard.directus.export import Settings
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.settings import typed
from directus_guard.sources.exports.records import UNREADABLE, ExportRecord, RecordReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.access.filters import Json


def role_of(read: RecordReader, record: ExportRecord, *, old: bool, inherits: bool) -> Role:
    """`inherits`: whether the export tells parents at all; templates leave them out."""
    return Role(
        id=_identity(read, record, "parents"),
        name=record.text("name") or "",
        parent=read.key_or_null(record, "parent", "parents") if inherits else None,
        admin_access=old and read.flag(record, "admin_access", "policies"),
        app_access=old and read.flag(record, "app_access", "policies"),
        location=record.location,
        enforce_tfa=old and read.flag(record, "enforce_tfa", "second factor"),
        ip_access=(read.texts(record, "ip_access", "addresses") or ()) if old else (),
    )


def policy_of(read: RecordReader, record: ExportRecord, *, limits: bool) -> Policy:
    """`limits`: whether the export tells addresses at all; some templates leave them out."""
    return Policy(
        id=_identity(read, record, "policies"),
        name=read.text(record, "name", "policies"),
        admin_access=read.flag(record, "admin_access", "policies"),
        app_access=read.flag(record, "app_access", "policies"),
        enforce_tfa=read.flag(record, "enforce_tfa", "second factor"),
        ip_access=(read.texts(record, "ip_access", "addresses") or ()) if limits else (),
        location=record.location,
    )


def _identity(read: RecordReader, record: ExportRecord, part: str) -> str:
    """The record's own key: directus-sync writes it as `_syncId`, others as `id`."""
    return read.key(record, "_syncId" if record.values.get("id") is None and "_syncId" in record.values else "id", part)


def permissions_of(read: RecordReader, records: Sequence[ExportRecord], *, old: bool) -> tuple[Permission, ...]:
    """The rows. An export repeats few rules and lists of fields many times: equal ones become one object, which saves
    memory, and lets whoever reads rules read each once."""
    rules: dict[str, Json] = {}
    lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def one(record: ExportRecord, key: str) -> Json:
        rule = read.json_object(record, key, "permissions")
        if rule is None:
            return None
        text = repr(rule)
        if text not in rules and key != "presets":
            read.check_rule(record, key, rule, "permissions")
        return rules.setdefault(text, rule)

    def policy(record: ExportRecord) -> str | None:
        # `GET /permissions` lists the rows of the framework too: they are stored nowhere and belong to no policy.
        if record.values.get("system") is True:
            return read.key_or_null(record, "policy", "permissions", required=False)
        return read.key(record, "policy", "permissions") or None

    def permission(record: ExportRecord) -> Permission:
        identity = record.values.get("id")
        fields = read.texts(record, "fields", "permissions")
        presets = one(record, "presets")
        return Permission(
            collection=sys.intern(read.name(record, "collection", "permissions")),
            action=sys.intern(read.one_of(record, "action", ACTIONS, "permissions")),
            permissions=one(record, "permissions"),
            validation=one(record, "validation"),
            presets=None if presets == UNREADABLE else presets,
            fields=None if fields is None else lists.setdefault(fields, fields),
            policy=None if old else _interned(policy(record)),
            role=_interned(read.key_or_null(record, "role", "permissions", required=old)),
            id=identity
            if isinstance(identity, int | str) and not isinstance(identity, bool)
            else record.text("_syncId"),
            system=record.values.get("system") is True,
            location=record.location,
        )

    return tuple(map(permission, records))


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)


def user_of(read: RecordReader, record: ExportRecord) -> User:
    """The user that a record says."""
    return User(
        id=_identity(read, record, "users"),
        role=read.key_or_null(record, "role", "users"),
        status=read.word(record, "status", "users"),
        location=record.location,
        provider=read.word(record, "provider", "users", required=False),
        has_token=_is_set(read, record, "token"),
        has_second_factor=_is_set(read, record, "tfa_secret"),
        last_access=record.text("last_access"),
    )


def _is_set(read: RecordReader, record: ExportRecord, key: str) -> bool | None:
    """Whether a secret is set: exports and the API write it as asterisks; None where the key is left out (facts §5)."""
    if key not in record.values:
        return None
    value = record.values[key]
    if value is None or (isinstance(value, str) and not read.is_placeholder(value)):
        return bool(value)
    read.note(record, key, value, "asterisks or null", "users")
    return None


def flow_of(read: RecordReader, record: ExportRecord) -> Flow:
    """The flow that a record says."""
    return Flow(
        id=_identity(read, record, "flows"),
        name=record.text("name") or "",
        status=read.word(record, "status", "flows") or "active",
        trigger=read.word(record, "trigger", "flows") or "",
        options=_options(read, record, "flows"),
        operation=read.key_or_null(record, "operation", "flows"),
        location=record.location,
    )


def _options(read: RecordReader, record: ExportRecord, part: str) -> Mapping[str, Json]:
    options = read.json_object(record, "options", part)
    read.check_filled_in(record, "options", options, part)
    return options if isinstance(options, dict) and options != UNREADABLE else {}


def operation_of(read: RecordReader, record: ExportRecord) -> Operation:
    """The operation that a record says."""
    return Operation(
        id=_identity(read, record, "operations"),
        key=read.name(record, "key", "operations"),
        type=read.name(record, "type", "operations"),
        flow=read.key(record, "flow", "operations") or None,
        options=_options(read, record, "operations"),
        resolve=read.key_or_null(record, "resolve", "operations"),
        reject=read.key_or_null(record, "reject", "operations"),
        location=record.location,
    )


def settings_of(read: RecordReader, record: ExportRecord) -> Settings:
    """The settings. One that cannot be used is left out, and noted: no check takes it for unset."""
    values, odd = typed(record.values)
    for name, expected in odd.items():
        read.note(record, name, record.values[name], expected, f"settings {name}")
    return Settings(values, record.location)
