"""Secrets that a flow hands to its caller: tokens of sessions that it reads, tokens and passwords that it makes for a user, and
access tokens that it signs as Directus does.

The caller gets them as the answer, by mail, in a request to an address of theirs, or where the flow stores them and they may
read. No requests are looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final

from directus_guard.directus.flows.answer import is_answered, replacement
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    CallerIdentity,
    KnownValue,
    all_stored_in,
    as_object,
    carries,
    look_up,
    paths_in,
    sent_paths,
)
from directus_guard.directus.flows.other_events import AUTHENTICATE, LOGIN, NOT_FOUND, TOKEN
from directus_guard.directus.flows.start import events_of, other_scopes
from directus_guard.directus.flows.templates import TemplateError
from directus_guard.directus.tri import Tri
from directus_guard.escalation.flow_writes import written_items
from directus_guard.escalation.tables import SESSIONS, USERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.data import Value
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.steps import FlowStep
    from directus_guard.directus.flows.templates import Path

_SENT_TO: Final[Mapping[str, str]] = {"mail": "to", "request": "url", "notification": "recipient"}
"""The operations that send something, and the option that says to whom."""
_STORING: Final = ("item-create", "item-update")
_SECRETS: Final = ("token", "password")


def hands_out_secrets(steps: Iterable[FlowStep]) -> Iterator[tuple[FlowStep, frozenset[str]]]:
    """The operations by which the caller gets tokens of running sessions, an administrator's perhaps among them, or a secret
    that the flow gives to a user of their choice; with the collections of which they must read an item for it."""
    followed = tuple(one for one in steps if one.reach is not Tri.NO)
    reads = [one for one in followed if _reads_tokens(one)]
    made = [found for one in followed if (found := _makes_secret(one, followed))]
    made += [frozenset((one.operation.key,)) for one in followed if _signs_for_directus(one)]
    yield from ((one, frozenset[str]()) for one in followed if _gives_the_same_to_all(one))
    for step in followed if reads or made else ():
        if _goes_back(step) and (_holds_tokens(step, reads) or any(step.operation.key in names for names in made)):
            yield step, frozenset()
        else:
            yield from _passed_on(step, followed, reads=bool(reads), made=made)


def _holds_tokens(step: FlowStep, reads: Sequence[FlowStep]) -> bool:
    return bool(reads) and (step in reads or SESSIONS in all_stored_in((step.result,)))


def _passed_on(
    step: FlowStep, followed: Sequence[FlowStep], *, reads: bool, made: Sequence[frozenset[str]]
) -> Iterator[tuple[FlowStep, frozenset[str]]]:
    """An operation that sends such a secret to its caller, or stores it."""
    names = _names(step.operation.options, step, followed)
    held = reads and SESSIONS in all_stored_in(step.inputs.values())
    if not held and names.isdisjoint(chain.from_iterable(made)):
        return
    if step.operation.type in _STORING:
        # Of users and sessions it is the secret itself that is written.
        if (collection := _collection(step)) not in ("", USERS, SESSIONS):
            yield step, frozenset((collection,))
    elif _is_to_caller(step, followed):
        yield step, frozenset()


def _is_to_caller(step: FlowStep, followed: Sequence[FlowStep]) -> bool:
    """Whether an operation sends something to its caller."""
    option = _SENT_TO.get(step.operation.type)
    if option is None:
        return False
    to = step.inputs.get(option, NULL)
    theirs = isinstance(to, CallerIdentity) or carries(to) is not Tri.NO
    return theirs and not _by_address(to, followed)


def _collection(step: FlowStep) -> str:
    """The collection of an operation; "" where a template names it."""
    collection = step.inputs.get("collection", NULL)
    return collection.value if isinstance(collection, KnownValue) and isinstance(collection.value, str) else ""


def _by_address(to: Value, followed: Sequence[FlowStep]) -> bool:
    """Whether the user is looked up by what the mail is sent to: then it is they who get it."""
    sent = sent_paths(to)
    looked_up = (sent_paths(as_object(one.inputs.get("query", NULL))) for one in followed if "query" in one.inputs)
    return bool(sent) and any(sent <= paths for paths in looked_up)


def _gives_the_same_to_all(step: FlowStep) -> bool:
    """Whether a user of the caller's choice gets a password or a token that the operation names: whoever once got it knows it."""
    return any(isinstance(one, KnownValue) and isinstance(one.value, str) for one in _secrets_set(step))


def _secrets_set(step: FlowStep) -> tuple[Value, ...]:
    """The token and the password that an operation gives a user of the caller's choice."""
    inputs = step.inputs
    if step.operation.type != "item-update" or not _is_elevated(step) or inputs.get("collection") != KnownValue(USERS):
        return ()
    if all(carries(inputs.get(name, NULL)) is Tri.NO for name in ("key", "query")):
        return ()
    items = written_items(as_object(inputs.get("payload", NULL)))
    return tuple(value for item in items for name in _SECRETS if (value := look_up(item, (name,))) != ABSENT)


def _makes_secret(step: FlowStep, followed: Sequence[FlowStep]) -> frozenset[str]:
    """The operations whose result becomes the token or the password of a user of the caller's choice; empty: none."""
    if all(isinstance(value, KnownValue) for value in _secrets_set(step)):
        return frozenset()
    return _names(step.operation.options.get("payload"), step, followed)


