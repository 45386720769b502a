"""Whether the server accepts a request, and what is stored then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, cast

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.tri import Tri
from directus_guard.escalation.account import Account
from directus_guard.escalation.attacker import signing_in
from directus_guard.escalation.evidence import Allowed, rank, weakest
from directus_guard.escalation.plans.deletions import reaches, role_is_kept
from directus_guard.escalation.plans.doubts import doubts
from directus_guard.escalation.plans.effects import deleted, new_attachments, new_rows, stored
from directus_guard.escalation.plans.events import follow_ups, may_cause, stopped_by_flows
from directus_guard.escalation.plans.keys import instead_readable, known_keys
from directus_guard.escalation.plans.payload import Payload, fitted
from directus_guard.escalation.plans.starts import FlowStart, knows_id, starts_of, starts_with, surest
from directus_guard.escalation.plans.through_flows import CarriedOut, carry_out
from directus_guard.escalation.reach import assembled
from directus_guard.escalation.reach.closure import VISITOR, Cause, Closure, UsableAccount
from directus_guard.escalation.reach.facts import ADMINISTRATOR, Person
from directus_guard.escalation.reach.flows import of_flows
from directus_guard.escalation.requests.request import (
    CREATE,
    DELETE,
    INVITE,
    REGISTER,
    START,
    UPDATE,
    Chosen,
    ChosenKey,
    NewRow,
    Request,
    SomeAdministrator,
)
from directus_guard.escalation.tables import ACCESS, ANY_ACCOUNT, FLOWS, OPERATIONS, PERMISSIONS, ROLES, USERS
from directus_guard.finding import Confidence
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.plans.flow_values import FlowInput
    from directus_guard.escalation.plans.state import Key, SimulatedState
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.requests.request import Item, Value


class Refusal(Struct, frozen=True):
    """The request fails, or cannot be sent."""

    reason: str


class Accepted(Struct, frozen=True):
    """The request is carried out: what is stored then, what was sent, and how sure that is."""

    state: SimulatedState
    request: Request
    confidence: Confidence
    notes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Ids of the catalogue's reasons."""
    unknown: frozenset[str] = frozenset()
    """Keys that they must learn elsewhere."""
    rows: tuple[Permission, ...] = ()
    """The stored permissions that allow it."""
    operation: str | None = None
    """The operation of a flow that makes an administrator, or carries out the write."""
    permission: str = ""
    """What allows it, where no stored permission does."""
    then: tuple[Request, ...] = ()
    """What has to be sent after it."""


Outcome: TypeAlias = Accepted | Refusal


def attempt(state: SimulatedState, request: Request) -> Outcome:
    """One request in one state."""
    attacker = None if request.by is None else state.attacker(request.by)
    if attacker is None:
        return Refusal("they do not have the account that sends it")
    outcome = _sent_by(state, attacker, request)
    for other in state.elsewhere(attacker):
        if isinstance(outcome, Accepted) and rank(outcome.confidence) == 0:
            break
        found = _sent_by(state, other, request)
        if isinstance(found, Accepted) and _is_surer(found, outcome):
            outcome = replace(found, notes=(*found.notes, OTHER_ADDRESS))
    return outcome


def _is_surer(found: Accepted, than: Outcome) -> bool:
    return isinstance(than, Refusal) or rank(found.confidence) < rank(than.confidence)


OTHER_ADDRESS: Final = "from an address where the policies with `ip_access` do not count"


def _sent_by(state: SimulatedState, attacker: Attacker, request: Request) -> Outcome:
    """One request, sent by an account of the attacker from one address."""
    wanted = {name: _filled_in(state, value) for name, value in request.body.items()}
    if _MISSING in wanted.values():
        return Refusal("the row that it names is not there")
    if request.action == REGISTER:
        return _registered(state, attacker, request)
    if request.action == START:
        return _started(state, attacker, request)
    asked = cast("Mapping[str, Json]", wanted)  # without `_MISSING` it is JSON
    if request.action in (CREATE, INVITE):
        outcome = _created(state, attacker, request, asked)
        return _through_flows(state, attacker, request, asked, None) or outcome if _fails(outcome) else outcome
    keys = state.items(request.collection, request.item)
    if not keys:
        return Refusal(f"the item of {request.collection} is not there")
    found = [_changed(state, attacker, request, asked, key) for key in keys]
    if all(map(_fails, found)):
        found += [one for key in keys if (one := _through_flows(state, attacker, request, asked, key)) is not None]
    accepted = [one for one in found if isinstance(one, Accepted)]
    return min(accepted, key=lambda one: rank(one.confidence), default=found[0])


