"""What an operation with full access writes, and whether whoever starts the flow makes an administrator with it.

A write counts where the caller decides a fact of the access tables (`DECIDING`), be it in the payload itself or in an
object that the payload nests below a relation: Directus writes the related row with the same rights (measured on 10.13.4,
11.17.4 and 12.4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.system_data import SYSTEM_COLLECTIONS
from directus_guard.directus.features import HAS_MCP_OAUTH, REFUSES_LISTS_OF_KEYS
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    CallerIdentity,
    CallerInput,
    KnownValue,
    RecordValue,
    Value,
    Written,
    as_object,
    carries,
    is_chosen,
    is_created,
    is_selected,
    look_up,
    sent_paths,
)
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.start import events_of
from directus_guard.directus.flows.templates import UNDEFINED
from directus_guard.directus.tri import Tri, all_of, any_of
from directus_guard.escalation.rule_keys import is_uuid
from directus_guard.escalation.tables import (
    ACCESS,
    ACCESS_TABLES,
    CANNOT_SIGN_IN,
    FILES,
    FLOWS,
    OAUTH_CODES,
    OAUTH_TOKENS,
    OPERATIONS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    SESSIONS,
    SETTINGS,
    USERS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.state import AccessState

WRITES: Final = ("item-create", "item-update")

CREATED: Final = "created"
CHOSEN: Final = "chosen"
NAMED: Final = "named"
OWN: Final = "own"
ONLY: Final = "only"


class Deciding(Struct, frozen=True):
    """Fields that together decide who is administrator, if the caller chooses them, and of which row of the collection.

    `row`: one that is created; one that the caller chooses; one that the operation names by its key; the caller's own, or one that it chooses; the only one.
    """

    collection: str
    row: str
    fields: tuple[str, ...]
    sure: Tri = Tri.YES
    """Unknown: it takes something else as well, such as that flows are loaded anew."""
    is_planned: bool = True
    """Whether requests that do it are looked for: no plan signs in with a session, or at an identity provider."""


DECIDING: Final = (
    Deciding(USERS, CREATED, ("role", "email")),
    Deciding(USERS, CREATED, ("role", "token")),
    Deciding(USERS, CREATED, ("policies", "email")),
    Deciding(USERS, CREATED, ("policies", "token")),
    Deciding(USERS, OWN, ("role",)),
    Deciding(USERS, OWN, ("policies",)),
    Deciding(USERS, CHOSEN, ("token",)),
    Deciding(USERS, CHOSEN, ("password",)),
    Deciding(USERS, CHOSEN, ("email",)),
    Deciding(USERS, CHOSEN, ("external_identifier",), Tri.UNKNOWN, is_planned=False),
    Deciding(USERS, NAMED, ("role", "token")),
    Deciding(USERS, NAMED, ("role", "email"), Tri.UNKNOWN),
    Deciding(USERS, NAMED, ("policies", "token")),
    Deciding(ACCESS, CREATED, ("policy", "user")),
    Deciding(ACCESS, CREATED, ("policy", "role")),
    Deciding(ACCESS, CHOSEN, ("policy",)),
    Deciding(ACCESS, CHOSEN, ("user",)),
    Deciding(ACCESS, CHOSEN, ("role",)),
    Deciding(PERMISSIONS, CREATED, ("collection", "action", "policy")),
    Deciding(PERMISSIONS, CREATED, ("collection", "action", "role")),
    Deciding(PERMISSIONS, CHOSEN, ("collection", "action")),
    Deciding(PERMISSIONS, CHOSEN, ("fields",), Tri.UNKNOWN),
    Deciding(PERMISSIONS, CHOSEN, ("permissions",), Tri.UNKNOWN),
    Deciding(POLICIES, CREATED, ("admin_access", "users")),
    Deciding(POLICIES, CREATED, ("admin_access", "roles")),
    Deciding(POLICIES, CHOSEN, ("admin_access",)),
    Deciding(POLICIES, CHOSEN, ("users",)),
    Deciding(POLICIES, CHOSEN, ("roles",)),
    Deciding(ROLES, CREATED, ("users", "parent")),
    Deciding(ROLES, CREATED, ("users", "policies")),
    Deciding(ROLES, CREATED, ("users", "admin_access")),
    Deciding(ROLES, CHOSEN, ("admin_access",)),
    Deciding(ROLES, CHOSEN, ("parent",)),
    Deciding(ROLES, CHOSEN, ("policies",)),
    Deciding(ROLES, CHOSEN, ("users",)),
    Deciding(SETTINGS, ONLY, ("public_registration", "public_registration_role")),
    Deciding(OPERATIONS, CREATED, ("type", "options", "flow"), Tri.UNKNOWN),
    Deciding(OPERATIONS, CHOSEN, ("options",), Tri.UNKNOWN),
    Deciding(FLOWS, CHOSEN, ("options",), Tri.UNKNOWN),
    Deciding(FLOWS, CHOSEN, ("trigger",), Tri.UNKNOWN),
    # Who has the token of a session is its user; who has a code gets a token for its user.
    Deciding(SESSIONS, CREATED, ("token", "user"), Tri.UNKNOWN, is_planned=False),
    Deciding(SESSIONS, CHOSEN, ("token",), Tri.UNKNOWN, is_planned=False),
    Deciding(SESSIONS, OWN, ("user",), Tri.UNKNOWN, is_planned=False),
    Deciding(OAUTH_CODES, CREATED, ("code_hash", "user"), Tri.UNKNOWN, is_planned=False),
    Deciding(OAUTH_CODES, CHOSEN, ("code_hash",), Tri.UNKNOWN, is_planned=False),
    Deciding(OAUTH_CODES, OWN, ("user",), Tri.UNKNOWN, is_planned=False),
    Deciding(OAUTH_TOKENS, CREATED, ("session", "user"), Tri.UNKNOWN, is_planned=False),
    Deciding(OAUTH_TOKENS, CHOSEN, ("session",), Tri.UNKNOWN, is_planned=False),
    Deciding(OAUTH_TOKENS, OWN, ("user",), Tri.UNKNOWN, is_planned=False),
)

_DECIDING_OF: Final = {
    collection: tuple(one for one in DECIDING if one.collection == collection)
    for collection in dict.fromkeys(one.collection for one in DECIDING)
}


def makes_administrator(state: AccessState, step: FlowStep, *, unchecked: bool = False) -> Tri:
    """Whether an operation writes, with full access, what the caller of the flow sends, where that makes administrators.

    `unchecked`: the server itself caused the event, so that the rights of the trigger are not limited.
    """
    if step.operation.type not in WRITES:
        return Tri.NO
    full = full_access(state, step, unchecked=unchecked)
    if full is Tri.NO:
        return full
    payload = as_object(step.inputs.get("payload", NULL))
    items = written_items(payload)
    answers = [decided(state, step, one, items) for one in deciding(step)]
    answers.append(nested(state, step, items))
    return all_of((full, any_of(answers)))


def deciding(step: FlowStep) -> tuple[Deciding, ...]:
    """The fields that an operation may write: those of its collection, where that is known."""
    collection = step.inputs.get("collection", NULL)
    if not isinstance(collection, KnownValue):
        return DECIDING
    return _DECIDING_OF.get(collection.value, ()) if isinstance(collection.value, str) else ()


def full_access(state: AccessState, step: FlowStep, *, unchecked: bool) -> Tri:
    """Whether the operation writes items with full access. `unchecked` as above."""
    if step.operation.type not in WRITES:
        return Tri.NO
    if unchecked and step.rights is Rights.CALLER:
        return Tri.YES
    permissions = step.inputs.get("permissions")
    if step.rights is Rights.ROLE and isinstance(permissions, KnownValue):
        return Tri.YES if permissions.value in state.admin_roles else Tri.NO
    if step.rights is not None and step.rights.unknown:
        return Tri.UNKNOWN
    return Tri.YES if step.rights is Rights.FULL else Tri.NO


def decided(state: AccessState, step: FlowStep, one: Deciding, items: tuple[Value, ...]) -> Tri:
    """Whether an operation writes these fields as the caller chooses."""
    if (one.row == CREATED) is not (step.operation.type == "item-create") or not _exists(state, one):
        return Tri.NO
    collection = step.inputs.get("collection", NULL)
    there = (
        (Tri.YES if collection.value == one.collection else Tri.NO)
        if isinstance(collection, KnownValue)
        else carries(collection)
    )
    if there is Tri.NO:
        return there
    fields = missing_fields(state, one)
    attached = one.collection == ACCESS
    if one.collection == USERS and one.row == CREATED:
        items = tuple(item for item in items if not _cannot_sign_in(item))
    chosen = any_of(all_of(_chosen(state, item, name, attached=attached) for name in fields) for item in items)
    if chosen is Tri.NO:
        return chosen
    return all_of((there, _row(state, step, one), chosen, one.sure))


def _cannot_sign_in(item: Value) -> bool:
    """Whether an operation gives a new user a status with which one cannot sign in, and that no link in a mail changes. Who may change
    it afterwards has the operation's write like a permission."""
    status = look_up(item, ("status",))
    return isinstance(status, KnownValue) and status.value in CANNOT_SIGN_IN


