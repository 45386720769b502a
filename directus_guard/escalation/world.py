"""What an attacker can rest on: the accounts there are, and what each may reach, send and know.

Questions about item rules go to the rule algebra (`directus/access/rules.py`), questions about payloads to
`directus/access/validation.py`; what neither can tell makes an answer less sure, never silent. Accounts with the same policies
share the rows, and each question is asked once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from msgspec import Struct

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.filters import (
    EVERYTHING,
    NOTHING,
    Condition,
    DynamicVariable,
    Quantified,
    conditions,
    variables,
)
from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.known_items import Reach, reach
from directus_guard.directus.access.merging import by_key
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import PUBLIC_POLICY
from directus_guard.directus.access.validation import SentForm
from directus_guard.directus.content import content_key
from directus_guard.directus.tri import Tri
from directus_guard.escalation.related import decided, names_attachments
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.directus.access.filters import Filter, Json, Path, Scalar
    from directus_guard.directus.access.grants import Grant
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.records import Access, Permission, Role
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.start import ByItself

USERS: Final = "directus_users"
ROLES: Final = "directus_roles"
POLICIES: Final = "directus_policies"
ACCESS: Final = "directus_access"
PERMISSIONS: Final = "directus_permissions"
SETTINGS: Final = "directus_settings"
FLOWS: Final = "directus_flows"
OPERATIONS: Final = "directus_operations"

WRITES: Final = tuple(
    (collection, action)
    for collection in (USERS, ROLES, POLICIES, ACCESS, PERMISSIONS, SETTINGS, FLOWS, OPERATIONS)
    for action in ("create", "update")
)
"""What a step can begin with."""

_DELETES: Final = tuple((collection, "delete") for collection in (ROLES, POLICIES, ACCESS, PERMISSIONS))

ACCESS_TABLES: Final = frozenset(collection for collection, _ in WRITES)
"""The collections that decide who may do what."""

ME: Final = "(own user)"
ANOTHER: Final = "(another user)"
NEW: Final = "(a new key)"
ANY_ACCOUNT: Final = "(any account)"
"""Keys of rows that exist, but not in the export: no rule names them."""

_UNNAMED: Final = frozenset({ME, ANOTHER, ANY_ACCOUNT})

FREE: Final = "(free)"
"""A value of the attacker's choice."""

_RANK: Final = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}


def weakest(confidences: Iterable[Confidence]) -> Confidence:
    """The least sure of them; none = sure."""
    return max(confidences, key=_RANK.__getitem__, default=Confidence.HIGH)


def rank(confidence: Confidence) -> int:
    """0 = surest."""
    return _RANK[confidence]


class Account(Struct, frozen=True, cache_hash=True):
    """Somebody the attacker can act as: the anonymous visitor, or an account.

    `role`: None without one, `FREE` where only what was added counts. `user`: its key, where it is one of the export's. `policies`: attached to the user itself. `gained`: a policy that the
    attacker added; `parent`: the role that it made its own role a child of. One such gain is followed at a time, so that
    accounts are as many as roles, policies and gains, and not their combinations.
    """

    public: bool = False
    role: str | None = None
    user: str | None = None
    policies: tuple[str, ...] = ()
    gained: str | None = None
    parent: str | None = None

    @property
    def attached(self) -> tuple[str, ...]:
        """All policies attached to the user itself."""
        return self.policies if self.gained is None else tuple(sorted({*self.policies, self.gained}))

    @property
    def order(self) -> tuple[str, ...]:
        """What accounts are sorted by."""
        return (self.role or "", self.user or "", self.gained or "", self.parent or "", *self.policies)


ANONYMOUS: Final = Account(public=True)


class Opening(Struct, frozen=True):
    """The rows that let an action reach an item, and how sure that is."""

    rows: tuple[GrantRow, ...]
    confidence: Confidence = Confidence.HIGH

    @property
    def stored(self) -> tuple[Permission, ...]:
        """The stored permissions behind the rows."""
        return tuple(source for row in self.rows for source in row.sources)


class Value(Struct, frozen=True):
    """A value that may be sent for a field: by which rows, how sure, and why although it looks locked."""

    rows: tuple[GrantRow, ...]
    confidence: Confidence = Confidence.HIGH
    reasons: tuple[str, ...] = ()
    """Ids of the catalogue's reasons."""