def _fails(outcome: Outcome) -> bool:
    return isinstance(outcome, Refusal)


def _through_flows(
    state: SimulatedState, attacker: Attacker, request: Request, wanted: Mapping[str, Json], key: Key
) -> Accepted | None:
    """A write that a flow carries out for whoever starts it."""
    access_state = state.access_state
    writing = access_state.acting_flows | access_state.deleting_flows
    best: Accepted | None = None
    for flow in access_state.flows if request.action != INVITE else ():
        if flow.id in writing or flow.trigger == "event":
            for start, made in _carrying(attacker, flow, request, key):
                outcome = _carried_by(state, attacker, start, made.role, request, {**made.fixed, **wanted}, key)
                if isinstance(outcome, Accepted) and (best is None or rank(outcome.confidence) < rank(best.confidence)):
                    best = outcome
    return best


def _carrying(attacker: Attacker, flow: Flow, request: Request, key: Key) -> Iterator[tuple[FlowStart, CarriedOut]]:
    """The starts of a flow that carry out a request."""
    found: list[CarriedOut] = []

    def inputs(step: FlowStep, unchecked: bool) -> Iterator[FlowInput]:
        made = carry_out(attacker.state, step, request, key, unchecked=unchecked)
        if made is not None:
            found.append(made)
            yield made.input

    for start in starts_with(attacker, request.by or VISITOR, flow, inputs):
        yield start, found[-1]


def _carried_by(
    state: SimulatedState,
    attacker: Attacker,
    start: FlowStart,
    role: str | None,
    request: Request,
    written: Mapping[str, Json],
    key: Key,
) -> Outcome:
    """The state once a flow has carried out a request, with the rights of a role or with all."""
    outcome = _start(state, attacker, start)
    if isinstance(outcome, Refusal):
        return outcome
    if role is not None:
        allowed = _with_rights_of(state, role, request, written, key)
        if isinstance(allowed, Refusal):
            return allowed
    keys = known_keys(state, attacker, request, key)
    after = (
        deleted(state, request.collection, key) if request.action == DELETE else stored(state, request, written, key)
    )
    if isinstance(after, str):
        return Refusal(after)
    return replace(
        outcome,
        state=after,
        request=replace(outcome.request, signs_in=request.signs_in),
        confidence=weakest((outcome.confidence, Confidence.MEDIUM, *(one.confidence for one in keys.values()))),
        permission=f"the {escape_controls(start.flow.trigger)} trigger of the flow `{escape_controls(start.flow.name)}`",
        notes=(*outcome.notes, *(one.source for one in keys.values() if one.source)),
        unknown=frozenset(named for named, one in keys.items() if named and one.confidence is not Confidence.HIGH),
        then=(),
    )


def _with_rights_of(
    state: SimulatedState, role: str, request: Request, written: Mapping[str, Json], key: Key
) -> Outcome:
    """What becomes of a request if a role without a user sends it."""
    acting = state.access_state.attacker(Account(role=role))
    if request.action == CREATE:
        return _created(state, acting, request, written)
    return _changed(state, acting, request, written, key)


_MISSING: Final = object()


def _filled_in(state: SimulatedState, value: Value) -> object:
    """What a value is in this state."""
    if isinstance(value, Chosen):
        return f"({value.what})"
    if isinstance(value, ChosenKey):
        return f"(chosen key of {value.collection})"
    if isinstance(value, SomeAdministrator):
        return next(iter(state.items(USERS, value)), _MISSING)
    if isinstance(value, (Person, NewRow)):
        return state.keys.get(value, _MISSING)
    if isinstance(value, dict):
        return {name: _filled_in(state, one) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled_in(state, one) for one in value]
    return value


def _free(request: Request) -> frozenset[str]:
    return frozenset(name for name, value in request.body.items() if isinstance(value, Chosen))


# --- new rows --------------------------------------------------------------------------------------------------------


