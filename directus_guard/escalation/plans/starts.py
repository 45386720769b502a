"""The requests that start a flow, with what its operation takes: what is sent where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.features import DELETES_AFTER_FLOWS
from directus_guard.directus.flows.data import Computed
from directus_guard.directus.flows.other_events import LOGIN as LOGIN_EVENT
from directus_guard.directus.flows.start import (
    ByItself,
    Caller,
    events_of,
    manual_collections,
    method,
    other_scopes,
)
from directus_guard.directus.tri import Tri, all_of
from directus_guard.escalation.evidence import Knowledge
from directus_guard.escalation.flow_answers import answered_writes
from directus_guard.escalation.plans.flow_conditions import let_through
from directus_guard.escalation.plans.flow_routes import Route, routes
from directus_guard.escalation.plans.flow_values import FlowInput, inputs_for
from directus_guard.escalation.reach.flows import row_of_flow
from directus_guard.escalation.requests.accounts import ADDRESS, EMAIL, PASSWORD, TOKEN
from directus_guard.escalation.requests.flows import OWN_USER, is_own
from directus_guard.escalation.requests.request import (
    CREATE,
    DELETE,
    LOGIN,
    READ,
    REGISTER,
    RESET,
    START,
    TRACK,
    UPDATE,
    WAIT,
    Chosen,
    Request,
)
from directus_guard.escalation.tables import FLOWS, FREE, USERS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from directus_guard.directus.flows.records import Flow
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.directus.flows.templates import Path
    from directus_guard.directus.versions import Version
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.plans.flow_conditions import Sent
    from directus_guard.escalation.reach.facts import Person
    from directus_guard.escalation.requests.request import Item, Value

COST_OF_ROUTE: Final = 40
"""What it costs to follow a flow by one operation, in questions."""
LETTER: Final = Chosen("the token of the mailed link")


class FlowStart(Struct, frozen=True):
    """A request that starts a flow, what it sends, and how it starts it.

    `asks`: the collection and action whose permission it needs, with the fields; None: none, whatever the answer is.
    """

    request: Request
    input: FlowInput
    flow: Flow
    operation: str
    sure: Tri
    asks: tuple[str, str] | None = None


Inputs: TypeAlias = "Callable[[FlowStep, bool], Iterable[FlowInput]]"
"""What may be sent so that an operation does what is wanted; and whether the rights of the trigger are not limited."""


def starts_of(attacker: Attacker, person: Person, flow: Flow) -> Iterator[FlowStart]:
    """The requests by which an account makes an administrator with one flow, as far as the flow is concerned."""

    def inputs(step: FlowStep, unchecked: bool) -> Iterable[FlowInput]:
        if is_own(step.operation.options):
            return (FlowInput({}, Tri.YES),)
        return inputs_for(attacker.state, attacker, person, step, unchecked=unchecked)

    if flow.trigger == "schedule":
        yield from _by_the_clock(attacker, person, flow)
    else:
        yield from starts_with(attacker, person, flow, inputs)
        yield from _by_others(attacker, person, flow)


def starts_with(attacker: Attacker, person: Person, flow: Flow, inputs: Inputs) -> Iterator[FlowStart]:
    """The requests by which an account has an operation of one flow do what is wanted."""
    for by in (None, *_CAUSES):
        if by is None:
            role = None if attacker.account.role == FREE else attacker.account.role
            caller = Caller(signed_in=not attacker.account.public, role=role, may=attacker.permits)
        elif flow.trigger == "event" and _may_cause(attacker, by):
            caller = Caller(signed_in=False, may=_anything, by_itself=by)
        else:
            continue
        yield from _driven(attacker, person, flow, caller, inputs)


def surest(attacker: Attacker, flow: Flow, chosen: Collection[str]) -> Confidence:
    """What no start of a flow is surer than: whoever does not know its id cannot ask for it. `chosen`: see `knows_id`."""
    by_id = flow.trigger in ("webhook", "manual")
    return Confidence.MEDIUM if by_id and not knows_id(attacker, flow, chosen) else Confidence.HIGH


def knows_id(attacker: Attacker, flow: Flow, chosen: Collection[str]) -> bool:
    """Whether the attacker may read the id of a flow, or has chosen it. `chosen`: the keys of rows that they wrote."""
    return attacker.allowed(FLOWS, "read", "id", row_of_flow(flow)) is not None or flow.id in chosen


def _anything(_collection: str, _action: str) -> Tri:
    return Tri.YES


def _may_cause(attacker: Attacker, by: ByItself) -> bool:
    if attacker.account.public is not (by is ByItself.REGISTRATION):
        return False
    settings = attacker.state.export.settings
    return not attacker.account.public or (settings is not None and settings.values.get("public_registration") is True)


def _driven(attacker: Attacker, person: Person, flow: Flow, caller: Caller, inputs: Inputs) -> Iterator[FlowStart]:
    model, access = attacker.state.export.flow_model, attacker.state
    steps = (
        (route, step)
        for route in routes(model, flow, caller)
        for step in (route.step, *_answered(route.step, caller.by_itself))
    )
    for route, step in steps:
        access.work.spend(COST_OF_ROUTE)
        for given in inputs(step, caller.by_itself is not None):
            passed = _passed(model.version, route, given.sent)
            if passed is None:
                continue
            sent, surely = passed
            sure = all_of((given.sure, route.step.reach, model.starts(flow, caller), surely))
            start = Request(FLOWS, START, item=flow.id, by=person)
            filled = FlowStart(start, replace(given, sent=sent), flow, route.step.operation.id, sure)
            yield from _requests(attacker, person, flow, caller, filled)


def _answered(step: FlowStep, by_itself: ByItself | None) -> Iterator[FlowStep]:
    """What an operation's answer writes where the server asks for no permission; what a script answers is not known."""
    for one in answered_writes(step, by_itself) if by_itself else ():
        if not isinstance(one.inputs["payload"], Computed):
            yield one


