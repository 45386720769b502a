"""How operations end and what they leave behind (`operations/*` of `@directus/api`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.flows import conditions
from directus_guard.directus.flows.conditions import BOTH, OPEN_QUESTION, REJECTS, RESOLVES, Ways
from directus_guard.directus.flows.data import (
    ABSENT,
    NULL,
    STORED,
    UNKNOWN_ENV,
    CallerIdentity,
    CallerInput,
    Computed,
    KnownValue,
    SecretValue,
    UnknownEnv,
    Value,
    all_sent,
    all_stored_in,
    as_object,
    can_know,
    carries,
    is_chosen,
    is_created,
    is_selected,
    may_prove,
    paths_in,
    sent_paths,
)
from directus_guard.directus.flows.scripts import may_throw, uses_whole
from directus_guard.directus.flows.templates import TemplateError
from directus_guard.directus.tri import Tri, any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.rights import Rights
    from directus_guard.directus.flows.steps import Arrival
    from directus_guard.directus.versions import Version


ITEM_ACTIONS: Final[Mapping[str, str]] = {
    "item-create": "create", "item-read": "read", "item-update": "update", "item-delete": "delete",
}  # fmt: skip
ITEM_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "item-create": ("collection", "payload"),
    "item-read": ("collection", "key", "query"),
    "item-update": ("collection", "key", "query", "payload"),
    "item-delete": ("collection", "key", "query"),
}
"""What each reads beside `permissions`: docs/model/flows.md#rights-of-operations."""
TYPES: Final = frozenset(
    {
        *ITEM_ACTIONS, "condition", "exec", "json-web-token", "log", "mail", "notification", "request", "sleep",
        "throw-error", "transform", "trigger",
    }
)  # fmt: skip
"""The operations Directus brings; every other type is an extension's."""


class Ending(Struct, frozen=True):
    """How an operation can end, what it then leaves, and why the former is not known."""

    ways: Ways
    result: Value = STORED
    doubt: str = ""
    started: tuple[tuple[Flow, Value], ...] = ()
    rights: Rights | None = None
    allowed: Tri = Tri.YES


class Running(Struct, frozen=True):
    """An operation with what it finds."""

    operation: Operation
    inputs: Mapping[str, Value]
    state: Arrival
    version: Version


def perhaps(answer: Tri) -> Tri:
    """The same for what an operation makes of it: a YES is not sure any more."""
    return Tri.NO if answer is Tri.NO else Tri.UNKNOWN


def _condition(running: Running) -> Ending:
    ways = conditions.ways(running.operation.options.get("filter"), running.state.data, running.version)
    doubt = f"whether the condition `{running.operation.key}` stops a stranger is not known"
    if _names_environment(running.operation.options.get("filter")) and running.state.data["$env"] == UNKNOWN_ENV:
        doubt = f"`{running.operation.key}` compares with a variable that is not known"
    return Ending(ways, NULL, doubt)


def _names_environment(option: Json) -> bool:
    return bool(variables_in(option))


def variables_in(option: Json) -> tuple[str, ...]:
    """The variables of the environment that templates of an option name."""
    try:
        return tuple(dict.fromkeys(path[1] for path in paths_in(option) if len(path) > 1 and path[0] == "$env"))
    except TemplateError:
        return ()


def _exec(running: Running) -> Ending:
    """A script may look at everything and may throw: what it makes of that is not followed."""
    code = running.operation.options.get("code")
    text = code if isinstance(code, str) else ""
    whole = uses_whole(text)
    held = [value for key, value in running.state.data.items() if whole or key in text]
    mine = any(carries(value) is not Tri.NO or is_selected(value) for value in held)
    looks = whole or mine or "$accountability" in text
    result = Computed(
        perhaps(any_of(map(carries, held))),
        all_sent(held),
        selected=looks,
        chosen=any(map(is_chosen, held)),
        stored_in=all_stored_in(held),
        created=any(map(is_created, held)),
    )
    if looks and may_throw(text):
        return Ending(OPEN_QUESTION, result, f"the script `{running.operation.key}` may stop anonymous callers")
    return Ending(BOTH, result)


def _json_web_token(running: Running) -> Ending:
    what, secret, token = (running.inputs.get(name, ABSENT) for name in ("operation", "secret", "token"))
    sent = sent_paths(token)
    if what == KnownValue("verify"):
        # Only who knows the secret can make a token that is accepted.
        doubt = f"whether a stranger knows the secret of `{running.operation.key}` is not known"
        known = _knows(secret)
        # What looks like a secret is one, and a variable of the environment, as far as that is not known.
        kept = known is Tri.NO or (known is Tri.UNKNOWN and isinstance(secret, (KnownValue, UnknownEnv)))
        result = STORED if kept else Computed(perhaps(carries(token)), sent)
        return Ending(Ways(known, Tri.YES) if sent else BOTH, result, doubt)
    if what == KnownValue("decode"):
        return Ending(BOTH, Computed(carries(token), sent))
    return Ending(BOTH, STORED)


def _knows(secret: Value) -> Tri:
    """Whether a caller can know a secret."""
    if isinstance(secret, KnownValue):
        return can_know(("secret",), secret.value) if isinstance(secret.value, str) else Tri.YES
    if isinstance(secret, (CallerInput, CallerIdentity)):
        return Tri.YES
    return Tri.NO if isinstance(secret, SecretValue) else Tri.UNKNOWN


def _request(running: Running) -> Ending:
    """Another service may be asked who the caller is, and answer an error. What it makes of the caller's data is not known."""
    sent = all_sent(running.inputs.values())
    asks = any(map(may_prove, sent))
    url = running.inputs.get("url", ABSENT)
    own = Tri.YES if isinstance(url, CallerInput) else perhaps(any_of(map(carries, running.inputs.values())))
    doubt = f"the service that `{running.operation.key}` calls may refuse anonymous callers"
    way = Ways(Tri.UNKNOWN, Tri.YES) if asks else BOTH
    return Ending(way, Computed(own, sent, selected=asks), doubt)


def _transform(running: Running) -> Ending:
    return Ending(BOTH, as_object(running.inputs.get("json", ABSENT)))


JUDGED: Final[Mapping[str, Callable[[Running], Ending]]] = {
    "condition": _condition, "exec": _exec, "json-web-token": _json_web_token, "request": _request,
    "transform": _transform,
}  # fmt: skip
ALWAYS: Final[Mapping[str, Ending]] = {
    "log": Ending(RESOLVES, NULL), "sleep": Ending(RESOLVES, NULL), "mail": Ending(BOTH, NULL),
    "throw-error": Ending(REJECTS),
}  # fmt: skip
