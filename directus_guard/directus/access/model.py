"""Access as Directus merges it: roles, policies, permissions and users in, what each principal may do out.

The records are independent of where they were read (five kinds of export, or an instance); each may carry the
`Location` it was read from. `AccessModel.of(principal)` merges lazily per collection and action, and principals with
the same policies share the result, so that the cost stays linear in the rows.

Rests on `permissions/lib/fetch-policies.js`, `fetch-global-access`, `process-ast/lib/get-cases.js` and
`process-payload.js` of `@directus/api` 35.2.0 and 39.2.1, `utils/get-permissions.js` of 21.0.2 (Directus 10.13), and on
measurements on 10.13.4, 11.17.4 and 12.4.1 (facts §3.2-3.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.access import validation as payloads
from directus_guard.directus.access.filters import (
    EVERYTHING,
    NOTHING,
    Context,
    Filter,
    Json,
    any_of,
    evaluate,
    is_unrestricted,
    rule_of_row,
)
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.system_data import app_access_rows, is_recommended
from directus_guard.directus.versions import NEWEST, Version

if TYPE_CHECKING:
    from directus_guard.directus.masks import Mask
    from directus_guard.finding import Location

ACTIONS: Final = ("create", "read", "update", "delete", "share")
FRAMEWORK: Final = "Directus app access"
"""Who grants the rows that no export holds: shown in the place of a policy's name."""

PUBLIC_POLICY: Final = "abf8a154-5b1c-4a46-ac9c-7300570f4f17"
"""The id of the public policy of a new instance. It is public by its access row, not by this id."""


class Edition(Enum):
    """12 without a licence (Core) ignores permission rows with rules, unless they are recommended app rows."""

    CORE = "core"
    LICENSED = "licensed"


class Role(Struct, frozen=True):
    """directus_roles. `admin_access`, `app_access`, `enforce_tfa` and `ip_access` are 10's; `parent` is 11's."""

    id: str
    name: str = ""
    parent: str | None = None
    admin_access: bool = False
    app_access: bool = False
    location: Location | None = None
    enforce_tfa: bool = False
    ip_access: tuple[str, ...] = ()


class Policy(Struct, frozen=True):
    """directus_policies (11 and later)."""

    id: str
    name: str = ""
    admin_access: bool = False
    app_access: bool = False
    enforce_tfa: bool = False
    ip_access: tuple[str, ...] = ()
    location: Location | None = None


class Access(Struct, frozen=True):
    """directus_access: a policy attached to a role, to a user, or (neither) to the public."""

    policy: str
    role: str | None = None
    user: str | None = None
    sort: int | None = None
    id: str | None = None
    location: Location | None = None
    assumed: bool = False
    """Whether nothing tells who has the policy: the user here stands for whoever it is."""


class Permission(Struct, frozen=True):
    """directus_permissions. `policy` from 11 on, `role` on 10, where None is the public.

    `permissions` is the item rule, `validation` what a payload must satisfy, `presets` what it is filled up with.
    `fields` None and () grant no field. `system`: a row of the framework that some endpoint returned; it is not stored.
    """

    collection: str
    action: str
    permissions: Json = None
    validation: Json = None
    presets: Json = None
    fields: tuple[str, ...] | None = None
    policy: str | None = None
    role: str | None = None
    id: str | int | None = None
    system: bool = False
    location: Location | None = None

    @property
    def fields_matter(self) -> bool:
        """Whether the action needs fields: without any it allows nothing. delete and share ask for none (facts §8.1)."""
        return self.action in ("create", "read", "update")

    @property
    def custom(self) -> bool:
        """Whether it says more than "all items, all fields": what 12 Core does not honour (facts §3.7)."""
        if self.system:
            return False
        return "*" not in (self.fields or ()) or bool(self.permissions or self.validation or self.presets)


class User(Struct, frozen=True):
    """directus_users, as far as access depends on it. Only `active` users can log in; None = not exported.

    Secrets are told as whether they are set: exports and the API mask them alike (facts §5).
    """

    id: str
    role: str | None = None
    status: str | None = None
    name: str = ""
    location: Location | None = None
    provider: str | None = None
    has_token: bool | None = None
    """Whether a static token is set."""
    has_second_factor: bool | None = None
    """Whether `tfa_secret` is set."""
    last_access: str | None = None


