"""One export as the steps see it: its accounts, flows and rows of the access tables."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar, cast

from msgspec import Struct

from directus_guard.directus.access.filters import Condition, Quantified, conditions
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.access.schema import relations_to
from directus_guard.directus.access.system_data import system_fields, system_relations
from directus_guard.directus.content import content_key
from directus_guard.directus.flows.data import texts_in
from directus_guard.directus.gaps import ExportPart
from directus_guard.escalation.account import ANONYMOUS, Account
from directus_guard.escalation.flow_secrets import kept_of_others
from directus_guard.escalation.rule_keys import KEY_OPERATORS
from directus_guard.escalation.tables import (
    ACCESS,
    ACCESS_TABLES,
    ANY_ACCOUNT,
    DELETES,
    FREE,
    NO_GOALS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    SETTINGS,
    WRITES,
)
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.directus.access.filters import Filter, Path, Scalar
    from directus_guard.directus.access.records import Access, Permission, Role
    from directus_guard.directus.access.schema import Relation
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.tables import Goals, Known


Compared = TypeVar("Compared")
KeyOrNone = TypeVar("KeyOrNone", bound="str | None")


_MOST_ORDERED: Final = 64


class AccessRecords:
    """The records of one export, indexed. It answers no question about rules."""

    def __init__(self, export: Export, goals: Goals = NO_GOALS) -> None:
        """`goals`: actions on collections that a way may lead to, beside administrator."""
        self.export = export
        self.goals = goals
        self.tables = ACCESS_TABLES.union(collection for collection, _ in goals)
        """The collections whose permissions matter."""
        self.model = export.model
        self.major = self.model.version.major
        self.roles: Mapping[str, Role] = self.model.roles_by_id
        self._stored: dict[str | None, tuple[Permission, ...]] = {}
        self._ordered: dict[frozenset[str | None], tuple[str | None, ...]] = {}
        """What was put in order: the same keys often are again."""

    def in_order(self, keys: Iterable[KeyOrNone]) -> tuple[KeyOrNone, ...]:
        """Keys in an order that does not depend on them: by the names of what they are, then by its place in the export."""
        found = set(keys)
        # Most are single keys: their places in the export are not needed then, of which each state of a plan has its own.
        if len(found) < 2:
            return tuple(found)
        same = frozenset(found)
        if same not in self._ordered:
            if len(self._ordered) >= _MOST_ORDERED:
                self._ordered.clear()
            self._ordered[same] = tuple(sorted(found, key=self.place))
        return cast("tuple[KeyOrNone, ...]", self._ordered[same])

    def values_in_order(self, values: Iterable[Compared]) -> tuple[Compared, ...]:
        """Values that rules compare with: those that are no keys as they come, then keys in order."""
        return tuple(sorted(values, key=lambda one: self.place(one if isinstance(one, str) else None)))

    def place(self, key: str | None) -> tuple[int, str, int, str]:
        """What keys are sorted by. Those of no record come last."""
        if key is None:
            return (0, "", 0, "")
        return self._places.get(key) or (2, "", 0, key)

    @cached_property
    def _places(self) -> Mapping[str, tuple[int, str, int, str]]:
        """What each record is sorted by: its name, then its number."""
        model, export = self.model, self.export
        named: list[tuple[str | None, str | None]] = [(role.id, role.name) for role in model.roles]
        named += [(policy.id, policy.name) for policy in model.policies]
        named += [(flow.id, flow.name) for flow in export.flows]
        named += [(operation.id, operation.key) for operation in export.operations]
        named += [(user.id, None) for user in model.users]
        named += [(row.id, None) for row in model.access]
        return {key: (1, name or "", number, "") for number, (key, name) in enumerate(named) if key is not None}

    def order_of(self, account: Account) -> tuple[object, ...]:
        """What accounts are sorted by."""
        return tuple(
            self.place(key) for key in (account.role, account.user, account.gained, account.parent, *account.policies)
        )

    def account(self, principal: Principal) -> Account:
        """The account that a principal of the model is."""
        if principal.kind is PrincipalKind.PUBLIC:
            return ANONYMOUS
        if principal.kind is PrincipalKind.ROLE:
            return Account(role=principal.id)
        user = self.users_by_key.get(principal.id or "")
        return Account(
            role=user.role if user else None, user=principal.id, policies=self._attached.get(principal.id or "", ())
        )

    @cached_property
    def users_by_key(self) -> Mapping[str, _User]:
        """The users of the export by key."""
        return {user.id: _User(user.id, user.role, user.status, user.has_second_factor) for user in self.model.users}

    @cached_property
    def _attached(self) -> Mapping[str, tuple[str, ...]]:
        """The policies attached to each user, in a fixed order."""
        found: dict[str, list[str]] = {}
        for row in self.model.access:
            if row.user is not None:
                found.setdefault(row.user, []).append(row.policy)
        return {user: self.in_order(policies) for user, policies in found.items()}

    @cached_property
    def admin_policies(self) -> tuple[str, ...]:
        """Policies that make an administrator, sorted. Without one on record: one whose key is not known."""
        known = self.in_order(policy.id for policy in self.model.policies if policy.admin_access)
        return known or (ANY_ACCOUNT,)

    @cached_property
    def stored_by_some(self) -> frozenset[str]:
        """The collections of which some permission lets items be created or updated."""
        return frozenset(row.collection for row in self.model.permissions if row.action in ("create", "update"))

    @cached_property
    def admin_roles(self) -> tuple[str, ...]:
        """Roles that make an administrator, sorted. An export without any administrator leaves out one."""
        if self.export.admin_roles or self.attached_administrators:
            return self.in_order(self.export.admin_roles)
        return (ANY_ACCOUNT,)

    @cached_property
    def attached_administrators(self) -> tuple[str, ...]:
        """The users who are administrators by a policy of their own."""
        admin = set(self.admin_policies)
        return self.in_order(user for user, policies in self._attached.items() if admin & set(policies))

    @cached_property
    def kinds_of_administrators(self) -> tuple[tuple[str | None, str | None, tuple[str, ...]], ...]:
        """Role, status and keys of the administrators in the export; without any, of one that must exist."""
        roles = set(self.admin_roles)
        found: dict[tuple[str | None, str | None], list[str]] = {}
        for user in self.users_by_key.values():
            if user.role in roles and user.status in ("active", None):
                found.setdefault((user.role, user.status), []).append(user.id)
        for key in self.attached_administrators:
            known = self.users_by_key.get(key)
            found.setdefault((known.role if known else FREE, known.status if known else None), []).append(key)
        if not found:
            found = {(role, None): [ANY_ACCOUNT] for role in self.admin_roles}
        kinds = sorted(found, key=lambda kind: (self.place(kind[0]), kind[1] or ""))
        return tuple((*key, self.in_order(found[key])) for key in kinds)

    @property
    def known_administrators(self) -> frozenset[str]:
        """The keys of the administrators in the export."""
        return frozenset(key for _, _, keys in self.kinds_of_administrators for key in keys)

    def administrators(self, named: frozenset[Scalar] = frozenset()) -> Iterator[Known]:
        """What is known of the rows of administrators: those a rule names by key, and of the others one per kind."""
        for role, status, keys in self.kinds_of_administrators:
            one = next((key for key in keys if key not in named), None)
            for key in (*self.in_order(str(key) for key in named & set(keys)), *((one,) if one else ())):
                yield self.row_of_user(key, role, status)

    @cached_property
    def all_have_second_factors(self) -> bool:
        """Whether every administrator the export tells about has a second factor."""
        answers = [
            self.users_by_key[key].second_factor
            for _, _, keys in self.kinds_of_administrators
            for key in keys
            if key in self.users_by_key
        ]
        return bool(answers) and all(answers)

    def known_user(self, key: str) -> _User | None:
        """A user of the export."""
        return self.users_by_key.get(key)

    def is_user_of(self, key: str, role: str | None) -> Confidence | None:
        """How sure it is that the user with a key may have a role; None: the export shows that they do not."""
        user = self.users_by_key.get(key)
        if user is None:
            return None if self.has_all_users else Confidence.LOW
        return Confidence.MEDIUM if user.role == role else None

    @cached_property
    def has_users(self) -> bool:
        """Whether the export has users at all."""
        return bool(self.users_by_key)

    @cached_property
    def has_all_users(self) -> bool:
        """Whether there are no users but those of the export: not where it says that some are missing."""
        return self.has_users and not self.export.lacks(ExportPart.USERS)

    @cached_property
    def idle(self) -> tuple[tuple[Account, str], ...]:
        """Accounts of the export that cannot sign in as they are, with their status."""
        return tuple(
            (self.account(Principal(PrincipalKind.USER, user.id, user.id)), user.status)
            for user in self.users_by_key.values()
            if user.status not in ("active", None)
        )

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
        record = self.model.policies_by_id.get(policy)
        if record is not None:
            known |= {
                ("name",): record.name,
                ("admin_access",): record.admin_access,
                ("app_access",): record.app_access,
            }
        return known

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
        for row in self.attachments_in_order:
            found.setdefault(("policy", row.policy), []).append(row)
            if row.role is not None:
                found.setdefault(("role", row.role), []).append(row)
            if row.user is not None:
                found.setdefault(("user", row.user), []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    def rule(self, permission: Permission) -> Filter | None:
        """The item rule of a row; None if it compiles to nothing."""
        return self.model.rule(permission)

    def is_refused(self, permission: Permission) -> bool:
        """Whether the item rule of a row names a field that its system collection does not have, or asks more of an id than
        equality, as far as that is known: the server then refuses every request for which the row counts (400, measured on
        10.13.4)."""
        own = system_fields(self.model.version).get(permission.collection)
        rule = self.rule(permission) if own is not None and permission.action != "create" else None
        if own is None or rule is None:
            return False
        known = {*own, *self.model.fields.get(permission.collection, ())}
        leaves = [leaf for leaf in conditions(rule) if isinstance(leaf, (Condition, Quantified)) and leaf.path]
        with_uuid = permission.collection not in (PERMISSIONS, SETTINGS)
        return any(leaf.path[0] not in known or (with_uuid and _compares_id(leaf)) for leaf in leaves)

    def stored(self, holder: str | None) -> tuple[Permission, ...]:
        """The rows of a policy (10: role) in a fixed order."""
        if holder not in self._stored:
            self._stored[holder] = tuple(sorted(self.model.stored.get(holder, ()), key=_row_key))
        return self._stored[holder]

    @cached_property
    def locks(self) -> tuple[Permission, ...]:
        """The stored rows with a validation or presets on a write that decides who may do what, in a fixed order."""
        return tuple(
            row
            for holder in self.in_order(self.model.stored)
            for row in self.stored(holder)
            if row.collection in ACCESS_TABLES and (row.presets or not is_unrestricted(row.validation))
        )

    @cached_property
    def role_locks(self) -> bool:
        """Whether some of the `locks` hold for the users of a role, and with the role only."""
        of_roles = {row.policy for row in self.model.access if row.role is not None}
        return any(row.policy in of_roles for row in self.locks)

    @cached_property
    def attachments_in_order(self) -> tuple[Access, ...]:
        """The rows of directus_access, by the policies and by whom they are attached to."""

        def order(row: Access) -> tuple[object, ...]:
            return tuple(self.place(key) for key in (row.policy, row.role, row.user, row.id))

        return tuple(sorted(self.model.access, key=order))

    @cached_property
    def worthwhile_policies(self) -> tuple[str, ...]:
        """Policies with something a step can begin with, but no administrator's, sorted."""
        wanted = {*WRITES, *DELETES, *self.goals}
        admin = set(self.admin_policies)
        return self.in_order(
            holder
            for holder, rows in self.model.stored.items()
            if holder is not None
            and holder not in admin
            and any((row.collection, row.action) in wanted for row in rows)
        )

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """The flows in a fixed order."""
        return tuple(sorted(self.export.flows, key=lambda one: self.place(one.id)))

    @cached_property
    def writing_flows(self) -> frozenset[str]:
        """Flows with an operation that writes items with more than the caller's rights, or may."""
        return self._elevated("item-create", "item-update")

    @cached_property
    def deleting_flows(self) -> frozenset[str]:
        """Flows with an operation that deletes items with more than the caller's rights, or may."""
        return self._elevated("item-delete")

    @cached_property
    def storing_flows(self) -> frozenset[str]:
        """Flows with an operation that writes items, with any rights."""
        types = ("item-create", "item-update")
        return frozenset(one.flow for one in self.export.operations if one.flow is not None and one.type in types)

    def _elevated(self, *types: str) -> frozenset[str]:
        return frozenset(
            one.flow
            for one in self.export.operations
            if one.flow is not None
            and one.type in types
            and one.options.get("permissions") not in (None, "", "$trigger", "$public")
        )

    @cached_property
    def relations_to_access(self) -> Mapping[str, tuple[str, ...]]:
        """The fields by which items of each collection lead to the access tables."""
        return relations_to(self.relations, ACCESS_TABLES)

    @cached_property
    def relations(self) -> tuple[Relation, ...]:
        """Those of the data model, as far as it is known, and of the system collections."""
        schema = self.export.schema
        return (*(schema.relations if schema else ()), *system_relations(self.model.version))

    @cached_property
    def spells_keys(self) -> bool:
        """Whether the database may take several spellings for one key. PostgreSQL does; SQLite compares keys as texts. Others were
        not measured, and an export without a data model does not name the database."""
        vendor = self.export.schema.vendor if self.export.schema is not None else ""
        return vendor not in ("sqlite", "sqlite3")

    @cached_property
    def cascading(self) -> tuple[str, ...]:
        """The collections whose deleted items take rows that hold others back with them, by relations of the data model."""
        schema = self.export.schema
        own = {(one.collection, one.field) for one in system_relations(self.model.version)}
        # "": the export does not say what happens.
        relations = [
            one
            for one in (schema.relations if schema else ())
            if one.on_delete.upper() in ("CASCADE", "") and (one.collection, one.field) not in own
        ]
        found: set[str] = set()
        waiting = {PERMISSIONS, POLICIES, ACCESS, ROLES}
        while waiting:
            related = {one.related_collection for one in relations if one.collection in waiting}
            waiting = {one for one in related if one is not None} - found
            found |= waiting
        return tuple(sorted(found))

    @cached_property
    def has_blocking_flows(self) -> bool:
        """Whether some flow runs before what starts it, and may change what is written."""
        return any(flow.trigger == "event" and flow.options.get("type") != "action" for flow in self.flows)

    @cached_property
    def acting_flows(self) -> frozenset[str]:
        """Flows that write with more than the caller's rights, or start such a flow."""
        return self.writing_flows if not self.writing_flows else self.writing_flows | self.starting_flows

    @cached_property
    def kept_of_others(self) -> tuple[tuple[Flow, str], ...]:
        """The flows that store secrets which others send, and in which collection."""
        return tuple(
            (flow, kept)
            for flow, operation in self.operations
            if flow.status == "active" and (kept := kept_of_others(flow, operation)) is not None
        )

    @cached_property
    def signed_secrets(self) -> frozenset[str]:
        """The secrets of JSON Web Tokens in which an active flow signs what its caller sends."""
        active = {flow.id for flow in self.flows if flow.status == "active" and flow.trigger != "schedule"}
        signing = (one.options for one in self.export.operations if one.type == "json-web-token" and one.flow in active)
        return frozenset(
            secret
            for options in signing
            if options.get("operation") == "sign" and isinstance(secret := options.get("secret"), str) and "{{" not in secret
            and any("$trigger" in text or "$last" in text for text in texts_in(options.get("payload")))
        )  # fmt: skip

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
    def operations_of(self) -> Mapping[str | None, Sequence[Operation]]:
        """The operations of each flow."""
        found: dict[str | None, list[Operation]] = {}
        for one in self.export.operations:
            found.setdefault(one.flow, []).append(one)
        return found

    @cached_property
    def item_flows(self) -> frozenset[str | None]:
        """Flows that write items with whatever rights, or start other flows."""
        types = ("item-create", "item-update", "item-delete", "trigger")
        return frozenset(one.flow for one in self.export.operations if one.type in types)

    @cached_property
    def operations(self) -> tuple[tuple[Flow, Operation], ...]:
        """The operations of known flows, in a fixed order."""
        flows = {flow.id: flow for flow in self.export.flows}
        held = sorted(self.export.operations, key=lambda one: (self.place(one.flow), self.place(one.id)))
        return tuple((flows[one.flow], one) for one in held if one.flow in flows)


def _compares_id(leaf: Condition | Quantified) -> bool:
    """Whether a condition asks of an id what the type `uuid` has no operator for."""
    return isinstance(leaf, Condition) and leaf.path == ("id",) and leaf.operator not in KEY_OPERATORS


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
