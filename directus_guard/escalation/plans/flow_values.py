"""What a caller sends so that an operation of a flow makes an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.access.records import PUBLIC_POLICY
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    as_object,
    is_created,
    look_up,
    sent_paths,
)
from directus_guard.directus.flows.start import events_of
from directus_guard.directus.tri import Tri, all_of
from directus_guard.escalation.evidence import KNOWN, Knowledge, rank
from directus_guard.escalation.flow_writes import (
    CHOSEN,
    CREATED,
    NAMED,
    ONLY,
    OWN,
    Deciding,
    decided,
    deciding,
    full_access,
    missing_fields,
    nested,
    settings_key,
    written_items,
)
from directus_guard.escalation.requests.accounts import EMAIL, PASSWORD, TOKEN
from directus_guard.escalation.requests.request import Chosen, SomeAdministrator
from directus_guard.escalation.requests.rights import NAME, new_administrator_policy, new_administrator_role
from directus_guard.escalation.tables import ACCESS, FILES, OPERATIONS, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.data import Value as FlowValue
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.directus.flows.templates import Path
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.plans.flow_conditions import Sent
    from directus_guard.escalation.reach.facts import Person
    from directus_guard.escalation.requests.request import Item, Value
    from directus_guard.escalation.state import AccessState

NESTED: Final = Chosen("an object that makes an administrator")
_FREE: Final = {"email": EMAIL, "password": PASSWORD, "token": TOKEN, "key": NAME}
_LIST: Final = "keys"
_FOR_ANOTHER: Final = Knowledge("a validation names another user, who becomes an administrator", Confidence.LOW)


class FlowInput(Struct, frozen=True):
    """What is sent, by path, whether it surely makes an administrator, and how keys in it are known."""

    sent: Sent
    sure: Tri
    knowledge: tuple[Knowledge, ...] = ()
    follow_up: str = ""
    """The collection whose row has to be used afterwards; "" where an account is an administrator's at once."""


class Draft(Struct):
    """A `FlowInput` in the making: what is sent, by path in the flow's data."""

    sent: dict[Path, Value] = field(default_factory=dict)
    sure: bool = True
    knowledge: list[Knowledge] = field(default_factory=list)

    def is_given(self, value: Value) -> bool:
        """Whether a list with just this value is sent."""
        return [value] in self.sent.values()

    def put(self, at: FlowValue, value: Value) -> bool:
        """Have a value of the flow be this one, as far as it is the caller's. Whether that can be."""
        if isinstance(at, CallerInput):
            if at.text:
                if isinstance(value, (dict, list)) or value is None:
                    return False
                value = str(value).lower() if isinstance(value, (bool, int, float)) else value
            if any(one[: len(at.path)] == at.path and one != at.path for one in self.sent):
                return False
            if self.sent.get(at.path, value) != value:
                return False
            self.sent[at.path] = value
            return True
        if isinstance(at, Computed):
            self.sure = False
            for path in at.sent:
                self.sent.setdefault(path, value)
        return True


def inputs_for(
    state: AccessState, attacker: Attacker, person: Person, step: FlowStep, *, unchecked: bool
) -> Iterator[FlowInput]:
    """What may be sent, what is surest to work first."""
    step = replace(step, inputs={name: _as_own(value, attacker.account.role) for name, value in step.inputs.items()})
    found = list(_inputs(state, attacker, person, step, unchecked=unchecked))
    yield from sorted(
        found,
        key=lambda one: (
            one.sure is not Tri.YES,
            bool(one.follow_up),
            max((rank(known.confidence) for known in one.knowledge), default=0),
        ),
    )


def _inputs(
    state: AccessState, attacker: Attacker, person: Person, step: FlowStep, *, unchecked: bool
) -> Iterator[FlowInput]:
    full = full_access(state, step, unchecked=unchecked)
    if full is Tri.NO:
        return
    items = written_items(as_object(step.inputs.get("payload", NULL)))
    # What an operation before it needs, so that it makes the item, is not worked out.
    made_before = any(map(is_created, step.inputs.values()))
    for one in () if made_before else deciding(step):
        if not one.is_planned:
            continue
        answer = all_of((full, decided(state, step, one, items)))
        if answer is Tri.NO:
            continue
        drafts = [
            _Filling(state, attacker, person, step, one, objects, whom).of(item)
            for item in items
            for objects in (True, False)
            for whom in (None, *_named_users(state, attacker, step, one))
        ]
        for number, filled in enumerate(drafts):
            if filled is not None and filled not in drafts[:number]:
                granted = one.collection != PERMISSIONS or filled.is_given("*")
                sure = all_of((answer, Tri.YES if filled.sure and granted else Tri.UNKNOWN))
                follows = one.collection if one.collection in (SETTINGS, PERMISSIONS) else ""
                yield FlowInput(filled.sent, sure, tuple(filled.knowledge), follows)
    below = all_of((full, nested(state, step, items)))
    for member, value in _below_relations(state, step, items) if below is not Tri.NO else ():
        draft = Draft()
        if draft.put(member, value) and _put_key(draft, step):
            whole = [one.path for one in items if isinstance(one, CallerInput)]
            if any(_is_field(path, item) for path in draft.sent.keys() - {member.path} for item in whole):
                draft.sure = False  # what names the row is written into it, too
            yield FlowInput(draft.sent, below if draft.sure else all_of((below, Tri.UNKNOWN)))