def signs_for_directus(operation: Operation) -> bool:
    """Whether an operation signs a token with the secret of Directus, or in its name: that is an access token for whoever is in it
    (measured on 11.17.4)."""
    options = operation.options
    issued = options.get("options")
    named = isinstance(issued, Mapping) and issued.get("issuer") == "directus"
    signs = operation.type == "json-web-token" and options.get("operation") == "sign"
    return signs and (named or ("$env", "SECRET") in _paths(options.get("secret")))


def _signs_for_directus(step: FlowStep) -> bool:
    if not signs_for_directus(step.operation):
        return False
    payload = as_object(step.inputs.get("payload", NULL))
    # Of whoever starts the flow it is their own token. 10 takes `admin_access` from it.
    values = (look_up(payload, (name,)) for name in ("id", "role", "admin_access"))
    return not all(isinstance(one, CallerIdentity) or one in (ABSENT, NULL, KnownValue(value=False)) for one in values)


def given_to_callers(
    steps: Iterable[FlowStep], asked: Mapping[str, frozenset[str]], is_public: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """The fields of collections that a flow hands to its caller, of those that are asked about: it reads them with more than the
    caller's rights, or makes them for an item of the caller's choice. `is_public`: whether visitors read a collection."""
    run = tuple(one for one in steps if one.reach is not Tri.NO)
    answered = {one.operation.key for one in run if _goes_back(one)}
    for one in run:
        if _is_to_caller(one, run) or (one.operation.type in _STORING and is_public(_collection(one))):
            answered |= _names(one.operation.options, one, run)
    for step in run:
        collection = _collection(step)
        names = asked.get(collection, frozenset()) if _is_elevated(step) else frozenset[str]()
        yield from ((collection, one) for one in sorted(_given(step, run, names, answered)))


def _given(step: FlowStep, run: Sequence[FlowStep], names: frozenset[str], answered: set[str]) -> Iterator[str]:
    """Which of the fields an operation reads or makes, if what it reads or makes is answered."""
    if step.operation.type == "item-read" and step.operation.key in answered:
        fields = look_up(as_object(step.inputs.get("query", NULL)), ("fields",))
        yield from (one for one in names if _may_name(fields, one))
    elif step.operation.type == "item-update":
        items = written_items(as_object(step.inputs.get("payload", NULL)))
        written = {one for one in names for item in items if look_up(item, (one,)) not in (ABSENT, NULL)}
        made = _names(step.operation.options.get("payload"), step, run)
        yield from () if made.isdisjoint(answered) else written


_OF_OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    LOGIN: ("payload", "password"),
    TOKEN: ("payload", "session"),
    AUTHENTICATE: ("req", "headers", "authorization"),
    NOT_FOUND: ("request", "headers", "authorization"),
}
"""Events that are not about items, and the secret of whoever causes them, below `$trigger`."""
_OF_USERS: Final = frozenset(((USERS, "create"), (USERS, "update")))


def kept_of_others(flow: Flow, operation: Operation) -> str | None:
    """The collection in which an operation stores a secret that others send: a password or a token in an event's payload, or
    the headers of a request to a webhook. None: it stores none."""
    collection = operation.options.get("collection")
    if operation.type not in _STORING or not isinstance(collection, str) or collection in (USERS, SESSIONS):
        return None
    secrets = set(_secrets_of_others(flow))
    paths = {path for path in _paths(operation.options.get("payload")) if path[:1] == ("$trigger",)}
    # What is above or below a secret holds it, or is it.
    held = any(one[: len(path)] == path or path[: len(one)] == one for one in secrets for path in paths)
    return collection if held else None


def _secrets_of_others(flow: Flow) -> Iterator[tuple[str, ...]]:
    """Where in a flow's data secrets of others may be."""
    if flow.trigger == "webhook":
        yield "$trigger", "headers", "authorization"
    elif flow.trigger == "event":
        if not _OF_USERS.isdisjoint(events_of(flow)):
            yield from (("$trigger", "payload", name) for name in _SECRETS)
        yield from (
            ("$trigger", *_OF_OTHERS[one]) for one in other_scopes(flow) if isinstance(one, str) and one in _OF_OTHERS
        )


def _names(option: Json, step: FlowStep, followed: Sequence[FlowStep]) -> frozenset[str]:
    """The operations whose results a template in the options of an operation names; `$last`: the ones before it."""
    roots = {path[0] for path in _paths(option) if path}
    if "$last" in roots:
        here = step.operation.id
        roots.update(one.operation.key for one in followed if here in (one.operation.resolve, one.operation.reject))
    return frozenset(one.operation.key for one in followed if one.operation.key in roots)


def _paths(option: Json) -> tuple[Path, ...]:
    """What templates in an option name; nothing where Directus could not render it."""
    try:
        return tuple(paths_in(option))
    except TemplateError:
        return ()


def reads_sessions(operation: Operation) -> bool:
    """Whether an operation reads sessions, or may: of a collection that a template names."""
    collection = operation.options.get("collection")
    named = collection == SESSIONS or (isinstance(collection, str) and "{{" in collection)
    return operation.type == "item-read" and named


def _reads_tokens(step: FlowStep) -> bool:
    if not _is_elevated(step) or not reads_sessions(step.operation):
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


def _is_elevated(step: FlowStep) -> bool:
    return step.rights is not None and (step.rights.elevated or step.rights.unknown)