def _exists(state: AccessState, one: Deciding) -> bool:
    """Whether the version has these fields: 10 leaves out what it does not know (measured), and writes the rest."""
    if one.collection in (OAUTH_CODES, OAUTH_TOKENS) and not HAS_MCP_OAUTH.of(state.model.version):
        return False
    if state.model.has_policies:
        return _LEFT_OUT.get(one.collection) not in one.fields
    return one.collection not in (ACCESS, POLICIES) and {"policies", "policy", "parent"}.isdisjoint(one.fields)


_LEFT_OUT: Final = {ROLES: "admin_access", PERMISSIONS: "role"}
"""Fields that versions with policies do not have."""


def missing_fields(state: AccessState, one: Deciding) -> tuple[str, ...]:
    """The fields that the caller must choose: of registration, what is not set already."""
    settings = state.export.settings
    if one.collection == SETTINGS and settings is not None and settings.values.get("public_registration") is True:
        return tuple(name for name in one.fields if name != "public_registration")
    return one.fields


def _row(state: AccessState, step: FlowStep, one: Deciding) -> Tri:
    """Whether the operation writes a row of that kind."""
    if one.row == CREATED:
        return Tri.YES
    key = step.inputs.get("key", NULL)
    if one.row == ONLY:
        return is_only(state, key)
    if one.row == NAMED:
        # Users are seldom exported: any key in the operation counts as that of a user.
        return Tri.YES if _named(key) else Tri.NO
    target = any_of((carries(key), carries(step.inputs.get("query", NULL))))
    if one.row == OWN and is_created(key):
        return Tri.UNKNOWN  # the account that the flow made for its caller, perhaps
    if one.collection == USERS and set(_named(key)) & set(state.known_administrators):
        target = Tri.YES
    return any_of((target, _own(step))) if one.row == OWN else target