def _put_key(draft: Draft, step: FlowStep) -> bool:
    """Send a key that Directus takes, where the caller says which row is changed: it need not be there (measured)."""
    collection, key = step.inputs.get("collection", NULL), step.inputs.get("key", NULL)
    if step.operation.type == "item-create":
        return True
    numbered = isinstance(collection, KnownValue) and collection.value in (SETTINGS, PERMISSIONS)
    some = "1" if numbered else _SOME_KEY
    for one in (key, *_members(key)):
        listed = isinstance(one, CallerInput) and not one.text and one.path[-1] == _LIST
        if isinstance(one, (CallerInput, Computed)) and not draft.put(one, [some] if listed else some):
            return False
    return True


_SOME_KEY: Final = "00000000-0000-4000-8000-000000000000"


def _named_users(state: AccessState, attacker: Attacker, step: FlowStep, one: Deciding) -> Iterator[str]:
    """Other users whom a validation of the event names where the caller sends the key of the user that is written."""
    if (one.collection, one.row) != (USERS, OWN) or step.flow.trigger != "event":
        return
    paths = sent_paths(step.inputs.get("key", NULL))
    names = sorted({path[2] for path in paths if path[:2] == ("$trigger", "payload") and len(path) > 2})
    rules = [attacker.access.grant(*event).payload_rules for event in events_of(step.flow) if event is not None]
    named = (key for rule in rules for name in names for key in state.values_in_order(rule.named(name)))
    # A simulation adds users whose keys are made up.
    exported = [key for key in state.users_by_key if not key.startswith("(")]
    for key in dict.fromkeys(key for key in named if isinstance(key, str)):
        exists = key in exported or not exported or not state.has_all_users
        if exists and key != attacker.key and key not in state.known_administrators:
            yield key


def _below_relations(
    state: AccessState, step: FlowStep, items: tuple[FlowValue, ...]
) -> Iterator[tuple[CallerInput, Value]]:
    """Where the caller may send an object below a relation, and which; without the data model, by a field that is not known."""
    collection = step.inputs.get("collection", NULL)
    written = str(collection.value) if isinstance(collection, KnownValue) else ""
    for item in items:
        for name in state.relations_to_access.get(written, ()) or (_SOME_RELATION,):
            member = look_up(item, (name,))
            if isinstance(member, CallerInput) and not member.text:
                yield member, _made_below(state, written, name)


def _made_below(state: AccessState, collection: str, name: str) -> Value:
    """What makes an administrator below a relation, spelled out where that leads to an access table at once."""
    account: Value = {"email": EMAIL, "password": PASSWORD}
    role, policy = new_administrator_role(has_policies=state.model.has_policies), new_administrator_policy()
    made: dict[str | None, Value] = {
        USERS: {"email": EMAIL, "password": PASSWORD, "role": role}, ROLES: {**role, "users": [account]},
        POLICIES: {**policy, "users": [{"user": account}]}, ACCESS: {"policy": policy, "user": account},
        FILES: {
            "storage": "local", "filename_download": "file.txt", "title": "file", "type": "text/plain",
            "uploaded_by": {"email": EMAIL, "password": PASSWORD, "role": role},
        },
    }  # fmt: skip
    for one in state.relations:
        if (one.collection, one.field) == (collection, name):
            return made.get(one.related_collection, NESTED)
        if (one.related_collection, one.one_field) == (collection, name) and one.collection in made:
            return [made[one.collection]]
    return NESTED


_SOME_RELATION: Final = "<a relation to users, roles or policies>"


