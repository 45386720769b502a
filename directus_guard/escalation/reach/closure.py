"""What an attacker can bring about: facts, each with the writes that lead to it, until no write adds another one.

Monotone: a fact that holds stays, whatever else is written. So two gains at once, other people's accounts that are made
administrators, and locks that can be taken away are all in it, without a limit; and where administrator is not among the
facts, no sequence of these writes leads there. What may be done (`rules`, `send`) is asked of effective access as Directus
merges it, with what was brought about so far.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final, cast

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.filters import EVERYTHING, DynamicVariable
from directus_guard.directus.access.grants import Grant
from directus_guard.directus.access.item_rules import is_unrestricted
from directus_guard.directus.access.records import Permission
from directus_guard.directus.access.validation import Validations
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.escalation.account import ANONYMOUS, Account
from directus_guard.escalation.attacker import sent_form
from directus_guard.escalation.evidence import Allowed, Knowledge, SendableValue, rank, weakest
from directus_guard.escalation.reach import presets
from directus_guard.escalation.reach.attached import attachments
from directus_guard.escalation.reach.facts import (
    ADMINISTRATOR,
    Attached,
    Carries,
    Changed,
    Controls,
    Created,
    Deleted,
    Detached,
    Dormant,
    Fact,
    Flagged,
    Granted,
    HasRole,
    Inherits,
    Made,
    Mailed,
    Person,
    PresetsGone,
    SomeFact,
    Unlocked,
)
from directus_guard.escalation.rule_keys import only_keys
from directus_guard.escalation.tables import ACCESS, ANY_ACCOUNT, FREE, ME, PERMISSIONS, PLAIN, ROLES, USERS
from directus_guard.escalation.telling import PlanStep, plan_step
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from directus_guard.directus.access.filters import Json, Path, Scalar
    from directus_guard.directus.access.grants import GrantRow
    from directus_guard.escalation.attacker import Attacker, Key
    from directus_guard.escalation.requests.request import Requests
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known
    from directus_guard.finding import Location

VISITOR: Final = Person(ANONYMOUS, "")
"""Whoever has no account."""
NEWCOMER: Final = "(a new user)"
"""The key of a user that the attacker made."""


MOST_VALUES: Final = 16
"""So many combinations of the values that an item may be given are asked about; where there are more, it may have any."""
COST_OF_CAUSE: Final = 5
"""What it costs to tell one write, in questions."""


class Cause(Struct, frozen=True, eq=False):
    """A write, and what was brought about before it. A write of several requests is several causes."""

    step: PlanStep
    before: tuple[Cause, ...]
    requests: Requests = ()
    """What is sent, any of these."""

    @property
    def key(self) -> object:
        """What tells the write from every other one, whatever it rests on."""
        rows = tuple(one.item.identity for one in self.requests if isinstance(one.item, Permission))
        return self.step.kind, self.step.does, self.step.gives, self.step.account, rows

    @property
    def place(self) -> Location | None:
        """The place of the permission that allows the write."""
        return self.step.location or next((row.location for row in self.step.rows if row.location), None)

    def all(self) -> Causes:
        """All writes in an order that works: each after what it rests on."""
        ordered: dict[PlanStep, Cause] = {}
        waiting: list[tuple[Cause, bool]] = [(self, False)]
        while waiting:
            cause, ready = waiting.pop()
            if cause.step in ordered:
                continue
            if ready:
                ordered[cause.step] = cause
            else:
                waiting.append((cause, True))
                waiting += [(one, False) for one in reversed(cause.before)]
        return tuple(ordered.values())

    def steps(self) -> tuple[PlanStep, ...]:
        """What is done by all writes, in that order."""
        return tuple(cause.step for cause in self.all())


Causes = tuple[Cause, ...]


class UsableAccount(Struct, frozen=True):
    """An account as the attacker can use it: whose, with which role and gains, and what had to be brought about."""

    person: Person
    account: Account
    attacker: Attacker
    before: Causes = ()


class Usable(Struct, frozen=True):
    """A row that an account can use, and what gave it to the account (None: it had it)."""

    row: GrantRow
    cause: Cause | None = None
    beside: Causes = ()
    """What gave the account the policy that was given the row."""
    carried_out: bool = False
    """Whether it is what a flow writes: only its own validation holds."""

    @property
    def causes(self) -> Causes:
        """All that had to be brought about."""
        return self.beside if self.cause is None else (self.cause, *self.beside)


class Basis(Struct, frozen=True):
    """What lets a write through, and what had to be brought about for it."""

    what: Allowed | SendableValue | Knowledge
    before: Causes = ()

    @property
    def confidence(self) -> Confidence:
        """How sure it is."""
        return self.what.confidence


class Closure:
    """The facts that one attacker can bring about, none less sure than `level`."""

    def __init__(self, state: AccessState, start: Account, level: Confidence, *, visitor: bool) -> None:
        """`visitor`: whether what can be done without an account counts too."""
        self.state = state
        self.level = level
        self.facts: dict[Fact, Cause | None] = {}
        self._by_kind: dict[type[object], dict[Fact, Cause]] = {}
        """Those that a write brought about."""
        self.excluded: frozenset[object] = frozenset()
        """Writes that do not count (`Cause.key`), and keys that no write may name."""
        self.start = VISITOR if start.public else Person(start, start.user or ME)
        self.rows: dict[str | None, list[Usable]] = {}
        """Rows that policies (10: roles) were given."""
        self.unlocks = False
        """Whether some validation can be taken out of the way."""
        self.current: tuple[UsableAccount, ...] = ()
        """The accounts of the round that is worked out."""
        self._somebody: dict[tuple[str, str, str | None], bool] = {}
        """What some of them may do."""
        self._persons: list[Person] = []
        self.created: list[Person] = []
        """Accounts that the attacker made and cannot sign in to yet, or only once they are active."""
        self._kept: dict[str, tuple[int, tuple[str | None, ...]]] = {}
        self._flagged: set[str] = set()
        self._carried_out: dict[Account, list[Usable]] = {}
        """What flows write for an account that starts them."""
        self._roles: dict[Person, dict[str | None, Cause | None]] = {}
        self._attached: dict[Person | str | None, dict[str, Cause]] = {}
        self._parents: dict[str, dict[str, Cause]] = {}
        self._changed: dict[tuple[str, str], dict[str, dict[Scalar, Cause]]] = {}
        """By item and field the values that can be sent, with what sends each; `FREE`: any other one."""
        self._named: dict[tuple[Account, str], frozenset[str | None]] = {}
        """The roles that an account's rules on users do not tell apart, by field."""
        self.add(Controls(self.start), None)
        if visitor:
            self.add(Controls(VISITOR), None)

    # --- facts -------------------------------------------------------------------------------------------------------

    @property
    def goal(self) -> Cause | None:
        """What makes the attacker an administrator."""
        return self.facts.get(ADMINISTRATOR)

    def add(self, fact: Fact, cause: Cause | None) -> bool:
        """Note a fact. Whether it is new."""
        if fact in self.facts or (cause is not None and self.excluded and self._is_excluded(cause)):
            return False
        self.facts[fact] = cause
        if cause is not None:
            self._by_kind.setdefault(type(fact), {})[fact] = cause
        match fact:
            case HasRole(person, role):
                # Whoever is given a role may still have the one that they had.
                self._roles.setdefault(person, {person.account.role: None})[role] = cause
            case Created(person) | Dormant(person) | Mailed(person):
                self.created.append(person)
                self._roles.setdefault(person, {})[person.account.role] = cause
            case Controls(person):
                self._persons.append(person)
                if not person.account.public:
                    self._roles.setdefault(person, {}).setdefault(person.account.role, None)
            case Flagged(key):
                self._flagged.add(key)
            case Attached(holder, policy) if cause is not None:
                self._attached.setdefault(holder, {})[policy] = cause
            case Inherits(role, parent) if cause is not None:
                self._parents.setdefault(role, {})[parent] = cause
            case Unlocked() | Deleted() | Detached() | PresetsGone():
                self.unlocks = True
            case Changed(collection, key, name, values) if cause is not None:
                held = self._changed.setdefault((collection, key), {}).setdefault(name, {})
                held |= {value: cause for value in values if value not in held}
            case _:
                pass
        if cause is not None and self._is_administrators(fact):
            self.facts.setdefault(ADMINISTRATOR, cause)
        return True

    def _is_administrators(self, fact: Fact) -> bool:
        """Whether a fact makes the attacker's own user an administrator, or gives them an administrator's account."""
        match fact:
            case HasRole(person, role):
                return person == self.start and role in self.state.admin_roles
            case Attached(holder, policy):
                return holder == self.start and holder != VISITOR and policy in self.state.admin_policies
            case Controls(person):
                return person.account.role in self.state.admin_roles
            case _:
                return False

    def _is_excluded(self, cause: Cause) -> bool:
        return any(
            one.key in self.excluded or any(name in self.excluded for request in one.requests for name in request.names)
            for one in (cause, *cause.before)
        )

    def grant(self, fact: Granted, row: GrantRow, cause: Cause) -> bool:
        """Note a row that a policy was given. Whether it is new."""
        if not self.add(fact, cause):
            return False
        self.rows.setdefault(fact.holder, []).append(Usable(row, cause))
        return True

    def carry_out(self, fact: Carries, usable: Usable) -> bool:
        """Note what a flow writes for an account. Whether it is new."""
        if not self.add(fact, usable.cause):
            return False
        self._carried_out.setdefault(fact.account, []).append(usable)
        return True

    def until_it_grows(self, name: str, keys: Callable[[], tuple[Key, ...]]) -> tuple[Key, ...]:
        """Keys that are worked out anew only once another fact has been added."""
        kept = self._kept.get(name)
        if kept is None or kept[0] != len(self.facts):
            kept = self._kept[name] = len(self.facts), keys()
        return cast("tuple[Key, ...]", kept[1])

    def of_kind(self, kind: type[SomeFact]) -> tuple[tuple[SomeFact, Cause], ...]:
        """The facts of a kind that a write brought about, in their order."""
        return tuple(cast("Iterable[tuple[SomeFact, Cause]]", self._by_kind.get(kind, {}).items()))

    def has_changed(self, collection: str) -> bool:
        """Whether items of a collection were changed, so that rules which mention that hold or not."""
        return any(changed == collection for changed, _ in self._changed)

    def made(self, collection: str) -> Cause | None:
        """What made a new row of a collection."""
        return self.facts.get(Made(collection))

    def cause(
        self,
        acting: UsableAccount,
        kind: str,
        does: str,
        gives: str,
        where: tuple[str, str, str | None],
        *evidence: Basis | None,
        requests: Requests = (),
    ) -> Cause | None:
        """A write by an account; None where it is less sure than what is asked for."""
        given = [one for one in evidence if one is not None]
        self.state.work.spend(COST_OF_CAUSE)
        step = plan_step(kind, does, gives, *where, *(one.what for one in given), account=acting.account)
        if rank(step.confidence) > rank(self.level):
            return None
        before = dict.fromkeys((*acting.before, *(cause for one in given for cause in one.before)))
        if not any(row.location for row in step.rows):
            # A row that the attacker made has no place: that of what let it be made is used.
            places = (cause.place for cause in (*(cause for one in given for cause in one.before), *acting.before))
            step = replace(step, location=next((place for place in places if place), None))
        sent = tuple(request if request.by else replace(request, by=acting.person) for request in requests)
        return Cause(step, tuple(before), sent)

    # --- who acts ----------------------------------------------------------------------------------------------------

    def persons(self) -> Iterator[Person]:
        """Those whose accounts the attacker has."""
        yield from tuple(self._persons)

    def roles_of(self, person: Person) -> Mapping[str | None, Cause | None]:
        """The roles that an account has or may be given, with what gives them."""
        return self._roles.get(person) or {person.account.role: None}

    def usable_accounts(self) -> Iterator[UsableAccount]:
        """The accounts of the attacker, each with one gain at a time: no other gain is an obstacle to the rows it gives."""
        for person in self.persons():
            got = self.facts[Controls(person)]
            if person.account.public:
                yield from self._taking_one(person, ANONYMOUS, ())
                continue
            for role, cause in list(self.roles_of(person).items()):
                before = tuple(one for one in (got, cause) if one is not None)
                yield from self._usable_accounts_of(
                    person, replace(person.account, role=role, gained=None, parent=None), before
                )

    def _usable_accounts_of(self, person: Person, base: Account, before: Causes) -> Iterator[UsableAccount]:
        yield from self._taking_one(person, base, before)
        ancestors = self.ancestors(base.role)
        gains = dict(self._attached.get(person, {}))
        for role, causes in ancestors.items():
            if causes:
                account = replace(base, parent=role)
                yield from self._from_each_place(person, account, (*before, *causes))
            for policy, gained in self._attached.get(role, {}).items():
                gains.setdefault(policy, gained)
        for policy, gained in gains.items():
            account = replace(base, gained=policy)
            yield from self._from_each_place(person, account, (*before, gained))

    def _taking_one(self, person: Person, base: Account, before: Causes) -> Iterator[UsableAccount]:
        """An account; on 10 once for each of several permissions that the server may take, unless they can be joined: the
        permissions of a role with app access are."""
        for account in (base,) if self._gets_app_access(base.role) else self.state.taking_one(base):
            yield from self._from_each_place(person, account, before)

    def _from_each_place(self, person: Person, base: Account, before: Causes) -> Iterator[UsableAccount]:
        """An account; from 11 on once for each set of its policies with `ip_access` that may count together."""
        for account in self.state.places(base):
            yield UsableAccount(person, account, self.state.attacker(account), before)

    def _gets_app_access(self, role: str | None) -> bool:
        """10: whether a role can be given app access."""
        if role is None or HAS_POLICIES.of_major(self.state.major):
            return False
        known = self.state.row_of_role(role)
        return any(self.allowed(one, ROLES, "update", "app_access", known, role) for one in self.current)

    def has_policies_of_its_own(self, person: Person) -> bool:
        """Whether a policy was attached to a user."""
        return person in self._attached

    def ancestors(self, role: str | None) -> dict[str, Causes]:
        """A role and those it inherits from, or can be made to, with what makes it."""
        found: dict[str, Causes] = {}
        waiting: list[tuple[str, Causes]] = [(one, ()) for one in self.state.model.role_path(role)]
        if role is not None and not waiting:
            waiting.append((role, ()))
        while waiting:
            one, causes = waiting.pop()
            if one in found:
                continue
            found[one] = causes
            for parent, cause in self._parents.get(one, {}).items():
                waiting += [(further, (*causes, cause)) for further in self.state.model.role_path(parent) or (parent,)]
        return found

    def begin_round(self) -> None:
        """Note the accounts there are by now."""
        self.current = tuple(self.usable_accounts())
        self._somebody.clear()

    def is_allowed(self, collection: str, action: str, name: str | None = None) -> bool:
        """Whether some account of the round has an action, with a field: asked for once a round."""
        key = (collection, action, name)
        if key not in self._somebody:
            self._somebody[key] = any(self.may_use(one, collection, action, name) for one in self.current)
        return self._somebody[key]

    @property
    def attaches(self) -> bool:
        """Whether some account of the round can attach a policy, or move an attachment."""
        return any(self.is_allowed(ACCESS, action) for action in ("create", "update"))

    @property
    def policies(self) -> frozenset[str]:
        """The policies that were given something: rows, or administrator access."""
        return frozenset(self._flagged.union(holder for holder in self.rows if holder is not None))

    @property
    def attached(self) -> frozenset[str]:
        """The policies that were attached to a user, a role or the public."""
        return frozenset(policy for policies in self._attached.values() for policy in policies)

    @property
    def roles(self) -> frozenset[str]:
        """The roles that were given something: a policy, a parent, rows, or administrator access."""
        attached = {holder for holder in self._attached if isinstance(holder, str)}
        return frozenset(attached | self._parents.keys() | self.policies)

    def is_administrator(self, acting: UsableAccount) -> Causes | None:
        """What makes an account an administrator's; None if it is none."""
        account, state = acting.account, self.state
        if acting.person.account.public:
            return None
        admins = {*state.admin_roles}
        if acting.attacker.access.admin or account.role in admins or account.parent in admins:
            return acting.before
        if account.gained in state.admin_policies:
            return acting.before
        held = acting.attacker.flagged if HAS_POLICIES.of_major(state.major) else tuple(acting.attacker.access.roles)
        for key in held:
            flag = self.facts.get(Flagged(key))
            if flag is not None:
                return (*acting.before, flag)
        return None

    def has_goal(self, acting: UsableAccount) -> Causes:
        """What gave an account one of the goals; () = it has none, or had it from the beginning."""
        for goal in sorted(self.state.goals):
            for usable in self.usable(acting, *goal):
                causes = (*acting.before, *usable.causes)
                if causes and self.state.counts(usable.row):
                    return causes
        return ()

    def may_write(self, acting: UsableAccount) -> bool:
        """Whether an account has a row that a write can begin with, or can start flows."""
        if acting.person.account.public or acting.attacker.powerful or self.state.flows:
            return True
        return any(self.rows.get(holder) for holder in acting.attacker.holders)

    # --- what an account may do --------------------------------------------------------------------------------------

    def usable(self, acting: UsableAccount, collection: str, action: str, name: str | None = None) -> list[Usable]:
        """The rows of an action, those gained too; with a field."""
        rows = acting.attacker.access.grant(collection, action).rows
        self.state.work.spend(1 + len(rows))
        found = [Usable(row) for row in rows]
        if self.has_gained(acting):
            found += self._gained(acting, collection, action)
        return found if name is None else [one for one in found if one.row.reaches(name)]

    def may_use(self, acting: UsableAccount, collection: str, action: str, name: str | None = None) -> bool:
        """Whether there are `usable` rows."""
        self.state.work.spend(1)
        if acting.attacker.has_row(collection, action, name):
            return True
        if not self.has_gained(acting):
            return False
        return any(name is None or one.row.reaches(name) for one in self._gained(acting, collection, action))

    def ids_told_apart(self, acting: UsableAccount, collection: str, action: str) -> frozenset[Scalar] | None:
        """The keys that the rules of an action name; None where they look at something else than the key, too."""
        named: set[Scalar] = set()
        for one in self.usable(acting, collection, action):
            keys = frozenset() if one.row.rule is None else only_keys(one.row.rule)
            if keys is None:
                return None
            named |= keys
        return frozenset(named)

    def is_changed(self, collection: str, key: str) -> bool:
        """Whether something of an item was changed."""
        return (collection, key) in self._changed

    def _gained(self, acting: UsableAccount, collection: str, action: str) -> list[Usable]:
        """The rows of an action that were given to an account, or to policies that it has."""
        found: list[Usable] = []
        holders = [*acting.attacker.holders] if self.rows else []
        if not acting.attacker.access.roles:
            # The public's policies count for visitors and for users without a role.
            for policy, cause in self._attached.get(None, {}).items():
                found += [Usable(row, cause) for row in self.state.rows_of(policy).get((collection, action), ())]
                found += [replace(one, beside=(cause,)) for one in self._rows(policy, collection, action)]
        for holder in holders:
            found += self._rows(holder, collection, action)
        return found + _of(self._carried_out.get(acting.account, ()), collection, action)

    def _rows(self, holder: str | None, collection: str, action: str) -> list[Usable]:
        """The rows of an action that a policy (10: role) was given."""
        return _of(self.rows.get(holder, ()), collection, action)

    def is_alike(self, acting: UsableAccount, person: Person, name: str) -> bool:
        """Whether no rule on users distinguishes an account's record from those of most others: no key, and no role that is named,
        changed or the attacker's own."""
        if person.key != ANY_ACCOUNT or person.account.role is None or len(self.roles_of(person)) > 1:
            return False
        key = (acting.account, name)
        if key not in self._named:
            rows = [one.row.permission for one in self.usable(acting, USERS, "update", name)]
            alike, _ = self.state.split_others(rows, acting.attacker)
            self._named[key] = frozenset(one.role for one in alike)
        return person.account.role in self._named[key] and (ROLES, person.account.role) not in self._changed

    def allowed(
        self, acting: UsableAccount, collection: str, action: str, name: str, known: Known, key: str
    ) -> Basis | None:
        """What lets an action reach an item with a field; `key`: of the item, for what was changed of it."""
        attacker = acting.attacker
        found: list[Basis] = []
        plain = attacker.allowed(collection, action, name, known)
        if plain is not None:
            found.append(Basis(plain))
        for changed, causes in () if plain is not None else self._changed_of(known, collection, key):
            reached = attacker.allowed(collection, action, name, changed)
            if reached is not None:
                doubt = weakest((reached.confidence, Confidence.MEDIUM))
                found.append(Basis(replace(reached, confidence=doubt), causes))
        for one in self._gained(acting, collection, action) if self.has_gained(acting) else ():
            if one.row.reaches(name):
                rule = EVERYTHING if one.row.rule is None else one.row.rule
                confidence = presets.SURE.get(self.state.reach(rule, known, attacker))
                if confidence is not None:
                    found.append(Basis(Allowed((one.row,), confidence), one.causes))
        written = None if found else presets.allowed(attacker, collection, action, name, known)
        found += [] if written is None else [Basis(written)]
        return min(found, key=lambda one: rank(one.confidence), default=None)

    def _changed_of(self, known: Known, collection: str, key: str) -> Iterator[tuple[Known, Causes]]:
        """What is known of an item once the attacker changed some of its values: without those that can be any."""
        values: dict[Path, dict[Scalar, Cause]] = {}
        for name, held in self._changed.get((collection, key), {}).items():
            if (name,) in known:
                values[name,] = held
        role = known.get(("role",))
        if collection == USERS and isinstance(role, str):
            renamed = self._changed.get((ROLES, role), {}).get("name")
            if renamed is not None and ("role", "name") in known:
                values["role", "name"] = renamed
            if self.state.mentions("policies"):
                for cause in self._attached.get(role, {}).values():
                    values["role",] = {FREE: cause}
        number = prod(len(held) + 1 for held in values.values() if FREE not in held)
        dropped = {path: held for path, held in values.items() if FREE in held or number > MOST_VALUES}
        kept = {path: value for path, value in known.items() if path not in dropped}
        causes = tuple(next(iter(held.values())) for held in dropped.values())
        chosen = {path: held for path, held in values.items() if path not in dropped}
        for values_ in product(*([(known[path], None), *held.items()] for path, held in chosen.items())):
            given = dict(zip(chosen, values_, strict=True))
            changed: dict[Path, Scalar] = {path: value for path, (value, _) in given.items()}
            more = tuple(cause for _, cause in given.values() if cause is not None)
            if dropped or more:
                yield {**kept, **changed}, (*causes, *more)

    def send(
        self,
        acting: UsableAccount,
        collection: str,
        action: str,
        name: str,
        value: object,
        *,
        relation: bool = False,
        rows: _RowsPastLocks | None = None,
    ) -> Basis | None:
        """What lets a payload give a field a value: as the account is, by a row gained, or past validations that can be
        taken out of the way. `rows`: those of the field, where it is asked about several values."""
        plain = acting.attacker.send(collection, action, name, value, relation=relation)
        if plain is not None and not self._is_refused(acting, collection, action, name, value, relation=relation):
            return Basis(plain)
        for one, rules, causes in rows or _RowsPastLocks(self, acting, collection, action, name):
            if one.cause is None and not causes:
                continue
            keyed = relation and name not in PLAIN
            # What an operation of a flow sets is not the attacker's.
            sent = sent_form(
                rules,
                name,
                value,
                acting.attacker.context,
                relation=keyed,
                spelled=self.state.spells_keys,
                named=not one.carried_out and (collection, action, name) != (USERS, "update", "email"),
            )
            if sent is not None:
                sure = Confidence.HIGH if sent.certain else Confidence.LOW
                return Basis(SendableValue((one.row,), sure), (*one.causes, *causes))
        written = presets.value(acting.attacker, collection, action, name, value)
        written = written or self._from_own_field(acting, collection, action, name)
        return None if written is None else Basis(written)

    def only_values(self, acting: UsableAccount, collection: str, action: str, name: str) -> tuple[Scalar, ...] | None:
        """The texts that validations name, where they let a field have no other one; None where others pass."""
        named: dict[Scalar, None] = {}
        for one in self.usable(acting, collection, action, name):
            rules, _ = self.locks(acting, collection, action, one)
            if rules.any_text(name, acting.attacker.context, named=False) is not None:
                return None
            for value in rules.named(name):
                held = acting.attacker.value(value) if isinstance(value, DynamicVariable) else value
                if isinstance(held, DynamicVariable):
                    return None  # only the instance knows what it is
                listed = held if isinstance(held, (list, tuple)) else (held,)
                named |= dict.fromkeys(one for one in listed if isinstance(one, str))
        return tuple(named)

    def _is_refused(
        self, acting: UsableAccount, collection: str, action: str, name: str, value: object, *, relation: bool
    ) -> bool:
        """Whether the validations refuse a value because of what presets write beside it."""
        beside = {
            other: written for other, written in self._beside(acting, collection, action).items() if other != name
        }
        if not beside:
            return False
        rules = acting.attacker.access.grant(collection, action).payload_rules
        keyed = relation and name not in PLAIN
        return (
            sent_form(
                rules,
                name,
                value,
                acting.attacker.context,
                relation=keyed,
                spelled=self.state.spells_keys,
                beside=beside,
            )
            is None
        )

    def _beside(self, acting: UsableAccount, collection: str, action: str) -> Mapping[str, Json]:
        """What presets write into fields that the account cannot send, whatever it takes out of the way before."""
        grant = acting.attacker.access.grant(collection, action)
        if not grant.presets or not grant.validations or any(len(row.sources) > 1 for row in grant.rows):
            return {}
        changes = any(self.is_allowed(PERMISSIONS, change) for change in ("create", "update", "delete"))
        if changes and not HAS_POLICIES.of_major(self.state.major):
            return {}  # on 10 it is not followed which presets are taken away
        rows = self.usable(acting, collection, action)
        if any(one.cause is not None for one in rows):
            return {}
        return {
            name: value
            for name, value in self.presets(acting, collection, action).items()
            if not any(one.row.reaches(name) for one in rows)
            and _is_the_only_one(grant, name, value)
            and grant.payload_rules.judges_alike(name)
        }

    def rows_past_locks(self, acting: UsableAccount, collection: str, action: str) -> Sequence[Usable]:
        """The rows that may let more through than the account's own do: without a lock out of the way only those gained."""
        if self.unlocks:
            return self.usable(acting, collection, action)
        return self._gained(acting, collection, action) if self.has_gained(acting) else ()

    def has_gained(self, acting: UsableAccount) -> bool:
        """Whether an account may have rows that it was given."""
        if self.rows or acting.account in self._carried_out:
            return True
        return not acting.attacker.access.roles and None in self._attached

    def sends(
        self, acting: UsableAccount, collection: str, action: str, name: str, keys: tuple[Key, ...]
    ) -> list[tuple[Key, Basis]]:
        """Those of the keys that a payload may give a foreign key, with what lets each through: `send` for many at once."""
        attacker = acting.attacker
        self.state.work.spend_on_keys(len(keys))
        one_by_one = self.unlocks or self.has_gained(acting) or presets.is_preset(attacker, collection, action, name)
        one_by_one = one_by_one or bool(presets.own_field(attacker, collection, action, name))
        if one_by_one or self._beside(acting, collection, action):
            rows = _RowsPastLocks(self, acting, collection, action, name)
            found = [(key, self.send(acting, collection, action, name, key, relation=True, rows=rows)) for key in keys]
            return [(key, sent) for key, sent in found if sent is not None]
        return [(key, Basis(value)) for key, value in attacker.sends(collection, action, name, keys)]

    def gives_each(
        self, acting: UsableAccount, collection: str, action: str, name: str, keys: tuple[str, ...]
    ) -> list[tuple[str, Basis]]:
        """Those of the keys that a payload may give a foreign key, sent or by a preset: `gives` for many at once."""
        sent = dict(self.sends(acting, collection, action, name, keys))
        preset = acting.attacker.preset(collection, action, name)
        found = [
            (key, sent.get(key) or self.gives(acting, collection, action, name, key))
            for key in keys
            if key in sent or key == preset
        ]
        return [(key, basis) for key, basis in found if basis is not None]

    def gives(self, acting: UsableAccount, collection: str, action: str, name: str, value: object) -> Basis | None:
        """What lets a payload give a field a value, sent or by a preset."""
        sent = self.send(acting, collection, action, name, value, relation=True)
        preset = acting.attacker.preset(collection, action, name)
        if sent is not None or preset is None or isinstance(preset, DynamicVariable) or preset != value:
            return sent
        given = acting.attacker.gives(collection, action, name, preset)
        return None if given is None else Basis(given)

    def _from_own_field(self, acting: UsableAccount, collection: str, action: str, name: str) -> SendableValue | None:
        """What lets a field have any value, where its preset reads one of the user's own record (`$CURRENT_USER.title`) that some
        account may write, or one that a relation of that record leads to."""
        fields = presets.own_field(acting.attacker, collection, action, name)
        if not fields:
            return None
        related = {
            one.related_collection for one in self.state.relations if (one.collection, one.field) == (USERS, fields[0])
        }
        written = [(USERS, fields[0]), *((one, fields[1]) for one in related if one is not None and len(fields) > 1)]
        if not any(self.is_allowed(table, how, field) for table, field in written for how in ("create", "update")):
            return None
        return SendableValue(acting.attacker.access.grant(collection, action).rows, Confidence.LOW)

    def leaves_out(self, acting: UsableAccount, collection: str, action: str, name: str) -> bool:
        """Whether a new row may come without a field, presets too."""
        if (
            name in self.presets(acting, collection, action)
            and acting.attacker.preset(collection, action, name) is not None
        ):
            return False
        gained = any(one.cause is not None for one in self.usable(acting, collection, action))
        return gained or acting.attacker.leaves_out(collection, action, name)

    def presets(self, acting: UsableAccount, collection: str, action: str) -> Mapping[str, Json]:
        """What presets write besides what is sent, whatever the attacker takes out of the way before."""
        grant = acting.attacker.access.grant(collection, action)
        if not self.unlocks or not grant.presets:
            return grant.presets
        kept = [row for row in grant.rows if not self._is_unset(acting, row)]
        return (
            grant.presets
            if len(kept) == len(grant.rows)
            else Grant(collection, action, tuple(kept), grant.major).presets
        )

    def _is_unset(self, acting: UsableAccount, row: GrantRow) -> bool:
        """Whether the presets of a row can be taken away."""
        gone = any(fact(source.identity) in self.facts for source in row.sources for fact in (PresetsGone, Deleted))
        return gone or (row.permission.policy is not None and self._detached(acting, row.permission.policy) is not None)

    def locks(self, acting: UsableAccount, collection: str, action: str, used: Usable) -> tuple[Validations, Causes]:
        """The validations that cannot be taken out of the way while a row is used, and what takes the others away."""
        kept: list[Json] = []
        causes: list[Cause] = []
        # On 10 they are joined by "or", or only one permission counts.
        alone = used.carried_out or not HAS_POLICIES.of_major(self.state.major)
        for one in (used,) if alone else self.usable(acting, collection, action):
            if is_unrestricted(one.row.permission.validation):
                continue
            taken = self._unlocked(acting, one.row, used.row)
            if taken is None:
                kept.append(one.row.permission.validation)
            else:
                causes += taken
        return Validations(kept, self.state.major), tuple(causes)

    def _unlocked(self, acting: UsableAccount, lock: GrantRow, used: GrantRow) -> Causes | None:
        """What takes a lock away; None if nothing does."""
        for source in lock.sources:
            cause = self.facts.get(Unlocked(source.identity))
            cause = cause or (None if lock is used else self.facts.get(Deleted(source.identity)))
            if cause is not None:
                return (cause,)
        if lock is used or not HAS_POLICIES.of_major(self.state.major):
            return None
        policy = lock.permission.policy
        if policy is None or policy == used.permission.policy:
            return None
        return self._detached(acting, policy)

    def _detached(self, acting: UsableAccount, policy: str) -> Causes | None:
        """What takes all attachments of a policy away from an account; None if nothing does."""
        rows = attachments(acting.attacker, policy)
        causes = [self.facts.get(Detached(row)) for row in rows]
        detached = [cause for cause in causes if cause is not None]
        return tuple(detached) if rows and len(detached) == len(rows) else None


