"""What the operations of a flow find in `$env`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.casting import to_array
from directus_guard.directus.environment.known_secrets import is_example
from directus_guard.directus.flows.data import (
    ABSENT,
    MIN_SECRET,
    UNKNOWN_ENV,
    KnownValue,
    RecordValue,
    SecretValue,
    Value,
)

if TYPE_CHECKING:
    from directus_guard.directus.environment.settings import Environment


def environment_of(env: Environment) -> Value:
    """What flows of a deployment find in `$env`: the variables that FLOWS_ENV_ALLOW_LIST names, and no others.

    A name that is not listed, or a variable that is not set, is absent (`pick`; `*` has no effect).
    """
    allowed = env["FLOWS_ENV_ALLOW_LIST"]
    if not allowed.known and allowed.is_set:
        return UNKNOWN_ENV
    return RecordValue({name: _variable(env, name) for name in listed_variables(env)}, ABSENT)


def listed_variables(env: Environment) -> tuple[str, ...]:
    """The names in FLOWS_ENV_ALLOW_LIST, as far as its text is known."""
    allowed = env["FLOWS_ENV_ALLOW_LIST"]
    if not allowed.known or allowed.js in (False, "", None):
        return ()
    return tuple(str(name) for name in to_array(allowed.js))


def can_be_guessed(text: str) -> bool:
    """Whether a value is too short or too well known to keep callers out."""
    return len(text) < MIN_SECRET or is_example(text)


def _variable(env: Environment, name: str) -> Value:
    setting = env[name]
    if not setting.is_set:
        return ABSENT
    if not setting.known:
        return UNKNOWN_ENV if env.gaps and name not in env else SecretValue()
    js = setting.js
    return (
        KnownValue(js)
        if can_be_guessed(setting.text) and (js is None or isinstance(js, (bool, int, float, str)))
        else SecretValue()
    )
