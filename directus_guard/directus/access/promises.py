"""Promises about access, as the config makes them, and what goes beyond one.

`never`: none of the named principals has the access. `only`: what they have lies within fields and a rule. Whether a rule
lies within another one is asked as an implication (`implication`); what that leaves open is left open here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.evaluation import bind, evaluate
from directus_guard.directus.access.filters import (
    EVERYTHING,
    NOTHING,
    DynamicVariable,
    Filter,
    Json,
    Opaque,
    conditions,
    variables,
)
from directus_guard.directus.access.grants import AccessEntry, Grant, GrantRow
from directus_guard.directus.access.implication import Implication, example, implies
from directus_guard.directus.access.item_rules import is_unrestricted, rule_of_row
from directus_guard.directus.access.payload_implication import accepts_no_more
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import ACTIONS, Permission
from directus_guard.directus.content import content_key
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.tri import Tri
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from directus_guard.directus.access.model import AccessModel
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.gaps import Gap
    from directus_guard.finding import Severity

ANY: Final = "*"
"""Every principal, collection, action or field."""
WRITE: Final = "write"
"""The actions that change items."""
WRITES: Final = ("create", "update", "delete")


class PromiseKind(StrEnum):
    """What is promised."""

    NEVER = "never"
    ONLY = "only"


class Promise(Struct, frozen=True):
    """One entry of `access` in the config. Names are as they are written there."""

    kind: PromiseKind
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    collections: tuple[str, ...]
    excepted: tuple[str, ...] = ()
    """Principals that it is not about."""
    fields: tuple[str, ...] = ()
    """`only`: the fields that may be granted; () = all."""
    rule: Json = None
    """`only`: the items that may be reached; on create what every payload satisfies."""
    reason: str = ""
    severity: Severity | None = None
    place: str = ""
    """Where it is written, `path:line`."""
    folder: str = ""
    """Where it applies; "" = everywhere."""
    of_base: bool = False
    """Whether only the base has it: what it names may be gone."""

    @property
    def content(self) -> tuple[object, ...]:
        """What it says, wherever it is written."""
        return (
            self.kind,
            self.principals,
            self.actions,
            self.collections,
            self.excepted,
            self.fields,
            content_key(self.rule),
            self.folder,
        )

    def covers(self, folder: str) -> bool:
        """Whether it is about an export, by its folder; "" = it is in none, as that of an instance."""
        return not self.folder or folder == self.folder or folder.startswith(f"{self.folder}/")

    def is_about(self, collection: str, action: str) -> bool:
        """Whether it is about an action on a collection."""
        writes = WRITE in self.actions and action in WRITES
        return (writes or not {action, ANY}.isdisjoint(self.actions)) and not {collection, ANY}.isdisjoint(
            self.collections
        )


class Subjects(Struct, frozen=True):
    """Whom a promise is about, by the keys of one model."""

    everyone: bool = False
    public: bool = False
    roles: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()

    def has(self, principal: Principal, role: str | None) -> bool:
        """Whether a principal is named, or its role. A policy names no principal, but the permissions in it."""
        if self.everyone or principal.kind is PrincipalKind.PUBLIC:
            return self.everyone or self.public
        if principal.kind is PrincipalKind.ROLE:
            return principal.id in self.roles
        return principal.id in self.users or role in self.roles

    @property
    def is_empty(self) -> bool:
        """Whether it names nothing that the model has."""
        return self == Subjects()


def subjects(model: AccessModel, names: tuple[str, ...]) -> Subjects:
    """What names mean in a model: `*`, `public`, a role, a policy or a user, each by name or id."""

    def keys(records: tuple[tuple[str, str], ...]) -> frozenset[str]:
        return frozenset(key for key, name in records if key in names or name in names)

    with_own = tuple((row.user, row.user) for row in model.access if row.user is not None and not row.assumed)
    return Subjects(
        ANY in names,
        any(name.casefold() == PUBLIC.name for name in names),
        keys(tuple((role.id, role.name) for role in model.roles)),
        keys((*((user.id, user.name) for user in model.users), *with_own)),
        keys(tuple((policy.id, policy.name) for policy in model.policies)),
    )


def knows(gaps: Iterable[Gap], name: str) -> bool:
    """Whether an export with these gaps tells all that a name could be. Users are known by their id where an export leaves
    them out: no other name can be a user's."""
    parts = {ExportPart.PARENTS, ExportPart.POLICIES, ExportPart.ATTACHMENTS, ExportPart.UNREAD_FILES}
    parts |= {ExportPart.USERS} if _ID.fullmatch(name) else set()
    return not any(gap.part in parts for gap in gaps)