def _passed(version: Version, route: Route, sent: Sent) -> tuple[Sent, Tri] | None:
    """What is sent so that the conditions on the way let it through, and how sure that is; None: they do not."""
    sure = Tri.YES
    for passage in route.passages:
        solved = let_through(passage, version, sent)
        if solved is None:
            return None
        sent, sure = solved[0], sure if solved[1] else Tri.UNKNOWN
    return sent, sure


def _by_the_clock(attacker: Attacker, person: Person, flow: Flow) -> Iterator[FlowStart]:
    """A schedule with an operation that the plan wrote: there is nothing to send."""
    operations = attacker.state.export.flow_model.graph(flow).operations
    for index, operation in enumerate(operations):
        if flow.status == "active" and is_own(operation.options):
            request = Request(FLOWS, WAIT, by=person)
            sure = Tri.UNKNOWN if index else Tri.YES
            yield FlowStart(request, FlowInput({}, Tri.YES), flow, operation.id, sure)


def _by_others(attacker: Attacker, person: Person, flow: Flow) -> Iterator[FlowStart]:
    """A flow that others start, with an operation that the plan wrote: one that does the same for whoever starts it."""
    for operation in attacker.state.export.flow_model.graph(flow).operations if flow.status == "active" else ():
        if is_own(operation.options) and operation.options.get("key") != [OWN_USER]:
            given = FlowInput({}, Tri.YES, (_SOMEBODY_STARTS,))
            yield FlowStart(Request(FLOWS, WAIT, by=person), given, flow, operation.id, Tri.UNKNOWN)


_SOMEBODY_STARTS: Final = Knowledge("they wait until another user starts the flow", Confidence.LOW)


def _requests(attacker: Attacker, person: Person, flow: Flow, caller: Caller, start: FlowStart) -> Iterator[FlowStart]:
    sent = _once(start.input.sent, gets=flow.trigger == "webhook" and method(flow) == "GET")
    headers = {_HEADERS.get(path[-1], path[-1]): value for path, value in sent.items() if _is_header(path)}
    if caller.by_itself is not None:
        found = [replace(start, request=_by_itself(person, caller.by_itself, sent))]
    elif flow.trigger == "webhook":
        body, query = _below(sent, "body"), _query(_below(sent, "query"))
        gets = method(flow) == "GET"
        found = [replace(start, request=replace(start.request, body=body, query=query, gets=gets))]
    elif flow.trigger == "manual":
        found = [replace(start, request=replace(start.request, body=_by_hand(attacker, person, flow, sent),
                                                query=_query(_below(sent, "query"))))]  # fmt: skip
    else:
        found = list(_events(attacker, person, flow, start))
    for one in found:
        yield replace(one, request=replace(one.request, headers=headers))


def _once(sent: Sent, *, gets: bool) -> Sent:
    """The same where what takes all that is sent gets an object in one place: in the body, or in the query of a request without."""
    whole = ("$trigger", "query" if gets else "body")
    if not isinstance(sent.get(whole), dict):
        return sent
    return {path: value for path, value in sent.items() if path == whole or not isinstance(value, dict)}


_HEADERS: Final = {"userAgent": "User-Agent", "origin": "Origin"}


def _is_header(path: Path) -> bool:
    return path[:2] == ("$trigger", "headers") or path[:1] == ("$accountability",)


def _below(sent: Sent, member: str) -> dict[str, Value]:
    """What is sent below a member of the trigger, as JSON."""
    made: dict[str, Value] = {}
    for path, value in sent.items():
        if path == ("$trigger", member) and isinstance(value, dict):
            made |= value
        elif path[:2] == ("$trigger", member) and len(path) > 2:
            _put(made, path[2:], value)
    return {name: _listed(value) for name, value in made.items()}


