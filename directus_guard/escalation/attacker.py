"""An account in the attacker's hands: what it may reach, send and know."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec.structs import replace

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.filters import (
    EVERYTHING,
    DynamicVariable,
)
from directus_guard.directus.access.known_items import Reach
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.records import PUBLIC_POLICY
from directus_guard.directus.access.validation import NOTHING_BESIDE, SentForm
from directus_guard.directus.content import content_key
from directus_guard.directus.tri import Tri
from directus_guard.escalation.evidence import KNOWN, Allowed, Knowledge, SendableValue, rank
from directus_guard.escalation.rule_keys import is_uuid, named_keys
from directus_guard.escalation.tables import (
    ACCESS,
    ANOTHER,
    BEGINNINGS,
    FLOWS,
    FREE,
    ME,
    OPERATIONS,
    PLAIN,
    POLICIES,
    ROLES,
    UNNAMED,
    USERS,
)
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.grants import Grant, GrantRow
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.records import Access
    from directus_guard.directus.access.validation import Validations
    from directus_guard.escalation.account import Account
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known

Key = TypeVar("Key", bound="str | None")


_CONFIDENCE: Final = {
    Reach.ALWAYS: Confidence.HIGH,
    Reach.SOMETIMES: Confidence.MEDIUM,
    Reach.CANNOT_TELL: Confidence.LOW,
}


def sent_form(
    rules: Validations,
    name: str,
    value: object,
    context: QueryContext,
    *,
    relation: bool,
    named: bool = True,
    spelled: bool = False,
    beside: Mapping[str, object] = NOTHING_BESIDE,
) -> SentForm | None:
    """Whether validations let a field have a value, and in which form; of `FREE` any that the attacker may choose, such as
    an address that ends as it must. Of fields with few values each is asked about by itself. `named`: whether a value that
    the validations name is the attacker's as well, who learns it from what Directus answers. `spelled`: whether the database
    may take other spellings of a key for it."""
    form = rules.sendable(name, value, context, relation=relation, beside=beside)
    if form is not None:
        return form
    for spelling in spellings(value) if relation and spelled else ():
        form = rules.sendable(name, spelling, context, relation=True, beside=beside)
        if form is not None:
            return replace(form, certain=False)
    if relation and isinstance(value, str) and value in UNNAMED:
        # A user who is not in the export has a key all the same, perhaps the one that is asked for.
        key = rules.any_text(name, context, named=True, beside=beside)
        return None if key is None else replace(key, certain=False)
    return rules.any_text(name, context, named=named, beside=beside) if value == FREE and name not in PLAIN else None


def spellings(key: object) -> tuple[str, ...]:
    """Other texts that PostgreSQL takes for the key of the same row: those of the same UUID (measured with Directus 10.13.4 and
    11.17.4)."""
    if not is_uuid(key):
        return ()
    found = (key.upper(), key.replace("-", ""), key.upper().replace("-", ""))
    return tuple(dict.fromkeys(one for one in found if one != key))


class Attacker:
    """An account in the attacker's hands, and what it may reach, send and learn."""

    def __init__(self, state: AccessState, account: Account) -> None:
        self.state = state
        self.account = account
        model = state.model_at(account.limited)
        access = (
            model.of(PUBLIC) if account.public else model.of_account(account.role, account.attached, account.parent)
        )
        self.access: PrincipalAccess = (
            access if account.taken is None else state.choices(replace(account, taken=None))[account.taken]
        )
        self.major = state.major
        self.key = account.user or ME
        self._values: dict[tuple[str, str, str, str, bool], SendableValue | None] = {}
        self._sendable: dict[tuple[str, str, str, tuple[str | None, ...]], tuple[tuple[int, SendableValue], ...]] = {}

    @cached_property
    def powerful(self) -> bool:
        """Whether it has a row that a step can begin with, or what a way leads to."""
        return self.access.has_any(BEGINNINGS) or (bool(self.state.goals) and self.state.wins(self.access))

    @cached_property
    def flagged(self) -> tuple[str, ...]:
        """Its policies whose flags count: those of its role and its own, not those of the public (measured)."""
        attachments = self.state.attachments
        held = [row.policy for role in self.access.roles for row in attachments.get(("role", role), ())]
        return self.state.in_order((*held, *self.account.attached))

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
        attacker = {"$CURRENT_USER": None if public else self.key, "$CURRENT_POLICIES": self.access.policies}
        if role == FREE:
            return attacker
        own = dict.fromkeys(("$CURRENT_ROLE", "$CURRENT_USER.role", "$CURRENT_USER.role.id"), role)
        return {**attacker, **own, "$CURRENT_ROLES": self.access.roles}

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
        return rows if name is None or not rows else tuple(row for row in rows if row.reaches(name))

    def has_row(self, collection: str, action: str, name: str | None) -> bool:
        """Whether it has rows of an action, with a field."""
        rows = self.access.grant(collection, action).rows
        return bool(rows) and (name is None or any(row.reaches(name) for row in rows))

    def unfilled(self, collection: str) -> str | None:
        """A field that a new item must have, and that the account cannot give it; None: none, as far as the data model is known."""
        schema = self.state.export.schema
        grant = self.access.grant(collection, "create")
        asked = schema.required_fields.get(collection, ()) if schema is not None else ()
        return next((name for name in asked if not grant.reaches(name) and name not in grant.presets), None)

    def permits(self, collection: str, action: str) -> Tri:
        """Whether it has any permission for an action."""
        return Tri.YES if self.access.grant(collection, action).rows else Tri.NO

    def may(self, collection: str, action: str, *names: str) -> bool:
        """Whether some row has each field, on whatever item."""
        return all(self.rows(collection, action, name) for name in names)

    def allowed(self, collection: str, action: str, name: str, known: Known) -> Allowed | None:
        """The rows that let the action reach an item with that field. Fields are judged per row (measured)."""
        rules = [(row, self.state.rule(row.permission)) for row in self.rows(collection, action, name)]
        self.state.work.spend(1 + len(rules))
        # A rule that compiles to nothing is dropped beside another one, and restricts nothing alone (measured).
        kept = [(row, rule) for row, rule in rules if rule is not None] or [(row, EVERYTHING) for row, _ in rules]
        found: dict[Confidence, list[GrantRow]] = {}
        for row, rule in kept:
            confidence = _CONFIDENCE.get(self.state.reach(rule, known, self))
            if confidence is not None:
                found.setdefault(confidence, []).append(row)
        surest = min(found, key=rank, default=None)
        return None if surest is None else Allowed(tuple(found[surest]), surest)

    def own_rows(self, account: Account) -> Iterator[tuple[Known, Confidence]]:
        """What the row of an account in the attacker's hands can be: its own, or another one it has got."""
        own = account == self.account
        key = account.user or (ME if own else ANOTHER)
        yield self.state.row_of_user(key, account.role), Confidence.HIGH
        for named in self._named_users if account.user is None else ():
            confidence = self.state.is_user_of(named, account.role)
            if confidence is not None:
                user = self.state.known_user(named)
                yield self.state.row_of_user(named, account.role, user.status if user else None), confidence

    @cached_property
    def _named_users(self) -> tuple[str, ...]:
        """Users whom the rules name by key: an account with a role may be one of them."""
        rules = (self.state.rule(row.permission) for row in self.rows(USERS, "update"))
        return self.state.in_order(str(key) for rule in rules if rule is not None for key in named_keys(rule))

    # --- what it may send --------------------------------------------------------------------------------------------

    def send(
        self, collection: str, action: str, name: str, value: object, *, relation: bool = False
    ) -> SendableValue | None:
        """Whether a payload may give a field that value: by a row that has the field, past all validations."""
        relation = relation and name not in PLAIN
        key = (collection, action, name, content_key(value), relation)
        if key not in self._values:
            self._values[key] = self._send(collection, action, name, value, relation=relation)
        return self._values[key]

    def sends(
        self, collection: str, action: str, name: str, keys: tuple[Key, ...]
    ) -> Iterator[tuple[Key, SendableValue]]:
        """Those of the keys that a payload may give a foreign key."""
        place = (collection, action, name, keys)
        if place not in self._sendable:
            sent = (self.send(collection, action, name, one, relation=True) for one in keys)
            self._sendable[place] = tuple((number, value) for number, value in enumerate(sent) if value is not None)
        return ((keys[number], value) for number, value in self._sendable[place])

    def _send(self, collection: str, action: str, name: str, value: object, *, relation: bool) -> SendableValue | None:
        rows = self.rows(collection, action, name)
        if not rows:
            return None
        grant = self.access.grant(collection, action)
        # Mail to an address that a validation names goes to whoever has that mailbox.
        named = (collection, action, name) != (USERS, "update", "email")
        sent = self._sent(grant, name, value, relation=relation, named=named)
        if sent is None:
            return None
        reasons: tuple[str, ...] = () if sent.bare else ("foreign-key-deny-list",)
        if name in grant.presets and grant.presets[name] != value:
            reasons += ("preset-not-locked",)
        return SendableValue(rows, Confidence.HIGH if sent.certain else Confidence.LOW, reasons)

    def _sent(self, grant: Grant, name: str, value: object, *, relation: bool, named: bool = True) -> SentForm | None:
        if not grant.validations:
            return _FREELY
        return sent_form(
            grant.payload_rules,
            name,
            value,
            self.context,
            relation=relation,
            named=named,
            spelled=self.state.spells_keys,
        )

    def gives(self, collection: str, action: str, name: str, value: Json) -> SendableValue | None:
        """A value for a field, sent or by the preset, which also gives fields that may not be sent."""
        sent = self.send(collection, action, name, value)
        if sent is not None:
            return sent
        grant = self.access.grant(collection, action)
        if self.preset(collection, action, name) != value or self._sent(grant, name, value, relation=False) is None:
            return None
        return SendableValue(grant.rows)

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
        if self.allowed(ROLES, "read", "id", self.state.row_of_role(role)):
            return Knowledge("its id is in directus_roles, which they can read")
        if any(self.allowed(USERS, "read", "role", row) for row in self.state.administrators()):
            return Knowledge("its id is the `role` of administrators in directus_users, which they can read")
        if any(self.allowed(ACCESS, "read", "role", row) for row in self._attachments_read("role", role)):
            return Knowledge("its id is in directus_access, which they can read")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)

    def knows_policy(self, policy: str) -> Knowledge:
        """Where the key of a policy comes from."""
        if policy == PUBLIC_POLICY:
            return Knowledge("its id is the same in every Directus")
        if self.allowed(POLICIES, "read", "id", self.state.row_of_policy(policy)):
            return Knowledge("its id is in directus_policies, which they can read")
        if any(self.allowed(ACCESS, "read", "policy", row) for row in self._attachments_read("policy", policy)):
            return Knowledge("its id is in directus_access, which they can read")
        if policy in self.state.roles and self.knows_role(policy).confidence is Confidence.HIGH:
            return Knowledge("its id is that of the role that it was made from by the upgrade")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)

    def _attachments_read(self, kind: str, key: str) -> Iterator[Known]:
        """Attachments of a role or policy, if it reads any: to put them in order costs as much as there are in the export."""
        if self.rows(ACCESS, "read", kind):
            yield from map(self.state.row_of_attachment, self.state.attachments.get((kind, key), ()))
        else:
            self.state.work.spend(sum(getattr(row, kind) == key for row in self.state.model.access))

    def knows_attachment(self, row: Access) -> Knowledge:
        """Where the key of a row of directus_access comes from."""
        if self.allowed(ACCESS, "read", "id", self.state.row_of_attachment(row)):
            return Knowledge("the attachment's id is in directus_access, which they can read")
        return Knowledge("they must first learn the attachment's id, a random UUID", Confidence.MEDIUM)

    def knows_operation(self, known: Known) -> Knowledge:
        """Where the key of a row of directus_operations comes from."""
        if self.allowed(OPERATIONS, "read", "id", known):
            return Knowledge("its id is in directus_operations, which they can read")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)

    def knows_flow(self, known: Known) -> Knowledge:
        """Where the key of a row of directus_flows comes from."""
        if self.allowed(FLOWS, "read", "id", known):
            return Knowledge("its id is in directus_flows, which they can read")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)

    def knows_administrator(self) -> Knowledge:
        """Where the key of an administrator's user comes from."""
        if any(self.allowed(USERS, "read", "id", row) for row in self.state.administrators()):
            return Knowledge("its id is in directus_users, which they can read")
        return Knowledge("they must first learn its id, a random UUID", Confidence.MEDIUM)


_FREELY: Final = SentForm(bare=True)


def signing_in(name: str) -> Known:
    """What must hold of a user who is taken over by a field: those of another provider keep it, and a password or an
    address of theirs is no way in (measured on 10.13.4 and 11.17.4)."""
    return {("provider",): "default"} if name in ("password", "email") else {}