def settings_key(state: AccessState) -> object:
    """The key of the only row of the settings."""
    settings = state.export.settings
    return 1 if settings is None else settings.values.get("id", 1)


def names_no_key(key: Value) -> bool:
    """Whether the key of an operation is empty: it then writes the rows of its query, or the only row."""
    return isinstance(key, KnownValue) and key.value in (None, "", [], ())


def is_only(state: AccessState, key: Value) -> Tri:
    """Whether an operation writes the only row: it names that one, or none."""
    if names_no_key(key):
        return Tri.YES
    if isinstance(key, KnownValue):
        named = key.value if isinstance(key.value, (list, tuple)) else [key.value]
        return Tri.YES if str(settings_key(state)) in map(str, named) else Tri.NO
    if isinstance(key, RecordValue):
        present = (one for one in key.members.values() if one != NULL)
        return any_of(is_only(state, one) for one in present)
    return Tri.NO if isinstance(key, CallerIdentity) else carries(key)


def _named(key: Value) -> tuple[object, ...]:
    """The keys that stand in the operation itself. A template without a value leaves a text that is the key of no row."""
    held = key.value if isinstance(key, KnownValue) else None
    named = held if isinstance(held, (list, tuple)) else (held,)
    return tuple(one for one in named if isinstance(one, str) and one != UNDEFINED)