def _put(into: dict[str, Value], path: Path, value: Value) -> None:
    for name in path[:-1]:
        further = into.setdefault(name, {})
        if not isinstance(further, dict):
            return
        into = further
    into[path[-1]] = value


def _listed(value: Value) -> Value:
    """An object whose members are numbers as the list that it is."""
    if not isinstance(value, dict):
        return value
    made = {name: _listed(one) for name, one in value.items()}
    return list(made.values()) if made and all(name.isdecimal() for name in made) else made


def _query(values: dict[str, Value], prefix: str = "") -> dict[str, Value]:
    """Parameters of the query: members of objects in brackets."""
    made: dict[str, Value] = {}
    for name, value in values.items():
        key = f"{prefix}[{name}]" if prefix else name
        if isinstance(value, dict):
            made |= _query(value, key)
        else:
            made[key] = value
    return made


def _by_hand(attacker: Attacker, person: Person, flow: Flow, sent: Sent) -> dict[str, Value]:
    names = manual_collections(flow)
    readable = [name for name in names if attacker.permits(name, "read") is Tri.YES]
    collection = next(iter((*readable, *names)), USERS)
    body = _below(sent, "body")
    if "keys" not in body and flow.options.get("requireSelection") in (None, True):
        body["keys"] = [person if collection == USERS and not person.account.public else _some_item(collection)]
    return {**body, "collection": collection}


def _some_item(collection: str) -> Chosen:
    return Chosen(f"id of an item of {collection}")


_CAUSES: Final = {
    ByItself.REGISTRATION: REGISTER, ByItself.LAST_PAGE: TRACK, ByItself.PASSWORD: RESET,
}  # fmt: skip


def _by_itself(person: Person, by: ByItself, sent: Sent) -> Request:
    body = _below(sent, "payload")
    if by is ByItself.REGISTRATION:
        body = {"email": EMAIL, "password": PASSWORD, **body}
    elif by is ByItself.PASSWORD:
        body = {"token": LETTER, "password": PASSWORD, **body}
    else:
        body = {"last_page": Chosen("a page"), **body}
    return Request(USERS, _CAUSES[by], body, by=person)


def _events(attacker: Attacker, person: Person, flow: Flow, start: FlowStart) -> Iterator[FlowStart]:
    """The writes that cause an event of the flow and hand over what is sent."""
    payload = _below(start.input.sent, "payload")
    blocking = flow.options.get("type") == "filter"
    if LOGIN_EVENT in other_scopes(flow):
        body: dict[str, Value] = {"email": ADDRESS, "password": PASSWORD, **payload}
        unknown = all_of((start.sure, Tri.UNKNOWN))
        yield replace(start, request=Request(USERS, LOGIN, body, by=person), sure=unknown)
    for event in events_of(flow):
        if event is None:
            continue
        collection, action = event
        own = collection == USERS and not person.account.public
        item: Item | Chosen = person if own else _some_item(collection)
        if (
            action == "create"
            and attacker.permits(collection, CREATE) is not Tri.NO
            and not attacker.unfilled(collection)
        ):
            # The key that the flow is given is that of the new user.
            new = {"email": EMAIL, "password": PASSWORD, "token": TOKEN} if collection == USERS else {}
            request = Request(collection, CREATE, {**new, **payload}, by=person)
            yield replace(start, request=request, asks=(collection, CREATE))
        elif action == "update" and (blocking or attacker.permits(collection, UPDATE) is not Tri.NO):
            body = payload or ({_ANY.get(collection, "id"): _VALUE} if blocking else _something(attacker, collection))
            request = Request(collection, UPDATE, body, item, by=person)
            yield replace(start, request=request, asks=None if blocking else (collection, UPDATE))
        elif action == "delete" and not payload:
            early = blocking and DELETES_AFTER_FLOWS.of(attacker.state.model.version)
            if early or attacker.permits(collection, DELETE) is not Tri.NO:
                request = Request(collection, DELETE, {}, item, by=person)
                yield replace(start, request=request, asks=None if early else (collection, DELETE))
        elif action == "query" and payload.keys() <= {"search"}:
            yield replace(start, request=Request(collection, READ, by=person, query=payload))


_ANY: Final = {USERS: "first_name"}
_VALUE: Final = Chosen("any value")


def _something(attacker: Attacker, collection: str) -> dict[str, Value]:
    """A field of a collection that the account may change, with a value that it may have."""
    usual, free = _ANY.get(collection, "id"), f"({_VALUE.what})"
    rules = attacker.access.grant(collection, UPDATE).payload_rules
    named = {name for row in attacker.rows(collection, UPDATE) for name in row.permission.fields or ()}
    for name in (usual, *sorted(named - {"*"})):
        if attacker.send(collection, UPDATE, name, free) is not None:
            return {name: _VALUE}
        for value in rules.named(name):
            if isinstance(value, str) and attacker.send(collection, UPDATE, name, value) is not None:
                return {name: value}
    return {usual: _VALUE}
