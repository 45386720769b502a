"""Who may reach, send and know what at one point in time.

Questions about item rules go to the rule algebra (`directus/access/known_items.py`), questions about payloads
to `directus/access/validation.py`; what neither can tell makes an answer less sure, never silent. Accounts with the same policies
share the rows, and each question is asked once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.attached_rows import AttachedRows
from directus_guard.directus.access.filters import (
    EVERYTHING,
    NOTHING,
    Condition,
    Quantified,
    conditions,
    variables,
)
from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.known_items import Reach, reach
from directus_guard.directus.access.merging import by_key
from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.flows.start import starting_permissions
from directus_guard.escalation.account import Account
from directus_guard.escalation.attacker import Attacker
from directus_guard.escalation.reach.personal_runs import PersonalRuns
from directus_guard.escalation.records import AccessRecords
from directus_guard.escalation.related import decided, names_attachments
from directus_guard.escalation.rule_keys import named_keys, named_roles
from directus_guard.escalation.tables import ACCESS_TABLES, ANY_ACCOUNT, BEGINNINGS, FREE, NO_GOALS, UNNAMED, USERS
from directus_guard.escalation.work import COST_OF_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from directus_guard.directus.access.filters import Filter, Path, Scalar
    from directus_guard.directus.access.model import AccessModel
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.start import ByItself
    from directus_guard.directus.tri import Tri
    from directus_guard.escalation.reach.facts import Person
    from directus_guard.escalation.reach.through_flows import FlowWrite
    from directus_guard.escalation.tables import Goals, Known
    from directus_guard.escalation.work import Work


MOST_CHOICES: Final = 16
"""Where more are possible, all permissions of one kind count together."""


class EscalatingFlow(Struct, frozen=True):
    """A flow through which a caller makes an administrator: by which operation, and whether that is sure."""

    flow: Flow
    operation: Operation
    works: Tri
    others: tuple[str, ...] = ()
    """The keys of further operations of the flow by which one may be made."""
    stored_in: frozenset[str] = frozenset()
    """It takes items of these collections, which whoever makes an administrator must be able to write."""
    secrets: frozenset[tuple[str, str]] = frozenset()
    """Collections and their fields by which the flow selects the items of `stored_in`: whoever can read a value may send it."""
    read_in: frozenset[str] = frozenset()
    """It leaves a secret in items of these collections, which whoever makes an administrator must be able to read."""
    sent: frozenset[str] = frozenset()
    """It does so only if these fields are in the payload of the write that starts it."""
    by_others: bool = False
    """Whether another person or the clock starts it, and not the caller."""


class ChangedFlow(Struct, frozen=True):
    """What a flow writes for its callers once it was changed, and by which operations they make an administrator."""

    writes: tuple[FlowWrite, ...]
    drives: tuple[EscalatingFlow, ...]


class AccessState(AccessRecords):
    """One export, and the questions the steps ask about it."""

    def __init__(self, export: Export, work: Work, goals: Goals = NO_GOALS) -> None:
        super().__init__(export, goals)
        self.work = work
        self._reach: dict[tuple[object, ...], Reach] = {}
        self.drives: dict[bool, Iterable[EscalatingFlow]] = {}
        """The flows through which the public (True) or anybody signed in makes an administrator."""
        self.stored_by_flows: dict[bool, frozenset[tuple[str, str, str]]] = {}
        """Where flows store what the public (True) or anybody signed in sends."""
        self.flow_writes: dict[bool, tuple[FlowWrite, ...]] = {}
        """What flows write for the public (True) or anybody signed in."""
        self.starting_permissions: tuple[tuple[str, str], ...] | None = None
        """What starts flows that matter, once it was asked for."""
        self.registration_writes: tuple[FlowWrite, ...] | None = None
        """What flows write that registration starts, once they were asked for."""
        self.changed_flows: dict[tuple[object, ...], ChangedFlow] = {}
        """What flows do once fields of them are changed, for the public (True) or anybody signed in."""
        self.caused: dict[ByItself, tuple[EscalatingFlow, ...]] = {}
        """The flows through which events that the server causes make an administrator."""
        self.started_by_flows: dict[bool, tuple[EscalatingFlow, ...]] = {}
        """The same of events that flows cause by what they store for visitors (True) or accounts."""
        self.emptying: dict[bool, tuple[tuple[Flow, Operation], ...]] = {}
        """The operations that delete users whom the public (True) or anybody signed in chooses."""
        self.personal_runs = PersonalRuns(self)
        self.retriggered: dict[tuple[str, str], EscalatingFlow | None] = {}
        """What the public could make of flows, had they a webhook."""
        self._variables: dict[Filter, bool] = {}
        self._apart: dict[frozenset[Scalar], tuple[tuple[Account, ...], tuple[Account, ...]]] = {}
        self.given_fields: dict[tuple[bool, tuple[str, str]], bool] = {}
        """Whether a flow hands a field of a collection to visitors (True) or accounts, once that was asked."""
        self._roles_named: dict[Filter, frozenset[Scalar] | None] = {}
        self._rows_of: dict[str, Mapping[tuple[str, str], Sequence[GrantRow]]] = {}
        self._attackers: dict[Account, Attacker] = {}
        self._models: dict[tuple[str, ...], AccessModel] = {}
        self._choices: dict[Account, Sequence[PrincipalAccess]] = {}
        self.persons: tuple[Person, ...] = ()
        """Everybody whose account could be taken over, once they were asked for."""

    def attacker(self, account: Account) -> Attacker:
        """The account with what it may do; made once."""
        made = self._attackers.get(account)
        if made is None:
            made = self._attackers[account] = Attacker(self, account)
            self.work.spend(COST_OF_ACCOUNT + len(made.access.roles) + len(made.access.policies))
        return made

    def model_at(self, limited: tuple[str, ...] | None) -> AccessModel:
        """The access of an address where only these of the policies with `ip_access` count (None: all)."""
        if limited is None:
            return self.model
        if limited not in self._models:
            gone = self.model.limited.difference(limited)
            access = AttachedRows(row for row in self.model.access if row.policy not in gone)
            self.work.spend(len(self.model.access))
            self._models[limited] = replace(self.model, access=access)
        return self._models[limited]

    def places(self, account: Account) -> Sequence[Account]:
        """An account as Directus sees it from different addresses: where all of its policies with `ip_access` count, where none
        does, and where only those with the same list do."""
        if not self.model.limited:
            return (account,)
        held = self.in_order({*self.attacker(account).access.policies} & self.model.limited)
        if not held:
            return (account,)
        lists: dict[tuple[str, ...], list[str]] = {}
        for policy in held:
            lists.setdefault(self.model.policies_by_id[policy].ip_access, []).append(policy)
        alone = [tuple(policies) for policies in lists.values()] if len(lists) > 1 else []
        return (account, *(replace(account, limited=limited) for limited in ((), *alone)))

    def choices(self, account: Account) -> Sequence[PrincipalAccess]:
        """On 10 without app access: what an account may do with each of several permissions of one kind; () where it has no
        two of a kind that matters, or too many."""
        if self.model.has_policies:
            return ()
        if account not in self._choices:
            self._choices[account] = self.attacker(account).access.taking_one(self._choosable, MOST_CHOICES)
        return self._choices[account]

    @cached_property
    def _choosable(self) -> tuple[tuple[str, str], ...]:
        """The collections and actions for which it matters which permission is taken."""
        events = (pair for flow in self.flows for pair in starting_permissions(flow, self.model.version))
        return tuple(sorted({*BEGINNINGS, *events}))

    def taking_one(self, account: Account) -> Sequence[Account]:
        """An account, once for each of its `choices`."""
        choices = self.choices(account)
        return [replace(account, taken=number) for number in range(len(choices))] or [account]

    @cached_property
    def others(self) -> tuple[Account, ...]:
        """Accounts of others that could be taken over: one per role, one without, users with own policies, and users that a
        rule names; no administrator's."""
        accounts = [Account(role=role.id) for role in self.model.roles]
        accounts += [self.account(Principal(PrincipalKind.USER, user, user)) for user in self._attached]
        accounts += [self._account_of(user) for user in self._named_users]
        accounts.append(Account())
        found = {account for account in accounts if not self.attacker(account).access.admin}
        return tuple(sorted(found, key=self.order_of))

    @cached_property
    def _named_users(self) -> tuple[str, ...]:
        """Users that rules on users name by key, as far as they differ: of those that the same rules name, one for each record.
        Without users in the export it is not known who they are; with all users, others do not exist."""
        rules: dict[str, list[int]] = {}
        rows = (row for rows in self.model.stored.values() for row in rows if row.collection == USERS)
        compiled = (self.rule(row) for row in rows)
        for number, rule in enumerate(dict.fromkeys(rule for rule in compiled if rule is not None)):
            for key in dict.fromkeys(map(str, named_keys(rule))):
                rules.setdefault(key, []).append(number)
        alike: dict[tuple[object, ...], str] = {}
        for key in self.in_order(key for key in rules if not self.has_all_users or key in self.users_by_key):
            record = self.users_by_key.get(key)
            kind = None if record is None else (record.role, record.status, self._attached.get(key))
            alike.setdefault((kind, *rules[key]), key)
        self.work.spend(len(rules))
        # Who is not active is among the idle.
        return tuple(
            key
            for key in alike.values()
            if key not in self.users_by_key or self.users_by_key[key].status in ("active", None)
        )

    def _account_of(self, user: str) -> Account:
        if user not in self.users_by_key:
            return Account(role=FREE, user=user, policies=self._attached.get(user, ()))
        return self.account(Principal(PrincipalKind.USER, user, user))

    @cached_property
    def live(self) -> tuple[Account, ...]:
        """Those of the others that have something a step can begin with."""
        return tuple(account for account in self.others if self.attacker(account).powerful)

    def split_others(
        self, permissions: Sequence[Permission], attacker: Attacker
    ) -> tuple[tuple[Account, ...], tuple[Account, ...]]:
        """The others, as rules on users see them: those that no rule tells apart, and those that must be asked for one
        by one (users by key, roles that a rule names, the attacker's own)."""
        named: set[Scalar] = set(attacker.access.roles)
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
            self._roles_named[rule] = named_roles(rule)
        return self._roles_named[rule]

    @cached_property
    def worthwhile_roles(self) -> tuple[str, ...]:
        """Roles with something a step can begin with, but no administrator's, sorted."""
        return tuple(one.role for one in self.live if one.role is not None and one.user is None)

    def rows_of(self, policy: str) -> Mapping[tuple[str, str], Sequence[GrantRow]]:
        """What a policy grants on the access tables, by collection and action; read once."""
        if policy not in self._rows_of:
            self._rows_of[policy] = by_key(
                GrantRow(row, policy, (row,), self.rule(row))
                for row in self.stored(policy)
                if row.collection in self.tables
            )
        return self._rows_of[policy]

    def wins(self, access: PrincipalAccess) -> bool:
        """Whether whoever has this access has what a way leads to."""
        return access.admin or any(self.counts(row) for goal in self.goals for row in access.grant(*goal).rows)

    def counts(self, row: GrantRow) -> bool:
        """Whether a row grants something by itself."""
        permission, rule = row.permission, row.rule
        if permission.fields_matter and not permission.fields:
            return False
        empty = rule is not None and self.export.is_empty(permission.collection, permission.action, rule)
        return not empty

    def _attached_to(self, known: Known) -> Mapping[Path, Sequence[Known]]:
        """The attachments of a user's role and of the user itself, as far as they are known, by the path that leads there."""
        found: dict[Path, Sequence[Known]] = {}
        role, user = known.get(("role",)), known.get(("id",))
        if isinstance(role, str) and role in self.roles:
            found["role", "policies"] = self._rows_attached(("role", role))
        elif ("role",) in known and role is None:
            found["role", "policies"] = ()
        if isinstance(user, str) and user in self.users_by_key:
            found["policies",] = self._rows_attached(("user", user))
        return found

    def _rows_attached(self, holder: tuple[str, str]) -> tuple[Known, ...]:
        rows = self.attachments.get(holder, ())
        policies = [
            (row, {("policy", *path): value for path, value in self.row_of_policy(row.policy).items()}) for row in rows
        ]
        return tuple({**self.row_of_attachment(row), **policy} for row, policy in policies)

    def mentions(self, name: str) -> bool:
        """Whether some rule on the access tables mentions a field."""
        return name in self._mentioned

    @cached_property
    def distinguished_roles(self) -> frozenset[str]:
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

    def reach(self, rule: Filter, known: Known, attacker: Attacker) -> Reach:
        """`known_items.reach`, each question once."""
        if rule == EVERYTHING:
            return Reach.ALWAYS
        if rule == NOTHING:
            return Reach.NEVER
        if names_attachments(rule):
            rule = decided(rule, self._attached_to(known), attacker.value)
        variables = self.has_variables(rule)
        if not variables and known.get(("role",)) is not None and known.get(("id",)) in UNNAMED:
            # Roles that a rule on users does not name are alike.
            named = self._named_roles(rule)
            if named is not None and known["role",] not in named:
                known = {path: value for path, value in known.items() if path[0] != "role"} | {("role",): ANY_ACCOUNT}
        key = (rule, tuple(known.items()), attacker.account if variables else None)
        answer = self._reach.get(key)
        if answer is None:
            answer = self._reach[key] = reach(rule, known, attacker.value)
        return answer