class _Filling(Struct, frozen=True):
    """The values for one set of fields that decide."""

    state: AccessState
    attacker: Attacker
    person: Person
    step: FlowStep
    one: Deciding
    objects: bool
    """Whether new rows are sent below relations, where keys are not known."""
    whom: str | None
    """Another user, who is made an administrator instead of the caller."""

    def of(self, item: FlowValue) -> Draft | None:
        """The values, by their paths in the trigger; None where they cannot be sent."""
        draft = Draft()
        if not draft.put(self.step.inputs.get("collection", NULL), self.one.collection):
            return None
        draft.put(self.step.inputs.get("permissions", NULL), "$full")
        for name in missing_fields(self.state, self.one):
            member = look_up(item, (name,))
            if isinstance(member, (CallerInput, Computed)) and not self._put(draft, member, name):
                return None
        if not self._more(draft, item):
            return None
        if not all(self._beside(draft, item, name) for name in _BESIDE.get(self.one.collection, ())):
            return None
        decided = set(draft.sent)
        if self.one.row in (CHOSEN, OWN, ONLY) and not self._target(draft):
            return None
        if isinstance(item, CallerInput) and any(_is_field(path, item.path) for path in draft.sent.keys() - decided):
            # What names the row is written into it, too.
            draft.sure = False
        return draft

    def _put(self, draft: Draft, member: FlowValue, name: str) -> bool:
        """Send a field, in the plainest form that is known and can be sent there."""
        for value, knowledge in self._values(name):
            if isinstance(value, dict) and not self.objects:
                continue
            tried = Draft(dict(draft.sent), draft.sure)
            if tried.put(member, value):
                draft.sent, draft.sure = tried.sent, tried.sure
                draft.knowledge.append(knowledge)
                return True
        return False

    def _more(self, draft: Draft, item: FlowValue) -> bool:
        """What a new row needs beside the fields that decide: a user, that its maker can sign in at once; a role and a policy
        their name, without which Directus refuses them. Whether that can be."""
        if self.one.collection == USERS and self.one.row == CREATED:
            for name in ("email", "password", "token"):
                member = look_up(item, (name,))
                if isinstance(member, CallerInput) and (name != "token" or "email" not in self.one.fields):
                    draft.put(member, _FREE[name])
        if self.one.collection == PERMISSIONS:
            member = look_up(item, ("fields",))
            if isinstance(member, CallerInput):
                draft.put(member, ["*"])
        if self.one.collection in (ROLES, POLICIES) and self.one.row == CREATED:
            member = look_up(item, ("name",))
            return member not in (ABSENT, NULL) and draft.put(member, NAME)
        return True

    def _beside(self, draft: Draft, item: FlowValue, name: str) -> bool:
        """Have a field that is written too, and does not decide, be one that the row takes and that leaves it an
        administrator's; what nothing sends is the text `undefined`. Whether that can be."""
        if name in self.one.fields or not isinstance(item, RecordValue) or name not in item.members:
            return True
        member = item.members[name]
        if isinstance(member, CallerInput) and member.path not in draft.sent:
            return any(draft.put(member, value) for value in self._harmless(name))
        return not isinstance(member, KnownValue) or self._is_taken(name, member.value)

    def _harmless(self, name: str) -> tuple[Value, ...]:
        """Values with which a row stays what it is, the plainest first."""
        if name == "status":
            return ("active",)
        if name == "role" and self.one.collection == USERS:
            return tuple(value for value, _ in self._values(name))
        return ([] if name in _LISTS else None,)

    def _is_taken(self, name: str, value: object) -> bool:
        """Whether a row takes a value that the operation names, and is an administrator's with it."""
        state = self.state
        if name == "status":
            return value in ("active", None)
        if name in _LISTS:
            return not isinstance(value, str)
        if name == "role" and self.one.collection == USERS and self.one.row in (CHOSEN, NAMED):
            return value in state.admin_roles
        if name == "user" and not state.has_users:
            return value is None or (isinstance(value, str) and value.count("-") == _DASHES)
        known = set(state.users_by_key) if name == "user" else {*state.roles, *state.export.holders}
        return value is None or value in known

    def _target(self, draft: Draft) -> bool:
        """Send the key of the row, where the caller says which it is."""
        target, knowledge = self._row()
        key, query = self.step.inputs.get("key", NULL), self.step.inputs.get("query", NULL)
        named = next((one for one in (key, *_members(key)) if isinstance(one, (CallerInput, Computed))), None)
        if target is None:
            # Another way may be open: this one is not spelled out.
            target, draft.sure = Chosen("the id of the row to change"), False
        if named is None:
            if self.one.row == ONLY:
                return True
            for path in sent_paths(query):
                draft.put(CallerInput(path), target)
                draft.sure = False
            return True
        draft.knowledge.append(knowledge)
        listed = isinstance(named, CallerInput) and not named.text and named.path[-1] == _LIST
        return draft.put(named, [target] if listed else target)

    def _row(self) -> tuple[Item, Knowledge]:
        """The row that is written, and how its key is known; None: it is not known which."""
        state, attacker, one = self.state, self.attacker, self.one
        admin = state.admin_policies[0]
        if one.row == ONLY:
            return settings_key(state), KNOWN  # type: ignore[return-value]  # a number
        if self.whom is not None:
            return self.whom, _FOR_ANOTHER
        if one.collection == USERS and one.row == OWN:
            return (None if attacker.account.public else self.person), KNOWN
        if one.collection == USERS:
            return SomeAdministrator(), attacker.knows_administrator()
        if one.collection == ROLES and one.fields == ("users",):
            return state.admin_roles[0], attacker.knows_role(state.admin_roles[0])
        if one.collection == ROLES and attacker.account.role is not None:
            return attacker.account.role, KNOWN
        if one.collection == POLICIES and one.fields == ("admin_access",):
            mine = next(iter(attacker.flagged), None)
            if mine is not None:
                return mine, attacker.knows_policy(mine)
        if one.collection == POLICIES:
            return admin, attacker.knows_policy(admin)
        if one.collection == ACCESS:
            holder = ("policy", admin) if one.fields != ("policy",) else ("role", attacker.account.role or "")
            row = next(iter(state.attachments.get(holder, ())), None)
            if row is not None:
                return row, attacker.knows_attachment(row)
        return None, KNOWN

    def _values(self, name: str) -> Iterator[tuple[Value, Knowledge]]:
        """The values that a field may have, with how keys in them are known."""
        state, attacker, collection = self.state, self.attacker, self.one.collection
        role, policy = state.admin_roles[0] if state.admin_roles else None, state.admin_policies[0]
        # Who has no account has one made.
        own: Value = {"email": EMAIL, "password": PASSWORD} if attacker.account.public else self.person
        if (collection, name) in ((USERS, "role"), (ROLES, "parent"), (SETTINGS, "public_registration_role")):
            yield from self._known_first(
                role, attacker.knows_role(role or ""), new_administrator_role(has_policies=state.model.has_policies)
            )
        elif name == "policy" and collection == ACCESS:
            yield from self._known_first(policy, attacker.knows_policy(policy), new_administrator_policy())
        elif name == "policies":
            yield {"create": [{"policy": new_administrator_policy()}], "update": [], "delete": []}, KNOWN
        elif name == "users" and collection == ROLES:
            listed = {"create": [], "update": [{"id": own, "role": role}], "delete": []}
            yield [own] if self.one.row == CREATED or isinstance(own, dict) else listed, KNOWN
        elif name in ("users", "roles"):
            row = {"user": own} if name == "users" else {"role": attacker.account.role}
            yield {"create": [row], "update": [], "delete": []}, KNOWN
        elif name in ("admin_access", "public_registration"):
            yield True, KNOWN
        elif name == "user":
            yield own, KNOWN
        elif name == "role":
            yield attacker.account.role, KNOWN
        elif name == "policy":
            policy = next(iter(attacker.flagged), PUBLIC_POLICY)
            yield policy, attacker.knows_policy(policy)
        elif collection == PERMISSIONS:
            yield _PERMISSION.get(name, Chosen("a value of their choice")), KNOWN
        else:
            yield _FREE.get(name, Chosen(_OTHER if collection == OPERATIONS else "a value of their choice")), KNOWN

    @staticmethod
    def _known_first(key: str | None, knows: Knowledge, new: Value) -> Iterator[tuple[Value, Knowledge]]:
        """A key that they know; else a new row; else the key, which they have to learn."""
        if key is not None and knows.confidence is Confidence.HIGH:
            yield key, knows
        yield new, KNOWN
        if key is not None:
            yield key, knows


