"""What is stored at one point of a plan, and whose accounts the attacker has."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import Access, Permission, Policy, Role, User
from directus_guard.escalation.account import ANONYMOUS
from directus_guard.escalation.plans.counted import CountedPermissions, first_of_each
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.reach.flows import row_of_flow, row_of_operation
from directus_guard.escalation.reach.permissions import row_of_permission
from directus_guard.escalation.requests.request import ChosenKey, NewRow, SomeAdministrator
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import (
    ACCESS,
    ANY_ACCOUNT,
    FLOWS,
    ME,
    NO_GOALS,
    OPERATIONS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    SETTINGS,
    USERS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.access.grants import GrantRow
    from directus_guard.directus.export import Export, Settings
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.requests.request import Item
    from directus_guard.escalation.tables import Goals, Known
    from directus_guard.escalation.work import Work

Key = object
"""What an item is known by: its key; a stored row of directus_permissions or directus_access by its identity."""
SETTINGS_KEY: Final = 1


class AttachmentsByKey(dict[Key, Access]):
    """Rows of directus_access by key, as most states of a plan share them."""

    @cached_property
    def rows(self) -> AttachedRows:
        """The rows alone, with indexes that the states share."""
        return AttachedRows(self.values())


class SimulatedState(Struct, frozen=True, dict=True):
    """The records of one point in time. `keys`: what the users and new rows of requests have for keys here; `usable`: the
    keys of users whose accounts the attacker has."""

    base: Export
    work: Work
    roles: Mapping[Key, Role]
    policies: Mapping[Key, Policy]
    attachments: Mapping[Key, Access]
    permissions: Mapping[Key, Permission]
    users: Mapping[Key, User]
    flows: Mapping[Key, Flow]
    operations: Mapping[Key, Operation]
    settings: Settings | None
    keys: Mapping[Item, str]
    usable: frozenset[str] = frozenset()
    stored: Mapping[Key, Permission] = {}
    """The permissions as they were at the beginning."""
    readable: frozenset[str] = frozenset()
    """Tables that the attacker can read by a permission that they make, and change once they know the keys there."""
    hidden: frozenset[str] = frozenset()
    """New rows whose keys the answer did not tell: whoever made them may not read them, nor choose the key."""
    ahead: frozenset[Key] = frozenset()
    """Permissions that the database returns before others of their kind, although it was not asked to (`counted`)."""
    won: bool = False
    """Whether a flow made an administrator for the attacker."""
    goals: Goals = NO_GOALS
    """What a plan may lead to, beside administrator."""

    @cached_property
    def access_state(self) -> AccessState:
        """The same as questions are asked about it."""
        self.work.spend_on_records(len(self.roles) + len(self.policies) + len(self.attachments))
        model = replace(
            self.base.model,
            roles=tuple(self.roles.values()),
            policies=tuple(self.policies.values()),
            access=self.attachments.rows
            if isinstance(self.attachments, AttachmentsByKey)
            else AttachedRows(self.attachments.values()),
            permissions=self._counted.rows,
            users=tuple(self.users.values()),
        )
        export = replace(
            self.base,
            model=model,
            flows=tuple(self.flows.values()),
            operations=tuple(self.operations.values()),
            settings=self.settings,
        )
        return AccessState(export, self.work, self.goals)

    @cached_property
    def _counted(self) -> CountedPermissions:
        if self.base.model.has_policies:
            return CountedPermissions(tuple(self.permissions.values()))
        merged = frozenset(role.id for role in self.roles.values() if role.app_access)
        return first_of_each(self.permissions, merged, keyed=self.base.model.keyed, ahead=self.ahead)

    def is_one_of_several(self, attacker: Attacker, collection: str, action: str) -> bool:
        """Whether the permission of an account for an action is one of several, of which the server takes one."""
        return any((holder, collection, action) in self._counted.crowded for holder in attacker.holders)

    def attacker(self, person: Person) -> Attacker | None:
        """Who sends a request; None if the attacker does not have that account."""
        if person.account.public:
            return self.access_state.attacker(ANONYMOUS)
        key = self.keys.get(person)
        return self.attacker_of(key) if key in self.usable and key is not None else None

    def elsewhere(self, attacker: Attacker) -> Iterator[Attacker]:
        """Who sends a request, from addresses where not all of their policies count."""
        _, *others = self.access_state.places(attacker.account)
        return map(self.access_state.attacker, others)

    def attacker_of(self, key: str) -> Attacker:
        """A user as whoever sends requests."""
        return self.access_state.attacker(self.access_state.account(Principal(PrincipalKind.USER, key, key)))

    def stored_rows(self, rows: Iterable[GrantRow]) -> tuple[Permission, ...]:
        """What rows that count now were at the beginning; without those that the attacker made."""
        now = {row.identity: key for key, row in self.permissions.items()}
        keys = (now.get(source.identity) for row in rows for source in row.sources if not source.system)
        return tuple({key: self.stored[key] for key in keys if key in self.stored}.values())

    @property
    def is_won(self) -> bool:
        """Whether an account of the attacker is an administrator's, or has a goal."""
        wins = self.access_state.wins
        return self.won or any(wins(self.attacker_of(key).access) for key in self.usable) or self._public_won

    @property
    def _public_won(self) -> bool:
        """Whether visitors were given a goal, which they did not have."""
        if not self.goals or any(self.base.model.of(PUBLIC).grant(*goal).rows for goal in self.goals):
            return False
        return self.access_state.wins(self.access_state.attacker(ANONYMOUS).access)

    def items(self, collection: str, item: Item) -> tuple[Key, ...]:
        """The keys of what a request is about: of an administrator any, of nothing there none."""
        if isinstance(item, SomeAdministrator):
            return tuple(key for key in self.users if isinstance(key, str) and self.is_administrator(key))
        if isinstance(item, (Person, NewRow)):
            key: Key = self.keys.get(item)
        elif isinstance(item, ChosenKey):
            key = f"(chosen key of {item.collection})"
        elif isinstance(item, (Permission, Access)):
            key = stored_key(item)
        else:
            key = SETTINGS_KEY if collection == SETTINGS else item
        return (key,) if key in self.table(collection) else ()

    def inherits(self, role: object, above: Key) -> bool:
        """Whether a role is another one, or inherits from it: then it cannot be its parent (measured on 12.4.1; 11.17.4 has the
        same check, `validateRoleNesting`)."""
        seen: set[str] = set()
        current = role.get("id") if isinstance(role, dict) else role
        while isinstance(current, str) and current not in seen:
            if current == above:
                return True
            seen.add(current)
            known = self.roles.get(current)
            current = None if known is None else known.parent
        return False

    def is_administrator(self, key: str) -> bool:
        """Whether a user is an administrator who can sign in."""
        user = self.users[key]
        return user.status in ("active", None) and self.attacker_of(key).access.admin

    def table(self, collection: str) -> Mapping[Key, object]:
        """The records of a table."""
        tables: Mapping[str, Mapping[Key, object]] = {
            ROLES: self.roles, POLICIES: self.policies, ACCESS: self.attachments, PERMISSIONS: self.permissions,
            USERS: self.users, FLOWS: self.flows, OPERATIONS: self.operations, SETTINGS: {SETTINGS_KEY: self.settings},
        }  # fmt: skip
        return tables.get(collection, {})

    def known(self, collection: str, key: Key) -> Known:
        """What is known of an item."""
        match collection:
            case "directus_users":
                user = self.users[key]
                return self.access_state.row_of_user(user.id, user.role, user.status)
            case "directus_roles":
                return self.access_state.row_of_role(str(key))
            case "directus_policies":
                return self.access_state.row_of_policy(str(key))
            case "directus_access":
                return self.access_state.row_of_attachment(self.attachments[key])
            case "directus_permissions":
                return row_of_permission(self.access_state, self.permissions[key])
            case "directus_flows":
                return row_of_flow(self.flows[key])
            case "directus_operations":
                return row_of_operation(self.operations[key])
            case _:
                return {("id",): SETTINGS_KEY}


