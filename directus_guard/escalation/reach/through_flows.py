"""Writes that a flow carries out for whoever starts it, as rows that the account has: of what the flow leaves to its caller,
or sets itself.

`driven_flows` knows the operations that make an administrator at once. All others that write a table of access with more
than their caller's rights are here: one that gives a fixed role, that changes one named row, or one field of a permission.
Such a row is asked for like every other one, so that what it leads to needs no list.
"""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.grants import GrantRow
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.records import Permission
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    Written,
    all_stored_in,
    as_object,
    carries,
    is_created,
    may_be_sent,
)
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.start import ByItself, Caller, starting_permissions
from directus_guard.directus.flows.templates import UNDEFINED
from directus_guard.directus.tri import Tri
from directus_guard.escalation.account import ANONYMOUS, Account
from directus_guard.escalation.evidence import Knowledge, rank
from directus_guard.escalation.flow_writes import (
    is_only,
    names_no_key,
    refuses_written_keys,
    with_members,
    written_items,
)
from directus_guard.escalation.reach.closure import VISITOR, Cause, Usable
from directus_guard.escalation.reach.driven_flows import (
    COST_OF_FLOW,
    as_tested,
    caused_by_flows,
    escalating_flows,
    gets_there,
    is_unchecked,
    may_store,
    steps_of,
)
from directus_guard.escalation.reach.facts import Carries
from directus_guard.escalation.reach.flows import may_ask, sends
from directus_guard.escalation.reach.sent_fields import asked_for, may_send, needed, sends_itself
from directus_guard.escalation.rule_keys import is_uuid
from directus_guard.escalation.tables import (
    ACCESS,
    ACCESS_TABLES,
    FLOWS,
    FREE,
    PERMISSIONS,
    POLICIES,
    ROLES,
    SETTINGS,
    USERS,
)
from directus_guard.escalation.telling import plan_step
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.data import Value
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.reach.closure import Closure, UsableAccount
    from directus_guard.escalation.reach.sent_fields import Sends
    from directus_guard.escalation.state import AccessState

ACTIONS: Final = {"item-create": "create", "item-update": "update", "item-delete": "delete"}


class FlowWrite(Struct, frozen=True):
    """What an operation of a flow writes for its caller.

    `pinned`: the fields with the only value that they get. `keys`: of the rows, None: any, as far as is known; `own`: also
    the caller's own. `stored_in`: collections whose items it takes, which whoever starts it must be able to write.
    """

    flow: Flow
    operation: Operation
    collection: str
    action: str
    fields: tuple[str, ...]
    pinned: tuple[tuple[str, Json], ...]
    keys: tuple[str, ...] | None = None
    own: bool = False
    stored_in: frozenset[str] = frozenset()
    confidence: Confidence = Confidence.MEDIUM
    unasked: bool = False
    """Whether the server starts the flow without asking for a permission."""
    widened: bool = False
    """Whether the role whose rights the operation has must be given more first."""
    sent: frozenset[str] = frozenset()
    """It names a row only if these fields are in the payload of the write that starts it."""

    @property
    def content(self) -> tuple[object, ...]:
        """What is written, by which operation."""
        written = self.collection, self.action, self.fields, self.pinned, self.keys, self.own
        doubts = self.stored_in, self.confidence, self.unasked, self.widened, self.sent
        return self.operation.id, *written, *doubts

    @property
    def users(self) -> tuple[str, ...]:
        """The keys of users among those of its rows."""
        keys = self.keys if self.collection == USERS else None
        return tuple(key for key in keys or () if key == _STORED or is_uuid(key))

    def row(self, major: int, *, own: bool) -> GrantRow:
        """The permission that would let an account write the same. `own`: whether a named row may be its own."""
        rule: dict[str, Json] = {}
        if self.keys is not None:
            rule = {"id": {"_in": [*self.keys, *(("$CURRENT_USER",) if own else ())]}}
        pins: Json = {"_and": [{name: {"_eq": value}} for name, value in self.pinned]} if self.pinned else None
        permission = Permission(
            self.collection, self.action, rule, pins, None, self.fields, location=self.operation.location
        )
        return GrantRow(permission, "", (), rule_of_row(rule, major=major))