_ID: Final = lazy_pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Excess(Struct, frozen=True):
    """What a principal has beyond a promise, by some permissions of one action on one collection."""

    principal: Principal
    collection: str
    action: str
    rows: tuple[Permission, ...]
    rule: Filter
    """The items that they reach."""
    answer: Tri = Tri.NO
    """Whether the promise is kept: NO, or UNKNOWN where a rule cannot be decided."""
    fields: tuple[str, ...] = ()
    """The fields beyond it; `*` = all others."""
    beyond_rule: bool = False
    """Whether items, or payloads, are beyond it."""
    witness: Implication | None = None
    """An item beyond it, or on create a payload, with who asks."""
    reason: str = ""
    """Why it cannot be decided."""

    @property
    def item(self) -> Mapping[str, Json] | None:
        """The item of the witness, ready to be shown: the values of variables are called like these."""
        return None if self.witness is None else example(self.witness)


class Administers(Struct, frozen=True):
    """A principal that a promise is about, and that is an administrator: by these policies (10: its role)."""

    principal: Principal
    holders: tuple[str, ...]


def concerned(model: AccessModel, promise: Promise) -> Iterator[tuple[Principal, PrincipalAccess]]:
    """The principals of a model that a promise is about by themselves, not only by a policy they hold, and their access.
    Also users without policies of their own, if they are named."""
    named, excepted = subjects(model, promise.principals), subjects(model, promise.excepted)
    for principal in _principals(model, named):
        access = model.of(principal)
        role = access.roles[-1] if access.roles else None
        spared = excepted.has(principal, role) or not excepted.policies.isdisjoint(access.policies)
        if named.has(principal, role) and not spared:
            yield principal, access


def _principals(model: AccessModel, named: Subjects) -> tuple[Principal, ...]:
    known = model.principals()
    more = (Principal(PrincipalKind.USER, user, user) for user in sorted(named.users))
    return tuple(dict.fromkeys((*known, *more)))


def excesses(
    model: AccessModel,
    promise: Promise,
    *,
    never_null: Callable[[str], frozenset[str]],
    fields_of: Callable[[str], frozenset[str] | None],
) -> Iterator[Excess | Administers]:
    """Everything beyond a promise, and what cannot be decided.

    `never_null`: the fields of a collection without nulls. `fields_of`: all fields of a collection; None = not known.
    """
    named, excepted = subjects(model, promise.principals), subjects(model, promise.excepted)
    judge = _Judge(model, promise, never_null, fields_of)
    for principal in _principals(model, named):
        access = model.of(principal)
        role = access.roles[-1] if access.roles else None
        if excepted.has(principal, role):
            continue
        whole = named.has(principal, role)
        if access.admin:
            holders = _administering(model, access)
            if whole or not named.policies.isdisjoint(holders):
                left = tuple(one for one in holders if one not in excepted.policies)
                if left:
                    yield Administers(principal, left)
            continue
        for grant in _grants(promise, access):
            rows = tuple(row for row in grant.rows if _counts(row, whole, named, excepted))
            counted = grant if rows == grant.rows else Grant(grant.collection, grant.action, rows, grant.major)
            if rows:
                yield from judge.of(principal, access, counted)


def _grants(promise: Promise, access: PrincipalAccess) -> Iterator[Grant]:
    """What a principal has that a promise is about."""
    if ANY in promise.collections:
        yield from (grant for grant in access.grants() if promise.is_about(grant.collection, grant.action))
        return
    for collection in dict.fromkeys(promise.collections):
        yield from (access.grant(collection, action) for action in ACTIONS if promise.is_about(collection, action))


def _counts(row: GrantRow, whole: bool, named: Subjects, excepted: Subjects) -> bool:
    policy = row.permission.policy
    return policy not in excepted.policies and (whole or policy in named.policies)