def _created(state: SimulatedState, attacker: Attacker, request: Request, wanted: Mapping[str, Json]) -> Outcome:
    collection, free = request.collection, _free(request)
    grant = attacker.access.grant(collection, CREATE)
    if not grant.rows:
        return Refusal(f"no permission to create in {collection}")
    if (missing := attacker.unfilled(collection)) is not None:
        return Refusal(f"{missing} must have a value, which they cannot send")
    if request.action == INVITE:
        wanted = {**wanted, "status": "invited"}
    left: dict[str, Json] = {}
    for name, value in wanted.items():
        preset = attacker.preset(collection, CREATE, name)
        if grant.reaches(name):
            left[name] = value
        elif preset is None or (name not in free and preset != value):
            return Refusal(f"no permission to create in {collection} with {name}")
    payload = fitted(attacker, collection, CREATE, left, free)
    if isinstance(payload, str):
        return Refusal(payload)
    if request.action == INVITE and isinstance(payload.sent.get("role"), dict):
        return Refusal("an invitation takes the bare key of a role only")  # 400 for an object, measured on 11.17.4
    for one in new_rows(payload.written, "operations") if collection == FLOWS else ():
        if not all(attacker.may(OPERATIONS, CREATE, name) for name in one):
            return Refusal(f"no permission to create in {OPERATIONS}")
    used = [row for row in grant.rows if any(map(row.reaches, payload.sent))] or grant.rows
    if not _is_answered(attacker, request) and not free.intersection(("id",)):
        chosen = fitted(attacker, collection, CREATE, {**left, "id": f"(chosen key of {collection})"}, free)
        if grant.reaches("id") and not isinstance(chosen, str):
            request = replace(request, body={"id": ChosenKey(collection), **request.body})
            wanted, payload = {**wanted, "id": f"(chosen key of {collection})"}, chosen
    return _carried_out(state, attacker, request, payload, None, Allowed(tuple(used)), wanted)


def _is_answered(attacker: Attacker, request: Request) -> bool:
    """Whether the answer has the key of a new row, or it is not needed: it has what was created only for those who
    may read it. Keys of permissions are numbers, which are found by trying."""
    if not isinstance(request.item, NewRow) or request.collection == PERMISSIONS or "id" in request.body:
        return True
    return attacker.allowed(request.collection, "read", "id", {("id",): ANY_ACCOUNT}) is not None


# --- rows that are there ---------------------------------------------------------------------------------------------


def _changed(
    state: SimulatedState, attacker: Attacker, request: Request, wanted: Mapping[str, Json], key: Key
) -> Outcome:
    collection = request.collection
    known = dict(state.known(collection, key))
    for name in wanted:
        known |= signing_in(name) if collection == USERS else {}
    wanted = _stays_active(state, attacker, request, wanted, key)
    if request.action == DELETE:
        reached = reaches(attacker, attacker.rows(collection, DELETE), known)
        if reached is None:
            return Refusal(f"no permission to delete this item of {collection}")
        kept = role_is_kept(state, attacker, key) if collection == ROLES else None
        if kept is not None:
            return Refusal(kept)
        return _carried_out(state, attacker, request, Payload({}, {}), key, reached, {})
    if collection == ROLES and state.inherits(wanted.get("parent"), key):
        return Refusal("a role cannot inherit from one that inherits from it")
    free, left = _free(request), {}
    used: list[Allowed] = []
    for name, value in wanted.items():
        allowed = attacker.allowed(collection, UPDATE, name, known)
        preset = attacker.preset(collection, UPDATE, name)
        if allowed is not None:
            left[name] = value
            used.append(allowed)
        elif preset is None or (name not in free and preset != value):
            return Refusal(f"no permission to update this item of {collection} with {name}")
    if not left:
        reached = reaches(attacker, attacker.rows(collection, UPDATE), known)
        if reached is None:
            return Refusal(f"no permission to update this item of {collection}")
        used.append(reached)
    payload = fitted(attacker, collection, UPDATE, left, free)
    if isinstance(payload, str):
        return Refusal(payload)
    for name in payload.sent:
        if name not in left:
            allowed = attacker.allowed(collection, UPDATE, name, known)
            if allowed is None:
                return Refusal(
                    f"no permission to update this item of {collection} with {name}, which a validation asks for"
                )
            used.append(allowed)
    nested = _attached(state, attacker, payload.written, key)
    if isinstance(nested, str):
        return Refusal(nested)
    rows = {row.identity: row for one in used for row in one.rows}
    sure = weakest((*(one.confidence for one in used), nested))
    return _carried_out(state, attacker, request, payload, key, Allowed(tuple(rows.values()), sure), wanted)


