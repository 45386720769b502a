"""Records of an export as what they mean: roles, policies, permissions, users, flows, operations and settings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.records import ACTIONS, USER_STATES, Permission, Policy, Role, User
from directus_guard.directus.content import content_key
from directus_guard.directus.export import Settings
from directus_guard.directus.flows.records import FLOW_STATES, TRIGGERS, Flow, Operation
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.settings import typed
from directus_guard.sources.exports.plain_rows import PlainRecord
from directus_guard.sources.exports.records import UNREADABLE, ExportRecord, RecordReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.access.filters import Json


def role_of(read: RecordReader, record: ExportRecord, *, old: bool, inherits: bool) -> Role:
    """`inherits`: whether the export tells parents at all; templates leave them out."""
    return Role(
        id=_identity(read, record, ExportPart.PARENTS),
        name=record.text("name") or "",
        parent=read.key_or_null(record, "parent", ExportPart.PARENTS) if inherits else None,
        admin_access=old and read.flag(record, "admin_access", ExportPart.POLICIES),
        app_access=old and read.flag(record, "app_access", ExportPart.POLICIES),
        location=record.location,
        enforce_tfa=old and read.flag(record, "enforce_tfa", ExportPart.SECOND_FACTOR),
        ip_access=(read.texts(record, "ip_access", ExportPart.ADDRESSES) or ()) if old else (),
    )


def policy_of(read: RecordReader, record: ExportRecord, *, limits: bool) -> Policy:
    """`limits`: whether the export tells addresses at all; some templates leave them out."""
    return Policy(
        id=_identity(read, record, ExportPart.POLICIES),
        name=read.text(record, "name", ExportPart.POLICIES),
        admin_access=read.flag(record, "admin_access", ExportPart.POLICIES),
        app_access=read.flag(record, "app_access", ExportPart.POLICIES),
        enforce_tfa=read.flag(record, "enforce_tfa", ExportPart.SECOND_FACTOR),
        ip_access=(read.texts(record, "ip_access", ExportPart.ADDRESSES) or ()) if limits else (),
        location=record.location,
    )


def _identity(read: RecordReader, record: ExportRecord, part: ExportPart) -> str:
    """The record's own key: directus-sync writes it as `_syncId`, others as `id`."""
    return read.key(record, "_syncId" if record.values.get("id") is None and "_syncId" in record.values else "id", part)


def permissions_of(read: RecordReader, records: Sequence[ExportRecord], *, old: bool) -> tuple[Permission, ...]:
    """The rows. An export repeats few rules and lists of fields many times: equal ones become one object, which saves
    memory, and lets whoever reads rules read each once."""
    rules: dict[str, Json] = {}
    presets_: dict[str, Json] = {}
    lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def one(record: ExportRecord, key: str) -> Json:
        rule = read.json_object(record, key, ExportPart.PERMISSIONS)
        if rule is None:
            return None
        text = content_key(rule)
        if key == "presets":
            return presets_.setdefault(text, rule)
        if text not in rules:
            read.check_rule(record, key, rule, ExportPart.PERMISSIONS)
        return rules.setdefault(text, rule)

    def policy(record: ExportRecord) -> str | None:
        # `GET /permissions` lists the rows of the framework too: they are stored nowhere and belong to no policy.
        if record.of_framework:
            return read.key_or_null(record, "policy", ExportPart.PERMISSIONS, required=False)
        return read.key(record, "policy", ExportPart.PERMISSIONS) or None

    def permission(record: ExportRecord) -> Permission:
        plain = record.read(old=old) if isinstance(record, PlainRecord) else None
        if plain is not None:
            return plain
        identity = record.values.get("id")
        fields = read.texts(record, "fields", ExportPart.PERMISSIONS)
        presets = one(record, "presets")
        return Permission(
            collection=sys.intern(read.name(record, "collection", ExportPart.PERMISSIONS)),
            action=sys.intern(read.one_of(record, "action", ACTIONS, ExportPart.PERMISSIONS)),
            permissions=one(record, "permissions"),
            validation=one(record, "validation"),
            presets=None if presets == UNREADABLE else presets,
            fields=None if fields is None else lists.setdefault(fields, fields),
            policy=None if old else _interned(policy(record)),
            role=_interned(read.key_or_null(record, "role", ExportPart.PERMISSIONS, required=old)),
            id=identity
            if isinstance(identity, int | str) and not isinstance(identity, bool)
            else record.text("_syncId"),
            system=record.of_framework,
            location=record.location,
        )

    return tuple(map(permission, records))


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)