class Entry(Struct, frozen=True):
    """One grant after merging, as the contract's `access` shows it: these fields of the items this rule matches.

    On create `rule` is every item: item rules of create rows are never read (measured). `validation` is what the
    payload must satisfy by all rows of the action together. `excluded` holds fields that `*` does not reach here:
    rows whose rule is an empty group are dropped where another row has a rule (measured).
    """

    collection: str
    action: str
    fields: tuple[str, ...]
    rule: Filter
    validation: Json
    presets: Json
    granted_by: tuple[str, ...]
    rows: tuple[Permission, ...]
    excluded: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """`full`: every item and field, nothing to satisfy; `conditional`; or `none`."""
        if not self.fields or self.rule == NOTHING:
            return "none"
        full = self.fields == ("*",) and not self.excluded and self.rule == EVERYTHING and not self.validation
        return "full" if full else "conditional"


class Row(Struct, frozen=True):
    """A permission that applies, and the name of who grants it. On 10 several rows may have become this one.

    `rule` is its item rule as `filters.rule_of_row` reads it.
    """

    permission: Permission
    granted_by: str
    sources: tuple[Permission, ...]
    rule: Filter | None

    def reaches(self, name: str) -> bool:
        fields = self.permission.fields or ()
        return "*" in fields or name in fields


class Grant(Struct, frozen=True):
    """All rows of one principal for one collection and action, and what they allow together."""

    collection: str
    action: str
    rows: tuple[Row, ...]
    major: int

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields some row names; ("*",) for all."""
        names = {name for row in self.rows for name in row.permission.fields or ()}
        return ("*",) if "*" in names else tuple(sorted(names))

    def reaches(self, name: str) -> bool:
        """Whether some row has the field, on whatever item."""
        return any(row.reaches(name) for row in self.rows)

    def items(self, name: str | None = None) -> Filter:
        """The items the action reaches: with that field (read, update), or at all.

        Fields are judged per row from 11 on (measured); 10 has one row.
        """
        if self.action == "create":
            return EVERYTHING if self.rows and (name is None or self.reaches(name)) else NOTHING
        rows = [row for row in self.rows if name is None or row.reaches(name)]
        if self.action in ("read", "update") and self.major >= 11:
            # Rows without fields are no case of any query; where no row has any, reading answers bare keys (measured).
            named = [row for row in rows if row.permission.fields]
            rows = named if named or self.action == "update" else rows
        if self.action == "delete" and self.major < 11:
            # 10 refuses to delete where no field is named: measured for an empty list.
            rows = [row for row in rows if row.permission.fields != ()]
        return any_of(row.rule for row in rows)

    @property
    def validations(self) -> tuple[Json, ...]:
        """What every payload must satisfy: all of them, whichever row grants the field."""
        return tuple(row.permission.validation for row in self.rows if not is_unrestricted(row.permission.validation))

    @property
    def presets(self) -> Mapping[str, Json]:
        """Values for fields the payload does not send; a later row wins, what is sent wins over all."""
        merged: dict[str, Json] = {}
        for row in self.rows:
            if isinstance(row.permission.presets, Mapping):
                merged.update(row.permission.presets)
        return merged

    def accepts(self, payload: Mapping[str, Json], context: Context) -> bool:
        """Whether a payload may be written: every field named by some row, every validation satisfied."""
        if not self.rows or not all(self.reaches(name) for name in payload):
            return False
        filled = {**self.presets, **payload}
        return all(payloads.accepts(rule, filled, context, major=self.major) for rule in self.validations)

    def entries(self) -> tuple[Entry, ...]:
        """The rows as the contract lists them: one entry per distinct rule."""
        if not self.rows:
            return ()
        if self.action == "create":
            return (self._entry(self.fields, EVERYTHING, self.rows),)
        if self.action == "delete":
            return self._delete_entries()
        grouped: dict[Filter, list[Row]] = {}
        dropped: list[Row] = []
        for row in self.rows:
            if row.rule is None:
                dropped.append(row)
            else:
                grouped.setdefault(row.rule, []).append(row)
        ordered = sorted(grouped, key=repr) if len(grouped) > 1 else grouped
        entries = [self._entry(_union(grouped[rule]), rule, grouped[rule]) for rule in ordered]
        if dropped:
            entries += self._dropped_entries(dropped, [row for rows in grouped.values() for row in rows])
        return tuple(entries)

    def _delete_entries(self) -> tuple[Entry, ...]:
        rule = self.items()
        return (self._entry(("*",) if rule != NOTHING else (), rule, self.rows),)

    def _dropped_entries(self, dropped: Sequence[Row], others: Sequence[Row]) -> list[Entry]:
        """Rows whose rule compiles to nothing free every item, for the fields where no other row has a rule."""
        reached = _union(dropped)
        beside = _union(others)
        if beside == ("*",):
            return []
        if reached == ("*",):
            # Names that `*` and a row without a rule share are open all the same: their own entry says so.
            return [self._entry(("*",), EVERYTHING, dropped, excluded=beside)]
        free = tuple(name for name in reached if name not in beside)
        return [self._entry(free, EVERYTHING, dropped)] if free or not reached else []

    def _entry(
        self, fields: tuple[str, ...], rule: Filter, rows: Sequence[Row], *, excluded: tuple[str, ...] = ()
    ) -> Entry:
        writes = self.action in ("create", "update")
        sources = tuple(source for row in rows for source in row.sources)
        return Entry(
            collection=self.collection,
            action=self.action,
            fields=fields,
            rule=rule,
            validation=_all_of(self.validations) if writes else None,
            presets=dict(self.presets) or None if writes else None,
            granted_by=tuple(dict.fromkeys(row.granted_by for row in rows)),
            rows=sources,
            excluded=excluded,
        )


def _union(rows: Iterable[Row]) -> tuple[str, ...]:
    names = {name for row in rows for name in row.permission.fields or ()}
    return ("*",) if "*" in names else tuple(sorted(names))


def _all_of(rules: Sequence[Json]) -> Json:
    distinct = list({repr(rule): rule for rule in rules}.values())
    if not distinct:
        return None
    return distinct[0] if len(distinct) == 1 else {"_and": distinct}


class PrincipalAccess(Struct, frozen=True):
    """What one principal may do. `admin` bypasses everything; `app` adds the rows of the framework."""

    principal: Principal
    admin: bool
    app: bool
    policies: tuple[str, ...]
    roles: tuple[str, ...]
    _rows: _Rows
    _version: Version

    @property
    def holders(self) -> tuple[str | None, ...]:
        """What its stored rows belong to: policies, on 10 its own role (None = public)."""
        return self.policies if self._version >= (11, 0, 0) else (self.roles[-1] if self.roles else None,)

    def grant(self, collection: str, action: str) -> Grant:
        """The rows for a collection and action; without rows nothing is allowed (but to administrators)."""
        return self._rows.grant(collection, action)

    def grants(self) -> tuple[Grant, ...]:
        """Every collection and action with rows, sorted."""
        return self._rows.grants()

    def entries(self) -> tuple[Entry, ...]:
        """The merged access in the contract's form, sorted by collection and action."""
        return tuple(entry for grant in self.grants() for entry in grant.entries())

    def items(self, collection: str, action: str, name: str | None = None) -> Filter:
        """The items an action reaches (with a field of them): `rules` can question the answer."""
        return EVERYTHING if self.admin else self.grant(collection, action).items(name)

    def context(self, user: str | None = None) -> Context:
        """What dynamic variables stand for when the principal asks (as that user)."""
        own = self.principal.id if self.principal.kind is PrincipalKind.USER else None
        return Context(
            user=user or own, role=self.roles[-1] if self.roles else None, roles=self.roles, policies=self.policies
        )

    def may(
        self,
        action: str,
        collection: str,
        name: str | None = None,
        item: Mapping[str, Json] | None = None,
        context: Context | None = None,
    ) -> bool:
        """Whether the action is allowed, with a field, on an item; without an item: on some item at all."""
        rule = self.items(collection, action, name)
        if item is None:
            return rule != NOTHING
        return evaluate(rule, item, context or self.context())