_BESIDE: Final = {
    USERS: ("status", "role", "policies"), ROLES: ("parent", "users", "policies"), POLICIES: ("users", "roles"),
    ACCESS: ("policy", "user", "role"), PERMISSIONS: ("policy", "role"),
}  # fmt: skip
"""Fields that a row takes only some values for, or that may end an account."""
_DASHES: Final = 4
"""Those of a UUID, which the keys of users are."""
_LISTS: Final = frozenset({"policies", "users", "roles"})
_OTHER: Final = "what makes an administrator"
_PERMISSION: Final[dict[str, Value]] = {"collection": USERS, "action": "update", "fields": ["*"], "permissions": {}}


def _is_field(path: Path, item: Path) -> bool:
    """Whether what is sent at a path is a field of the item at another one."""
    return path[: len(item)] == item and len(path) > len(item) and path[len(item)] not in ("key", _LIST)


def _as_own(value: FlowValue, role: str | None) -> FlowValue:
    """A value of a flow with the caller's role as theirs: there it is known by its key."""
    if isinstance(value, RecordValue):
        return RecordValue({name: _as_own(one, role) for name, one in value.members.items()}, value.others)
    return CallerIdentity() if role is not None and value == KnownValue(role) else value


def _members(value: FlowValue) -> tuple[FlowValue, ...]:
    return tuple(value.members.values()) if isinstance(value, RecordValue) else ()
