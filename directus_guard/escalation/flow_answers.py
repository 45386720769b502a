"""What blocking flows answer in place of what was sent, where nothing checks that afterwards: as writes.

A requested write is checked after the flow answered (measured on 10.13.4 and 11.17.4). Those that the server
makes for visitors and accounts are not: who registers gets the role of the answer (measured on 10.13.4, 11.17.4, 12.4.1).
Two events are about no row: their answers decide whose rights count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.flows.answer import replacement
from directus_guard.directus.flows.data import (
    ABSENT,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    RecordValue,
    Value,
    carries,
    look_up,
)
from directus_guard.directus.flows.other_events import AUTHENTICATE, FIRST_SIGN_IN, LATER_SIGN_IN, TOKEN
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.start import ByItself, events_of, other_scopes
from directus_guard.directus.tri import Tri, any_of
from directus_guard.escalation.flow_writes import with_members
from directus_guard.escalation.tables import USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.flows.records import Flow
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