_ByKey = Mapping[tuple[str, str], Sequence[Row]]
"""Rows by collection and action."""


def _by_key(rows: Iterable[Row]) -> _ByKey:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.permission.collection, row.permission.action), []).append(row)
    return found


class _Rows:
    """The rows of a set of policies by collection and action, joined and merged when first asked for.

    `parts`: what each policy has, made once for all who hold it.
    """

    __slots__ = ("_grants", "_major", "_merge", "_parts")

    def __init__(self, parts: Sequence[_ByKey], major: int, *, merge: bool) -> None:
        self._parts = parts
        self._grants: dict[tuple[str, str], Grant] = {}
        self._major = major
        self._merge = merge

    def grant(self, collection: str, action: str) -> Grant:
        key = (collection, action)
        if key not in self._grants:
            rows = sorted((row for part in self._parts for row in part.get(key, ())), key=_row_order)
            if self._merge and len(rows) > 1:
                rows = [_merged(rows, self._major)]
            self._grants[key] = Grant(collection, action, tuple(rows), self._major)
        return self._grants[key]

    def grants(self) -> tuple[Grant, ...]:
        order = {action: index for index, action in enumerate(ACTIONS)}
        found = {key for part in self._parts for key in part}
        keys = sorted(found, key=lambda key: (key[0], order.get(key[1], len(order)), key[1]))
        return tuple(self.grant(*key) for key in keys)