class _RowsPastLocks:
    """The rows by which an account may send a field, with the validations that stay in the way of each, and what takes the
    others away. They are worked out once for many values; the work is counted for each."""

    def __init__(self, closure: Closure, acting: UsableAccount, collection: str, action: str, name: str) -> None:
        self._closure = closure
        self._acting = acting
        self._where = collection, action
        self._name = name
        self._rows: Sequence[Usable] | None = None
        self._locks: dict[int, tuple[Validations, Causes]] = {}
        self._cost = 1 + len(acting.attacker.access.grant(collection, action).rows)

    def __iter__(self) -> Iterator[tuple[Usable, Validations, Causes]]:
        if self._rows is None:
            self._rows = self._closure.rows_past_locks(self._acting, *self._where)
        elif self._closure.unlocks:
            self._closure.state.work.spend(self._cost)
        for number, one in enumerate(self._rows):
            if not one.row.reaches(self._name):
                continue
            if number in self._locks:
                self._closure.state.work.spend(self._cost)
            else:
                self._locks[number] = self._closure.locks(self._acting, *self._where, one)
            yield one, *self._locks[number]


def _is_the_only_one(grant: Grant, name: str, value: Json) -> bool:
    """Whether all presets for a field write this value, and it is not a variable."""
    if isinstance(value, str) and value.startswith("$"):
        return False
    written = (row.permission.presets for row in grant.rows)
    return all(one[name] == value for one in written if isinstance(one, Mapping) and name in one)


def _of(rows: Sequence[Usable], collection: str, action: str) -> list[Usable]:
    """Those of an action."""
    return [one for one in rows if (one.row.permission.collection, one.row.permission.action) == (collection, action)]
