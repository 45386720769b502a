"""Secrets that a flow hands to its caller: tokens of sessions that it reads, and tokens and passwords that it makes for a user.

The caller gets them as the answer, by mail, in a request to an address of theirs, or where the flow stores them and they may
read. No requests are looked for.
"""

from __future__ import annotations

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
from directus_guard.directus.flows.templates import TemplateError
from directus_guard.directus.tri import Tri
from directus_guard.escalation.flow_writes import written_items
from directus_guard.escalation.tables import SESSIONS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.data import Value
    from directus_guard.directus.flows.records import Operation
    from directus_guard.directus.flows.steps import FlowStep

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
        collection = step.inputs.get("collection", NULL)
        # Of users and sessions it is the secret itself that is written.
        if isinstance(collection, KnownValue) and collection.value not in (USERS, SESSIONS):
            yield step, frozenset((str(collection.value),))
    elif (option := _SENT_TO.get(step.operation.type)) is not None:
        to = step.inputs.get(option, NULL)
        theirs = isinstance(to, CallerIdentity) or carries(to) is not Tri.NO
        if theirs and not _by_address(to, followed):
            yield step, frozenset()


def _by_address(to: Value, followed: Sequence[FlowStep]) -> bool:
    """Whether the user is looked up by what the mail is sent to: then it is they who get it."""
    sent = sent_paths(to)
    looked_up = (sent_paths(as_object(one.inputs.get("query", NULL))) for one in followed if "query" in one.inputs)
    return bool(sent) and any(sent <= paths for paths in looked_up)


def _makes_secret(step: FlowStep, followed: Sequence[FlowStep]) -> frozenset[str]:
    """The operations whose result becomes the token or the password of a user of the caller's choice; empty: none."""
    inputs = step.inputs
    if step.operation.type != "item-update" or not _is_elevated(step) or inputs.get("collection") != KnownValue(USERS):
        return frozenset()
    if all(carries(inputs.get(name, NULL)) is Tri.NO for name in ("key", "query")):
        return frozenset()
    items = written_items(as_object(inputs.get("payload", NULL)))
    values = [look_up(item, (name,)) for item in items for name in _SECRETS]
    if all(isinstance(value, KnownValue) or value == ABSENT for value in values):
        return frozenset()
    return _names(step.operation.options.get("payload"), step, followed)


def _names(option: Json, step: FlowStep, followed: Sequence[FlowStep]) -> frozenset[str]:
    """The operations whose results a template in the options of an operation names; `$last`: the ones before it."""
    try:
        roots = {path[0] for path in paths_in(option) if path}
    except TemplateError:
        return frozenset()
    if "$last" in roots:
        here = step.operation.id
        roots.update(one.operation.key for one in followed if here in (one.operation.resolve, one.operation.reject))
    return frozenset(one.operation.key for one in followed if one.operation.key in roots)


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