def _own(step: FlowStep) -> Tri:
    """Whether an operation writes the caller's own record: its key is theirs, alone or in a list (as the Studio stores it);
    a query may meet it."""
    key, query = step.inputs.get("key", NULL), step.inputs.get("query", NULL)
    if is_own(key):
        return Tri.YES
    named = isinstance(key, RecordValue) or (isinstance(key, KnownValue) and not names_no_key(key))
    return Tri.UNKNOWN if query != NULL and (is_own(query) or not named) else Tri.NO


def is_own(value: Value) -> bool:
    """Whether the caller's own key is part of a value."""
    return isinstance(value, CallerIdentity) or (
        isinstance(value, RecordValue) and any(map(is_own, value.members.values()))
    )


def written_items(payload: Value) -> tuple[Value, ...]:
    """What a payload writes: one item, or each of a list."""
    if isinstance(payload, RecordValue) and payload.members and all(key.isdecimal() for key in payload.members):
        return tuple(payload.members.values())
    return (payload,)


def with_members(item: Value) -> Value:
    """A known object as one whose members are known apart."""
    if isinstance(item, KnownValue) and isinstance(item.value, dict):
        return RecordValue({name: KnownValue(value) for name, value in item.value.items()}, NULL)
    return item


def _chosen(state: AccessState, payload: Value, name: str, *, attached: bool) -> Tri:
    """Whether the caller decides a field of the payload, or it makes an administrator already. `attached`: of what a policy
    is attached to, where the caller's own key will do."""
    member = look_up(payload, (name,))
    if attached and isinstance(member, CallerIdentity) and name in ("user", "role"):
        return Tri.YES
    if isinstance(member, KnownValue):
        wanted = name in ("role", "parent", "policy", "admin_access", "public_registration", "public_registration_role")
        makes = (*state.admin_roles, *state.admin_policies, True)
        if name == "user" and member.value is not None:
            # Users are seldom exported: whose key that is may not be known.
            administrators = state.known_administrators
            return Tri.YES if member.value in administrators else Tri.NO if state.has_all_users else Tri.UNKNOWN
        return Tri.YES if wanted and member.value in makes else Tri.NO
    if name in _LINKS and is_created(member):
        return Tri.UNKNOWN  # the flow links what it made for its caller, perhaps
    return carries(member)


_LINKS: Final = ("user", "role", "policy", "parent")
"""Fields that say whose a policy, a role or a permission is."""


# --- objects below a relation ----------------------------------------------------------------------------------------


def nested(state: AccessState, step: FlowStep, items: tuple[Value, ...]) -> Tri:
    """Whether the caller's object can stand below a relation that leads to the access tables."""
    collection = step.inputs.get("collection", NULL)
    if not isinstance(collection, KnownValue) or not isinstance(collection.value, str):
        return Tri.NO
    takes = Tri.YES
    if step.operation.type == "item-update":
        takes = _takes_keys(state, step, collection.value)
    if takes is Tri.NO:
        return Tri.NO
    if step.operation.type == "item-create":
        asked = _REQUIRED.get(collection.value, ())
        items = tuple(one for one in items if all(look_up(one, (name,)) not in (ABSENT, NULL) for name in asked))
    schema = state.export.schema
    known = schema is not None and collection.value in schema.whole_collections
    leading = state.relations_to_access.get(collection.value, ())
    below = any_of(
        Tri.YES if _is_object(member) else all_of((carries(member), Tri.UNKNOWN))
        for item in items
        for name in leading
        if not isinstance(member := look_up(item, (name,)), KnownValue) and not _is_text(member)
        if known or not _asks(step, member)
    )
    if known or collection.value in SYSTEM_COLLECTIONS:
        return all_of((takes, below))
    # It is not known which of its fields are relations: any of them may be one.
    objects = (_holds_object(step, item) for item in items)
    return all_of((takes, any_of((below, *(Tri.UNKNOWN if one else Tri.NO for one in objects)))))