def _row_order(row: Row) -> tuple[int, int, str]:
    """By id where there is one, then by content: the order of a file says nothing about the database's."""
    permission = row.permission
    if isinstance(permission.id, int):
        return 0, permission.id, ""
    content = (permission.fields, permission.permissions, permission.validation, permission.presets, permission.id)
    return 1, 0, repr(content)


def _merged(rows: Sequence[Row], major: int) -> Row:
    """10 merges rows of a role, collection and action into one: rules and validations by OR, fields united apart from
    them (`mergePermissions('or')`). A null rule frees every item (measured); a null validation frees every payload."""
    permissions = [row.permission for row in rows]
    presets: dict[str, Json] = {}
    for permission in permissions:
        if isinstance(permission.presets, Mapping):
            presets.update(permission.presets)
    named = [permission.fields for permission in permissions if permission.fields is not None]
    first = permissions[0]
    merged = Permission(
        collection=first.collection,
        action=first.action,
        permissions=_or([permission.permissions for permission in permissions]),
        validation=_or([permission.validation for permission in permissions]),
        presets=presets or None,
        fields=tuple(dict.fromkeys(name for fields in named for name in fields)) if named else None,
        role=first.role,
        location=first.location,
    )
    return Row(
        merged,
        ", ".join(dict.fromkeys(row.granted_by for row in rows)),
        tuple(source for row in rows for source in row.sources),
        rule_of_row(merged.permissions, major=major),
    )