def user_of(read: RecordReader, record: ExportRecord) -> User:
    """The user that a record says."""
    return User(
        id=_identity(read, record, ExportPart.USERS),
        role=read.key_or_null(record, "role", ExportPart.USERS),
        status=read.one_of_or_null(record, "status", USER_STATES, ExportPart.USERS),
        location=record.location,
        provider=read.word(record, "provider", ExportPart.USERS, required=False),
        has_token=_is_set(read, record, "token"),
        has_second_factor=_is_set(read, record, "tfa_secret"),
        last_access=record.text("last_access"),
    )


def _is_set(read: RecordReader, record: ExportRecord, key: str) -> bool | None:
    """Whether a secret is set: exports and the API write it as asterisks; None where the key is left out.

    See docs/model/live.md#masks.
    """
    if key not in record.values:
        return None
    value = record.values[key]
    if value is None or (isinstance(value, str) and not read.is_placeholder(value)):
        return bool(value)
    read.note(record, key, value, "asterisks or null", ExportPart.USERS)
    return None


def flow_of(read: RecordReader, record: ExportRecord) -> Flow:
    """The flow that a record says."""
    return Flow(
        id=_identity(read, record, ExportPart.FLOWS),
        name=record.text("name") or "",
        status=read.one_of_or_null(record, "status", FLOW_STATES, ExportPart.FLOWS) or "active",
        trigger=read.one_of_or_null(record, "trigger", TRIGGERS, ExportPart.FLOWS) or "",
        options=_options(read, record, ExportPart.FLOWS),
        operation=read.key_or_null(record, "operation", ExportPart.FLOWS),
        location=record.location,
    )


def _options(read: RecordReader, record: ExportRecord, part: ExportPart) -> Mapping[str, Json]:
    options = read.json_object(record, "options", part)
    read.check_filled_in(record, "options", options, part)
    if not isinstance(options, dict) or options == UNREADABLE:
        return {}
    of_operation = part is ExportPart.OPERATIONS
    read.check_decisive(record, options, _DECISIVE[of_operation], part, templates=of_operation)
    if of_operation and not isinstance(options.get("permissions"), str | None):
        read.note(record, "options.permissions", options["permissions"], "a role", part)
    return options


_DECISIVE: Final = {
    False: ("return", "method", "collections", "scope", "type"),
    True: ("filter", "permissions", "collection", "flow"),
}
"""Options of flows, and of operations, on which rests who starts them and what they reach."""


def operation_of(read: RecordReader, record: ExportRecord) -> Operation:
    """The operation that a record says."""
    return Operation(
        id=_identity(read, record, ExportPart.OPERATIONS),
        key=read.name(record, "key", ExportPart.OPERATIONS),
        type=read.name(record, "type", ExportPart.OPERATIONS),
        flow=read.key(record, "flow", ExportPart.OPERATIONS) or None,
        options=_options(read, record, ExportPart.OPERATIONS),
        resolve=read.key_or_null(record, "resolve", ExportPart.OPERATIONS),
        reject=read.key_or_null(record, "reject", ExportPart.OPERATIONS),
        location=record.location,
    )


def settings_of(read: RecordReader, record: ExportRecord) -> Settings:
    """The settings. One that cannot be used is left out, and noted: no check takes it for unset."""
    values, odd = typed(record.values)
    for name, expected in odd.items():
        read.note(record, name, record.values[name], expected, ExportPart.SETTINGS, name)
    return Settings(values, record.location, record.places)