def _holds_object(step: FlowStep, item: Value) -> bool:
    """Whether the caller may send an object as an item, or as one of its fields."""
    if not isinstance(item, RecordValue):
        return _is_object(item)
    return any(_is_object(one) and not _asks(step, one) for one in (*item.members.values(), item.others))


_REQUIRED: Final = {ROLES: ("name",), POLICIES: ("name",), FILES: ("filename_download",)}
"""Fields without which a new row is refused (measured on 10.13.4 and 11.17.4)."""


def _takes_keys(state: AccessState, step: FlowStep, collection: str) -> Tri:
    """Whether Directus comes to write what is below a relation: it refuses keys that are no UUID where they must be, and takes
    those of rows that do not exist (measured on 10.13.4, 11.17.4 and 12.4.1). What a secret selects is not there without it."""
    key = step.inputs.get("key", NULL)
    if is_selected(key) and not is_chosen(key) and carries(key) is Tri.NO:
        return Tri.NO
    return _fitting(state, step, collection, tuple(_each((key,))))


def refuses_written_keys(state: AccessState, step: FlowStep, collection: str) -> bool:
    """Whether the keys of items that the caller writes cannot be those of rows of a table."""
    written = tuple(one for one in _each((step.inputs.get("key", NULL),)) if isinstance(one, Written))
    return _fitting(state, step, collection, written) is Tri.NO


def _fitting(state: AccessState, step: FlowStep, collection: str, keys: tuple[Value, ...]) -> Tri:
    """Whether all keys may be those of rows of a table."""
    held = step.inputs.get("key", NULL)
    in_lists = isinstance(held, RecordValue) and any(isinstance(one, RecordValue) for one in held.members.values())
    if keys and in_lists and REFUSES_LISTS_OF_KEYS.of_major(state.major):
        return Tri.NO
    numbers = collection in _HAVE_NUMBERS
    if not numbers and collection not in ACCESS_TABLES:
        return Tri.YES
    return all_of(_is_key(state, step, one, numbers=numbers) for one in keys) if keys else Tri.YES


def _each(keys: Iterable[Value]) -> Iterator[Value]:
    """The keys, those in lists too."""
    for one in keys:
        if isinstance(one, RecordValue):
            yield from _each(one.members.values())
        elif isinstance(one, KnownValue) and isinstance(one.value, (list, tuple)):
            yield from (KnownValue(item) for item in one.value)
        elif not (isinstance(one, KnownValue) and one.value in (None, "")):
            yield one


def _is_key(state: AccessState, step: FlowStep, key: Value, *, numbers: bool) -> Tri:
    """Whether a key may be one of a table with numbers, or with UUIDs. That of an item that the caller writes is one of the
    item's collection."""
    if isinstance(key, KnownValue):
        fits = str(key.value).isdecimal() if numbers else is_uuid(key.value)
        return Tri.YES if fits else Tri.NO
    if not isinstance(key, Written):
        return Tri.YES
    schema = state.export.schema
    fields = schema.by_collection if schema is not None else {}
    collections = [event[0] for event in events_of(step.flow) if event is not None]
    types = [field.type for name in collections for field in fields.get(name, {}).values() if field.primary_key]
    if not types or len(types) < len(collections):
        return Tri.UNKNOWN
    return any_of(Tri.YES if (one in _NUMBERS) is numbers else Tri.NO for one in types)


_NUMBERS: Final = frozenset({"integer", "bigInteger"})
"""The types of keys that are numbers."""
_HAVE_NUMBERS: Final = frozenset({PERMISSIONS, SETTINGS})


def _asks(step: FlowStep, member: Value) -> bool:
    """Whether an object there needs permissions of its own: in what was stored before the flow runs it is below a relation. What is
    deeper in it may be in a field of JSON."""
    blocking = step.flow.options.get("type") == "filter"
    return step.flow.trigger == "event" and not blocking and any(len(path) < _DEEP for path in sent_paths(member))


_DEEP: Final = len(("$trigger", "payload", "answers", "owner"))


def _is_object(value: Value) -> bool:
    """Whether the caller may send an object there."""
    return isinstance(value, CallerInput) and (value.nests or not value.text)


def _is_text(value: Value) -> bool:
    return isinstance(value, CallerInput) and value.text and not value.nests