def _administering(model: AccessModel, access: PrincipalAccess) -> tuple[str, ...]:
    """What makes an administrator: the policies, on 10 the role."""
    if not model.has_policies:
        return access.roles[-1:]
    admin = {policy.id for policy in model.policies if policy.admin_access}
    return tuple(one for one in access.policies if one in admin)


class _Judge:
    """The questions about one promise; equal ones are asked once."""

    def __init__(
        self,
        model: AccessModel,
        promise: Promise,
        never_null: Callable[[str], frozenset[str]],
        fields_of: Callable[[str], frozenset[str] | None],
    ) -> None:
        self._model = model
        self._promise = promise
        self._never_null = never_null
        self._fields_of = fields_of
        self._known: dict[tuple[Filter, Filter, str, bool], Implication] = {}
        read = EVERYTHING if is_unrestricted(promise.rule) else rule_of_row(promise.rule, major=model.version.major)
        self._rule = EVERYTHING if read is None else read

    def of(self, principal: Principal, access: PrincipalAccess, grant: Grant) -> Iterator[Excess]:
        """What the rows of one action on one collection have beyond the promise."""
        never = self._promise.kind is PromiseKind.NEVER
        for entry in grant.entries():
            if entry.level == "none":
                continue
            if never:
                yield from self._never(principal, entry)
            elif entry.action == "create":
                yield from self._only_create(principal, entry, grant)
            else:
                yield from self._only(principal, access, entry)

    # --- never -------------------------------------------------------------------------------------------------------

    def _never(self, principal: Principal, entry: AccessEntry) -> Iterator[Excess]:
        if entry.action == "create":
            yield Excess(principal, entry.collection, entry.action, entry.rows, EVERYTHING)
            return
        for rows, rule in self._parts(entry):
            reached = [self._implied(entry, rule, NOTHING, anonymous=visitor) for visitor in _visitors(principal)]
            if any(one.answer is not Tri.YES for one in reached):
                witness = next((one for one in reached if one.item is not None), None)
                yield Excess(principal, entry.collection, entry.action, rows, rule, witness=witness)

    def _parts(self, entry: AccessEntry) -> Iterator[tuple[tuple[Permission, ...], Filter]]:
        """The rows of an entry by what they reach; several rules are one entry where they were merged."""
        by_rule: dict[Filter, list[Permission]] = {}
        for row in entry.rows:
            rule = self._model.rule(row)
            # One that compiles to nothing vanishes beside others.
            if rule is not None:
                by_rule.setdefault(rule, []).append(row)
        if len(by_rule) < 2:
            yield entry.rows, entry.rule
        else:
            yield from ((tuple(rows), rule) for rule, rows in by_rule.items())

    # --- only --------------------------------------------------------------------------------------------------------

    def _only(self, principal: Principal, access: PrincipalAccess, entry: AccessEntry) -> Iterator[Excess]:
        if self._within(principal, access, entry, entry.rule) is None:
            return
        for rows, rule in self._parts(entry):
            # On 10 a row that reaches nothing by itself gives its fields to the items that others reach.
            worst = self._within(principal, access, entry, rule) or Implication(Tri.YES)
            made = Excess(principal, entry.collection, entry.action, rows, rule)
            yield from self._beyond(made, entry, worst, _why(rule))

    def _beyond(self, made: Excess, entry: AccessEntry, implication: Implication, why: str) -> Iterator[Excess]:
        """What rows with one rule have beyond the promise, by the fields that they name beyond it."""
        beyond = implication.answer is Tri.NO
        by_fields: dict[tuple[str, ...], list[Permission]] = {}
        for row in made.rows:
            by_fields.setdefault(self._beyond_fields(row, entry), []).append(row)
        for fields, rows in by_fields.items():
            if beyond or fields:
                witness = implication if beyond else None
                yield replace(made, rows=tuple(rows), fields=fields, beyond_rule=beyond, witness=witness)
        if implication.answer is Tri.UNKNOWN:
            yield replace(made, answer=Tri.UNKNOWN, reason=why)

    def _within(
        self, principal: Principal, access: PrincipalAccess, entry: AccessEntry, rule: Filter
    ) -> Implication | None:
        """Whether what a rule reaches is promised, for the caller for whom it is least; None = it reaches nothing."""
        found = []
        for visitor in _visitors(principal):
            granted, promised = (self._bound(one, access, visitor=visitor) for one in (rule, self._rule))
            if self._implied(entry, granted, NOTHING, anonymous=visitor).answer is not Tri.YES:
                found.append(self._implied(entry, granted, promised, anonymous=visitor))
        return min(found, key=lambda one: _ORDER[one.answer], default=None)

    def _only_create(self, principal: Principal, entry: AccessEntry, grant: Grant) -> Iterator[Excess]:
        made = Excess(principal, entry.collection, entry.action, entry.rows, EVERYTHING)
        worst = Implication(Tri.YES)
        if not is_unrestricted(self._promise.rule):
            promised = _with_validation(grant, self._promise.rule)
            found = [accepts_no_more(grant, promised, anonymous=visitor) for visitor in _visitors(principal)]
            worst = min(found, key=lambda one: _ORDER[one.answer])
        why = "it cannot be decided whether its validation refuses every other payload"
        yield from self._beyond(made, entry, worst, why)

    def _beyond_fields(self, row: Permission, entry: AccessEntry) -> tuple[str, ...]:
        """The fields of a row that are not promised; `*` where nothing says which there are."""
        promised, held = self._promise.fields, row.fields or ()
        if not promised or ANY in promised or entry.action in ("delete", "share"):
            return ()
        if ANY not in held:
            return tuple(name for name in held if name not in promised)
        known = self._fields_of(entry.collection)
        return (ANY,) if known is None else tuple(sorted(known - set(promised) - set(entry.excluded)))

    def _bound(self, rule: Filter, access: PrincipalAccess, *, visitor: bool) -> Filter:
        """A rule with what is known of the principal in the place of variables. What a visitor is, `implies` knows."""
        if visitor or next(variables(rule), None) is None:
            return rule
        context = access.context()

        def value(variable: DynamicVariable) -> Json | DynamicVariable:
            if variable.name == "$CURRENT_USER":
                return variable if context.user is None else context.user
            return context.value(variable) if variable.name in _OF_THE_ROLE else variable

        return bind(rule, value)

    def _implied(self, entry: AccessEntry, granted: Filter, promised: Filter, *, anonymous: bool) -> Implication:
        key = (granted, promised, entry.collection, anonymous)
        if key not in self._known:
            never_null = self._never_null(entry.collection)
            self._known[key] = _verified(
                implies(granted, promised, not_null=never_null, anonymous=anonymous), granted, promised
            )
        return self._known[key]