def stored_key(row: Permission | Access) -> Key:
    """What a stored row is known by, whatever becomes of it."""
    if isinstance(row, Permission):
        return row.identity
    return row.id or (row.policy, row.role, row.user, row.location)


def beginning(
    access_state: AccessState,
    persons: Iterable[Person],
    holders: frozenset[str | None],
    items: Iterable[Item],
    start: str,
) -> SimulatedState:
    """The export as it is, with an account for everybody whom the plan is about: permissions of these policies (10: roles)
    only. `items`: what its requests are about; `start`: the key of the attacker's user."""
    export, model = access_state.export, access_state.model
    changed = {stored_key(item) for item in items if isinstance(item, Permission)}
    roles: dict[Key, Role] = {role.id: role for role in model.roles}
    policies: dict[Key, Policy] = {policy.id: policy for policy in model.policies}
    attachments: dict[Key, Access] = {stored_key(row): row for row in model.access}
    if ANY_ACCOUNT in access_state.admin_roles:
        roles[ANY_ACCOUNT] = Role(ANY_ACCOUNT, admin_access=not model.has_policies)
    if ANY_ACCOUNT in access_state.admin_policies and model.has_policies:
        policies[ANY_ACCOUNT] = Policy(ANY_ACCOUNT, admin_access=True)
    if ANY_ACCOUNT in access_state.admin_roles and model.has_policies:
        admin = access_state.admin_policies[0]
        attachments[ANY_ACCOUNT] = Access(admin, ANY_ACCOUNT, id=ANY_ACCOUNT)
    users: dict[Key, User] = {user.id: user for user in model.users}
    keys: dict[Item, str] = {}
    for known in access_state.administrators():
        key, role = str(known["id",]), known.get(("role",))
        users.setdefault(key, User(key, role if isinstance(role, str) else None, "active"))
    for person in persons:
        key = person.account.user or (start if person.key == ME else f"(a user: {' '.join(person.order)})")
        keys[person] = key
        users.setdefault(key, User(key, person.account.role, person.status))
    permissions: dict[Key, Permission] = {
        stored_key(row): row
        for holder in access_state.in_order(holders)
        for row in access_state.stored(holder)
        # What else accounts may do matters to flows only.
        if export.flows or row.collection in access_state.tables or stored_key(row) in changed
    }
    return SimulatedState(
        export, access_state.work, roles, policies, AttachmentsByKey(attachments), permissions, users,
        {flow.id: flow for flow in export.flows}, {one.id: one for one in export.operations}, export.settings, keys,
        stored=permissions, goals=access_state.goals,
    )  # fmt: skip
