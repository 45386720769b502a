"""Writes that are made for the event that they cause, and what has to follow the start of some flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.directus.flows.start import ByItself, Caller, events_of
from directus_guard.directus.tri import Tri
from directus_guard.escalation.account import Account
from directus_guard.escalation.evidence import Allowed, rank, weakest
from directus_guard.escalation.plans.flow_routes import routes
from directus_guard.escalation.plans.payload import fitted
from directus_guard.escalation.reach.closure import NEWCOMER, VISITOR
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.reach.presets import SURE
from directus_guard.escalation.requests.accounts import ADDRESS, EMAIL, PASSWORD, register
from directus_guard.escalation.requests.request import (
    CREATE,
    DELETE,
    INVITE,
    REGISTER,
    UPDATE,
    Chosen,
    Request,
    SomeAdministrator,
)
from directus_guard.escalation.tables import ACCESS_TABLES, PERMISSIONS, SETTINGS, USERS
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.grants import GrantRow
    from directus_guard.directus.flows.records import Flow
    from directus_guard.escalation.attacker import Attacker
    from directus_guard.escalation.plans.starts import FlowStart
    from directus_guard.escalation.plans.state import SimulatedState
    from directus_guard.escalation.requests.request import Value


def may_cause(state: SimulatedState, attacker: Attacker, request: Request) -> Allowed | str:
    """What allows a write whose event starts a flow; a text: why the server refuses it."""
    collection, action = request.collection, request.action
    rows = attacker.rows(collection, action)
    if not rows:
        return f"no permission to {action} in {collection}"
    if action == DELETE:
        return Allowed(rows, _sure_item(attacker, request, rows))
    missing = next((name for name in request.body if not any(row.reaches(name) for row in rows)), None)
    if missing is not None:
        return f"no permission to {action} in {collection} with {missing}"
    wanted = {name: plain(value) for name, value in request.body.items()}
    free = frozenset(name for name, value in request.body.items() if isinstance(value, Chosen))
    payload = fitted(attacker, collection, action, wanted, free)
    if isinstance(payload, str):
        return payload
    if collection == USERS and (unfit := _unfit(request)):
        return f"{unfit} of a user cannot be that"
    sure = [payload.confidence, *(_sure_field(state, collection, *one) for one in request.body.items())]
    if action == UPDATE:
        for name in request.body:
            named = tuple(row for row in rows if row.reaches(name))
            sure.append(_sure_item(attacker, request, named))
    return Allowed(rows, weakest(sure))


def plain(value: Value) -> Json:
    """A value with a text for what has to be filled in."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return f"({value.what})" if isinstance(value, Chosen) else "(a key)"


def _unfit(request: Request) -> str | None:
    """A field of a user whose value Directus refuses."""
    for name, value in request.body.items():
        if name == "email" and value not in (EMAIL, ADDRESS):
            return name
        if isinstance(value, dict) and name not in _OBJECTS:
            return name
    return None


_OBJECTS: Final = frozenset({"role", "policies", "avatar", "tags", "theme_light_overrides", "theme_dark_overrides"})
"""The fields of a user that take an object."""
_TEXTS: Final = frozenset({"string", "text", "json", "csv"})


def _sure_field(state: SimulatedState, collection: str, name: str, value: Value) -> Confidence:
    """Whether there is such a field, and takes a text: without the data model that is not known."""
    if collection in ACCESS_TABLES:
        hashed = (collection, name) == (USERS, "password") and value != PASSWORD
        return Confidence.LOW if hashed else Confidence.HIGH
    schema = state.access_state.export.schema
    if schema is None or collection not in schema.whole_collections:
        return Confidence.MEDIUM
    field = schema.by_collection[collection].get(name)
    return Confidence.HIGH if field is not None and field.type in _TEXTS else Confidence.LOW


def _sure_item(attacker: Attacker, request: Request, rows: tuple[GrantRow, ...]) -> Confidence:
    """Whether the write reaches some item."""
    known = (
        attacker.state.row_of_user(attacker.key, attacker.account.role)
        if isinstance(request.item, Person) and request.collection == USERS
        else {}
    )
    answers = [attacker.state.reach(EVERYTHING if row.rule is None else row.rule, known, attacker) for row in rows]
    found = [SURE[answer] for answer in answers if answer in SURE]
    return min(found, key=rank, default=Confidence.LOW)


def stopped_by_flows(attacker: Attacker, request: Request) -> Confidence | None:
    """How sure it is that no flow that blocks ends badly for a write, or for signing in after it, and so refuses it; None:
    some flow surely does."""
    confidence = Confidence.HIGH
    caller = Caller(signed_in=not attacker.account.public, role=attacker.account.role, may=attacker.permits)
    if request.action == REGISTER:
        # The server creates the account, whatever visitors may do.
        caller = Caller(signed_in=False, by_itself=ByItself.REGISTRATION)
    event = (request.collection, _ACTIONS.get(request.action, request.action))
    enters = request.signs_in is not None or isinstance(request.item, SomeAdministrator)
    with_password = enters and "token" not in request.body
    with_letter = with_password and _takes_letter(attacker, request)
    for flow in attacker.state.flows:
        if flow.trigger != "event" or flow.status != "active" or flow.options.get("type") != "filter":
            continue
        callers = [caller] if event in events_of(flow) else []
        if with_password and _is_of_login(flow):
            callers.append(Caller(signed_in=False))
        if with_letter and (USERS, UPDATE) in events_of(flow):
            callers.append(Caller(signed_in=False, by_itself=ByItself.PASSWORD))
        answers = [_stopped(attacker, flow, one) for one in callers]
        if None in answers:
            return None
        confidence = weakest((confidence, *(one for one in answers if one is not None)))
    return confidence


def _stopped(attacker: Attacker, flow: Flow, caller: Caller) -> Confidence | None:
    """The same for one flow."""
    model, confidence = attacker.state.export.flow_model, Confidence.HIGH
    for route in routes(model, flow, caller):
        attacker.state.work.spend(1)
        _, rejected = model.graph(route.step.flow).following[route.step.operation.id]
        ends = route.step.ends
        if ends.reject is Tri.NO or rejected is not None:
            continue
        # Nothing on the way stops what started the flow.
        if route.step.reach is model.starts(flow, caller) and ends.resolve is Tri.NO:
            return None
        confidence = Confidence.MEDIUM
    return confidence


def _takes_letter(attacker: Attacker, request: Request) -> bool:
    """Whether the account is open only after the link of a mail, by which the server itself updates the user."""
    settings = attacker.state.export.settings
    if request.action == REGISTER:
        return settings is None or settings.values.get("public_registration_verify_email") is not False
    return request.action == INVITE or ("email" in request.body and "password" not in request.body)


def _is_of_login(flow: Flow) -> bool:
    scope = flow.options.get("scope")
    return "auth.login" in ([scope] if isinstance(scope, str) else scope if isinstance(scope, (list, tuple)) else [])


_ACTIONS: Final = {INVITE: CREATE, REGISTER: CREATE}


def follow_ups(attacker: Attacker, start: FlowStart) -> tuple[Request, ...]:
    """What has to be sent after the flow ran, by the start's sender."""
    access, person = attacker.state, start.request.by
    role = next(iter(access.admin_roles), None)
    if start.input.follow_up == SETTINGS:
        (request,) = register(Person(Account(role=role), NEWCOMER))
        return (replace(request, by=VISITOR),)
    if start.input.follow_up == PERMISSIONS and person is not None:
        return (Request(USERS, UPDATE, {"role": role}, person, by=person),)
    return ()
