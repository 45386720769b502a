"""What the checks on the content security policies share."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.checks.result import NotApplicable, Pass
from directus_guard.checks.shared.csp_words import MORE_HOSTS, NOTATION
from directus_guard.directus.environment.csp import (
    ASSETS,
    MAIN,
    STUDIO_SOURCES,
    Csp,
    camelcase,
    chain,
    default_csp,
    directive_names,
    effective_csp,
    is_loose,
)
from directus_guard.finding import Fix, Subject
from directus_guard.setting_changes import SetVariable
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.directus.environment.csp import CspError
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.versions import Version

__all__ = ["ASSETS", "MAIN"]


def variables(env: Environment, prefix: str) -> tuple[Setting, ...]:
    """The settings that take part in the policy, seen or not."""
    return tuple(env[name] for name in _names(tuple(env.settings), prefix))


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...], prefix: str) -> tuple[str, ...]:
    """Those that begin with the prefix, sorted. Several checks ask, and often about deployments with the same names."""
    return tuple(sorted(name for name in names if name.upper().startswith(prefix)))


def known(env: Environment, prefix: str) -> tuple[Setting, ...]:
    """Those whose text is known."""
    return tuple(setting for setting in variables(env, prefix) if setting.known)


class ChangedPolicy(Struct, frozen=True):
    """A policy that some variables change, and those of them whose text is known: at least one."""

    settings: tuple[Setting, ...]
    policy: Csp


def changed(env: Environment, prefix: str) -> ChangedPolicy | Pass | NotApplicable:
    """The policy where variables change it and it is valid, else the answer of a check on what it says."""
    settings = known(env, prefix)
    if not settings:
        return Pass("default")
    effective = policy(env, prefix)
    if not isinstance(effective, Csp):
        return NotApplicable("the policy is not valid; see csp-ineffective")
    return ChangedPolicy(settings, effective)


def policy(env: Environment, prefix: str) -> Csp | CspError:
    """The effective policy. A directive whose variable is unknown is left at its default: see `is_certain`."""
    settings = [setting for setting in variables(env, prefix) if setting.is_set]
    single = {name for name, _ in directive_names([setting.name for setting in settings], prefix)}
    taking = (setting for setting in settings if setting.known or setting.name not in single)
    return _effective(tuple((setting.name, setting.text) for setting in taking), env.version, prefix)


@lru_cache(maxsize=256)
def _effective(variables: tuple[tuple[str, str], ...], version: Version, prefix: str) -> Csp | CspError:
    """Three checks ask for the same policy, one after the other."""
    return effective_csp(dict(variables), version, prefix=prefix)


def default(env: Environment, prefix: str) -> Csp:
    """The policy without any variable."""
    return default_csp(env.version, prefix=prefix)


def loose(env: Environment, effective: Csp, names: tuple[str, ...]) -> dict[str, tuple[str, ...] | None]:
    """Directives of the main policy that admit every host, with their sources; None = unrestricted. Only certain ones."""
    return {
        name: sources
        for name in names
        if is_loose(sources := effective.sources(name)) and is_certain(env, MAIN, effective, name)
    }


def listed(names: Iterable[str]) -> str:
    """Names for a sentence, in code."""
    *first, last = (f"`{escape_controls(name)}`" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def closed(env: Environment, directives: Iterable[str]) -> Fix:
    """What to set so that these directives of the main policy admit no foreign host."""
    directives = tuple(directives)
    meant = tuple(change for name in directives if (change := _as_meant(env, name)))
    if len(meant) == len(directives):
        assignments = listed_settings(meant)
        return Fix(
            f"Set {assignments}: Directus merges what commas separate into its own list.", safe=True, settings=meant
        )
    changes = tuple(SetVariable(variable(env, MAIN, name).name, STUDIO_SOURCES[name]) for name in directives)
    return Fix(f"Set {listed_settings(changes)}. {MORE_HOSTS} {NOTATION}", settings=changes)


def listed_settings(changes: Iterable[SetVariable]) -> str:
    """What to set, for a sentence."""
    *first, last = (f"`{escape_controls(change.name)}` to `{escape_controls(change.value)}`" for change in changes)
    return f"{', '.join(first)}, and {last}" if first else last


def _as_meant(env: Environment, directive: str) -> SetVariable | None:
    """The sources of a directive as they are written, with spaces: what is loose comes from the default, into which Directus
    merges them for their commas. None where the value itself is loose."""
    setting = variable(env, MAIN, directive)
    if not setting.known or "," not in setting.text:
        return None
    sources = tuple(source for source in setting.text.replace(",", " ").split() if source)
    return None if is_loose(sources) or not sources else SetVariable(setting.name, " ".join(sources))


def is_certain(env: Environment, prefix: str, effective: Csp, directive: str) -> bool:
    """Whether no unknown variable sets the directive, or another that it falls back to."""
    for name in chain(directive):
        if variable(env, prefix, name).unknown_reason:
            return False
        if name in effective.directives:
            return True
    return True


def variable(env: Environment, prefix: str, directive: str) -> Setting:
    """The variable that sets a directive, or would set it."""
    return (
        setting_of(variables(env, prefix), directive, prefix)
        or env[f"{prefix}_DIRECTIVES__{directive.replace('-', '_').upper()}"]
    )


def setting_of(settings: Iterable[Setting], directive: str, prefix: str) -> Setting | None:
    """The variable that sets a directive; of several, which Directus takes one after the other, the last."""
    by_name = {setting.name: setting for setting in settings}
    name = _setting_names(tuple(by_name), prefix).get(directive)
    return by_name[name] if name else None


@lru_cache(maxsize=1024)
def _setting_names(names: tuple[str, ...], prefix: str) -> Mapping[str, str]:
    """The last variable for each directive. It is asked for each directive, and often about the same names."""
    return {directive: name for name, directive in directive_names(names, prefix)}


def reporting(settings: Iterable[Setting], prefix: str) -> Setting | None:
    """The variable that makes a policy only report, however it is spelled."""
    return next((one for one in settings if camelcase(one.name[len(prefix) :]) == "reportOnly"), None)


def subject(env: Environment, prefix: str, directives: tuple[str, ...]) -> Subject:
    """The policy of a deployment as the subject of a finding about some of its directives."""
    details = (("deployment", env.name), ("name", prefix), ("directives", directives))
    return Subject("setting", f"{env.name} {prefix}", details)
