"""What blocking flows answer in place of what was sent, where nothing checks that afterwards: as writes.

A requested write is checked after the flow answered (measured on 10.13.4 and 11.17.4). Those that the server
makes for visitors and accounts are not: who registers gets the role of the answer (measured on 10.13.4, 11.17.4, 12.4.1).
Two events are about no row: their answers decide whose rights count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.flows.answer import is_answered, replacement
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    Value,
    all_stored_in,
    as_object,
    carries,
    look_up,
)
from directus_guard.directus.flows.other_events import AUTHENTICATE, FIRST_SIGN_IN, LATER_SIGN_IN, TOKEN
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.start import ByItself, events_of, other_scopes
from directus_guard.directus.tri import Tri, any_of
from directus_guard.escalation.flow_writes import with_members
from directus_guard.escalation.tables import SESSIONS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.escalation.state import AccessState

_DECIDE: Final[Mapping[str, tuple[str, ...]]] = {
    AUTHENTICATE: ("admin", "user", "role", "roles"),
    "websocket.authenticate": ("admin", "user", "role", "roles"),
    TOKEN: ("admin_access", "id", "role"),
}
"""The members of an answer that decide whose rights count."""
_SWITCHES: Final = ("admin", "admin_access")


def decides_whose_rights(flow: Flow) -> bool:
    """Whether a blocking flow may answer who sends a request, or what a token says."""
    return flow.trigger == "event" and flow.options.get("type") == "filter" and not _DECIDE.keys().isdisjoint(
        scope for scope in other_scopes(flow) if isinstance(scope, str)
    )  # fmt: skip


def gives_rights(state: AccessState, step: FlowStep) -> Tri:
    """Whether an operation's answer makes the caller an administrator, or whoever the caller chooses."""
    answer = replacement(step) if decides_whose_rights(step.flow) else None
    if answer is None:
        return Tri.NO
    names = dict.fromkeys(name for scope in other_scopes(step.flow) for name in _DECIDE.get(str(scope), ()))
    return any_of(_makes(state, name, look_up(answer, (name,))) for name in names)


def _makes(state: AccessState, name: str, value: Value) -> Tri:
    if name in _SWITCHES:
        if state.model.has_policies and name == "admin_access":
            return Tri.NO  # the token's role decides
        # Directus compares with `true`, 10 also with 1, as JavaScript does.
        return Tri.YES if isinstance(value, KnownValue) and value.value in (1, "1") else _perhaps(carries(value))
    named = value.value if isinstance(value, KnownValue) else None
    listed = named if isinstance(named, (list, tuple)) else (named,)
    if name in ("role", "roles") and any(one in state.admin_roles for one in listed if isinstance(one, str)):
        return Tri.YES
    if name in ("id", "user") and any(one in state.known_administrators for one in listed if isinstance(one, str)):
        return Tri.YES
    return _perhaps(carries(value))


def _perhaps(answer: Tri) -> Tri:
    return Tri.NO if answer is Tri.NO else Tri.UNKNOWN


def hands_out_sessions(steps: Iterable[FlowStep]) -> Iterator[FlowStep]:
    """The operations whose caller gets tokens of running sessions, an administrator's perhaps among them: what was read
    with more than the caller's rights, and goes back to them."""
    followed = tuple(steps)
    if any(_reads_tokens(one) for one in followed):
        answered = (one for one in followed if _goes_back(one))
        yield from (one for one in answered if SESSIONS in all_stored_in((one.result,)) or _reads_tokens(one))


def reads_sessions(operation: Operation) -> bool:
    """Whether an operation reads sessions, or may: of a collection that a template names."""
    collection = operation.options.get("collection")
    named = collection == SESSIONS or (isinstance(collection, str) and "{{" in collection)
    return operation.type == "item-read" and named


def _reads_tokens(step: FlowStep) -> bool:
    elevated = step.rights is not None and (step.rights.elevated or step.rights.unknown)
    if not elevated or not reads_sessions(step.operation):
        return False
    collection, query = step.inputs.get("collection", NULL), as_object(step.inputs.get("query", NULL))
    if collection != KnownValue(SESSIONS) and carries(collection) is Tri.NO:
        return False
    # With `alias` a field has another name.
    renames = look_up(query, ("alias",)) not in (ABSENT, NULL)
    return renames or _may_name(look_up(query, ("fields",)), "token")


def _goes_back(step: FlowStep) -> bool:
    """Whether the caller of a flow gets what an operation made: as an answer, or in place of the items that they read."""
    if step.reach is Tri.NO or step.flow.trigger == "operation":
        return False
    if step.flow.trigger == "event":
        return replacement(step) is not None
    return step.flow.trigger != "schedule" and is_answered(step.flow, step.operation)


def _may_name(fields: Value, name: str) -> bool:
    """Whether a query may read a field: without `fields` it reads all."""
    named = fields.value if isinstance(fields, KnownValue) else None
    listed = named.split(",") if isinstance(named, str) else named
    return (
        not isinstance(listed, list)
        or not listed
        or not {"*", name}.isdisjoint(str(one).split(".")[0] for one in listed)
    )


def with_answers(steps: Iterable[FlowStep], by_itself: ByItself | None) -> Iterator[FlowStep]:
    """The operations of a run, and what their answers write."""
    for step in steps:
        yield from (step, *answered_writes(step, by_itself))


def answered_writes(step: FlowStep, by_itself: ByItself | None) -> Iterator[FlowStep]:
    """What an operation's answer writes into users, as an operation: into the one that registers, or the caller's own.

    `by_itself`: the event that the server causes without asking for a permission.
    """
    answer = replacement(step)
    if answer is None:
        return
    role = look_up(answer, ("role",))
    if by_itself is None:
        if TOKEN in other_scopes(step.flow) and not isinstance(role, CallerIdentity):
            yield _written(step, RecordValue({"role": role}, ABSENT), CallerIdentity())
    elif by_itself is ByItself.REGISTRATION:
        yield _written(step, answer)
    elif by_itself is ByItself.FLOWS:
        events = set(events_of(step.flow))
        if (USERS, "create") in events:
            yield _written(step, answer)
        if (USERS, "update") in events:
            yield _written(step, answer, Computed(Tri.UNKNOWN))
    elif by_itself is ByItself.NO_CALLER:
        yield from _at_the_provider(step, answer)
    elif by_itself is not ByItself.OTHERS:
        yield _written(step, answer, CallerIdentity())


def _at_the_provider(step: FlowStep, answer: Value) -> Iterator[FlowStep]:
    """What is stored when a person signs in at an identity provider, where the new account is theirs."""
    scopes = other_scopes(step.flow)
    if FIRST_SIGN_IN in scopes:
        answer = with_members(answer)
        theirs = {"email": CallerInput(("$trigger", "payload", "email"))}
        known = replace(answer, members={**answer.members, **theirs}) if isinstance(answer, RecordValue) else answer
        yield _written(step, known)
    if LATER_SIGN_IN in scopes:
        yield _written(step, answer, CallerIdentity())


def _written(step: FlowStep, payload: Value, key: Value | None = None) -> FlowStep:
    """An operation that writes a payload into users with full access; `key`: of whom, None: a new one."""
    inputs: dict[str, Value] = {
        "collection": KnownValue(USERS), "payload": payload, "permissions": KnownValue("$full"),
    }  # fmt: skip
    if key is not None:
        inputs["key"] = key
    operation = replace(step.operation, type="item-create" if key is None else "item-update")
    return replace(step, operation=operation, rights=Rights.FULL, inputs=inputs, allowed=Tri.YES)