def _stays_active(
    state: SimulatedState, attacker: Attacker, request: Request, wanted: Mapping[str, Json], key: Key
) -> Mapping[str, Json]:
    """The values with the status that keeps an account for the attacker, where a preset would end it."""
    kept = key in state.usable or not request.body.keys().isdisjoint(("token", "password", "email"))
    if request.collection != USERS or request.action != UPDATE or not kept or "status" in wanted:
        return wanted
    preset = attacker.preset(USERS, UPDATE, "status")
    sendable = bool(attacker.rows(USERS, UPDATE, "status"))
    return {**wanted, "status": "active"} if preset not in (None, "active") and sendable else wanted


def _attached(state: SimulatedState, attacker: Attacker, written: Mapping[str, Json], key: Key) -> Confidence | str:
    """How sure it is that new rows of the relation `policies` are accepted; a text: why they are not.

    An object with `create` makes Directus set `sort`; a list takes away what is not in it (docs/model/escalation.md#writes-of-an-account).
    Whose they are Directus puts into each before it asks the validations (measured on 11.17.4).
    """
    confidence = Confidence.HIGH
    beside = isinstance(written.get("policies"), dict)
    for one in new_attachments(written):
        grant = attacker.access.grant(ACCESS, CREATE)
        if not beside and any(row.user == key for row in state.attachments.values()):
            return "the policies that the user has would be taken away"
        if not all(map(grant.reaches, ("policy", "user", *(("sort",) if beside else ())))):
            return f"no permission to create in {ACCESS}"
        payload = fitted(attacker, ACCESS, CREATE, {**one, "user": str(key)}, frozenset())
        if isinstance(payload, str):
            return payload
        if payload.written.get("user") != key:
            return f"a validation on creating {ACCESS} refuses the user"
        confidence = weakest((confidence, payload.confidence))
    return confidence


# --- what is stored --------------------------------------------------------------------------------------------------


def _carried_out(
    state: SimulatedState,
    attacker: Attacker,
    request: Request,
    payload: Payload,
    key: Key,
    used: Allowed,
    wanted: Mapping[str, Json],
) -> Outcome:
    keys = known_keys(state, attacker, request, key)
    sources = (*keys.values(), *doubts(state, attacker, request))
    body = {
        name: _as_asked(request, name, value, wanted)
        for name, value in payload.sent.items()
        # The status of who is invited is the server's to write.
        if request.action != INVITE or name != "status"
    }
    sent = replace(request, body=body)
    after = (
        deleted(state, request.collection, key)
        if request.action == DELETE
        else stored(state, request, payload.written, key)
    )
    if isinstance(after, str):
        return Refusal(after)

    blocked = stopped_by_flows(attacker, request)
    if blocked is None:
        return Refusal("a flow that blocks refuses it")
    present = _present(state, request, key)

    def accepts(members: Mapping[str, Json]) -> bool:
        changed = {name: value for name, value in members.items() if present.get(name) != value}
        other = {**payload.sent, **changed}
        if any(not attacker.may(PERMISSIONS, request.action, name) for name in other):
            return False
        return not isinstance(fitted(attacker, PERMISSIONS, request.action, other, frozenset()), str)

    if request.action == CREATE and not _is_answered(attacker, sent):
        after = replace(after, hidden=after.hidden | {after.keys[request.item]})
    after = replace(after, readable=instead_readable(state, request, accepts, {**present, **payload.written}))
    return Accepted(
        after,
        sent,
        weakest((used.confidence, payload.confidence, blocked, *(one.confidence for one in sources))),
        tuple(dict.fromkeys(one.source for one in sources if one.source)),
        payload.reasons,
        frozenset(named for named, one in keys.items() if named and one.confidence is not Confidence.HIGH),
        state.stored_rows(used.rows),
    )


def _present(state: SimulatedState, request: Request, key: Key) -> Mapping[str, Json]:
    """The members that a permission has anyway."""
    row = state.permissions.get(key) if request.collection == PERMISSIONS and key is not None else None
    return {} if row is None else {"collection": row.collection, "action": row.action}


def _as_asked(request: Request, name: str, value: Json, wanted: Mapping[str, Json]) -> Value:
    """A value as the request names it: not as the simulation does."""
    if name not in request.body:
        return value
    asked = request.body[name]
    if name in wanted and value == wanted[name]:
        return asked
    if name in wanted and value == {"id": wanted[name]}:
        return {"id": asked}
    return value


def _registered(state: SimulatedState, attacker: Attacker, request: Request) -> Outcome:
    """POST /users/register: the role is the settings', whatever is sent."""
    values = state.settings.values if state.settings else {}
    if values.get("public_registration") is not True:
        return Refusal("public registration is off")
    role = values.get("public_registration_role")
    after = stored(state, request, {"role": role, "status": "active", **request_values(request)}, None)
    if isinstance(after, str):
        return Refusal(after)
    blocked = stopped_by_flows(attacker, request)
    if blocked is None:
        return Refusal("a flow that blocks refuses it")
    return Accepted(after, request, blocked)


