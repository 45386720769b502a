"""The environment of each deployment as Directus sees it, for people: values masked, with their origin and default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus import disclosure
from directus_guard.directus.environment.variables import default, defaulted_names
from directus_guard.report_details import SeenEnvironment, SeenVariable, VariableState
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


def seen_environment(env: Environment) -> SeenEnvironment:
    """Its variables in order of their names: those that something sets, then those at their defaults."""
    return SeenEnvironment(
        name=escape_controls(env.name),
        directus=f"Directus {env.version}" + ("" if env.version_known else ", assumed"),
        context=env.context,
        closed=escape_controls(env.unseen),
        variables=(*_set(env), *(() if env.gaps else _at_defaults(env))),
    )


def _set(env: Environment) -> Iterator[SeenVariable]:
    for name in sorted(env.settings):
        setting = env.settings[name]
        if setting.is_set:
            yield SeenVariable(
                name=disclosure.shown_name(name),
                state=VariableState.SET if setting.known else VariableState.UNKNOWN,
                value=setting.shown if setting.known else _unknown(setting),
                default=default(name, env.version),
                origin=escape_controls(setting.origin),
                location=setting.location,
                shadowed=tuple(map(_place, setting.shadowed)),
            )


def _at_defaults(env: Environment) -> Iterator[SeenVariable]:
    for name in defaulted_names():
        text = default(name, env.version)
        if name not in env and text is not None:
            yield SeenVariable(name=name, state=VariableState.DEFAULT, value=text, default=text)


def _unknown(setting: Setting) -> str:
    """Why a value is not known, and what counts where nothing else is given."""
    text = setting.fallback if setting.fallback is not None else setting.replaceable
    if not text:
        return escape_controls(setting.unknown_reason)
    return f"{escape_controls(setting.unknown_reason)}; otherwise {disclosure.shown(setting.name, text)}"


def _place(variable: Variable) -> str:
    place = variable.location
    return escape_controls(f"{variable.origin}, {place.path}:{place.line}")
