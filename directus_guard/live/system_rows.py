"""Rows of system collections, as far as they are used. Each becomes a record of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from directus_guard.directus.access import records as access
from directus_guard.directus.content import content_key
from directus_guard.directus.instance import Share
from directus_guard.live.answers import Fields, Flag, Key, RequiredFlag, Rule, ServerAnswer, Set, Texts

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json


class RoleRow(ServerAnswer):
    """directus_roles, from 11 on."""

    id: Key
    name: str | None
    parent: Key | None

    def record(self) -> access.Role:
        """The record of the model."""
        return access.Role(self.id, self.name or "", self.parent)


class GrantingRow(ServerAnswer):
    """What a role carries on 10, and a policy since."""

    id: Key
    name: str | None
    admin_access: RequiredFlag
    app_access: RequiredFlag
    enforce_tfa: RequiredFlag
    ip_access: Texts


class OldRoleRow(GrantingRow):
    """directus_roles on 10."""

    def record(self) -> access.Role:
        """The record of the model."""
        return access.Role(
            self.id, self.name or "", None, self.admin_access, self.app_access,
            enforce_tfa=self.enforce_tfa, ip_access=self.ip_access,
        )  # fmt: skip


class PolicyRow(GrantingRow):
    """directus_policies."""

    def record(self) -> access.Policy:
        """The record of the model."""
        return access.Policy(
            self.id, self.name or "", self.admin_access, self.app_access, self.enforce_tfa, self.ip_access
        )


class AccessRow(ServerAnswer):
    """directus_access."""

    id: Key
    policy: Key
    role: Key | None
    user: Key | None
    sort: int | None = None

    def record(self) -> access.Access:
        """The record of the model."""
        return access.Access(self.policy, self.role, self.user, self.sort, self.id)


class PermissionRow(ServerAnswer):
    """Rows of the framework that the endpoint adds for callers with app access have `system`, or no id.

    See docs/model/live.md#endpoints-for-the-auditor.
    """

    id: int | str | None = None
    collection: str
    action: Literal["create", "read", "update", "delete", "share"]
    permissions: Rule
    validation: Rule
    presets: Rule
    fields: Fields
    policy: Key | None = None
    role: Key | None = None
    system: Flag = False

    def record(self, rules: dict[str, Json]) -> access.Permission:
        """`rules` makes equal rules one object, so that each is judged once."""
        return access.Permission(
            self.collection, self.action, _one(self.permissions, rules), _one(self.validation, rules),
            _one(self.presets, rules), self.fields, self.policy, self.role, self.id, self.system,
        )  # fmt: skip


def _one(value: dict[str, object] | None, rules: dict[str, Json]) -> Json:
    rule: Json = value  # type: ignore[assignment]  # what the decoder gives is JSON
    return None if rule is None else rules.setdefault(content_key(rule), rule)


class FlowRow(ServerAnswer):
    """directus_flows."""

    id: Key
    name: str | None
    status: str
    trigger: str | None
    accountability: str | None = None
    options: Rule
    operation: Key | None


class OperationRow(ServerAnswer):
    """directus_operations."""

    id: Key
    key: str
    type: str
    flow: Key | None
    options: Rule
    resolve: Key | None
    reject: Key | None


class UserRow(ServerAnswer):
    """Never a name or an address: they are not asked for."""

    id: Key
    status: str
    role: Key | None
    provider: str | None = None
    last_access: str | None = None
    token: Set = False
    tfa_secret: Set = False

    def record(self) -> access.User:
        """The record of the model."""
        sent = self.model_fields_set
        return access.User(
            self.id, self.role, self.status, provider=self.provider, last_access=self.last_access,
            has_token=self.token if "token" in sent else None,
            has_second_factor=self.tfa_secret if "tfa_secret" in sent else None,
        )  # fmt: skip


class ShareRow(ServerAnswer):
    """directus_shares without the id, which opens it."""

    collection: str
    password: Set
    date_end: str | None
    max_uses: int | None

    def record(self) -> Share:
        """The record of the model."""
        return Share(self.collection, self.password, self.date_end is not None, self.max_uses is not None)