_ORDER: Final = {Tri.NO: 0, Tri.UNKNOWN: 1, Tri.YES: 2}
_OF_THE_ROLE: Final = frozenset({"$CURRENT_ROLE", "$CURRENT_ROLES", "$CURRENT_POLICIES"})


def _visitors(principal: Principal) -> tuple[bool, ...]:
    """For whom the rows of a principal count: those of the public also for accounts without a role."""
    return (True, False) if principal == PUBLIC else (False,)


def _verified(implication: Implication, granted: Filter, promised: Filter) -> Implication:
    """A NO only with an item that the one rule matches and the other does not."""
    if implication.answer is not Tri.NO:
        return implication
    item, context = implication.item, implication.context
    shown = (
        item is not None
        and context is not None
        and evaluate(granted, item, context)
        and not evaluate(promised, item, context)
    )
    return implication if shown else Implication(Tri.UNKNOWN)


def _why(rule: Filter) -> str:
    """Why it cannot be decided whether a rule lies within another."""
    refused = next((leaf.reason for leaf in conditions(rule) if isinstance(leaf, Opaque)), "")
    return refused or "the two rules are too many conditions, or of a kind that cannot be compared"


def _with_validation(grant: Grant, rule: Json) -> Grant:
    """A grant of the same fields and presets whose only validation is this rule."""
    made = Permission(grant.collection, grant.action, None, rule, dict(grant.presets) or None, grant.fields)
    return Grant(grant.collection, grant.action, (GrantRow(made, "", (), EVERYTHING),), grant.major)