Known: TypeAlias = "Mapping[Path, Scalar]"
Key = TypeVar("Key", bound="str | None")


class Drive(Struct, frozen=True):
    """A flow through which a caller makes an administrator: by which operation, and whether that is sure."""

    flow: Flow
    operation: Operation
    works: Tri


COST_OF_ACCOUNT: Final = 10
"""What it costs to look at one account more, in questions."""


class TooMuchWorkError(Exception):
    """A configuration in which too many roles, rows and rules would have to be followed."""


class Work:
    """How many questions are still answered, counted and never timed, so that the same configuration ends the same."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, number: int) -> None:
        """Take some; `TooMuchWorkError` once none is left."""
        self.left -= number
        if self.left < 0:
            raise TooMuchWorkError


class World:
    """One export, and the questions the steps ask about it."""

    def __init__(self, export: Export, work: Work) -> None:
        self.export = export
        self.work = work
        self.model = export.model
        self.major = self.model.version.major
        self.roles: Mapping[str, Role] = {role.id: role for role in self.model.roles}
        self._reach: dict[tuple[object, ...], Reach] = {}
        self.drives: dict[bool, tuple[Drive, ...]] = {}
        """The flows through which the public (True) or anybody signed in makes an administrator."""
        self.caused: dict[ByItself, tuple[Drive, ...]] = {}
        """The flows through which events that the server causes make an administrator."""
        self.retriggered: dict[tuple[str, str], Drive | None] = {}
        """What the public could make of flows, had they a webhook."""
        self._variables: dict[Filter, bool] = {}
        self._apart: dict[frozenset[Scalar], tuple[tuple[Account, ...], tuple[Account, ...]]] = {}
        self._roles_named: dict[Filter, frozenset[Scalar] | None] = {}
        self._stored: dict[str | None, tuple[Permission, ...]] = {}
        self._rows_of: dict[str, Mapping[tuple[str, str], Sequence[GrantRow]]] = {}
        self._actors: dict[Account, Actor] = {}

    def actor(self, account: Account) -> Actor:
        """The account with what it may do; made once."""
        made = self._actors.get(account)
        if made is None:
            made = self._actors[account] = Actor(self, account)
            self.work.spend(COST_OF_ACCOUNT + len(made.access.roles) + len(made.access.policies))
        return made

    def account(self, principal: Principal) -> Account:
        """The account that a principal of the model is."""
        if principal.kind is PrincipalKind.PUBLIC:
            return ANONYMOUS
        if principal.kind is PrincipalKind.ROLE:
            return Account(role=principal.id)
        user = self._users.get(principal.id or "")
        return Account(
            role=user.role if user else None, user=principal.id, policies=self._attached.get(principal.id or "", ())
        )

    # --- who there is ------------------------------------------------------------------------------------------------

    @cached_property
    def _users(self) -> Mapping[str, _User]:
        return {user.id: _User(user.id, user.role, user.status, user.has_second_factor) for user in self.model.users}

    @cached_property
    def _attached(self) -> Mapping[str, tuple[str, ...]]:
        """The policies attached to each user, in a fixed order."""
        found: dict[str, list[str]] = {}
        for row in self.model.access:
            if row.user is not None:
                found.setdefault(row.user, []).append(row.policy)
        return {user: tuple(sorted(set(policies))) for user, policies in found.items()}

    @cached_property
    def admin_policies(self) -> tuple[str, ...]:
        """Policies that make an administrator, sorted. Without one on record: one whose key is not known."""
        known = tuple(sorted(policy.id for policy in self.model.policies if policy.admin_access))
        return known or (ANY_ACCOUNT,)

    @cached_property
    def admin_roles(self) -> tuple[str, ...]:
        """Roles that make an administrator, sorted. An export without any administrator leaves out one."""
        if self.export.admin_roles or self._attached_admins:
            return tuple(sorted(self.export.admin_roles))
        return (ANY_ACCOUNT,)

    @cached_property
    def _attached_admins(self) -> tuple[str, ...]:
        admin = set(self.admin_policies)
        return tuple(sorted(user for user, policies in self._attached.items() if admin & set(policies)))

    @cached_property
    def _administrators(self) -> tuple[tuple[str | None, str | None, tuple[str, ...]], ...]:
        """Role, status and keys of the administrators in the export; without any, of one that must exist."""
        roles = set(self.admin_roles)
        found: dict[tuple[str | None, str | None], list[str]] = {}
        for user in self._users.values():
            if user.role in roles and user.status in ("active", None):
                found.setdefault((user.role, user.status), []).append(user.id)
        for key in self._attached_admins:
            known = self._users.get(key)
            found.setdefault((known.role if known else FREE, known.status if known else None), []).append(key)
        if not found:
            found = {(role, None): [ANY_ACCOUNT] for role in self.admin_roles}
        return tuple((*key, tuple(sorted(set(found[key])))) for key in sorted(found, key=repr))

    @property
    def known_administrators(self) -> frozenset[str]:
        """The keys of the administrators in the export."""
        return frozenset(key for _, _, keys in self._administrators for key in keys)

    def administrators(self, named: frozenset[Scalar] = frozenset()) -> Iterator[Known]:
        """What is known of the rows of administrators: those a rule names by key, and of the others one per kind."""
        for role, status, keys in self._administrators:
            one = next((key for key in keys if key not in named), None)
            for key in (*sorted(str(key) for key in named & set(keys)), *((one,) if one else ())):
                yield self.row_of_user(key, role, status)

    @cached_property
    def all_have_second_factors(self) -> bool:
        """Whether every administrator the export tells about has a second factor."""
        answers = [
            self._users[key].second_factor for _, _, keys in self._administrators for key in keys if key in self._users
        ]
        return bool(answers) and all(answers)

    def row_of_user(self, user: str, role: str | None, status: str | None = None) -> Known:
        """What is known of a row of directus_users. Nobody signs in whose status is not `active`."""
        known: dict[Path, Scalar] = {("id",): user, ("status",): status or "active"}
        if role != FREE:
            known |= {("role",): role}
            record = self.roles.get(role or "")
            if record is not None and record.name:
                known["role", "name"] = record.name
            if record is not None and not self.model.has_policies:
                known["role", "admin_access"] = record.admin_access
                known["role", "app_access"] = record.app_access
        return known

    @cached_property
    def others(self) -> tuple[Account, ...]:
        """Accounts of others that could be taken over: one per role, one without, and users with own policies; no
        administrator's."""
        accounts = [Account(role=role.id) for role in self.model.roles]
        accounts += [self.account(Principal(PrincipalKind.USER, user, user)) for user in self._attached]
        accounts.append(Account())
        found = {account for account in accounts if not self.actor(account).access.admin}
        return tuple(sorted(found, key=lambda account: account.order))

    @cached_property
    def idle(self) -> tuple[tuple[Account, str], ...]:
        """Accounts of the export that cannot sign in as they are, with their status."""
        return tuple(
            (self.account(Principal(PrincipalKind.USER, user.id, user.id)), user.status)
            for user in self._users.values()
            if user.status not in ("active", None)
        )

    @cached_property
    def locks(self) -> tuple[Permission, ...]:
        """The stored rows with a validation or presets on a write that decides who may do what, in a fixed order."""
        return tuple(
            row
            for holder in sorted(self.model.stored, key=str)
            for row in self.stored(holder)
            if row.collection in ACCESS_TABLES and (row.presets or not is_unrestricted(row.validation))
        )

    @cached_property
    def live(self) -> tuple[Account, ...]:
        """Those of the others that have something a step can begin with."""
        return tuple(account for account in self.others if self.actor(account).powerful)

    def told_apart(
        self, permissions: Sequence[Permission], asker: Actor
    ) -> tuple[tuple[Account, ...], tuple[Account, ...]]:
        """The others, as rules on users see them: those that no rule tells apart, and those that must be asked for one
        by one (users by key, roles that a rule names, the asker's own)."""
        named: set[Scalar] = set(asker.access.roles)
        for permission in permissions:
            rule = self.rule(permission)
            keys = frozenset() if rule is None else self._named_roles(rule)
            if keys is None:
                return (), self.others
            named |= keys
        key = frozenset(named)
        if key not in self._apart:
            apart = tuple(one for one in self.others if one.user is not None or one.role is None or one.role in named)
            alike = tuple(
                one for one in self.others if one.user is None and one.role is not None and one.role not in named
            )
            self._apart[key] = (alike, apart)
        return self._apart[key]

    def _named_roles(self, rule: Filter) -> frozenset[Scalar] | None:
        """The roles a rule on users names by key; None if it tells roles apart in another way."""
        if rule not in self._roles_named:
            self._roles_named[rule] = _named_roles(rule)
        return self._roles_named[rule]

    @cached_property
    def worthwhile_policies(self) -> tuple[str, ...]:
        """Policies with something a step can begin with, but no administrator's, sorted."""
        wanted = {*WRITES, *_DELETES}
        admin = set(self.admin_policies)
        return tuple(
            sorted(
                holder
                for holder, rows in self.model.stored.items()
                if holder is not None
                and holder not in admin
                and any((row.collection, row.action) in wanted for row in rows)
            )
        )

    @cached_property
    def worthwhile_roles(self) -> tuple[str, ...]:
        """Roles with something a step can begin with, but no administrator's, sorted."""
        return tuple(one.role for one in self.live if one.role is not None and one.user is None)

    def stored(self, holder: str | None) -> tuple[Permission, ...]:
        """The rows of a policy (10: role) in a fixed order."""
        if holder not in self._stored:
            self._stored[holder] = tuple(sorted(self.model.stored.get(holder, ()), key=_row_key))
        return self._stored[holder]

    def rows_of(self, policy: str) -> Mapping[tuple[str, str], Sequence[GrantRow]]:
        """What a policy grants on the access tables, by collection and action; read once."""
        if policy not in self._rows_of:
            self._rows_of[policy] = by_key(
                GrantRow(row, policy, (row,), self.rule(row))
                for row in self.stored(policy)
                if row.collection in ACCESS_TABLES
            )
        return self._rows_of[policy]

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """The flows in a fixed order."""
        return tuple(sorted(self.export.flows, key=lambda one: (one.id, one.name)))

    @cached_property
    def writing_flows(self) -> frozenset[str]:
        """Flows with an operation that writes items with more than the caller's rights, or may."""
        return frozenset(
            one.flow
            for one in self.export.operations
            if one.flow is not None
            and one.type in ("item-create", "item-update")
            and one.options.get("permissions") not in (None, "", "$trigger", "$public")
        )

    @cached_property
    def relations_to_access(self) -> Mapping[str, tuple[str, ...]]:
        """`schema.relations_to`: the fields by which items of each collection lead to the access tables."""
        schema = self.export.schema
        return {} if schema is None else schema.relations_to(ACCESS_TABLES)

    @cached_property
    def acting_flows(self) -> frozenset[str]:
        """Flows that write with more than the caller's rights, or start such a flow."""
        return self.writing_flows if not self.writing_flows else self.writing_flows | self.starting_flows

    @cached_property
    def started_flows(self) -> frozenset[str]:
        """Flows that an operation of an active flow may start."""
        active = {flow.id for flow in self.export.flows if flow.status == "active"}
        named = [
            one.options.get("flow") for one in self.export.operations if one.type == "trigger" and one.flow in active
        ]
        if any(not isinstance(one, str) or "{{" in one for one in named):
            return frozenset(flow.id for flow in self.export.flows if flow.trigger == "operation")
        return frozenset(one for one in named if isinstance(one, str))

    @cached_property
    def starting_flows(self) -> frozenset[str]:
        """Flows with an operation that starts other flows."""
        return frozenset(one.flow for one in self.export.operations if one.flow is not None and one.type == "trigger")

    @cached_property
    def operations(self) -> tuple[tuple[Flow, Operation], ...]:
        """The operations of known flows, in a fixed order."""
        flows = {flow.id: flow for flow in self.export.flows}
        held = sorted(self.export.operations, key=lambda one: (one.flow or "", one.id, one.key))
        return tuple((flows[one.flow], one) for one in held if one.flow in flows)

    def known_user(self, key: str) -> _User | None:
        """A user of the export."""
        return self._users.get(key)

    @cached_property
    def has_users(self) -> bool:
        """Whether the export has users at all."""
        return bool(self._users)

    # --- rows of the access tables -----------------------------------------------------------------------------------

    def row_of_role(self, role: str) -> Known:
        """What is known of a row of directus_roles."""
        known: dict[Path, Scalar] = {("id",): role}
        record = self.roles.get(role)
        if record is not None:
            known |= {("name",): record.name}
            if self.model.has_policies:
                known |= {("parent",): record.parent}
            else:
                known |= {("admin_access",): record.admin_access, ("app_access",): record.app_access}
        return known

    def row_of_policy(self, policy: str) -> Known:
        """What is known of a row of directus_policies."""
        known: dict[Path, Scalar] = {("id",): policy}
        record = self._policies.get(policy)
        if record is not None:
            known |= {("name",): record[0], ("admin_access",): record[1], ("app_access",): record[2]}
        return known

    @cached_property
    def _policies(self) -> Mapping[str, tuple[str, bool, bool]]:
        return {policy.id: (policy.name, policy.admin_access, policy.app_access) for policy in self.model.policies}

    @staticmethod
    def row_of_attachment(row: Access) -> Known:
        """What is known of a row of directus_access."""
        known: dict[Path, Scalar] = {("role",): row.role, ("user",): row.user, ("policy",): row.policy}
        if row.id is not None:
            known["id",] = row.id
        return known

    @cached_property
    def attachments(self) -> Mapping[tuple[str, str], tuple[Access, ...]]:
        """The rows of directus_access of each role (`("role", key)`), user and policy, in a fixed order."""
        found: dict[tuple[str, str], list[Access]] = {}
        for row in sorted(
            self.model.access, key=lambda row: (row.id or "", row.policy, row.role or "", row.user or "")
        ):
            found.setdefault(("policy", row.policy), []).append(row)
            if row.role is not None:
                found.setdefault(("role", row.role), []).append(row)
            if row.user is not None:
                found.setdefault(("user", row.user), []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    # --- rules -------------------------------------------------------------------------------------------------------

    def _attached_to(self, known: Known) -> Mapping[Path, Sequence[Known]]:
        """The attachments of a user's role and of the user itself, as far as they are known, by the path that leads there."""
        found: dict[Path, Sequence[Known]] = {}
        role, user = known.get(("role",)), known.get(("id",))
        if isinstance(role, str) and role in self.roles:
            found["role", "policies"] = self._rows_attached(("role", role))
        elif ("role",) in known and role is None:
            found["role", "policies"] = ()
        if isinstance(user, str) and user in self._users:
            found["policies",] = self._rows_attached(("user", user))
        return found

    def _rows_attached(self, holder: tuple[str, str]) -> tuple[Known, ...]:
        rows = self.attachments.get(holder, ())
        policies = [
            (row, {("policy", *path): value for path, value in self.row_of_policy(row.policy).items()}) for row in rows
        ]
        return tuple({**self.row_of_attachment(row), **policy} for row, policy in policies)

    def rule(self, permission: Permission) -> Filter | None:
        """The item rule of a row; None if it compiles to nothing."""
        return self.model.rule(permission)

    def mentions(self, name: str) -> bool:
        """Whether some rule on the access tables mentions a field."""
        return name in self._mentioned

    @cached_property
    def roles_told_apart(self) -> frozenset[str]:
        """The roles that some rule on users names by key; all, where a rule tells them apart in another way."""
        named: set[str] = set()
        for rule in self._rules_of_access:
            keys = self._named_roles(rule)
            if keys is None:
                return frozenset(self.roles)
            named.update(str(key) for key in keys)
        return frozenset(named & self.roles.keys())

    @cached_property
    def _rules_of_access(self) -> frozenset[Filter]:
        return frozenset(
            rule
            for rows in self.model.stored.values()
            for row in rows
            if row.collection in ACCESS_TABLES and (rule := self.rule(row)) is not None
        )

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        return frozenset(
            name
            for rule in self._rules_of_access
            for leaf in conditions(rule)
            if isinstance(leaf, (Condition, Quantified))
            for name in leaf.path
        )

    def has_variables(self, rule: Filter) -> bool:
        """Whether it matters who asks."""
        has = self._variables.get(rule)
        if has is None:
            has = self._variables[rule] = any(True for _ in variables(rule))
        return has

    def reach(self, rule: Filter, known: Known, asker: Actor) -> Reach:
        """`known_items.reach`, each question once."""
        if rule == EVERYTHING:
            return Reach.ALWAYS
        if rule == NOTHING:
            return Reach.NEVER
        if names_attachments(rule):
            rule = decided(rule, self._attached_to(known), asker.value)
        variables = self.has_variables(rule)
        if not variables and known.get(("role",)) is not None and known.get(("id",)) in _UNNAMED:
            # Roles that a rule on users does not name are alike.
            named = self._named_roles(rule)
            if named is not None and known["role",] not in named:
                known = {path: value for path, value in known.items() if path[0] != "role"} | {("role",): ANY_ACCOUNT}
        key = (rule, tuple(known.items()), asker.account if variables else None)
        answer = self._reach.get(key)
        if answer is None:
            answer = self._reach[key] = reach(rule, known, asker.value)
        return answer


class _User(Struct, frozen=True):
    id: str
    role: str | None
    status: str | None
    second_factor: bool | None


def _row_key(row: Permission) -> tuple[int, int, str]:
    identity = row.id if isinstance(row.id, int) else 0
    return (
        0 if identity else 1,
        identity,
        "" if identity else content_key((row.collection, row.action, row.fields, row.id)),
    )


def _named_roles(rule: Filter) -> frozenset[Scalar] | None:
    named: set[Scalar] = set()
    for leaf in conditions(rule):
        if not isinstance(leaf, Condition):
            if isinstance(leaf, Quantified) and leaf.path[:1] == ("role",):
                return None
            continue
        if leaf.path in (("role",), ("role", "id")) and leaf.operator in _KEY_OPERATORS:
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            named.update(one for one in operands if not isinstance(one, DynamicVariable))
        elif leaf.path[:1] == ("role",):
            return None
    return frozenset(named)


_KEY_OPERATORS: Final = frozenset({"_eq", "_neq", "_in", "_nin", "_null", "_nnull"})

_CONFIDENCE: Final = {
    Reach.ALWAYS: Confidence.HIGH,
    Reach.SOMETIMES: Confidence.MEDIUM,
    Reach.CANNOT_TELL: Confidence.LOW,
}


class Actor:
    """An account in the attacker's hands, and what it may reach, send and learn."""

    def __init__(self, world: World, account: Account) -> None:
        self.world = world
        self.account = account
        model = world.model
        self.access: PrincipalAccess = (
            model.of(PUBLIC) if account.public else model.of_account(account.role, account.attached, account.parent)
        )
        self.major = world.major
        self.key = account.user or ME
        self._values: dict[tuple[str, str, str, str], Value | None] = {}
        self._sendable: dict[tuple[str, str, str, tuple[str | None, ...]], tuple[tuple[int, Value], ...]] = {}

    @cached_property
    def powerful(self) -> bool:
        """Whether it has a row that a step can begin with."""
        return any(self.access.grant(*write).rows for write in (*WRITES, *_DELETES))

    @cached_property
    def flagged(self) -> tuple[str, ...]:
        """Its policies whose flags count: those of its role and its own, not those of the public (measured)."""
        attachments = self.world.attachments
        held = [row.policy for role in self.access.roles for row in attachments.get(("role", role), ())]
        return tuple(sorted({*held, *self.account.attached}))

    @property
    def holders(self) -> tuple[str | None, ...]:
        """What its rows belong to: policies, on 10 its role (None = public)."""
        return self.access.holders

    # --- whom variables name -----------------------------------------------------------------------------------------

    def value(self, variable: DynamicVariable) -> Json | DynamicVariable:
        """The value of a variable; a path that only the instance knows stays a variable. To the public all is null."""
        if variable.name in self._variables:
            return self._variables[variable.name]
        if self.account.public and variable.name.startswith("$CURRENT"):
            return None
        return variable

    @cached_property
    def _variables(self) -> Mapping[str, Json]:
        public, role = self.account.public, self.account.role
        asker = {"$CURRENT_USER": None if public else self.key, "$CURRENT_POLICIES": self.access.policies}
        if role == FREE:
            return asker
        own = dict.fromkeys(("$CURRENT_ROLE", "$CURRENT_USER.role", "$CURRENT_USER.role.id"), role)
        return {**asker, **own, "$CURRENT_ROLES": self.access.roles}

    @cached_property
    def context(self) -> QueryContext:
        """What variables stand for in validations when it asks."""
        variables = self._variables
        user = variables["$CURRENT_USER"]
        return QueryContext(
            user=user if isinstance(user, str) else None,
            role=self.account.role,
            roles=self.access.roles,
            policies=self.access.policies,
            variables=variables,
        )

    # --- what it may reach -------------------------------------------------------------------------------------------

    def rows(self, collection: str, action: str, name: str | None = None) -> tuple[GrantRow, ...]:
        """The rows of an action, with a field."""
        rows = self.access.grant(collection, action).rows
        return rows if name is None else tuple(row for row in rows if row.reaches(name))

    def permits(self, collection: str, action: str) -> Tri:
        """Whether it has any permission for an action."""
        return Tri.YES if self.access.grant(collection, action).rows else Tri.NO

    def may(self, collection: str, action: str, *names: str) -> bool:
        """Whether some row has each field, on whatever item."""
        return all(self.rows(collection, action, name) for name in names)

    def opening(self, collection: str, action: str, name: str, known: Known) -> Opening | None:
        """The rows that let the action reach an item with that field. Fields are judged per row (measured)."""
        rules = [(row, self.world.rule(row.permission)) for row in self.rows(collection, action, name)]
        self.world.work.spend(1 + len(rules))
        # A rule that compiles to nothing is dropped beside another one, and restricts nothing alone (measured).
        kept = [(row, rule) for row, rule in rules if rule is not None] or [(row, EVERYTHING) for row, _ in rules]
        found: dict[Confidence, list[GrantRow]] = {}
        for row, rule in kept:
            confidence = _CONFIDENCE.get(self.world.reach(rule, known, self))
            if confidence is not None:
                found.setdefault(confidence, []).append(row)
        surest = min(found, key=rank, default=None)
        return None if surest is None else Opening(tuple(found[surest]), surest)

    def own_rows(self, account: Account) -> Iterator[tuple[Known, Confidence]]:
        """What the row of an account in the attacker's hands can be: its own, or another one it has got."""
        own = account == self.account
        key = account.user or (ME if own else ANOTHER)
        yield self.world.row_of_user(key, account.role), Confidence.HIGH
        if account.user is None:
            for named in self._named_users:
                user = self.world.known_user(named)
                if user is None and not self.world.has_users:
                    yield self.world.row_of_user(named, account.role), Confidence.LOW
                elif user is not None and user.role == account.role:
                    yield self.world.row_of_user(named, account.role, user.status), Confidence.MEDIUM

    @cached_property
    def _named_users(self) -> tuple[str, ...]:
        """Users whom the rules name by key: an account with a role may be one of them."""
        rules = (self.world.rule(row.permission) for row in self.rows(USERS, "update"))
        return tuple(sorted({str(key) for rule in rules if rule is not None for key in named_keys(rule)}))

    # --- what it may send --------------------------------------------------------------------------------------------

    def send(self, collection: str, action: str, name: str, value: object, *, relation: bool = False) -> Value | None:
        """Whether a payload may give a field that value: by a row that has the field, past all validations."""
        key = (collection, action, name, content_key(value))
        if key not in self._values:
            self._values[key] = self._send(collection, action, name, value, relation=relation)
        return self._values[key]

    def sends(self, collection: str, action: str, name: str, keys: tuple[Key, ...]) -> Iterator[tuple[Key, Value]]:
        """Those of the keys that a payload may give a foreign key."""
        place = (collection, action, name, keys)
        if place not in self._sendable:
            sent = (self.send(collection, action, name, one, relation=True) for one in keys)
            self._sendable[place] = tuple((number, value) for number, value in enumerate(sent) if value is not None)
        return ((keys[number], value) for number, value in self._sendable[place])

    def _send(self, collection: str, action: str, name: str, value: object, *, relation: bool) -> Value | None:
        rows = self.rows(collection, action, name)
        if not rows:
            return None
        grant = self.access.grant(collection, action)
        sent = self._sent(grant, name, value, relation=relation)
        if sent is None:
            return None
        reasons: tuple[str, ...] = () if sent.bare else ("foreign-key-deny-list",)
        if name in grant.presets and grant.presets[name] != value:
            reasons += ("preset-not-locked",)
        return Value(rows, Confidence.HIGH if sent.certain else Confidence.LOW, reasons)

    def _sent(self, grant: Grant, name: str, value: object, *, relation: bool) -> SentForm | None:
        if not grant.validations:
            return _FREELY
        return grant.payload_rules.sendable(name, value, self.context, relation=relation)

    def gives(self, collection: str, action: str, name: str, value: Json) -> Value | None:
        """A value for a field, sent or by the preset, which also gives fields that may not be sent."""
        sent = self.send(collection, action, name, value)
        if sent is not None:
            return sent
        grant = self.access.grant(collection, action)
        if self.preset(collection, action, name) != value or self._sent(grant, name, value, relation=False) is None:
            return None
        return Value(grant.rows)

    def preset(self, collection: str, action: str, name: str) -> Json | DynamicVariable:
        """What a preset gives a field, variables resolved; None without one."""
        preset = self.access.grant(collection, action).presets.get(name)
        if isinstance(preset, str) and preset.startswith("$"):
            return self.value(DynamicVariable(preset))
        return preset

    def leaves_out(self, collection: str, action: str, name: str) -> bool:
        """Whether a payload may come without a field, presets aside."""
        return self.access.grant(collection, action).payload_rules.omittable(name, self.context)

    # --- what it can know --------------------------------------------------------------------------------------------

    def knows_role(self, role: str) -> Knowledge:
        """Where the key of an administrator role comes from."""
        if role in self.access.roles:
            return KNOWN
        if self.opening(ROLES, "read", "id", self.world.row_of_role(role)):
            return Knowledge("its id is in directus_roles, which they can read")
        if any(self.opening(USERS, "read", "role", row) for row in self.world.administrators()):
            return Knowledge("its id is the `role` of administrators in directus_users, which they can read")
        rows = self.world.attachments.get(("role", role), ())
        if any(self.opening(ACCESS, "read", "role", self.world.row_of_attachment(row)) for row in rows):
            return Knowledge("its id is in directus_access, which they can read")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)

    def knows_policy(self, policy: str) -> Knowledge:
        """Where the key of a policy comes from."""
        if policy == PUBLIC_POLICY:
            return Knowledge("its id is the same in every Directus")
        if self.opening(POLICIES, "read", "id", self.world.row_of_policy(policy)):
            return Knowledge("its id is in directus_policies, which they can read")
        rows = self.world.attachments.get(("policy", policy), ())
        if any(self.opening(ACCESS, "read", "policy", self.world.row_of_attachment(row)) for row in rows):
            return Knowledge("its id is in directus_access, which they can read")
        if policy in self.world.roles and self.knows_role(policy).confidence is Confidence.HIGH:
            return Knowledge("its id is that of the role that it was made from by the upgrade")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)

    def knows_attachment(self, row: Access) -> Knowledge:
        """Where the key of a row of directus_access comes from."""
        if self.opening(ACCESS, "read", "id", self.world.row_of_attachment(row)):
            return Knowledge("the attachment's id is in directus_access, which they can read")
        return Knowledge("they must first learn the attachment's id, a random UUID", Confidence.MEDIUM)

    def knows_operation(self, known: Known) -> Knowledge:
        """Where the key of a row of directus_operations comes from."""
        if self.opening(OPERATIONS, "read", "id", known):
            return Knowledge("its id is in directus_operations, which they can read")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)

    def knows_administrator(self) -> Knowledge:
        """Where the key of an administrator's user comes from."""
        if any(self.opening(USERS, "read", "id", row) for row in self.world.administrators()):
            return Knowledge("its id is in directus_users, which they can read")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)


class Knowledge(Struct, frozen=True):
    """How the attacker comes to know a key, and how sure that is."""

    source: str = ""
    confidence: Confidence = Confidence.HIGH


KNOWN: Final = Knowledge()
_FREELY: Final = SentForm(bare=True)


def signing_in(name: str) -> Known:
    """What must hold of a user who is taken over by a field: those of another provider keep it, and a password or an
    address of theirs is no way in (measured on 10.13.4 and 11.17.4)."""
    return {("provider",): "default"} if name in ("password", "email") else {}


def named_keys(rule: Filter) -> Iterator[Scalar]:
    """Keys that a rule names at `id`."""
    for leaf in conditions(rule):
        if isinstance(leaf, Condition) and leaf.path == ("id",):
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            yield from (one for one in operands if isinstance(one, str))