def start_flows(closure: Closure, acting: UsableAccount) -> Iterator[tuple[Carries, Usable]]:
    """The rows that an account has by the flows that it may start."""
    if closure.level is Confidence.HIGH:
        return
    state = closure.state
    account = acting.account
    # What anyone can do without an account is reported for the public only, where it leads anywhere.
    others = () if account.public or VISITOR in closure.persons() else started_by_anybody(state)
    for write in flow_writes(state, public=account.public):
        own = is_own(state, write, account)
        fact = Carries(account, write.content, own)
        if fact in closure.facts or write.operation.id in others or rank(write.confidence) > rank(closure.level):
            continue
        if not may_store(acting.attacker, write.stored_in, write.operation.id):
            continue
        if write.widened and not any(closure.may_use(acting, *one) for one in _WIDENS):
            continue
        if not _may_start(acting.attacker, write, partial(closure.may_use, acting), sends(closure, acting)):
            continue
        if not _gets_there(acting.attacker, write, may_ask(closure, acting)):
            continue
        does = (
            f"start the flow `{escape_controls(write.flow.name)}`, whose operation "
            f"`{escape_controls(write.operation.key)}` has more rights than its caller"
        )
        gives = f"what it may {write.action} in {write.collection}"
        step = plan_step("flow-drive", does, gives, FLOWS, "", None, Knowledge("", write.confidence), account=account)
        step = replace(step, location=write.operation.location, operation=write.operation.id)
        row = write.row(state.major, own=own and not account.public)
        yield fact, Usable(row, Cause(step, acting.before), carried_out=True)


def starts_flows(state: AccessState) -> tuple[tuple[str, str], ...]:
    """The collections and actions that start a flow which makes an administrator or writes a table of access, for whoever is
    permitted one; worked out once."""
    if state.starting_permissions is None:
        started = [drive.flow for public in (False, True) for drive in escalating_flows(state, public=public)]
        started += [write.flow for public in (False, True) for write in flow_writes(state, public=public)]
        distinct = {flow.id: flow for flow in started}
        pairs = (pair for flow in distinct.values() for pair in starting_permissions(flow, state.model.version))
        state.starting_permissions = tuple(dict.fromkeys(pairs))
    return state.starting_permissions


_WIDENS: Final = tuple(product((PERMISSIONS, ROLES, POLICIES, ACCESS), ("create", "update")))
"""What gives a role more rights."""


def _may_start(attacker: Attacker, write: FlowWrite, may: Callable[[str, str], bool], sends: Sends) -> bool:
    """Whether an account may start the flow with what it needs, or the server starts it without asking for a permission."""
    if write.unasked or caused_by_flows(attacker, write.flow):
        return True
    return may_start(attacker, write.flow, may) and may_send(attacker.state, write.flow, write.sent, sends)


def may_start(attacker: Attacker, flow: Flow, may: Callable[[str, str], bool]) -> bool:
    """Whether an account may start the flow, by itself or by a write of another flow. `may`: what it is permitted."""
    account = attacker.account
    caller = Caller(
        signed_in=not account.public,
        role=None if account.role == FREE else account.role,
        may=lambda collection, action: Tri.YES if may(collection, action) else Tri.NO,
    )
    starts = attacker.state.export.flow_model.starts(flow, caller) is not Tri.NO
    return starts or caused_by_flows(attacker, flow)


def _gets_there(attacker: Attacker, write: FlowWrite, may: Callable[[str, str], bool]) -> bool:
    """Whether the operation writes for an account that starts the flow. `may`: what it is permitted."""
    return write.unasked or gets_there(attacker, write.flow, (write.operation.id,), may)