def request_values(request: Request) -> dict[str, Json]:
    """What is sent, with something for what the attacker chooses."""
    return {name: f"({value.what})" for name, value in request.body.items() if isinstance(value, Chosen)}


def _started(state: SimulatedState, attacker: Attacker, request: Request) -> Outcome:
    """A flow that makes an administrator: whether there is one, as things are, for whoever sends the request."""
    person = request.by or VISITOR
    best: Accepted | None = None
    refused = "no flow does that"
    acting = state.access_state.acting_flows
    for flow in state.access_state.flows:
        if flow.id not in acting and flow.trigger != "event":
            continue
        if best and rank(best.confidence) <= rank(surest(attacker, flow, state.keys.values())):
            continue
        for start in starts_of(attacker, person, flow):
            outcome = _start(state, attacker, start)
            if isinstance(outcome, Refusal):
                refused = outcome.reason
            elif rank(outcome.confidence) == 0:
                return outcome
            elif best is None or rank(outcome.confidence) < rank(best.confidence):
                best = outcome
    return best or (_without_request(state, attacker, request) if request.loose else Refusal(refused))


def _start(state: SimulatedState, attacker: Attacker, start: FlowStart) -> Outcome:
    """One way to start a flow: whether the request that causes it is accepted, if that matters."""
    request = start.request
    doubt = [Confidence.HIGH if start.sure is Tri.YES else Confidence.LOW]
    notes = list(dict.fromkeys(known.source for known in start.input.knowledge if known.source))
    doubt += [known.confidence for known in start.input.knowledge]
    rows: tuple[Permission, ...] = ()
    if start.asks is not None:
        caused = may_cause(state, attacker, request)
        if isinstance(caused, str):
            return Refusal(caused)
        further = tuple(doubts(state, attacker, request))
        notes += [one.source for one in further]
        doubt += [caused.confidence, *(one.confidence for one in further)]
        rows = state.stored_rows(caused.rows)
    if request.action == START:
        knows = knows_id(attacker, start.flow, state.keys.values())
        notes += [] if knows else ["they must first learn its id, a random UUID"]
        doubt.append(Confidence.HIGH if knows else Confidence.MEDIUM)
        request = replace(request, item=_known_as(state, start.flow.id))
    follows = follow_ups(attacker, start)
    return Accepted(
        replace(state, won=True),
        request,
        weakest(doubt),
        tuple(notes),
        rows=rows,
        operation=start.operation,
        then=follows,
    )


def _known_as(state: SimulatedState, key: str) -> Item:
    """What a key is called outside of the simulation."""
    if key == f"(chosen key of {FLOWS})":
        return ChosenKey(FLOWS)
    return next((item for item, held in state.keys.items() if held == key), key)


def _without_request(state: SimulatedState, attacker: Attacker, request: Request) -> Outcome:
    """Flows that are changed or built in a way that is not simulated write by write."""
    closure = Closure(state.access_state, attacker.account, Confidence.LOW, visitor=False)
    acting = UsableAccount(request.by or VISITOR, attacker.account, attacker)
    ways = (*of_flows(closure, acting), *_completed(state, acting))
    sure = [
        weakest(step.confidence for step in cause.steps())
        for fact, cause in ways
        if fact == ADMINISTRATOR and not _is_simulated(cause)
    ]
    if not sure:
        return Refusal("no flow does that")
    return Accepted(replace(state, won=True), request, min(sure, key=rank), (NOT_SPELLED_OUT,))


NOT_SPELLED_OUT: Final = "the writes that complete the flow before are not spelled out"


def _is_simulated(cause: Cause) -> bool:
    """Whether every write of it is a request: then it has no other start than that of the flow as it is now."""
    return cause.step.kind == "flow-drive" or any(one.requests for one in cause.before)


def _completed(state: SimulatedState, acting: UsableAccount) -> Gains:
    """Flows that the account completes after it has made them: what it makes must have a key that it knows."""
    closure = Closure(state.access_state, acting.account, Confidence.LOW, visitor=False)
    closure.current = (acting,)
    for channel in (assembled.operations, assembled.flows):
        for fact, cause in channel(closure, acting, keys_learnt=False):
            closure.add(fact, cause)
    yield from assembled.run(closure, acting)