def _or(rules: Sequence[Json]) -> Json:
    return {} if any(is_unrestricted(rule) for rule in rules) else {"_or": list(rules)}


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

    @property
    def has_policies(self) -> bool:
        """Whether access is granted by policies (11 and later) or by roles (10)."""
        return self.version >= (11, 0, 0)

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

    def rule(self, row: Permission) -> Filter | None:
        """The item rule of a row, as `filters.rule_of_row` reads it for this version: parsed once for equal JSON."""
        return self._the_index.rule(row.permissions)

    def rule_alone(self, row: Permission) -> Filter:
        """What the item rule of a row matches when it stands alone: one that compiles to nothing is every item."""
        rule = self.rule(row)
        return EVERYTHING if rule is None else rule

    @property
    def dormant(self) -> tuple[Permission, ...]:
        """Rows that 12 Core stores but neither honours nor shows."""
        return tuple(row for row in self.permissions if self._the_index.is_dormant(row))

    def role_path(self, role: str | None) -> tuple[str, ...]:
        """The role and its ancestors, root first. A cycle ends where it closes."""
        return self._the_index.role_path(role)

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
        self.by_role: dict[str, list[Access]] = {}
        self.by_user: dict[str, list[Access]] = {}
        self.public: list[Access] = []
        for row in sorted(model.access, key=lambda row: (row.sort is None, row.sort or 0, row.policy)):
            if row.role is not None:
                self.by_role.setdefault(row.role, []).append(row)
            if row.user is not None:
                self.by_user.setdefault(row.user, []).append(row)
            if row.role is None and row.user is None:
                self.public.append(row)
        self._holders: dict[str | None, list[Permission]] | None = None
        self._parts: dict[str | None, _ByKey] = {}
        self._rules: dict[int, tuple[Json, Filter | None]] = {}
        """By identity of the JSON, which is kept with what it means."""
        self._shared: dict[tuple[tuple[str | None, ...], bool], _Rows] = {}

    def is_dormant(self, row: Permission) -> bool:
        model = self.model
        if model.edition is not Edition.CORE or self.major < 12 or not row.custom:
            return False
        return not is_recommended(
            row.collection, row.action, row.permissions, row.validation, row.presets, row.fields, model.version
        )

    @property
    def holders(self) -> Mapping[str | None, Sequence[Permission]]:
        """Permissions by policy (by role on 10; None = public)."""
        if self._holders is None:
            self._holders = {}
            for row in self.model.permissions:
                holder = row.policy if self.model.has_policies else row.role
                orphan = self.model.has_policies and holder is None
                if not row.system and not orphan and not self.is_dormant(row):
                    self._holders.setdefault(holder, []).append(row)
        return self._holders

    def role_path(self, role: str | None) -> tuple[str, ...]:
        path: list[str] = []
        seen: set[str] = set()
        while role is not None and role not in seen:
            seen.add(role)
            path.append(role)
            known = self.roles.get(role)
            role = known.parent if known is not None and self.model.has_policies else None
        return tuple(reversed(path))

    def of(self, principal: Principal) -> PrincipalAccess:
        role: str | None = None
        if principal.kind is PrincipalKind.ROLE:
            role = principal.id
        elif principal.kind is PrincipalKind.USER and principal.id in self.users:
            role = self.users[principal.id].role
        path = self.role_path(role)
        if not self.model.has_policies:
            return self._of_role(principal, path)
        own = self.by_user.get(principal.id or "", ()) if principal.kind is PrincipalKind.USER else ()
        return self._with_policies(principal, path, tuple(row.policy for row in own))

    def of_account(self, role: str | None, policies: tuple[str, ...], parent: str | None) -> PrincipalAccess:
        principal = Principal(PrincipalKind.USER, None, "an account")
        path = tuple(dict.fromkeys([*self.role_path(parent), *self.role_path(role)]))
        if not self.model.has_policies:
            return self._of_role(principal, path)
        return self._with_policies(principal, path, policies)

    def _with_policies(self, principal: Principal, path: tuple[str, ...], own: tuple[str, ...]) -> PrincipalAccess:
        attached = [*(row.policy for role in path for row in self.by_role.get(role, ())), *own]
        # Flags count only by role or own attachment: measured for public and for users without a role.
        flags = [self.policies[policy] for policy in attached if policy in self.policies]
        admin = any(policy.admin_access for policy in flags)
        app = admin or any(policy.app_access for policy in flags)
        public = [] if path else [row.policy for row in self.public]
        policies = tuple(dict.fromkeys([*public, *attached]))
        return PrincipalAccess(principal, admin, app, policies, path, self._rows(policies, app), self.model.version)

    def _of_role(self, principal: Principal, path: tuple[str, ...]) -> PrincipalAccess:
        role = self.roles.get(path[-1]) if path else None
        admin = role is not None and role.admin_access
        app = admin or (role is not None and role.app_access)
        holder = path[-1] if path else None
        return PrincipalAccess(principal, admin, app, (), path, self._rows((holder,), app), self.model.version)

    def _rows(self, holders: tuple[str | None, ...], app: bool) -> _Rows:
        key = (holders, app)
        if key not in self._shared:
            parts = [self._part(holder) for holder in holders]
            if app:
                parts.append(self._framework)
            self._shared[key] = _Rows(parts, self.major, merge=not self.model.has_policies)
        return self._shared[key]

    def _enforced(self, row: Permission) -> Permission:
        """10 answers with rows of the same kind merged into one without `id`, and hides that one of them had no
        validation. That one frees every payload (measured): what such a row says about validation is not relied on."""
        hidden = not self.model.has_policies and row.id is None and not is_unrestricted(row.validation)
        return replace(row, validation=None) if hidden else row

    def _part(self, holder: str | None) -> _ByKey:
        if holder not in self._parts:
            name = self._name(holder)
            self._parts[holder] = _by_key(
                Row(self._enforced(one), name, (one,), self.rule(one.permissions))
                for one in self.holders.get(holder, ())
            )
        return self._parts[holder]

    @cached_property
    def _framework(self) -> _ByKey:
        rows = (
            Permission(row.collection, row.action, row.permissions, row.validation, None, row.fields, system=True)
            for row in app_access_rows(self.model.version)
        )
        return _by_key(Row(row, FRAMEWORK, (row,), self.rule(row.permissions)) for row in rows)

    def rule(self, rule: Json) -> Filter | None:
        """A row's rule, read once for all rows that share it: exports repeat few rules many times."""
        known = self._rules.get(id(rule))
        if known is None:
            known = self._rules[id(rule)] = rule, rule_of_row(rule, major=self.major)
        return known[1]

    def _name(self, holder: str | None) -> str:
        if holder is None:
            return "public"
        known: Policy | Role | None = self.policies.get(holder) if self.model.has_policies else self.roles.get(holder)
        return known.name or holder if known is not None else holder


def entry_json(entry: Entry, mask: Mask, known_fields: frozenset[str] = frozenset()) -> dict[str, Json]:
    """An entry as the contract's `access-v1` writes it. Literals that may be secret or personal are masked.

    Where `*` does not reach some fields, the fields are named if the schema is known, and `excluded_fields` are those.
    """
    fields = entry.fields
    if entry.excluded and known_fields:
        fields = tuple(sorted(known_fields - set(entry.excluded)))
    return {
        "collection": entry.collection,
        "action": entry.action,
        "level": entry.level,
        "fields": list(fields),
        "excluded_fields": list(entry.excluded),
        "rule": mask.filter(entry.rule),
        "validation": mask.rule(entry.validation),
        "presets": mask.values(entry.presets),
        "granted_by": list(entry.granted_by),
    }