def started_by_anybody(state: AccessState) -> frozenset[str]:
    """The operations that flows run for visitors: they are reported for the public only."""
    visitor = state.attacker(ANONYMOUS)

    def may(collection: str, action: str) -> bool:
        return visitor.permits(collection, action) is not Tri.NO

    writes = flow_writes(state, public=True)
    return frozenset(
        one.operation.id
        for one in writes
        if _may_start(visitor, one, may, sends_itself(visitor)) and _gets_there(visitor, one, may)
    )


def is_own(state: AccessState, write: FlowWrite, account: Account) -> bool:
    """Whether a flow may write the record of an account that starts it."""
    return write.own or any(_may_be(state, key, account) for key in write.users)


def _may_be(state: AccessState, key: str, account: Account) -> bool:
    """Whether the user with a key may be the one of an account."""
    if account.public or account.user is not None:
        return account.user == key
    return state.is_user_of(key, account.role) is not None


def flow_writes(state: AccessState, *, public: bool) -> tuple[FlowWrite, ...]:
    """What flows write into the tables of access for callers with or without an account; worked out once."""
    if public not in state.flow_writes:
        steps = list(steps_of(state, public=public))
        state.work.spend(COST_OF_FLOW * len({step.flow.id for step, _ in steps}))
        found = (
            one
            for step, by in steps
            for one in writes_of(state, step, public=public, unchecked=is_unchecked(step.flow, by))
            # What others start is the attacker's as far as it takes what they stored.
            if by is not ByItself.OTHERS or one.stored_in
        )
        state.flow_writes[public] = tuple({one.content: one for one in found}.values())
    return state.flow_writes[public]


def writes_of(state: AccessState, step: FlowStep, *, public: bool, unchecked: bool) -> Iterator[FlowWrite]:
    """What one operation writes into the tables of access for callers with or without an account."""
    action = ACTIONS.get(step.operation.type)
    if action is None or Tri.NO in (step.reach, step.allowed) or not has_more(step, unchecked=unchecked):
        return
    asked = asked_for(step)
    for one in as_tested(step):
        for write in _writes_of(state, one, action, public=public, unchecked=unchecked):
            yield replace(write, sent=write.sent | asked) if asked else write


def _writes_of(
    state: AccessState, step: FlowStep, action: str, *, public: bool, unchecked: bool
) -> Iterator[FlowWrite]:
    stored_in = all_stored_in(step.inputs.values())
    sure = Confidence.MEDIUM if step.reach is Tri.YES else Confidence.LOW
    for written in (frozenset[str](), *((stored_in,) if stored_in else ())):
        inputs = {name: may_be_sent(value, written) for name, value in step.inputs.items()}
        for collection in _collections(inputs.get("collection", NULL)):
            where = _keys(state, inputs, collection) if action != "create" else (None, False)
            if where is None or (action != "create" and refuses_written_keys(state, step, collection)):
                continue
            keys, own = where
            sent = frozenset[str]()
            if action != "create":
                sent = needed(replace(step, inputs=inputs), partial(_names_nothing, state, collection))
            if own and public and unchecked and action == "update":
                # The user whom public registration makes.
                yield from _registered(state, step, inputs, written)
            for fields, pinned in _fields(inputs) if action != "delete" else [((), ())]:
                held = _held(state, step, collection, action, fields)
                kept = tuple(pair for pair in pinned if pair[0] in held)
                found = FlowWrite(
                    step.flow,
                    step.operation,
                    collection,
                    action,
                    held,
                    kept,
                    keys,
                    own,
                    written,
                    sure,
                    unchecked,
                    sent=sent,
                )
                if held or action == "delete":
                    yield found
                if held != fields:
                    yield replace(found, fields=fields, pinned=pinned, confidence=Confidence.LOW, widened=True)


def _registered(
    state: AccessState, step: FlowStep, inputs: Mapping[str, Value], written: frozenset[str]
) -> Iterator[FlowWrite]:
    """What an operation writes into the user that a visitor registers, as that of a new user."""
    for fields, pinned in _fields(inputs):
        held = (*_held(state, step, USERS, "update", fields), "email", "password")
        kept = tuple(pair for pair in pinned if pair[0] in held)
        yield FlowWrite(step.flow, step.operation, USERS, "create", held, kept, stored_in=written, unasked=True)


