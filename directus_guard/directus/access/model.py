"""Access as Directus merges it: roles, policies, permissions and users in, what each principal may do out.

`AccessModel.of(principal)` merges lazily per collection and action, and principals with the same policies share the
result, so that the cost stays linear in the rows.

Rests on `permissions/lib/fetch-policies.js` and `fetch-global-access` of `@directus/api` 35.2.0 and 39.2.1, and on
measurements on 10.13.4, 11.17.4 and 12.4.1 (docs/model/access.md#principals, docs/model/access.md#merging).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.filters import EVERYTHING, Filter, Json
from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.item_rules import is_unrestricted, rule_of_row
from directus_guard.directus.access.merging import HolderRows, JoinedRows, RowsByKey, by_key
from directus_guard.directus.access.principal_access import PrincipalAccess
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role, User, stored_rule
from directus_guard.directus.access.shared_rule import SharedRule
from directus_guard.directus.access.system_data import app_access_rows, is_recommended
from directus_guard.directus.content import content_key
from directus_guard.directus.features import HAS_EDITIONS, HAS_POLICIES
from directus_guard.directus.versions import NEWEST, Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


FRAMEWORK: Final = "Directus app access"
"""Who grants the rows that no export holds: shown in the place of a policy's name."""


MOST_LEVELS: Final = 200
"""So many ancestors of a role are followed. Nobody builds more; a chain of thousands costs its square."""


TOO_DEEP: Final = f"roles inherit from each other over more than {MOST_LEVELS} levels"
"""Why it is not known who has which policy."""


class AccessModel(Struct, frozen=True, dict=True):
    """Everything one export, or one instance, says about access.

    `source` names it; `version` decides how it is merged. Records that refer to nothing known are kept, and grant
    nothing. `fields` names the fields of collections, where a schema is known.
    """

    source: str = ""
    version: Version = NEWEST
    edition: Edition = Edition.LICENSED
    roles: tuple[Role, ...] = ()
    policies: tuple[Policy, ...] = ()
    access: tuple[Access, ...] = ()
    permissions: tuple[Permission, ...] = ()
    users: tuple[User, ...] = ()
    fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keyed: bool = True
    """Whether permission rows have their keys: some exporters leave out all of them."""

    @cached_property
    def has_policies(self) -> bool:
        """Whether access is granted by policies (11 and later) or by roles (10)."""
        return HAS_POLICIES.of(self.version)

    def principals(self) -> tuple[Principal, ...]:
        """Public, every role, every user with policies of their own; users without a role share public's access."""
        with_own = {row.user for row in self.access if row.user is not None}
        roles = [Principal(PrincipalKind.ROLE, role.id, role.name or role.id) for role in self.roles]
        known = {role.id for role in self.roles}
        # A role whose record is not exported still has what is attached to it.
        holders: tuple[Access | Permission, ...] = self.access if self.has_policies else self.permissions
        named = {row.role for row in holders if row.role}
        roles += [Principal(PrincipalKind.ROLE, role, role) for role in named - known]
        users = [Principal(PrincipalKind.USER, user, user) for user in with_own]
        ordered = sorted({*roles}, key=lambda one: (one.name, one.id or ""))
        return (PUBLIC, *ordered, *sorted({*users}, key=lambda one: one.id or ""))

    def of(self, principal: Principal) -> PrincipalAccess:
        """The effective access of a principal, also of a user without policies of their own."""
        return self._the_index.of(principal)

    def of_user(self, user: str) -> PrincipalAccess:
        """The effective access of a user by key."""
        return self.of(Principal(PrincipalKind.USER, user, user))

    def of_account(self, role: str | None, policies: Sequence[str] = (), parent: str | None = None) -> PrincipalAccess:
        """The effective access of an account that could be: with that role, with policies of its own, or with a role
        that was given another parent."""
        return self._the_index.of_account(role, tuple(policies), parent)

    @property
    def stored(self) -> Mapping[str | None, Sequence[Permission]]:
        """The rows that count, by the policy they belong to (10: role, None = public)."""
        return self._the_index.holders

    @property
    def roles_by_id(self) -> Mapping[str, Role]:
        """The roles by key."""
        return self._the_index.roles

    @property
    def policies_by_id(self) -> Mapping[str, Policy]:
        """The policies by key."""
        return self._the_index.policies

    def rule(self, row: Permission) -> Filter | None:
        """The item rule of a row, as `item_rules.rule_of_row` reads it for this version: parsed once for equal JSON."""
        return self._the_index.rule(stored_rule(row))

    def rule_alone(self, row: Permission) -> Filter:
        """What the item rule of a row matches by itself: one that compiles to nothing is every item."""
        rule = self.rule(row)
        return EVERYTHING if rule is None else rule

    def alike(self, row: Permission) -> Filter:
        """`rule_alone`, or for many rows the same rule that differs from theirs in texts only (`rule_shape`)."""
        stored = stored_rule(row)
        rule = self._the_index.rule(stored)
        shape = stored.shape if isinstance(stored, SharedRule) else None
        if shape is not None and shape.alike is not None:
            return shape.alike
        return EVERYTHING if rule is None else rule

    @cached_property
    def assumed(self) -> frozenset[str]:
        """Users who are made up for policies whose holders the export does not name."""
        return frozenset(row.user for row in self.access if row.assumed and row.user)

    @cached_property
    def limited(self) -> frozenset[str]:
        """The policies that count from some addresses only."""
        return frozenset(policy.id for policy in self.policies if policy.ip_access)

    @cached_property
    def collections(self) -> frozenset[str]:
        """The collections that rows are about."""
        return frozenset(row.collection for row in self.permissions)

    @cached_property
    def validated(self) -> frozenset[tuple[str, str]]:
        """The collections and actions for which a row has a validation."""
        return frozenset(
            (row.collection, row.action) for row in self.permissions if not is_unrestricted(row.validation)
        )

    @property
    def dormant(self) -> tuple[Permission, ...]:
        """Rows that 12 Core stores but neither honours nor shows."""
        return tuple(row for row in self.permissions if self._the_index.is_dormant(row))

    def role_path(self, role: str | None) -> tuple[str, ...]:
        """The role and its ancestors, root first. A cycle ends where it closes."""
        return self._the_index.role_path(role)

    @property
    def too_deep(self) -> bool:
        """Whether some role has more ancestors than are followed."""
        return self._the_index.too_deep

    @cached_property
    def _the_index(self) -> _Index:
        return _Index(self)