def has_more(step: FlowStep, *, unchecked: bool) -> bool:
    """Whether an operation acts with rights that its caller may not have."""
    if step.rights is Rights.CALLER:
        return unchecked
    return step.rights is not None and step.rights is not Rights.PUBLIC


def _held(state: AccessState, step: FlowStep, collection: str, action: str, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that the operation may write: with a role's rights those of its permissions."""
    permissions = step.inputs.get("permissions", NULL)
    if step.rights is not Rights.ROLE or not isinstance(permissions, KnownValue):
        return fields
    role = str(permissions.value)
    attacker = state.attacker(Account(role=role))
    if role in state.admin_roles or attacker.access.admin:
        return fields
    rows = attacker.rows(collection, action)
    if fields == ("*",):
        return tuple(sorted({name for row in rows for name in row.permission.fields or ()}))
    return tuple(name for name in fields if any(row.reaches(name) for row in rows))


def _collections(collection: Value) -> tuple[str, ...]:
    """The tables of access that an operation may write."""
    if isinstance(collection, KnownValue):
        return (str(collection.value),) if collection.value in ACCESS_TABLES else ()
    return tuple(sorted(ACCESS_TABLES)) if carries(collection) is not Tri.NO else ()


def _keys(
    state: AccessState, inputs: Mapping[str, Value], collection: str
) -> tuple[tuple[str, ...] | None, bool] | None:
    """The keys of the rows (None: any), and whether the caller's own is among them; None: no row that matters."""
    key = inputs.get("key", NULL)
    if collection == SETTINGS:
        return (None, False) if is_only(state, key) is not Tri.NO else None
    if names_no_key(key):
        return None, False  # those of a query
    values = tuple(key.members.values()) if isinstance(key, RecordValue) else (key,)
    named: list[str] = []
    own = False
    for value in values:  # those of stored data that the caller does not choose are one user's, whoever that is
        if value in (NULL, ABSENT):
            continue
        if isinstance(value, KnownValue):
            held = value.value if isinstance(value.value, (list, tuple)) else (value.value,)
            numbered = collection == PERMISSIONS
            # A template without a value leaves a text that is the key of no row.
            there = (str(one) for one in held if one not in (None, UNDEFINED))
            named += [one for one in there if not numbered or one.isdecimal()]
        elif isinstance(value, CallerIdentity) and collection != ROLES:
            own = own or collection == USERS  # no row of another table has the key of a user or a role
        elif isinstance(value, Computed) and collection == USERS and not value.chosen and carries(value) is Tri.NO:
            # What a secret selects is that of whoever has it.
            own = own or value.selected
            named += [] if value.selected else [_STORED]
        else:
            return None, False
    return (tuple(named), own) if named or own else None


def _names_nothing(state: AccessState, collection: str, step: FlowStep) -> bool:
    """Whether an operation names no row that matters."""
    return _keys(state, step.inputs, collection) is None


_STORED: Final = "(a key in stored data)"
"""That of a user who is not known."""


def _fields(inputs: Mapping[str, Value]) -> Iterator[tuple[tuple[str, ...], tuple[tuple[str, Json], ...]]]:
    """The fields of each item that is written, and of these the ones with a fixed value."""
    for item in written_items(as_object(inputs.get("payload", NULL))):
        record = with_members(item)
        if not isinstance(record, RecordValue):
            if carries(record) is not Tri.NO:
                yield ("*",), ()
            continue
        fields, pinned = [], []
        for name, value in sorted(record.members.items()):
            if isinstance(value, KnownValue) and not isinstance(value.value, (dict, list, tuple)):
                pinned.append((name, value.value))
            known = isinstance(value, (KnownValue, CallerIdentity, Written))
            if known or carries(value) is not Tri.NO or is_created(value):
                fields.append(name)
        if isinstance(record.others, CallerInput):
            fields = ["*"]
        if fields:
            yield tuple(fields), tuple(pinned)