class _Index:
    """Look-ups built once, linear in the records."""

    def __init__(self, model: AccessModel) -> None:
        self.model = model
        self.major = model.version.major
        self.roles = {role.id: role for role in model.roles}
        self.policies = {policy.id: policy for policy in model.policies}
        self.users = {user.id: user for user in model.users}
        self.attached = AttachedRows.of(model.access)
        self._holders: dict[str | None, list[Permission]] | None = None
        self._parts: dict[str | None, RowsByKey] = {}
        self._rules: dict[str, Filter | None] = {}
        """By the text of the JSON."""
        self._shared: dict[tuple[tuple[str | None, ...], bool], JoinedRows] = {}
        self._accesses: dict[Principal, PrincipalAccess] = {}
        self._paths: dict[str | None, tuple[str, ...]] = {}

    def is_dormant(self, row: Permission) -> bool:
        model = self.model
        if model.edition is not Edition.CORE or not HAS_EDITIONS.of_major(self.major) or not row.custom:
            return False
        return not is_recommended(row, model.version)

    @property
    def holders(self) -> Mapping[str | None, Sequence[Permission]]:
        """Permissions by policy (by role on 10; None = public)."""
        if self._holders is None:
            self._holders = {}
            has_policies = self.model.has_policies
            for row in self.model.permissions:
                holder = row.policy if has_policies else row.role
                orphan = has_policies and holder is None
                if not row.system and not orphan and not self.is_dormant(row):
                    self._holders.setdefault(holder, []).append(row)
        return self._holders

    def role_path(self, role: str | None) -> tuple[str, ...]:
        """The role and its ancestors, root first, but no more than `MOST_LEVELS`. Followed once for each role."""
        if role not in self._paths:
            self._paths[role] = self._path(role)
        return self._paths[role]

    def _path(self, role: str | None) -> tuple[str, ...]:
        path: dict[str, None] = {}
        inherits = self.model.has_policies
        while role is not None and role not in path and len(path) < MOST_LEVELS:
            path[role] = None
            known = self.roles.get(role)
            role = known.parent if known is not None and inherits else None
        return tuple(reversed(path))

    @cached_property
    def too_deep(self) -> bool:
        paths = (self.role_path(role) for role in self.roles)
        return any(
            len(path) == MOST_LEVELS
            and (parent := self.roles[path[0]].parent if path[0] in self.roles else None) is not None
            and parent not in path
            for path in paths
        )

    def of(self, principal: Principal) -> PrincipalAccess:
        if principal not in self._accesses:
            self._accesses[principal] = self._access_of(principal)
        return self._accesses[principal]

    def _access_of(self, principal: Principal) -> PrincipalAccess:
        role: str | None = None
        if principal.kind is PrincipalKind.ROLE:
            role = principal.id
        elif principal.kind is PrincipalKind.USER and principal.id in self.users:
            role = self.users[principal.id].role
        path = self.role_path(role)
        if not self.model.has_policies:
            return self._of_role(principal, path)
        own = self.attached.by_user.get(principal.id or "", ()) if principal.kind is PrincipalKind.USER else ()
        return self._with_policies(principal, path, tuple(row.policy for row in own))

    def of_account(self, role: str | None, policies: tuple[str, ...], parent: str | None) -> PrincipalAccess:
        principal = Principal(PrincipalKind.USER, None, "an account")
        path = tuple(dict.fromkeys([*self.role_path(parent), *self.role_path(role)]))
        if not self.model.has_policies:
            return self._of_role(principal, path)
        return self._with_policies(principal, path, policies)

    def _with_policies(self, principal: Principal, path: tuple[str, ...], own: tuple[str, ...]) -> PrincipalAccess:
        attached = [*self.attached.policies_of(path), *own]
        # Flags count only by role or own attachment: measured for public and for users without a role.
        flags = [self.policies[policy] for policy in attached if policy in self.policies]
        admin = any(policy.admin_access for policy in flags)
        app = admin or any(policy.app_access for policy in flags)
        public = [] if path else [row.policy for row in self.attached.public]
        policies = tuple(dict.fromkeys([*public, *attached]))
        return PrincipalAccess(principal, admin, app, policies, path, self._rows(policies, app), self.model.version)

    def _of_role(self, principal: Principal, path: tuple[str, ...]) -> PrincipalAccess:
        role = self.roles.get(path[-1]) if path else None
        admin = role is not None and role.admin_access
        app = admin or (role is not None and role.app_access)
        holder = path[-1] if path else None
        return PrincipalAccess(principal, admin, app, (), path, self._rows((holder,), app), self.model.version)

    def _rows(self, holders: tuple[str | None, ...], app: bool) -> JoinedRows:
        key = (holders, app)
        if key not in self._shared:
            parts = [self._part(holder) for holder in holders]
            if app:
                parts.append(self._framework)
            self._shared[key] = JoinedRows(parts, self.major, merge=not self.model.has_policies)
        return self._shared[key]

    def _enforced(self, row: Permission) -> Permission:
        """10 answers with rows of the same kind merged into one without `id`, and hides that one of them had no
        validation. That one frees every payload (measured): what such a row says about validation is not relied on."""
        merged = self.model.keyed and row.id is None and not self.model.has_policies
        hidden = merged and not is_unrestricted(row.validation)
        return replace(row, validation=None) if hidden else row

    def _part(self, holder: str | None) -> RowsByKey:
        if holder not in self._parts:
            name = self._name(holder)

            def read(row: Permission) -> GrantRow:
                return GrantRow(self._enforced(row), name, (row,), self.rule(stored_rule(row)))

            self._parts[holder] = HolderRows(self.holders.get(holder, ()), read)
        return self._parts[holder]

    @cached_property
    def _framework(self) -> RowsByKey:
        rows = (
            Permission(row.collection, row.action, row.permissions, row.validation, None, row.fields, system=True)
            for row in app_access_rows(self.model.version)
        )
        return by_key(GrantRow(row, FRAMEWORK, (row,), self.rule(stored_rule(row))) for row in rows)

    def rule(self, rule: Json | SharedRule) -> Filter | None:
        """A row's rule, read once for all rows that share it: exports repeat few rules many times."""
        if isinstance(rule, SharedRule):
            return rule.filter_of(self.major, self._parse)
        if is_unrestricted(rule):
            return EVERYTHING
        text = content_key(rule)
        if text not in self._rules:
            self._rules[text] = self._parse(rule)
        return self._rules[text]

    def _parse(self, rule: Json) -> Filter | None:
        return rule_of_row(rule, major=self.major)

    def _name(self, holder: str | None) -> str:
        if holder is None:
            return "public"
        known: Policy | Role | None = self.policies.get(holder) if self.model.has_policies else self.roles.get(holder)
        return known.name or holder if known is not None else holder
